"""Stored models by digest: those whose scores a log may hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from riskmodel.files import sha256_of
from riskmodel.model.bundle import load_bundle
from riskmodel.model.manifest import MANIFEST_NAME
from riskmodel.model.risk_model import RiskModel

ByDigest = Callable[[str], RiskModel | None]


def bundles_in(folder: str | os.PathLike[str]) -> ByDigest:
    """Return what loads the bundle of a digest from a folder, at whatever depth it lies there.

    Parameters
    ----------
    folder : path
        A bundle, or a folder that holds bundles, such as the registry's cache.

    Returns
    -------
    callable
        Takes a digest; returns the verified model, or None where there is no bundle of it.

    Raises
    ------
    NotADirectoryError
        There is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> bundles_in(tempfile.mkdtemp())("0" * 64) is None
    True
    """
    if not Path(folder).is_dir():
        raise NotADirectoryError(20, "No such folder", str(folder))
    # the digest of a bundle is that of its manifest: which is which shows without loading any
    found = {sha256_of(path): path.parent for path in sorted(Path(folder).rglob(MANIFEST_NAME))}

    def load(digest: str) -> RiskModel | None:
        return load_bundle(found[digest], digest) if digest in found else None

    return load
