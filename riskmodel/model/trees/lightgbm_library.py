"""LightGBM's C library, found and loaded without importing the package `lightgbm`.

The package takes seconds to import, for it brings pandas, scipy and scikit-learn; its library takes
milliseconds. Both may be used in one process: it is the same library then.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, c_char_p, c_double, c_int, c_int32, c_int64, c_void_p
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from riskmodel.errors import RiskModelError

_FILE: Final = {"win32": "lib_lightgbm.dll", "darwin": "lib_lightgbm.dylib"}
_FOLDERS: Final = ("lib", "bin", "..", "../Release", "../windows/x64/DLL")
"""Where a wheel, a conda package or a build of one's own puts the library."""

_FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "LGBM_BoosterLoadModelFromString": (c_char_p, POINTER(c_int), POINTER(c_void_p)),
    "LGBM_BoosterFree": (c_void_p,),
    "LGBM_BoosterGetNumFeature": (c_void_p, POINTER(c_int)),
    "LGBM_BoosterPredictForMat": (
        c_void_p, c_void_p, c_int, c_int32, c_int32, c_int, c_int, c_int, c_int, c_char_p,
        POINTER(c_int64), c_void_p,
    ),
    "LGBM_BoosterPredictForMatSingleRowFastInit": (
        c_void_p, c_int, c_int, c_int, c_int, c_int32, c_char_p, POINTER(c_void_p),
    ),
    "LGBM_BoosterPredictForMatSingleRowFast": (
        c_void_p, c_void_p, POINTER(c_int64), POINTER(c_double),
    ),
    "LGBM_FastConfigFree": (c_void_p,),
}  # fmt: skip


@cache
def library() -> ctypes.CDLL:
    """Return the library with its functions declared: each returns 0, or not if it failed.

    Raises
    ------
    RiskModelError
        If LightGBM is not installed, or what is installed can't be loaded.
    """
    path = _path()
    try:
        loaded = ctypes.CDLL(str(path))
        for name, arguments in _FUNCTIONS.items():
            getattr(loaded, name).argtypes = arguments
            getattr(loaded, name).restype = c_int
        loaded.LGBM_GetLastError.argtypes = ()
        loaded.LGBM_GetLastError.restype = c_char_p
    except (OSError, AttributeError) as error:
        raise RiskModelError(
            f"LightGBM's library {path.name} can't be loaded: {error}. Reinstall lightgbm 4.6 or "
            "later; on Linux it needs libgomp1, on macOS libomp"
        ) from error
    return loaded


def call(name: str, *arguments: Any) -> None:
    """Call a function of the library.

    Raises
    ------
    RiskModelError
        With LightGBM's message, if it failed.
    """
    if getattr(library(), name)(*arguments):
        raise failure(name)


def failure(name: str) -> RiskModelError:
    """Return the error for what failed last in this thread."""
    message = library().LGBM_GetLastError()
    return RiskModelError(f"LightGBM failed in {name}: {message.decode(errors='replace')}")


def _path() -> Path:
    """Return where the library lies. Looking for a package does not import it."""
    spec = find_spec("lightgbm")
    if spec is None or spec.origin is None:
        raise RiskModelError(
            "LightGBM is not installed, whose library scores with the model's trees: "
            "install lightgbm 4.6 or later"
        )
    name = _FILE.get(sys.platform, "lib_lightgbm.so")
    package = Path(spec.origin).parent
    for folder in _FOLDERS:
        if (path := package / folder / name).is_file():
            return path
    raise RiskModelError(f"the installed lightgbm has no {name}: reinstall lightgbm 4.6 or later")
