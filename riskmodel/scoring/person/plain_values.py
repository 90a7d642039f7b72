"""Single values of plain records, read as the tables' columns are: losslessly, or not at all.

Each function returns the value in its type or raises a `PydanticCustomError` with the rule that it
breaks, never with the value. Pandas' ways of saying "missing" are known here without pandas.
"""

from __future__ import annotations

import math
import numbers
import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from pydantic_core import PydanticCustomError

LONGEST = 500
"""Most characters of an id or a text."""
FIRST_YEAR, LAST_YEAR = 1900, 2100

TIME_RULE = "not a time (ISO 8601, as in 2012-01-31 or 2012-01-31T14:30:00)"
YEARS_RULE = f"not in the years {FIRST_YEAR} to {LAST_YEAR}"
TEXT_RULE = "not text or a whole number"
LENGTH_RULE = f"longer than {LONGEST} characters"
NUMBER_RULE = "not a number"
MISSING = "missing"  # as pydantic calls an error of this kind, too

_LARGEST_EXACT = 2**53  # whole numbers beyond it have lost digits as floats
_USUAL = ("2012-01-31T14:30", "2012-01-31T14:30:00", "2012-01-31T14:30:00.000000")
_USUAL_LENGTHS = frozenset(map(len, _USUAL))
_ISO = re.compile(
    r"[0-9]{8}|([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6}(?:000)?)?)?)"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def broken(rule: str) -> PydanticCustomError:
    """Return the error that says which rule a value breaks."""
    return PydanticCustomError("rule", rule)


def missing() -> PydanticCustomError:
    """Return the error of a value that has to be there."""
    return PydanticCustomError(MISSING, MISSING)


def is_missing(value: Any) -> bool:
    """Say whether a value stands for nothing: None, NaN, NaT, pandas' NA, blank text.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), " ", 0, False, "-")]
    [True, True, True, False, False, False]
    """
    if value is None or type(value).__name__ == "NAType":
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float | datetime | np.generic) and bool(value != value)  # noqa: PLR0124


def read_text(value: Any) -> str:
    """Return an id or a code: text stays, a whole number becomes its digits.

    Examples
    --------
    >>> read_text("105A"), read_text(7), read_text(7.0)
    ('105A', '7', '7')
    """
    if type(value) is str and value[:1] > " " and value.isascii() and len(value) <= LONGEST:
        if "\x00" not in value:
            return value
        raise broken(TEXT_RULE)
    if is_missing(value):
        raise missing()
    text = _text_of(value)
    if text is None or "\x00" in text or not _is_unicode(text):
        raise broken(TEXT_RULE)
    if len(text) > LONGEST:
        raise broken(LENGTH_RULE)
    return text


def _text_of(value: Any) -> str | None:
    if isinstance(value, str | UUID):
        return str(value)
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, numbers.Integral):
        return str(int(value)) if abs(int(value)) < 10**LONGEST else None
    if isinstance(value, float | np.floating | Decimal) and math.isfinite(value):
        whole = int(value)
        return str(whole) if whole == value and abs(whole) < _LARGEST_EXACT else None
    return None


def _is_unicode(text: str) -> bool:
    with suppress(UnicodeEncodeError):  # half of a surrogate pair is no character
        text.encode("utf-8")
        return True
    return False


def read_moment(value: Any) -> datetime:
    """Return a moment: a date, a datetime or ISO 8601 text; an offset from UTC stays on it.

    A number is none, nor is text of digits other than a date's eight: nobody can tell what it
    counts from.

    Examples
    --------
    >>> read_moment("20110301"), read_moment("2011-03-01T10:30")
    (datetime.datetime(2011, 3, 1, 0, 0), datetime.datetime(2011, 3, 1, 10, 30))
    """
    if type(value) is datetime:
        moment = value
    elif type(value) is str and _is_usual(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise broken(TIME_RULE) from None
    else:
        moment = _read_unusual(value)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise broken(YEARS_RULE)
    return moment


def _is_usual(text: str) -> bool:
    """Say whether `fromisoformat` can be trusted with a text: it drops a seventh decimal."""
    return (
        len(text) in _USUAL_LENGTHS
        and text[10] == "T"
        and text[4] == "-"
        and text[13] == ":"
        and text[19:20] in {"", "."}
    )


def _read_unusual(value: Any) -> datetime:
    if is_missing(value):
        raise missing()
    with suppress(ValueError, OverflowError):
        if isinstance(value, str) and (parts := _ISO.fullmatch(value.strip())):
            day, time, offset = parts.groups(default="")
            return datetime.fromisoformat(f"{day}T{time}{offset}" if time else parts[0])
        if isinstance(value, np.datetime64) and value == value.astype("datetime64[us]"):
            value = value.astype("datetime64[us]").item()  # a number outside Python's calendar
        if isinstance(value, datetime) and not getattr(value, "nanosecond", 0):
            return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day)
    raise broken(TIME_RULE)


def read_year(value: Any) -> int:
    """Return a year of birth: a whole number, or text that spells one."""
    if is_missing(value):
        raise missing()
    year = _number_of(value)
    if math.isnan(year):
        raise broken(NUMBER_RULE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise broken(f"not between {FIRST_YEAR} and {LAST_YEAR}")
    if year % 1:
        raise broken("not a whole number")
    return int(year)


def _number_of(value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, str | numbers.Real | Decimal):
        return math.nan
    with suppress(ValueError, OverflowError):
        return float(value)
    return math.nan


class ReadWord:
    """Reads a text that has to be one of a few words.

    Examples
    --------
    >>> ReadWord(("custody", "abroad"))("custody")
    'custody'
    """

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = frozenset(allowed)
        self._rule = "not one of " + ", ".join(allowed)

    def __call__(self, value: Any) -> str:
        """Return the word."""
        if type(value) is str and value in self._allowed:
            return value
        if (text := read_text(value)) not in self._allowed:
            raise broken(self._rule)
        return text
