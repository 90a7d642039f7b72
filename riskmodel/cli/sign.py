"""``riskmodel sign``: put a signature beside a bundle, with a key that lies in a file."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path

from riskmodel.cli.screens import note, say
from riskmodel.errors import RiskModelError
from riskmodel.model.signatures import SigningKey
from riskmodel.model.signing import sign_bundle

PASSWORD = "RISKMODEL_KEY_PASSWORD"  # noqa: S105  (the name of the variable that holds it)


def run_sign(*, bundle: Path, key: Path, new_key: bool) -> None:
    """Sign the bundle; with `new_key`, make the key first, with its public half beside it."""
    password = _make(key) if new_key else _password_of(key)
    signature = sign_bundle(bundle, key, password=password)
    say(f"signature: {signature}")


def public_half(key: Path) -> Path:
    """Return where the public half of a new key goes: signer.pem has signer.pub.pem.

    Examples
    --------
    >>> public_half(Path("signer.pem")).name
    'signer.pub.pem'
    """
    return key.with_name(f"{key.stem}.pub{key.suffix}")


def _make(key: Path) -> str | None:
    password = _given("Password of the new key (none: just enter): ") or None
    SigningKey.make(key, public_half(key), password=password)
    say(f"public key: {public_half(key)}")
    if password is None:
        note(f"{key} has no password: whoever reads that file can sign. Keep it offline.")
    return password


def _password_of(key: Path) -> str | None:
    if not SigningKey(key).needs_password:
        return None
    password = _given(f"Password of {key.name}: ")
    if password is None:
        raise RiskModelError(
            f"The key {key.name} has a password, and there is no terminal to ask for it: put it "
            f"into the environment as {PASSWORD}."
        )
    return password


def _given(question: str) -> str | None:
    """Return the password of the environment, or else ask for it where someone can answer."""
    given = os.environ.get(PASSWORD)
    return getpass(question) if given is None and sys.stdin.isatty() else given
