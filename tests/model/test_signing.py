"""A signed bundle is the same bundle; who requires a signature gets no other."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model import manifest as module
from riskmodel.model.manifest import SIGNATURE_NAME, Manifest, read_verified, write_files
from riskmodel.model.signatures import MAXIMUM_SIGNATURE, SigningKey
from riskmodel.model.signing import sign_bundle

FILES = {"a.json": b"{}\n", "trees_0.txt": b"tree\n"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    place = tmp_path_factory.mktemp("keys")
    for name in "ab":
        SigningKey.make(place / f"{name}.pem", place / f"{name}.pub")
    return place


@pytest.fixture
def folder(tmp_path, keys):
    write_files(tmp_path / "bundle", FILES, {"name": "x"}, SigningKey(keys / "a.pem"))
    return tmp_path / "bundle"


def test_signed_while_written_or_afterwards_its_digest_is_the_same(folder, keys, tmp_path):
    digest = write_files(tmp_path / "later", FILES, {"name": "x"})
    with pytest.raises(ModelIntegrityError, match=r"not signed: there is no model\.sig"):
        read_verified(tmp_path / "later", digest, public_key=keys / "a.pub")
    path = sign_bundle(tmp_path / "later", keys / "a.pem")
    assert path == tmp_path / "later" / SIGNATURE_NAME
    for place in (folder, tmp_path / "later"):
        manifest, files = read_verified(
            place, digest, require_signature=True, public_key=keys / "a.pub"
        )
        assert (manifest.digest, files) == (digest, FILES)
        assert read_verified(place) == (manifest, files)


def test_to_require_a_signature_needs_a_key_to_check_it_with(folder):
    with pytest.raises(RiskModelError, match="no public key is given") as caught:
        read_verified(folder, require_signature=True)
    assert not isinstance(caught.value, ModelIntegrityError)


def test_a_key_given_is_a_signature_required(folder, keys):
    (folder / SIGNATURE_NAME).unlink()
    read_verified(folder)
    with pytest.raises(ModelIntegrityError, match="not signed"):
        read_verified(folder, public_key=keys / "a.pub")


def test_signatures_of_others_are_refused_and_not_even_the_manifest_is_parsed(
    folder, keys, tmp_path, monkeypatch
):
    write_files(tmp_path / "other", FILES, {"name": "y"}, SigningKey(keys / "a.pem"))
    whole = (folder / SIGNATURE_NAME).read_bytes()
    swapped = (tmp_path / "other" / SIGNATURE_NAME).read_bytes()
    monkeypatch.setattr(Manifest, "parse", lambda content: pytest.fail("parsed"))
    for content in (swapped, whole[:-1], whole[: len(whole) // 2], b"", b"{}", b" " * 2**15):
        (folder / SIGNATURE_NAME).write_bytes(content)
        with pytest.raises(ModelIntegrityError, match="its signature is not one of"):
            read_verified(folder, public_key=keys / "a.pub")
    (folder / SIGNATURE_NAME).write_bytes(whole)
    with pytest.raises(ModelIntegrityError, match=r"by the key b\.pub"):
        read_verified(folder, public_key=keys / "b.pub")


def test_a_manifest_made_to_fit_has_no_signature_that_fits(folder, keys):
    signature = (folder / SIGNATURE_NAME).read_bytes()
    write_files(folder, FILES | {"a.json": b"[]\n"}, {"name": "x"})
    (folder / SIGNATURE_NAME).write_bytes(signature)
    read_verified(folder)  # right in itself, as any bundle is that anyone wrote
    with pytest.raises(ModelIntegrityError, match="its signature is not one of"):
        read_verified(folder, public_key=keys / "a.pub")


def test_a_file_altered_under_a_right_signature_is_found(folder, keys):
    (folder / "a.json").write_bytes(b"[]\n")
    with pytest.raises(ModelIntegrityError, match=r"a\.json was altered"):
        read_verified(folder, public_key=keys / "a.pub")


def test_a_signature_is_a_plain_file_of_bounded_size(folder, keys):
    path = folder / SIGNATURE_NAME
    os.truncate(path, MAXIMUM_SIGNATURE + 1)
    for options in ({}, {"public_key": keys / "a.pub"}):
        with pytest.raises(ModelIntegrityError, match="larger than it may be"):
            read_verified(folder, **options)
    path.unlink()
    path.symlink_to(keys / "a.pem")
    with pytest.raises(ModelIntegrityError, match="not a plain file"):
        read_verified(folder, public_key=keys / "a.pub")


def test_what_is_not_whole_is_not_signed(folder, keys):
    (folder / "a.json").write_bytes(b"[]\n")
    with pytest.raises(ModelIntegrityError, match="altered"):
        sign_bundle(folder, keys / "b.pem")


def test_a_format_without_a_place_for_a_signature_says_what_to_do(tmp_path, keys):
    older = Manifest(Manifest.of(FILES).files, format_number=2)
    for name, content in (FILES | {module.MANIFEST_NAME: older.to_bytes()}).items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RiskModelError, match="save it again"):
        sign_bundle(tmp_path, keys / "a.pem")
    with pytest.raises(ModelIntegrityError, match="not signed"):
        read_verified(tmp_path, public_key=keys / "a.pub")


def test_a_wrong_password_leaves_the_bundle_as_it_was(tmp_path, folder):
    SigningKey.make(tmp_path / "locked.pem", tmp_path / "locked.pub", password="right")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(RiskModelError, match="can't be opened"):
        sign_bundle(folder, tmp_path / "locked.pem", password="wrong")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    sign_bundle(folder, tmp_path / "locked.pem", password="right")
    read_verified(folder, public_key=tmp_path / "locked.pub")


SIGN_FOR_EVER = """
import sys
from riskmodel.model.signing import sign_bundle
while True:
    sign_bundle(sys.argv[1], sys.argv[2])
    print("signed", flush=True)
"""


def test_killed_while_signing_the_bundle_is_signed_or_as_it_was(tmp_path, keys):
    folder = tmp_path / "bundle"
    digest = write_files(folder, FILES)
    for wait in (0.0, 0.002, 0.007):
        process = subprocess.Popen(
            [sys.executable, "-c", SIGN_FOR_EVER, str(folder), str(keys / "a.pem")],
            stdout=subprocess.PIPE,
        )
        assert process.stdout.readline() == b"signed\n"
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        read_verified(folder, digest, public_key=keys / "a.pub")


def test_the_way_to_a_key_may_be_a_text_or_a_path(folder, keys):
    sign_bundle(str(folder), str(keys / "b.pem"))
    read_verified(str(folder), public_key=str(keys / "b.pub"))
    assert (Path(folder) / SIGNATURE_NAME).stat().st_size < MAXIMUM_SIGNATURE
