"""Dates and windows: every duration is whole days, every instant whole microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError
from riskmodel.histories.moments import to_microseconds, to_timestamp
from riskmodel.late import late

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = late("pandas")

DAY_US = 86_400_000_000
"""One day in microseconds, the unit of every time inside the engine."""

YEAR_DAYS = 365
"""The year of a lookback window, as the rule in use counts it."""

EVER_US = np.iinfo(np.int64).max // 4
"""Length of the window "ever": longer than any history."""

_NAMES = {90: "90d", 365: "1y", 730: "2y", 1825: "5y", None: "ever"}
_PHRASES = {
    1: "in the last day",
    90: "in the last 90 days",
    365: "in the last year",
    730: "in the last two years",
    1825: "in the last five years",
    None: "ever recorded",
}


def window_name(days: int | None) -> str:
    """Return the short name of a lookback window, as feature names carry it.

    Examples
    --------
    >>> [window_name(days) for days in (90, 365, 400, None)]
    ['90d', '1y', '400d', 'ever']
    """
    return _NAMES.get(days, f"{days}d")


def window_phrase(days: int | None) -> str:
    """Return a lookback window in plain English.

    Examples
    --------
    >>> window_phrase(730)
    'in the last two years'
    """
    return _PHRASES.get(days, f"in the last {days} days")


def window_us(days: int | None) -> int:
    """Return a window's length in microseconds; None is "ever"."""
    return EVER_US if days is None else days * DAY_US


def instant(value: Any) -> pd.Timestamp:
    """Return `value` as a naive timestamp; a zone-aware one is taken to UTC first.

    Raises
    ------
    SchemaError
        If `value` is not a date or time.

    Examples
    --------
    >>> instant("2010-01-01")
    Timestamp('2010-01-01 00:00:00')
    """
    return to_timestamp(value, "date")


def instant_us(value: Any) -> int:
    """Return `value` as microseconds since 1970."""
    return to_microseconds(value, "date")


def instants(values: Any) -> pd.DatetimeIndex:
    """Return one date or many as a sorted index of distinct naive timestamps.

    Examples
    --------
    >>> instants(["2010-01-01", "2009-01-01"]).strftime("%Y").tolist()
    ['2009', '2010']
    """
    single = isinstance(values, str) or not hasattr(values, "__iter__")
    moments = [instant(value) for value in ([values] if single else values)]
    if not moments:
        raise RiskModelError("as_of is empty: give at least one date")
    return pd.DatetimeIndex(sorted(set(moments))).as_unit("us")


def every(frequency: str, start: Any, end: Any) -> pd.DatetimeIndex:
    """Return the dates from `start` to `end`, both included, in steps of a pandas frequency.

    Parameters
    ----------
    frequency : str
        A pandas offset: ``"6MS"`` (each sixth month start), ``"MS"``, ``"W-MON"`` ...
    start, end : date-like
        First and last possible date.

    Returns
    -------
    pandas.DatetimeIndex
        Dates for ``build_snapshots(..., as_of=...)``.

    Examples
    --------
    >>> every("6MS", "2003", "2004").strftime("%Y-%m-%d").tolist()
    ['2003-01-01', '2003-07-01', '2004-01-01']
    """
    dates = pd.date_range(instant(start), instant(end), freq=frequency)
    if dates.empty:
        raise RiskModelError(
            f"no date from {instant(start):%Y-%m-%d} to {instant(end):%Y-%m-%d} "
            f"at frequency {frequency!r}: widen the range"
        )
    return dates.as_unit("us")
