"""Bundles that older versions wrote are read, keep their identity, and answer as they did then."""

import json
from pathlib import Path

import numpy as np
import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.bundle import load_bundle, verify_bundle
from riskmodel.model.manifest import FORMAT_NUMBER

STORED = Path(__file__).parent / "stored_bundles"
OLDER = range(1, FORMAT_NUMBER)


@pytest.mark.parametrize("number", OLDER)
def test_a_bundle_of_every_older_format_is_stored_and_answers_as_it_did(number):
    then = json.loads((STORED / f"format_{number}.answers.json").read_text())
    model = load_bundle(STORED / f"format_{number}", then["digest"])
    assert model.digest == then["digest"]
    rows = np.array([then["rows"][name] for name in model.feature_names], dtype=np.float32).T
    found = model.scorer.estimates(np.ascontiguousarray(rows))._asdict()
    assert found.keys() == then["answers"].keys()
    for name, answered in then["answers"].items():
        np.testing.assert_allclose(found[name], np.array(answered, dtype=float), rtol=1e-12)


@pytest.mark.parametrize("number", OLDER)
def test_an_older_format_is_checked_no_less(number, tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    for path in (STORED / f"format_{number}").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert verify_bundle(folder).format_number == number
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        with pytest.raises(ModelIntegrityError):
            verify_bundle(folder)
        path.write_bytes(whole)


@pytest.mark.parametrize("number", OLDER)
def test_saved_again_it_is_of_the_newest_format_and_answers_the_same(number, tmp_path):
    model = load_bundle(STORED / f"format_{number}")
    digest = model.save(tmp_path / "bundle")
    again = load_bundle(tmp_path / "bundle", digest)
    assert verify_bundle(tmp_path / "bundle").format_number == FORMAT_NUMBER
    rows = model.self_test.rows
    assert np.array_equal(
        model.scorer.estimates(rows), again.scorer.estimates(rows), equal_nan=True
    )
