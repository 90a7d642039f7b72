"""Compiles passes over arrays, and keeps the machine code in a folder that only its user can write.

What a compiler has cached is code: whoever can write it can run code as the reader. So it lies in
a folder of the user's own, under a digest of every kernel's source (a kernel that calls another is
then never paired with an older one). Where no such folder can be had, nothing is kept.
"""

from __future__ import annotations

import hashlib
import os
import stat
import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import UncachedWarning
from riskmodel.late import late

if TYPE_CHECKING:
    import numba
else:
    numba = late("numba")  # takes over half a second, and is in no need where code is stored

FOLDER_VARIABLE = "RISKMODEL_CACHE_DIR"


OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",  # a division gives NaN or infinity, as in numpy
    "_nrt": False,  # arrays come from outside: counting references took four fifths of the time
}


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a pass on its first call, and keep it where possible.

    It runs without the interpreter's lock, and can allocate no arrays.
    """
    folder = cache_folder()
    if folder is None:
        return numba.njit(**OPTIONS)(function)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)  # read once, when the function is decorated
    try:
        return numba.njit(cache=True, **OPTIONS)(function)
    finally:
        numba.config.CACHE_DIR = before


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a step into the passes that call it, which would else copy all its arguments."""
    return numba.njit(inline="always", **OPTIONS)(function)


def object_code(compiled_pass: Any, arguments: tuple[Any, ...]) -> tuple[str, bytes]:
    """Compile a pass to machine code that runs without the compiler, from arguments in memory.

    Parameters
    ----------
    compiled_pass
        From `compiled`.
    arguments : tuple
        Of the types that it will be called with.

    Returns
    -------
    str, bytes
        The symbol of a function that takes, last, the address at which the arguments lie as
        `riskmodel.machine_code.words_of` writes them; and the object that holds it.
    """

    def from_memory(place: Any) -> None:
        compiled_pass(*place[0])

    place = numba.types.CPointer(numba.typeof(arguments))
    options = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    built = numba.njit(numba.types.void(place), **options)(from_memory).overloads[(place,)]
    return built.fndesc.llvm_func_name, built.library._get_compiled_object()


@cache
def cache_folder() -> Path | None:
    """Return the private folder for compiled code, made if need be; None, with a warning, without.

    ``RISKMODEL_CACHE_DIR``, or the user's cache folder. It must belong to the user and be closed
    to writing by anyone else.
    """
    for root in _candidates():
        folder = root / "riskmodel" / f"compiled-{_sources_digest()[:16]}"
        if _made_private(folder):
            return folder
    warnings.warn(
        "no private folder for compiled code could be written, so each process compiles anew, "
        f"which takes some 20 seconds. Set {FOLDER_VARIABLE} to a folder that only you can write",
        UncachedWarning,
        stacklevel=2,
    )
    return None


def _candidates() -> list[Path]:
    if named := os.environ.get(FOLDER_VARIABLE):
        return [Path(named)]
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    return [Path(home) if home else Path(os.path.expanduser("~")) / ".cache"]  # noqa: PTH111


def _sources_digest() -> str:
    """Return a digest of every kernel's source and of the compiler's version."""
    digest = hashlib.sha256(version("numba").encode())
    for path in sorted(Path(__file__).parent.rglob("*_kernel.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _made_private(folder: Path) -> bool:
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK) and all(
        _is_private(path) for path in (folder.parent, folder)
    )


def _is_private(path: Path) -> bool:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True  # folders of a user's profile are closed to others on Windows
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
