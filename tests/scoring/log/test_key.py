"""The key: where it comes from, and that it goes nowhere."""

import hashlib
import hmac

import pytest

from riskmodel.errors import RiskModelError
from riskmodel.scoring.log.key import KEY_VARIABLE, LogKey, read_key

SECRET = b"a key of this test alone"


def test_a_pseudonym_is_an_hmac_of_the_id():
    key = LogKey(SECRET)
    assert key.pseudonym("Zoë") == hmac.new(SECRET, "Zoë".encode(), hashlib.sha256).hexdigest()
    assert key.pseudonym("a") != key.pseudonym("b")
    assert LogKey(b"another key of this test").pseudonym("a") != key.pseudonym("a")
    assert key.id != LogKey(b"another key of this test").id
    assert "this test" not in repr(key)


@pytest.mark.parametrize("weak", [b"", b"15 bytes, no 16", "a text that is long enough", None])
def test_a_weak_key_is_refused_without_repeating_it(weak):
    with pytest.raises(RiskModelError, match="at least 16 bytes") as refused:
        LogKey(weak)
    assert not weak or str(weak) not in str(refused.value)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_and_the_environment_give_one_key(end, tmp_path, monkeypatch):
    path = tmp_path / "log.key"
    path.write_bytes("clé secrète du service".encode() + end)
    monkeypatch.setenv(KEY_VARIABLE, "clé secrète du service")
    assert read_key(path) == read_key() == "clé secrète du service".encode()


def test_no_key_and_a_short_one_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(RiskModelError, match=f"no key was given.*{KEY_VARIABLE}"):
        read_key()
    monkeypatch.setenv(KEY_VARIABLE, "tiny")
    with pytest.raises(RiskModelError, match=f"{KEY_VARIABLE} holds 4 bytes") as refused:
        read_key()
    assert "tiny" not in str(refused.value)
    (tmp_path / "log.key").write_bytes(b"tiny\n")
    with pytest.raises(RiskModelError, match=r"log\.key holds 4 bytes"):
        read_key(tmp_path / "log.key")
    with pytest.raises(FileNotFoundError):
        read_key(tmp_path / "absent.key")
