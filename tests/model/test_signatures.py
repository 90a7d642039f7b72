"""A signature is of one content by one key; whatever else is offered is refused."""

import base64
import json
import socket
import stat
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.signatures import MAXIMUM_SIGNATURE, SigningKey, check_signature

CONTENT, NAME = b'{"files": {}}\n', "manifest.json"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def key(place):
    return SigningKey.make(place / "a.pem", place / "a.pub.pem")


@pytest.fixture(scope="module")
def public(key, place):
    return place / "a.pub.pem"


@pytest.fixture(scope="module")
def signature(key):
    return key.sign(CONTENT, NAME)


def pem(path, private):
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.with_suffix(".pub").write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return path


def test_no_network_is_needed(key, public, monkeypatch):
    def refuse(*given, **options):
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    check_signature(CONTENT, NAME, key.sign(CONTENT, NAME), public)


@pytest.mark.parametrize("curve", [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1])
def test_the_curves_that_are_promised_work(tmp_path, curve):
    path = pem(tmp_path / "k.pem", ec.generate_private_key(curve()))
    signature = SigningKey(path).sign(CONTENT, NAME)
    assert len(signature) < MAXIMUM_SIGNATURE // 10
    check_signature(CONTENT, NAME, signature, path.with_suffix(".pub"))


def test_the_librarys_own_command_takes_the_signature(tmp_path, public, signature):
    (tmp_path / NAME).write_bytes(CONTENT)
    (tmp_path / "model.sig").write_bytes(signature)
    command = [sys.executable, "-m", "model_signing", "verify", "key", NAME]
    command += ["--signature", "model.sig", "--public_key", str(public)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_other_content_another_key_and_another_signature_are_refused(
    tmp_path, key, public, signature
):
    other = SigningKey.make(tmp_path / "b.pem", tmp_path / "b.pub.pem")
    for content, signed, whose in [
        (CONTENT + b" ", signature, public),
        (CONTENT, key.sign(CONTENT + b" ", NAME), public),
        (CONTENT, other.sign(CONTENT, NAME), public),
        (CONTENT, signature, tmp_path / "b.pub.pem"),
        (CONTENT, b"", public),
        (CONTENT, b"null", public),
        (CONTENT, b"[" * 100_000, public),
        (CONTENT, public.read_bytes(), public),
    ]:
        with pytest.raises(ModelIntegrityError, match="signature is not one of manifest"):
            check_signature(content, NAME, signed, whose)


def test_every_cut_is_refused_and_no_edit_makes_it_one_of_something_else(public, signature):
    for position in range(0, len(signature), 7):
        with pytest.raises(ModelIntegrityError):
            check_signature(CONTENT, NAME, signature[:position], public)
        edited = bytearray(signature)
        edited[position] ^= 1 << position % 8
        with pytest.raises(ModelIntegrityError):
            check_signature(CONTENT + b"x", NAME, bytes(edited), public)


def parts_changed(signature, change):
    parts = json.loads(signature)
    payload = json.loads(base64.b64decode(parts["dsseEnvelope"]["payload"]))
    change(parts, payload)
    parts["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps(parts).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda parts, payload: parts["verificationMaterial"]["publicKey"].pop("hint"),
        lambda parts, payload: parts["verificationMaterial"]["publicKey"].update(hint=""),
        lambda parts, payload: parts["dsseEnvelope"]["signatures"].clear(),
        lambda parts, payload: payload["predicate"]["resources"].clear(),
        lambda parts, payload: payload["predicate"]["serialization"].update(method="shards"),
        lambda parts, payload: payload.update(predicateType="https://model_signing/Digests/v0.1"),
    ],
)
def test_what_the_library_knows_besides_is_refused_in_silence(public, signature, change, capsys):
    with pytest.raises(ModelIntegrityError):
        check_signature(CONTENT, NAME, parts_changed(signature, change), public)
    assert capsys.readouterr() == ("", "")


def test_a_signature_that_leaves_the_file_out_is_none(tmp_path, key, public):
    """The library alone takes it, by the right key, for one of any content."""
    from model_signing import hashing, signing, verifying

    (tmp_path / NAME).write_bytes(b"another content")
    nothing = hashing.Config().set_ignored_paths(paths=["."])
    config = signing.Config().use_elliptic_key_signer(private_key=key.path)
    config.set_hashing_config(nothing).sign(tmp_path / NAME, tmp_path / "model.sig")
    (tmp_path / NAME).write_bytes(CONTENT)
    verifier = verifying.Config().use_elliptic_key_verifier(public_key=public)
    verifier.verify(tmp_path / NAME, tmp_path / "model.sig")
    with pytest.raises(ModelIntegrityError, match="ValueError"):
        check_signature(CONTENT, NAME, (tmp_path / "model.sig").read_bytes(), public)


def test_keys_with_a_password_need_it_and_nobody_ever_sees_it(tmp_path, capsys):
    key = SigningKey.make(tmp_path / "k.pem", tmp_path / "k.pub", password="pass-phrase é")
    assert key.needs_password
    assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
    assert "pass-phrase" not in repr(key)
    check_signature(CONTENT, NAME, key.sign(CONTENT, NAME), tmp_path / "k.pub")
    for wrong in (None, "", "pass-phrase-2"):
        with pytest.raises(RiskModelError, match="password is wrong or missing") as caught:
            SigningKey(tmp_path / "k.pem", wrong).sign(CONTENT, NAME)
        assert "pass-phrase" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    assert capsys.readouterr() == ("", "")


def test_a_key_is_never_replaced_and_an_open_one_needs_no_password(key, place):
    assert not key.needs_password
    with pytest.raises(FileExistsError):
        SigningKey.make(place / "a.pem", place / "new.pub.pem")
    with pytest.raises(FileExistsError):
        SigningKey.make(place / "new.pem", place / "a.pub.pem")
    with pytest.raises(RiskModelError, match="can't be opened"):
        SigningKey(key.path, "given all the same").sign(CONTENT, NAME)


def test_files_that_are_no_such_key_are_named_without_their_content(tmp_path, signature, public):
    (tmp_path / "text.pem").write_text("a secret that is no key")
    pem(tmp_path / "ed.pem", ed25519.Ed25519PrivateKey.generate())
    pem(tmp_path / "k1.pem", ec.generate_private_key(ec.SECP256K1()))
    for path in (tmp_path / "text.pem", tmp_path / "ed.pem", tmp_path / "k1.pem", public):
        with pytest.raises(RiskModelError, match=r"private key .* can't be opened") as caught:
            SigningKey(path).sign(CONTENT, NAME)
        assert "secret" not in str(caught.value)
    for path in ("text.pem", "ed.pub", "k1.pub", "ed.pem"):
        with pytest.raises(RiskModelError, match=r"no PEM file of a public") as caught:
            check_signature(CONTENT, NAME, signature, tmp_path / path)
        assert not isinstance(caught.value, ModelIntegrityError)
    with pytest.raises(FileNotFoundError):
        check_signature(CONTENT, NAME, signature, tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        SigningKey(tmp_path / "nowhere").sign(CONTENT, NAME)


def test_without_the_packages_a_sentence_says_what_to_install(key, public, signature):
    code = f"""
import sys
sys.modules["model_signing"] = sys.modules["cryptography"] = None
from riskmodel.errors import RiskModelError
from riskmodel.model.signatures import SigningKey, check_signature
for attempt in (
    lambda: SigningKey.make("x.pem", "x.pub"),
    lambda: SigningKey({str(key.path)!r}).sign(b"", "m"),
    lambda: check_signature(b"", "m", b"", {str(public)!r}),
):
    try:
        attempt()
    except RiskModelError as error:
        assert "pip install model-signing pyopenssl" in str(error)
        print("said")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["said"] * 3
