"""A folder is loaded without MLflow, and signed as asked."""

import subprocess
import sys

import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.signatures import SigningKey
from riskmodel.model.signing import sign_bundle
from riskmodel.registry.load import load

LOAD = """
import sys
from riskmodel.registry.load import load
load(sys.argv[1])
print(sorted({"mlflow", "pandas", "sqlalchemy", "model_signing"} & set(sys.modules)))
"""


def test_a_folder_needs_no_registry_and_no_table_library(model, tmp_path):
    model.save(tmp_path / "bundle")
    command = [sys.executable, "-c", LOAD, str(tmp_path / "bundle")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_signature_is_asked_for(model, tmp_path):
    key = SigningKey.make(tmp_path / "key.pem", tmp_path / "key.pub.pem")
    model.save(tmp_path / "bundle")
    with pytest.raises(ModelIntegrityError, match="not signed"):
        load(tmp_path / "bundle", public_key=tmp_path / "key.pub.pem")
    sign_bundle(tmp_path / "bundle", key.path)
    asked = {"require_signature": True, "public_key": tmp_path / "key.pub.pem"}
    assert load(tmp_path / "bundle", **asked).digest == model.digest
    with pytest.raises(RiskModelError, match="no public key"):
        load(tmp_path / "bundle", require_signature=True)
    model.save(tmp_path / "at_once", sign_with=key)
    assert load(tmp_path / "at_once", **asked).digest == model.digest
