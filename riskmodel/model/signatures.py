"""Signatures with an elliptic-curve key that lies in a file: no network, no account.

The one door to `model_signing`, whose command line checks the same signature:
``model_signing verify key manifest.json --signature model.sig --public_key signer.pub.pem``.
What is signed is the manifest, which holds the digest of all else: so a signature is checked before
anything but the manifest is read.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError
from riskmodel.late import late
from riskmodel.model.bundle_folder import refusal
from riskmodel.model.strict_json import read_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from model_signing import hashing, signing, verifying
else:
    serialization = late("cryptography.hazmat.primitives.serialization")
    ec = late("cryptography.hazmat.primitives.asymmetric.ec")
    hashing = late("model_signing.hashing")
    signing = late("model_signing.signing")
    verifying = late("model_signing.verifying")

PathLike = str | os.PathLike[str]

MAXIMUM_SIGNATURE = 2**16
"""Largest size of a signature's file."""

_PREDICATE = "https://model_signing/signature/v1.0"
_CURVES = "P-256, P-384 or P-521"


@dataclass(frozen=True)
class SigningKey:
    """The private half of a key, in a PEM file that stays where it is.

    Parameters
    ----------
    path : path
    password : str, optional
        Of the PEM file; in no message and no representation.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> key = SigningKey.make(folder / "signer.pem", folder / "signer.pub.pem", password="secret")
    >>> signature = key.sign(b"{}", "manifest.json")
    >>> check_signature(b"{}", "manifest.json", signature, folder / "signer.pub.pem")
    """

    path: PathLike
    password: str | None = field(default=None, repr=False)

    @classmethod
    def make(
        cls, private_key: PathLike, public_key: PathLike, *, password: str | None = None
    ) -> SigningKey:
        """Make a new key (P-256) and write its two halves; an existing file is never replaced."""
        with _packages():
            key = ec.generate_private_key(ec.SECP256R1())
            locked: serialization.KeySerializationEncryption = (
                serialization.BestAvailableEncryption(password.encode())
                if password
                else serialization.NoEncryption()
            )
            private = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
            )
            public = key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        _write_new(private_key, private, 0o600)
        _write_new(public_key, public, 0o644)
        return cls(private_key, password)

    @property
    def needs_password(self) -> bool:
        """Whether the PEM file is encrypted."""
        return b"ENCRYPTED" in Path(self.path).read_bytes()

    def sign(self, content: bytes, name: str) -> bytes:
        """Return the signature of a file of this name and content.

        Raises
        ------
        RiskModelError
            The key can't be opened. An OSError where its file can't be read.
        """
        with _packages(), _as_file(content, name) as (file, signature):
            password = None if self.password is None else self.password.encode()
            try:
                config = signing.Config().use_elliptic_key_signer(
                    private_key=self.path, password=password
                )
            except (ValueError, TypeError, AttributeError):  # which may quote the key
                raise RiskModelError(
                    f"The private key {Path(self.path).name} can't be opened: its password is "
                    f"wrong or missing, or it is no PEM file of an elliptic-curve key ({_CURVES})."
                ) from None
            config.set_hashing_config(_whole_file()).sign(file, signature)
            return signature.read_bytes()


def check_signature(content: bytes, name: str, signature: bytes, public_key: PathLike) -> None:
    """Raise unless `signature` is of this content, by the key whose public half is given.

    Raises
    ------
    ModelIntegrityError
        It is not.
    RiskModelError
        The public key is none. An OSError where its file can't be read.
    """
    with _packages(), _as_file(content, name) as (file, signature_file):
        try:
            config = verifying.Config().use_elliptic_key_verifier(public_key=public_key)
        except (ValueError, TypeError, AttributeError):
            raise RiskModelError(
                f"{Path(public_key).name} is no PEM file of a public elliptic-curve key: {_CURVES}."
            ) from None
        try:
            _check_subject(signature, hashlib.sha256(content).hexdigest())
            signature_file.write_bytes(signature)
            config.set_hashing_config(_whole_file()).verify(file, signature_file)
        except Exception as error:  # whatever a parser chokes on is no signature
            raise refusal(
                f"its signature is not one of {name} by the key {Path(public_key).name} "
                f"({type(error).__name__})"
            ) from None


def _check_subject(signature: bytes, digest: str) -> None:
    """Raise unless exactly one file's SHA-256 is what was signed.

    The library alone takes a signature that leaves the file out for one of any content, and one
    that names no key.
    """
    parts = read_json(signature)
    payload = read_json(base64.b64decode(parts["dsseEnvelope"]["payload"], validate=True))
    signed = [{"name": ".", "algorithm": "sha256", "digest": digest}]
    if payload["predicateType"] != _PREDICATE or payload["predicate"]["resources"] != signed:
        raise ValueError("another subject")
    if not parts["verificationMaterial"]["publicKey"]["hint"]:
        raise ValueError("no key named")


def _whole_file() -> hashing.Config:
    return hashing.Config().use_file_serialization(hashing_algorithm="sha256")


@contextmanager
def _as_file(content: bytes, name: str) -> Iterator[tuple[Path, Path]]:
    """Yield a private copy, so that what is signed or checked is what was read."""
    with tempfile.TemporaryDirectory(prefix="riskmodel-") as place:
        file = Path(place) / name
        file.write_bytes(content)
        yield file, Path(place) / "signature"


@contextmanager
def _packages() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise RiskModelError(
            f"Signatures need packages that are not installed ({error.name}): "
            "pip install model-signing pyopenssl"
        ) from error


def _write_new(path: PathLike, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
