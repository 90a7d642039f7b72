"""``riskmodel sign``: from a bundle to a signed one, and what goes wrong on the way."""

import io
import sys

import pytest

from riskmodel.cli import sign
from riskmodel.cli.sign import PASSWORD, public_half, run_sign
from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.manifest import read_verified, write_files

SECRET = "correct horse"


class Terminal:
    @staticmethod
    def isatty():
        return True


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    monkeypatch.delenv(PASSWORD, raising=False)
    write_files(tmp_path / "bundle", {"a.json": b"{}\n"})
    return tmp_path / "bundle"


@pytest.mark.parametrize("password", [None, SECRET])
def test_a_new_key_signs_and_signs_again(bundle, tmp_path, monkeypatch, capsys, password):
    if password:
        monkeypatch.setenv(PASSWORD, password)
    key = tmp_path / "signer.pem"
    for new_key in (True, False):
        run_sign(bundle=bundle, key=key, new_key=new_key)
        read_verified(bundle, public_key=public_half(key))
    shown = capsys.readouterr()
    assert f"public key: {public_half(key)}" in shown.out
    assert shown.out.count("model.sig") == 2
    assert ("has no password" in shown.err) == (password is None)
    assert SECRET not in shown.out + shown.err


def test_a_key_is_never_made_over_another(bundle, tmp_path):
    key = tmp_path / "signer.pem"
    run_sign(bundle=bundle, key=key, new_key=True)
    before = key.read_bytes()
    with pytest.raises(FileExistsError):
        run_sign(bundle=bundle, key=key, new_key=True)
    assert key.read_bytes() == before


def test_the_password_is_asked_for_where_someone_can_answer(bundle, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(sys, "stdin", Terminal)
    monkeypatch.setattr(sign, "getpass", lambda question: asked.append(question) or SECRET)
    for new_key in (True, False):
        run_sign(bundle=bundle, key=tmp_path / "signer.pem", new_key=new_key)
    assert ["new key" in question for question in asked] == [True, False]


def test_without_a_terminal_a_sentence_says_where_the_password_goes(bundle, tmp_path, monkeypatch):
    key = tmp_path / "signer.pem"
    monkeypatch.setenv(PASSWORD, SECRET)
    run_sign(bundle=bundle, key=key, new_key=True)
    monkeypatch.delenv(PASSWORD)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(RiskModelError, match=PASSWORD):
        run_sign(bundle=bundle, key=key, new_key=False)
    monkeypatch.setenv(PASSWORD, "wrong")
    with pytest.raises(RiskModelError, match="can't be opened"):
        run_sign(bundle=bundle, key=key, new_key=False)


def test_a_damaged_bundle_is_not_signed(bundle, tmp_path):
    (bundle / "a.json").write_text("[]")
    with pytest.raises(ModelIntegrityError):
        run_sign(bundle=bundle, key=tmp_path / "signer.pem", new_key=True)
