"""The secret under which people stand in a score log."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from riskmodel.errors import RiskModelError

KEY_VARIABLE = "RISKMODEL_LOG_KEY"
SHORTEST = 16


class LogKey:
    """Turns the ids of people into pseudonyms: HMAC-SHA256, the same for the same key and id.

    Parameters
    ----------
    secret : bytes
        At least 16. It is in no message, and no `repr` shows it.

    Raises
    ------
    RiskModelError
        It is no bytes, or too short.

    Examples
    --------
    >>> key = LogKey(b"a secret of the force")
    >>> key.pseudonym("a") == key.pseudonym("a"), len(key.pseudonym("a"))
    (True, 64)
    """

    def __init__(self, secret: bytes) -> None:
        if not isinstance(secret, bytes) or len(secret) < SHORTEST:
            raise RiskModelError(
                f"the key of a score log must be at least {SHORTEST} bytes, kept secret; "
                'python -c "import secrets; print(secrets.token_urlsafe(32))" makes one'
            )
        self._secret = secret

    def pseudonym(self, person_id: str) -> str:
        """Return what stands for a person, 64 hexadecimal digits."""
        return hmac.digest(self._secret, person_id.encode("utf-8"), "sha256").hex()

    @property
    def id(self) -> str:
        """What tells keys apart without giving one away; no id of a person starts with a NUL."""
        return self.pseudonym("\x00which key")[:16]


def read_key(path: str | os.PathLike[str] | None = None) -> bytes:
    """Return the secret in a file, without the end of its line; else of RISKMODEL_LOG_KEY.

    Raises
    ------
    RiskModelError
        There is neither, or what is there is too short.
    """
    if path is not None:
        secret, source = Path(path).read_bytes().rstrip(b"\r\n"), f"the file {Path(path).name}"
    else:
        secret, source = os.environb.get(KEY_VARIABLE.encode(), b""), KEY_VARIABLE
        if not secret:
            raise RiskModelError(
                "no key was given: people stand in a score log under a keyed hash. Name the file "
                f"that holds the key, or set {KEY_VARIABLE}"
            )
    if len(secret) < SHORTEST:
        raise RiskModelError(
            f"{source} holds {len(secret)} bytes: the key of a score log has at least {SHORTEST}"
        )
    return secret
