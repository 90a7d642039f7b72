"""Compiled passes as stored machine code, loaded without importing the compiler.

Importing the compiler and reading its own cache takes over a second; loading an object takes a
twentieth of that. The code is the same: made by the compiler once, kept beside its cache in a
folder that only its user can write, under a digest of all that it depends on.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from riskmodel.compile_kernel import cache_folder, object_code
from riskmodel.files import atomic_write_bytes

RunAt = Callable[[int, int, int], int]
"""A pass over arguments in memory: where its result and its error would go, where they lie."""

_ONE_AT_A_TIME = Lock()
_LOADED: dict[str, tuple[RunAt, Any]] = {}  # and the engine that the code lives in


def run_at(
    module: str, function: str, arguments: tuple[Any, ...], *, constants: ModuleType
) -> RunAt:
    """Return a compiled pass as a function of the address of its arguments.

    The caller lays the arguments out with `words_of`, keeps them alive where they are, changes
    what is in them and calls again. A result of 0 is success.

    Parameters
    ----------
    module, function : str
        Where the pass is; it is imported only to compile it.
    arguments : tuple
        Of the types that it will be called with.
    constants : module
        Whose source the pass depends on, besides that of the kernels.
    """
    key = _key(module, function, arguments, constants)
    with _ONE_AT_A_TIME:
        if key not in _LOADED:
            _LOADED[key] = _load(*_stored_or_made(key, module, function, arguments))
        return _LOADED[key][0]


def words_of(value: Any) -> list[int]:
    """Return arguments as the compiler lays them out: eight bytes each, no bytes between.

    An array is two pointers that stay empty, its size, the bytes of one item, its address, its
    shape and its strides.

    Examples
    --------
    >>> words_of((7, np.zeros((2, 3), dtype=np.int32)))[:5]
    [7, 0, 0, 6, 4]
    """
    if isinstance(value, tuple):
        return [word for part in value for word in words_of(part)]
    if isinstance(value, np.ndarray):
        return [0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides]
    return [int(value)]


def _types_of(value: Any) -> str:
    if isinstance(value, tuple):
        names = getattr(value, "_fields", range(len(value)))
        parts = (f"{name}:{_types_of(part)}" for name, part in zip(names, value, strict=True))
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str}{value.ndim}"
    return type(value).__name__


def _key(module: str, function: str, arguments: tuple[Any, ...], constants: ModuleType) -> str:
    """Return a digest of what the code depends on besides the kernels and the compiler."""
    source = Path(str(constants.__file__)).read_text(encoding="utf-8")
    parts = (module, function, _types_of(arguments), source, *_machine())
    return f"{function}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


@cache
def _machine() -> tuple[str, ...]:
    features = llvm.get_host_cpu_features().flatten()
    return llvmlite.__version__, llvm.get_process_triple(), llvm.get_host_cpu_name(), features


def _stored_or_made(
    key: str, module: str, function: str, arguments: tuple[Any, ...]
) -> tuple[str, bytes]:
    folder = cache_folder()
    path = None if folder is None else folder / f"{key}.object"
    if path is not None and (stored := _read(path)):
        return stored
    symbol, code = object_code(getattr(import_module(module), function), arguments)
    if path is not None:
        content = symbol.encode() + b"\n" + code
        atomic_write_bytes(path, hashlib.sha256(content).digest() + content)
    return symbol, code


def _read(path: Path) -> tuple[str, bytes] | None:
    """Return what is stored, or None where it is not whole: a part of it would end the process."""
    if not path.is_file():
        return None
    stored = path.read_bytes()
    content = stored[32:]
    if hashlib.sha256(content).digest() != stored[:32]:
        return None
    symbol, _, code = content.partition(b"\n")
    return symbol.decode(), code


def _load(symbol: str, code: bytes) -> tuple[RunAt, Any]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    # it keeps the interpreter's lock: to take it again can cost more than the pass
    kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    return kind(engine.get_function_address(symbol)), engine
