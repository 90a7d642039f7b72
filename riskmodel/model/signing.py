"""Sign a bundle that is there: whoever vouches for a model need not be who trained it."""

from __future__ import annotations

from pathlib import Path

from riskmodel.errors import RiskModelError
from riskmodel.model.manifest import (
    MANIFEST_NAME,
    SIGNATURE_NAME,
    PathLike,
    read_verified,
    write_whole,
)
from riskmodel.model.signatures import SigningKey


def sign_bundle(folder: PathLike, private_key: PathLike, *, password: str | None = None) -> Path:
    """Verify a bundle and put a signature of its manifest beside it; the digest stays.

    The folder is replaced whole: killed at any moment, it is signed or as it was.

    Parameters
    ----------
    folder : path
        Written by `model.save`.
    private_key : path
        PEM file of an elliptic-curve key, from `SigningKey.make` or
        ``openssl ecparam -name prime256v1 -genkey``.
    password : str, optional
        Of the PEM file.

    Returns
    -------
    Path
        The signature, ``model.sig``.

    Raises
    ------
    ModelIntegrityError
        The bundle is not what its manifest says.
    RiskModelError
        The key can't be opened, or the bundle is of a format before signatures.

    Examples
    --------
    >>> import tempfile
    >>> from riskmodel.model.manifest import write_files
    >>> place = Path(tempfile.mkdtemp())
    >>> digest = write_files(place / "bundle", {"task.json": b"null"})
    >>> key = SigningKey.make(place / "signer.pem", place / "signer.pub.pem")
    >>> sign_bundle(place / "bundle", key.path).name
    'model.sig'
    >>> _ = read_verified(place / "bundle", digest, public_key=place / "signer.pub.pem")
    """
    manifest, files = read_verified(folder)
    if SIGNATURE_NAME not in manifest.names_beside:
        raise RiskModelError(
            f"The bundle has format {manifest.format_number}, which has no place for a signature. "
            "Load it, save it again, and sign that: it has a digest of its own."
        )
    signature = SigningKey(private_key, password).sign(manifest.to_bytes(), MANIFEST_NAME)
    write_whole(folder, manifest, files, signature)
    return Path(folder) / SIGNATURE_NAME
