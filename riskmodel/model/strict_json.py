"""JSON as riskmodel writes it, read back without surprises.

A reader that takes more than its writer writes is where hostile files hide: keys given twice (the
last wins), NaN, numbers without end, arrays within arrays until the process dies of them.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

MAXIMUM_DEPTH = 32
MAXIMUM_VALUES = 2_000_000
"""Largest number of values of one bundle: what bounds the memory that reading takes."""

_LONGEST_NUMBER = 40
# a text without its closing quote ends where the file does: else each quote in it is tried anew
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def json_bytes(content: Any) -> bytes:
    """Return JSON with sorted keys, one way to write each value, and no NaN."""
    text = json.dumps(content, sort_keys=True, indent=1, allow_nan=False, default=_plain)
    return f"{text}\n".encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):  # a setting computed by numpy
        return value.item()
    raise TypeError(f"{type(value).__name__} is not JSON")


def read_json(content: bytes) -> Any:
    """Read JSON that is ASCII, finite, bounded, and says each key once.

    Raises
    ------
    ValueError
        Says which of it is not so; never a value.

    Examples
    --------
    >>> read_json(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> read_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ...
    ValueError: a key is given twice
    """
    if not content.isascii():
        raise ValueError("it is not written in ASCII")
    if most_values(content) > MAXIMUM_VALUES:
        raise ValueError(f"it holds more than {MAXIMUM_VALUES} values")
    _check_depth(content)
    value = json.loads(
        content.decode("ascii"),  # bytes would be read as UTF-16 or UTF-32, where they look so
        object_pairs_hook=_each_key_once,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_short,
    )
    if _HALF_CHARACTER.search(content):
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone half raises
    return value


def most_values(content: bytes) -> int:
    """Return a number that the values in this JSON do not exceed, without parsing it."""
    return 1 + sum(content.count(sign) for sign in (b",", b"[", b"{"))


def _check_depth(content: bytes) -> None:
    brackets = _STRING.sub(b"", content).translate(None, _BUT_BRACKETS)
    signs = np.frombuffer(brackets[: 2 * MAXIMUM_VALUES], dtype=np.uint8)
    opens = (signs == ord("[")) | (signs == ord("{"))
    if len(signs) and int(np.cumsum(np.where(opens, 1, -1)).max()) > MAXIMUM_DEPTH:
        raise ValueError(f"it is nested more than {MAXIMUM_DEPTH} deep")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    number = float(_within(text))
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _short(text: str) -> int:
    return int(_within(text))


def _within(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number has more than {_LONGEST_NUMBER} characters")
    return text
