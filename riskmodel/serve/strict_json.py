"""JSON as its standard has it: what readers could understand in two ways is refused."""

from __future__ import annotations

import json
from typing import Any


class NotJsonError(ValueError):
    """A body that is no JSON; the message says in what way, and shows nothing of it."""


def read_json(body: bytes) -> Any:
    """Return what a body of JSON says.

    Raises
    ------
    NotJsonError
        It is not UTF-8, no JSON, nested too deep, has a number of thousands of digits, a name
        twice in one object, or NaN and Infinity, which are no JSON.

    Examples
    --------
    >>> read_json(b'{"a": [1, null]}')
    {'a': [1, None]}
    >>> read_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    riskmodel.serve.strict_json.NotJsonError: an object has a name twice
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NotJsonError("this is not UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except NotJsonError:
        raise
    except RecursionError:
        raise NotJsonError("this is nested too deep") from None
    except ValueError:  # its own message would show a piece of the body
        raise NotJsonError("this is not JSON") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise NotJsonError("an object has a name twice")
    return read


def _no_constant(_name: str) -> Any:
    raise NotJsonError("NaN and Infinity are no JSON: say null")
