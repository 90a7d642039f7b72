"""The manifest: one way to write it, and everything else is refused unread."""

import hashlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model import manifest as module
from riskmodel.model.manifest import (
    DIGEST_NAME,
    FORMAT_NUMBER,
    MANIFEST_NAME,
    SIGNATURE_NAME,
    Manifest,
    read_verified,
    write_files,
)
from riskmodel.model.strict_json import json_bytes

FILES = {"a.json": b"{}\n", "trees_0.txt": b"tree\n" * 50, "empty.txt": b""}
ABOUT = {"name": "repeat-harm", "versions": {"numpy": "2.4"}, "permitted_uses": ["prioritise"]}


@pytest.fixture
def folder(tmp_path):
    write_files(tmp_path / "bundle", FILES, ABOUT)
    return tmp_path / "bundle"


def put(folder, content):
    """Make `content` the manifest, with the digest file that belongs to it."""
    (folder / MANIFEST_NAME).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / DIGEST_NAME).write_text(f"{digest}  {MANIFEST_NAME}\n")


def rewritten(folder, **changes):
    put(folder, json_bytes(json.loads((folder / MANIFEST_NAME).read_bytes()) | changes))


def test_what_was_written_is_read_and_the_digest_is_the_manifests(folder):
    manifest, files = read_verified(folder)
    assert files == FILES
    assert manifest.about == ABOUT
    assert manifest.digest == Manifest.of(FILES, ABOUT).digest != Manifest.of(FILES).digest
    assert read_verified(folder, manifest.digest)[1] == FILES


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_the_digest_beside_the_manifest_is_one_that_sha256sum_checks(folder):
    command = ["sha256sum", "--strict", "-c", DIGEST_NAME]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    (folder / MANIFEST_NAME).write_bytes(b"{}")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.upper(),
        lambda line: line.replace("  ", " *"),
        lambda line: line.rstrip(),
        lambda line: line + "\n",
        lambda line: line.replace("\n", "\r\n"),
        lambda line: line.replace("manifest", "./manifest"),
        lambda line: "0" * 64 + line[64:],
        lambda line: "",
    ],
)
def test_another_digest_or_another_way_to_write_it_is_refused(folder, change):
    path = folder / DIGEST_NAME
    path.write_bytes(change(path.read_text()).encode())
    with pytest.raises(ModelIntegrityError, match=r"manifest\.sha256"):
        read_verified(folder)
    path.unlink()
    with pytest.raises(ModelIntegrityError, match=r"missing: 'manifest\.sha256'"):
        read_verified(folder)


def test_a_manifest_that_is_not_the_expected_one_is_not_even_parsed(folder, monkeypatch):
    monkeypatch.setattr(module, "read_json", lambda content: pytest.fail("parsed"))
    with pytest.raises(ModelIntegrityError, match="was expected"):
        read_verified(folder, "0" * 64)


def before(number):
    """Return the bytes of a manifest of these files as an older version wrote it."""
    return Manifest(Manifest.of(FILES).files, format_number=number).to_bytes()


@pytest.mark.parametrize("number", [1, 2])
def test_older_formats_have_no_word_of_what_they_are_and_no_file_beside(folder, number):
    assert b"about" not in before(number)
    put(folder, before(number))
    with pytest.raises(ModelIntegrityError, match=r"does not list: 'manifest\.sha256'"):
        read_verified(folder)
    (folder / DIGEST_NAME).unlink()
    manifest, files = read_verified(folder, hashlib.sha256(before(number)).hexdigest())
    assert (manifest.format_number, manifest.about, files) == (number, {}, FILES)
    (folder / SIGNATURE_NAME).write_text("{}")
    with pytest.raises(ModelIntegrityError, match=r"does not list: 'model\.sig'"):
        read_verified(folder)


def test_an_older_format_with_words_about_it_is_refused(folder):
    rewritten(folder, format_number=2)
    with pytest.raises(ModelIntegrityError, match="altered"):
        read_verified(folder)


@pytest.mark.parametrize("about", [None, [], "x", 3, [["a", 1]]])
def test_words_about_it_that_are_no_object_are_refused(folder, about):
    rewritten(folder, about=about)
    with pytest.raises(ModelIntegrityError, match=r"not a manifest|altered"):
        read_verified(folder)


def test_what_it_is_about_is_the_writers_own_copy():
    about = {"uses": ("a", "b"), "share": np.float64(0.5)}
    manifest = Manifest.of(FILES, about)
    assert manifest.about == {"uses": ["a", "b"], "share": 0.5}
    assert Manifest.parse(manifest.to_bytes()) == manifest
    with pytest.raises(ValueError, match="JSON"):
        Manifest.of(FILES, {"share": float("nan")})


def test_the_order_of_the_files_does_not_matter():
    backwards = dict(reversed(FILES.items()))
    assert Manifest.of(backwards).to_bytes() == Manifest.of(FILES).to_bytes()


def test_another_digest_than_expected_is_refused(folder):
    with pytest.raises(ModelIntegrityError, match="was expected"):
        read_verified(folder, "0" * 64)


def test_every_cut_and_every_flipped_byte_is_found(folder):
    for name in [*FILES, MANIFEST_NAME, DIGEST_NAME]:
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
    put(folder, content)
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
    put(folder, json.dumps(json.loads((folder / MANIFEST_NAME).read_bytes())).encode())
    with pytest.raises(ModelIntegrityError, match="altered"):
        read_verified(folder)


def test_what_could_not_be_read_is_not_written(tmp_path):
    with pytest.raises(ModelIntegrityError):
        write_files(tmp_path / "bundle", {"../a.json": b""})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_someone_else_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RiskModelError, match="holds other files"):
        write_files(tmp_path, {"a.json": b"{}"})
    assert (tmp_path / "thesis.txt").exists()


def test_a_bundle_of_too_many_bytes_or_values_is_refused_before_it_is_parsed(tmp_path, monkeypatch):
    write_files(
        tmp_path / "bundle", {"a.json": b"[1,2,3,4]", "b.json": b"[1,2,3,4]", "c.txt": b",,"}
    )
    monkeypatch.setattr(module, "MAXIMUM_VALUES", 9)
    with pytest.raises(ModelIntegrityError, match="more than 9 values"):
        read_verified(tmp_path / "bundle")
    monkeypatch.setattr(module, "MAXIMUM_TOTAL", 19)
    with pytest.raises(ModelIntegrityError, match="more than 19 bytes"):
        read_verified(tmp_path / "bundle")


def test_reading_a_bundle_imports_nothing_heavy(folder):
    heavy = [
        "pandas",
        "scipy",
        "sklearn",
        "lightgbm",
        "model_signing",
        "cryptography",
        "requests",
        "pydantic",
    ]
    code = (
        "import sys; from riskmodel.model.manifest import read_verified; "
        f"read_verified({str(folder)!r}); print({set(heavy)!r} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
