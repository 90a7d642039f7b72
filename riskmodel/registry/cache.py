"""Bundles that were verified once, kept by digest; and which of them an alias last stood for.

::

    <cache>/bundles/<digest>/               a bundle
    <cache>/registries/<store>/<name>.json  what it last stood for

A bundle is verified again whenever it is opened, so nothing here is trusted for lying here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from riskmodel.errors import ModelIntegrityError, RiskModelWarning
from riskmodel.files import atomic_write_text
from riskmodel.model.bundle import load_bundle, verify_bundle
from riskmodel.model.risk_model import RiskModel
from riskmodel.registry.addresses import Source, shown

PARTIAL = ".partial"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def cache_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the cache: the argument, RISKMODEL_CACHE, or ``riskmodel`` in the user's cache."""
    if given or (given := os.environ.get("RISKMODEL_CACHE")):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "riskmodel"


def check_digest(digest: object) -> str:
    """Return a digest that is 64 hexadecimal digits, so that it may name a folder."""
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ModelIntegrityError(
            "The registry holds no digest for this version: riskmodel did not register it, or its "
            "tags were changed. Nothing was loaded. Register the model again."
        )
    return digest


@dataclass(frozen=True)
class Remembered:
    """What a name stood for when it was last loaded from its registry."""

    digest: str
    version: str
    verdict: str
    waiver_expires: str = ""


class BundleCache:
    """Verified bundles on this machine.

    Parameters
    ----------
    folder : path, optional
        See `cache_folder`.
    require_signature, public_key
        Of every bundle that is opened: see `riskmodel.model.bundle.verify_bundle`.

    Examples
    --------
    >>> cache = BundleCache(tempfile.mkdtemp())
    >>> cache.open("0" * 64) is None
    True
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        require_signature: bool = False,
        public_key: str | os.PathLike[str] | None = None,
    ) -> None:
        self.folder = cache_folder(folder)
        self._trust: dict[str, Any] = {
            "require_signature": require_signature,
            "public_key": public_key,
        }

    def open(self, digest: str) -> RiskModel | None:
        """Return the model, verified; None where it is not here.

        One that was altered here is thrown away with a warning.
        """
        bundle = self._bundle(digest)
        if not bundle.exists():
            return None
        try:
            return load_bundle(bundle, digest, **self._trust)
        except ModelIntegrityError:
            if self._is_whole(bundle, digest):
                raise  # it lacks only the signature that this caller asks for
            shutil.rmtree(bundle)
            warnings.warn(
                f"The cached bundle {digest[:12]}... was not what it was when it was verified; "
                "it was thrown away.",
                RiskModelWarning,
                stacklevel=4,
            )
            return None

    @staticmethod
    def _is_whole(bundle: Path, digest: str) -> bool:
        try:
            load_bundle(bundle, digest)
        except ModelIntegrityError:
            return False
        return True

    def add(self, digest: str, fetch: Callable[[Path], Path]) -> RiskModel:
        """Fetch a bundle into a temporary folder, verify it, and only then keep it.

        Raises
        ------
        ModelIntegrityError
            What was fetched is not the bundle of this digest; it is not kept.
        """
        target = self._bundle(digest)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = Path(tempfile.mkdtemp(prefix=".", suffix=PARTIAL, dir=target.parent))
        try:
            fetched = fetch(staging)
            verify_bundle(fetched, digest, **self._trust)
            with suppress(OSError):  # another process may have put the same bundle there
                fetched.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return load_bundle(target, digest, **self._trust)

    def remember(self, address: str, source: Source, what: Remembered) -> None:
        """Keep what `source` stands for, for the day its registry does not answer."""
        if self.recall(address, source) != what:
            text = json.dumps(asdict(what), indent=1, sort_keys=True) + "\n"
            atomic_write_text(self._pointer(address, source), text)

    def recall(self, address: str, source: Source) -> Remembered | None:
        """Return what was remembered last; None where nothing was, or what is there is no JSON."""
        pointer = self._pointer(address, source)
        if not pointer.is_file():
            return None
        try:
            return Remembered(**json.loads(pointer.read_bytes()))
        except (ValueError, TypeError):
            return None

    def _bundle(self, digest: str) -> Path:
        return self.folder / "bundles" / check_digest(digest)

    def _pointer(self, address: str, source: Source) -> Path:
        store = hashlib.sha256(shown(address).encode()).hexdigest()[:16]
        name = (
            f"{source.name}@{source.alias}" if source.alias else f"{source.name}.{source.version}"
        )
        return self.folder / "registries" / store / f"{name}.json"
