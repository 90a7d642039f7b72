"""The manifest: one way to write it, and everything else is refused unread."""

import json
import os

import numpy as np
import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.manifest import (
    FORMAT_NUMBER,
    MANIFEST_NAME,
    Manifest,
    json_bytes,
    read_verified,
    write_files,
)

FILES = {"a.json": b"{}\n", "trees_0.txt": b"tree\n" * 50, "empty.txt": b""}


@pytest.fixture
def folder(tmp_path):
    write_files(tmp_path / "bundle", FILES)
    return tmp_path / "bundle"


def rewritten(folder, **changes):
    content = json.loads((folder / MANIFEST_NAME).read_bytes()) | changes
    (folder / MANIFEST_NAME).write_bytes(json_bytes(content))


def test_what_was_written_is_read_and_the_digest_is_the_manifests(folder):
    manifest, files = read_verified(folder)
    assert files == FILES
    assert manifest.digest == Manifest.of(FILES).digest
    assert read_verified(folder, manifest.digest)[1] == FILES


def test_the_order_of_the_files_does_not_matter():
    backwards = dict(reversed(FILES.items()))
    assert Manifest.of(backwards).to_bytes() == Manifest.of(FILES).to_bytes()


def test_another_digest_than_expected_is_refused(folder):
    with pytest.raises(ModelIntegrityError, match="was expected"):
        read_verified(folder, "0" * 64)


def test_every_cut_and_every_flipped_byte_is_found(folder):
    for name in [*FILES, MANIFEST_NAME]:
        path = folder / name
        whole = path.read_bytes()
        for position in range(len(whole)):
            flipped = bytearray(whole)
            flipped[position] ^= 1 << (position % 8)
            for damaged in (whole[:position], bytes(flipped))[position % 3 != 0 :]:
                path.write_bytes(damaged)
                with pytest.raises(
                    ModelIntegrityError, match=r"Nothing was parsed|newer riskmodel"
                ):
                    read_verified(folder)
        path.write_bytes(whole)
    assert read_verified(folder)[1] == FILES


def test_files_missing_or_too_many_are_named(folder):
    (folder / "extra.json").write_text("{}")
    with pytest.raises(ModelIntegrityError, match=r"does not list: 'extra.json'"):
        read_verified(folder)
    (folder / "extra.json").unlink()
    (folder / "a.json").unlink()
    with pytest.raises(ModelIntegrityError, match=r"missing: 'a.json'"):
        read_verified(folder)


@pytest.mark.parametrize("name", ["MLmodel", "model.pkl", "m.joblib", "m.SKOPS", "run.py", "x.so"])
def test_other_libraries_models_and_code_are_refused_by_name(folder, name):
    (folder / name).write_text("x")
    with pytest.raises(ModelIntegrityError, match="neither pickles nor code"):
        read_verified(folder)


def test_links_folders_and_pipes_are_refused(folder, tmp_path):
    original = (folder / "a.json").read_bytes()
    (tmp_path / "outside.json").write_bytes(original)
    (folder / "a.json").unlink()
    (folder / "a.json").symlink_to(tmp_path / "outside.json")
    with pytest.raises(ModelIntegrityError, match="not a plain file"):
        read_verified(folder)
    (folder / "a.json").unlink()
    (folder / "a.json").mkdir()
    with pytest.raises(ModelIntegrityError, match="not a plain file"):
        read_verified(folder)
    (folder / "a.json").rmdir()
    os.mkfifo(folder / "a.json")
    with pytest.raises(ModelIntegrityError, match="not a plain file"):
        read_verified(folder)


def test_a_single_file_is_never_opened(tmp_path):
    for name in ("model.pkl", "model.joblib", "model.skops", "model.txt"):
        (tmp_path / name).write_bytes(b"\x80\x04.")
        with pytest.raises(ModelIntegrityError, match="never opened"):
            read_verified(tmp_path / name)
    with pytest.raises(ModelIntegrityError, match="no folder"):
        read_verified(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"format_number": 1}',
        b"1" * 9_999,
    ],
)
def test_what_is_no_manifest_is_refused(folder, content):
    (folder / MANIFEST_NAME).write_bytes(content)
    with pytest.raises(ModelIntegrityError, match="not a manifest"):
        read_verified(folder)


def test_a_manifest_of_megabytes_is_not_read(folder):
    (folder / MANIFEST_NAME).write_bytes(b" " * (2**20 + 1))
    with pytest.raises(ModelIntegrityError, match="larger"):
        read_verified(folder)


def test_a_newer_format_asks_for_a_newer_version(folder):
    rewritten(folder, format_number=FORMAT_NUMBER + 1)
    with pytest.raises(ModelIntegrityError, match="newer riskmodel"):
        read_verified(folder)


@pytest.mark.parametrize("number", [0, -1, 1.0, "1", True, None])
def test_a_format_that_is_no_number_is_refused(folder, number):
    rewritten(folder, format_number=number)
    with pytest.raises(ModelIntegrityError, match="not a manifest"):
        read_verified(folder)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("../outside.json", {"sha256": "0" * 64, "size": 1}),
        ("/etc/passwd", {"sha256": "0" * 64, "size": 1}),
        ("sub/a.json", {"sha256": "0" * 64, "size": 1}),
        (".hidden.json", {"sha256": "0" * 64, "size": 1}),
        ("model.pkl", {"sha256": "0" * 64, "size": 1}),
        (MANIFEST_NAME, {"sha256": "0" * 64, "size": 1}),
        ("a.json", {"sha256": "0" * 63, "size": 1}),
        ("a.json", {"sha256": "G" * 64, "size": 1}),
        ("a.json", {"sha256": "0" * 64, "size": -1}),
        ("a.json", {"sha256": "0" * 64, "size": 10**12}),
    ],
)
def test_names_and_records_that_cannot_be_are_refused(folder, name, record):
    rewritten(folder, files={name: record})
    with pytest.raises(ModelIntegrityError, match=r"manifest\.json"):
        read_verified(folder)


def test_another_way_of_writing_the_same_is_an_alteration(folder):
    content = json.loads((folder / MANIFEST_NAME).read_bytes())
    (folder / MANIFEST_NAME).write_text(json.dumps(content))
    with pytest.raises(ModelIntegrityError, match="altered"):
        read_verified(folder)


def test_what_could_not_be_read_is_not_written(tmp_path):
    with pytest.raises(ModelIntegrityError):
        write_files(tmp_path / "bundle", {"../a.json": b""})
    assert list(tmp_path.iterdir()) == []


def test_nan_has_no_place_in_json():
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"value": float("nan")})


def test_a_folder_of_someone_else_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RiskModelError, match="holds other files"):
        write_files(tmp_path, {"a.json": b"{}"})
    assert (tmp_path / "thesis.txt").exists()


def test_numbers_of_numpy_are_numbers():
    assert json_bytes([np.int64(1), np.float32(0.5)]) == json_bytes([1, 0.5])
    with pytest.raises(TypeError, match="set is not JSON"):
        json_bytes({1})
