"""Modules that are imported when they are first used, so that what does not need them starts fast.

An import inside each function would do the same and be forgotten in one of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """Stands for a module until something of it is asked for.

    Examples
    --------
    >>> json = late("json")
    >>> json.loads("[1]")
    [1]
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)
        return value


def late(name: str) -> Any:
    """Return a stand-in for the module `name`, which is imported on first use."""
    return Late(name)
