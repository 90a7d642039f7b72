"""Stored bundles by digest."""

import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.scoring.log.models import bundles_in


def test_a_bundle_is_found_wherever_it_lies_and_verified(trained, tmp_path):
    digest = trained.model.save(tmp_path / "2024" / "spring" / "bundle")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "manifest.json").write_text("of something else")
    for folder in (tmp_path, tmp_path / "2024" / "spring" / "bundle"):
        assert bundles_in(folder)(digest).digest == digest
        assert bundles_in(folder)("0" * 64) is None
    tampered = next((tmp_path / "2024").rglob("*.txt"))
    tampered.write_bytes(tampered.read_bytes() + b" ")
    with pytest.raises(ModelIntegrityError):
        bundles_in(tmp_path)(digest)


def test_a_folder_that_is_not_there_is_no_folder_without_bundles(tmp_path):
    with pytest.raises(NotADirectoryError):
        bundles_in(tmp_path / "none")
