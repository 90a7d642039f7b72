"""Files that are whole or absent: written under a temporary name, fsynced, renamed.

Killed at any moment, a writer leaves the old file or the new one, and at worst a temporary
name beside it that ends in ``.partial`` and that nothing reads.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from riskmodel.errors import RiskModelError


def _temporary_name(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{uuid4().hex[:8]}.partial")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary name that becomes `path` when the block ends without an error.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_file(target) as name:
    ...     _ = name.write_text("whole")
    >>> target.read_text()
    'whole'
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_name(target)
    try:
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)


def atomic_write_bytes(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write `content` to `path` so that a reader sees all of it or none of it.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> atomic_write_bytes(f"{folder}/a.txt", b"whole").read_bytes()
    b'whole'
    """
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def atomic_write_text(path: str | os.PathLike[str], content: str) -> Path:
    """Write UTF-8 text with `atomic_write_bytes`."""
    return atomic_write_bytes(path, content.encode("utf-8"))


def check_replaceable(path: str | os.PathLike[str], known_by: str) -> None:
    """Raise unless a folder may become `path`: absent, empty, or an older one with `known_by`.

    `atomic_folder` replaces a folder with all that is in it: a mistyped name must not cost
    somebody's work.

    Raises
    ------
    RiskModelError
        There is a folder with other files.
    NotADirectoryError
        There is a file.

    Examples
    --------
    >>> import tempfile
    >>> check_replaceable(tempfile.mkdtemp(), "manifest.json")
    """
    target = Path(path)
    if not target.exists():
        return
    if not target.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(target))
    if any(target.iterdir()) and not (target / known_by).is_file():
        raise RiskModelError(
            f"The folder {target} holds other files and no {known_by}, so nothing was written "
            "there: what is in it could be lost. Name a new or an empty folder."
        )


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` when the block ends without an error.

    An existing folder at `path` is replaced, in one step where the system can; where `path` is a
    link to a folder, that folder is.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "bundle"
    >>> with atomic_folder(target) as folder:
    ...     _ = (folder / "a.txt").write_text("whole")
    >>> [file.name for file in target.iterdir()]
    ['a.txt']
    """
    target = Path(path).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_name(target)
    temporary.mkdir()
    try:
        yield temporary
        for file in sorted(temporary.rglob("*")):
            if file.is_file():
                with file.open("rb") as handle:
                    os.fsync(handle.fileno())
        sync_folder(temporary)
        _replace_folder(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync_folder(target.parent)


def _replace_folder(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    if not _exchange(temporary, target):
        # without an exchange in one step, a kill in between leaves the old folder under `retired`
        retired = _temporary_name(target)
        target.rename(retired)
        temporary.rename(target)
        temporary = retired
    sync_folder(target.parent)  # the new name must outlast a loss of power before the old goes
    shutil.rmtree(temporary)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step, where the system can (Linux: renameat2)."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
