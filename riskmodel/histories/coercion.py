"""One column as it comes, into the type that its table declares, where nothing is lost by it.

Every function returns a `Coerced`: the values, which rows could not be coerced (missing in the
values), and the rule that they break. Only columns of mixed Python objects are read row by row.
"""

from __future__ import annotations

import datetime
import math
import numbers
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from riskmodel.histories.frames import text_dtype
from riskmodel.histories.problems import NUMBER_RULE, TIME_RULE
from riskmodel.schema import Kind

Mask: TypeAlias = npt.NDArray[np.bool_]
Values: TypeAlias = "pd.Series[Any]"

LARGEST_EXACT = 2.0**53  # integers beyond it have lost digits as floats
_OFFSET = r"[T ].*(?:Z|[+-][0-9]{2}:?[0-9]{2})$"
_ISO_TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6}(?:000)?)?)?"
    r" ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}

MIXED_RULE = "mixes times with an offset from UTC and times without: give one or the other"
TEXT_RULE = "not text or a whole number"
FLAG_RULE = "not true or false"


@dataclass(frozen=True)
class Coerced:
    """A coerced column: values, the rows that could not be, the rule they break.

    `aware` says whether times came with an offset from UTC (None: no times); `fault` is a
    mistake of the whole column rather than of rows.
    """

    values: Values
    bad: Mask
    rule: str
    aware: bool | None = None
    fault: str = ""


def coerce(series: Values, kind: Kind) -> Coerced:
    """Coerce a column to `kind` without loss.

    Parameters
    ----------
    series : Series of length n
        The column as it came, of any dtype.
    kind : {"text", "time", "number", "flag"}

    Returns
    -------
    Coerced
        Values of length n on a RangeIndex.

    Examples
    --------
    >>> coerced = coerce(pd.Series([12.0, None, 1.5]), "text")
    >>> coerced.values.tolist(), coerced.bad.tolist()
    (['12', nan, nan], [False, False, True])
    """
    plain = _plain(series.reset_index(drop=True))
    return _COERCIONS[kind](plain)


def _plain(series: Values) -> Values:
    """Take off wrappers: categories, Arrow types, objects that are all text."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain(series.astype(dtype.categories.dtype))
    if isinstance(dtype, pd.ArrowDtype):
        return _plain(pa.array(series.array).to_pandas(date_as_object=False))
    if isinstance(dtype, pd.StringDtype):
        return series.astype(text_dtype())
    if dtype == "object" and pd.api.types.infer_dtype(series, skipna=True) in ("string", "empty"):
        return series.astype(text_dtype())
    return series


def _is_text(series: Values) -> bool:
    return isinstance(series.dtype, pd.StringDtype)


def _no_text(length: int) -> Values:
    return pd.Series([np.nan] * length, dtype=text_dtype())


def _present(series: Values) -> Mask:
    return series.notna().to_numpy(dtype=bool)


def _matches(text: Values, pattern: str, *, regex: bool = True) -> Mask:
    """Search text; plain character classes run in Arrow, others row by row in Python."""
    return text.str.contains(pattern, regex=regex, na=False).to_numpy(dtype=bool)


def _without_blanks(text: Values) -> Values:
    return text.mask(text.str.strip() == "")


def to_text(series: Values) -> Coerced:
    """Read ids and codes: text stays, whole numbers become their digits, blanks are missing."""
    text = _read_text(series)
    null_character = _matches(text, "\x00", regex=False)
    bad = (_present(series) & ~_present(text)) | null_character
    return Coerced(_without_blanks(text).mask(null_character), bad, TEXT_RULE)


def _read_text(series: Values) -> Values:
    if _is_text(series):
        return series
    if pd.api.types.is_bool_dtype(series.dtype):
        return _no_text(len(series))
    if pd.api.types.is_integer_dtype(series.dtype):
        return series.astype("Int64").astype(text_dtype())
    if pd.api.types.is_float_dtype(series.dtype):
        number = series.astype("Float64").astype("float64")
        whole = (number % 1 == 0) & (number.abs() < LARGEST_EXACT)
        return number.where(whole).astype("Int64").astype(text_dtype())
    if series.dtype == object:
        return pd.Series([_text_of(value) for value in series], dtype=text_dtype())
    return _no_text(len(series))


def _text_of(value: object) -> Any:
    if isinstance(value, str | UUID):
        return str(value)
    if isinstance(value, bool | np.bool_):
        return np.nan
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, Decimal) and not value.is_finite():
        return np.nan  # a signalling one raises where it is compared
    if isinstance(value, float | np.floating | Decimal) and math.isfinite(value):
        whole = int(value)
        return str(whole) if whole == value and abs(whole) < LARGEST_EXACT else np.nan
    return np.nan


def to_time(series: Values) -> Coerced:
    """Read times: ISO 8601 text, dates, datetimes; with an offset they are converted to UTC."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        naive = to_time(series.dt.tz_convert("UTC").dt.tz_localize(None))
        aware = True if _present(series).any() else None
        return Coerced(naive.values, naive.bad, TIME_RULE, aware)
    if pd.api.types.is_datetime64_dtype(series.dtype):
        return _whole_microseconds(series)
    if series.dtype == object:
        text = pd.Series([_time_text(value) for value in series], dtype=text_dtype())
        return _parse_times(text, _present(series) & ~_present(text))
    if _is_text(series):
        return _parse_times(series, np.zeros(len(series), dtype=bool))
    nothing = pd.Series(np.full(len(series), "NaT", dtype="datetime64[us]"))
    return Coerced(nothing, _present(series), TIME_RULE)


def _whole_microseconds(series: Values) -> Coerced:
    coarse = series.astype("datetime64[us]")
    lossy = ((coarse != series) & series.notna()).to_numpy(dtype=bool)
    aware = False if _present(series).any() else None
    return Coerced(coarse.mask(lossy), lossy, TIME_RULE, aware)


def _time_text(value: object) -> Any:
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT:
        return np.nan
    if isinstance(value, np.datetime64):
        return pd.Timestamp(value).isoformat()
    if isinstance(value, datetime.date):  # datetimes and Timestamps are dates too
        return value.isoformat()
    return np.nan


def _parse_times(text: Values, bad: Mask) -> Coerced:
    text = _without_blanks(text.str.strip())
    iso = _matches(text, _ISO_TIME)
    offset = _matches(text, _OFFSET) & iso
    times = pd.to_datetime(text.where(iso), format="ISO8601", utc=True, errors="coerce")
    naive = times.dt.tz_localize(None).astype("datetime64[us]")
    bad = bad | (_present(text) & ~_present(naive))
    mixed = bool(offset.any() and (iso & ~offset).any())
    aware = bool(offset.any()) if iso.any() else None
    return Coerced(naive, bad, TIME_RULE, aware, fault=MIXED_RULE if mixed else "")


def to_number(series: Values) -> Coerced:
    """Read numbers, or text that spells them; whole numbers too large for a float are refused."""
    present = _present(series)
    if pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.is_complex_dtype(series.dtype):
        return Coerced(pd.Series(np.nan, index=series.index), present, NUMBER_RULE)
    if series.dtype == object:
        truth = series.map(lambda value: isinstance(value, bool | np.bool_))
        series = series.mask(truth.astype(bool))
    if _is_text(series):
        series = _without_blanks(series)
        present = _present(series)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return Coerced(pd.Series(np.nan, index=series.index), present, NUMBER_RULE)
    parsed = pd.to_numeric(series, errors="coerce")
    values = pd.Series(parsed.to_numpy(dtype="float64", na_value=np.nan))
    if pd.api.types.is_integer_dtype(parsed.dtype):
        values = values.mask(values.abs() > LARGEST_EXACT)
    return Coerced(values, present & ~_present(values), NUMBER_RULE)


def to_flag(series: Values) -> Coerced:
    """Read true and false: booleans, 0 and 1, and the words."""
    present = _present(series)
    if pd.api.types.is_bool_dtype(series.dtype) and series.dtype != object:
        return Coerced(series.astype("boolean"), np.zeros(len(series), dtype=bool), FLAG_RULE)
    words = series.map(lambda value: str(value).strip().lower().removesuffix(".0"))
    words = words.where(present).map(lambda word: "" if pd.isna(word) else word)
    values = words.map(lambda word: _FLAGS.get(word, pd.NA)).astype("boolean")
    bad = present & (words != "").to_numpy(dtype=bool) & values.isna().to_numpy(dtype=bool)
    return Coerced(values, bad, FLAG_RULE)


_COERCIONS = {"text": to_text, "time": to_time, "number": to_number, "flag": to_flag}
