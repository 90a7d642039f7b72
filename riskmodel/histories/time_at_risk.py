"""Follow-up: how much of a window a person was there to offend in, and what cut it short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.histories import time_at_risk_kernel as kernel
from riskmodel.histories.arrays import microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.histories.links import starts_of
from riskmodel.histories.moments import to_timestamp
from riskmodel.histories.tables import HistoryTables

Int64s: TypeAlias = npt.NDArray[np.int64]

DAY = kernel.DAY_US
NEVER = kernel.NEVER

COMPETING = ("", "death", "left", "custody")
"""What can compete with an outcome, by the code that the compiled pass gives it."""
COMPETING_DTYPE: Any = pd.CategoricalDtype(list(COMPETING))

EVENTS = ("none by the end", "serious offence", "death", "left", "custody")
"""What can come first in a window, by its code in the column `event`."""


@dataclass(frozen=True)
class CustodySegments:
    """Custody without overlaps: person by person, each from `start` to `end` (microseconds)."""

    person_start: Int64s
    person: Int64s
    start: Int64s
    end: Int64s


def time_at_risk(
    histories: EventHistories,
    person_code: Any,
    as_of: Any,
    horizon_days: int,
    known_at: Any = None,
    *,
    late_allowance_days: int = 0,
    first_offence: Int64s | None = None,
) -> pd.DataFrame:
    """Return the days at risk in [as_of, as_of + horizon_days), what competed, what came first.

    Days end at the first of death, leaving and the end of follow-up; days in custody are taken
    off. Only what was known before `known_at` counts: an end of custody at or after it is open.

    Custody competes where it began before the first serious offence of the window: custody from
    that offence on follows the outcome, and is no excuse for it. Custody that already runs at
    ``as_of`` only delays: it is taken off the days at risk, and `event` is custody at day 0 only
    where it lasts the whole of a closed window. Of two things at one moment the offence comes
    first, then death, then leaving.

    Parameters
    ----------
    histories : EventHistories
    person_code : array of int, shape (n,)
        Indices in ``histories.persons``.
    as_of : array of datetime64 or int microseconds, shape (n,), or one moment
    horizon_days : int
    known_at : optional
        By default the end of the data.
    late_allowance_days : int
        Follow-up ends so many days before `known_at`, or the end of the data if that is earlier.
    first_offence : int64 array of microseconds, shape (n,), optional
        The first serious offence in each window, `NEVER` without one.

    Returns
    -------
    DataFrame of n rows
        days_at_risk : float.
        competing : categorical, the first of "death" and "left" in the window; "custody" where
        neither is and some of the window was spent in custody for something else; else "".
        censored : bool, whether follow-up ends before the window does.
        duration_days : float, from ``as_of`` to what came first, or to the end of follow-up.
        event : int8, what that was, an index in `EVENTS`: 0 none, 1 serious offence, 2 death,
        3 leaving, 4 custody for something else.

    Examples
    --------
    >>> events = pd.DataFrame(
    ...     {"source_id": ["r1"], "person_id": ["p1"], "event_time": ["2010-05-01T12:00"],
    ...      "recorded_time": ["2010-05-02T09:00"], "offence": ["105A"]}
    ... )
    >>> spells = pd.DataFrame(
    ...     {"person_id": ["p1"], "start": ["2011-01-11"], "end": ["2011-01-21"],
    ...      "recorded_time": ["2011-01-11"], "kind": ["custody"]}
    ... )
    >>> histories = EventHistories(events, spells=spells, data_end="2012-01-01")
    >>> time_at_risk(histories, [0], "2011-01-01", 100)
       days_at_risk competing  censored  duration_days  event
    0          90.0   custody     False           10.0      4
    """
    person = _own(person_code)
    start = _own(_moments(as_of, len(person)))
    known = seen_until(histories, known_at)
    end = known - late_allowance_days * DAY
    segments = custody_segments(histories, known)
    days, duration = np.empty(len(person)), np.empty(len(person))
    competing, event = np.empty(len(person), dtype=np.int8), np.empty(len(person), dtype=np.int8)
    kernel.follow(
        person, start, horizon_days * DAY, end,
        np.empty(0, dtype=np.int64) if first_offence is None else first_offence,
        _known_dates(histories.people["death_date"], known),
        _known_dates(histories.people["left_date"], known),
        segments.person_start, segments.start, segments.end, days, competing, duration, event,
    )  # fmt: skip
    return pd.DataFrame(
        {
            "days_at_risk": days,
            "competing": pd.Categorical.from_codes(competing, dtype=COMPETING_DTYPE),
            "censored": start + horizon_days * DAY > end,
            "duration_days": duration,
            "event": event,
        },
        copy=False,
    )


def seen_until(histories: EventHistories, known_at: Any = None) -> int:
    """Return until when anything can be known, in microseconds: `known_at` or the data's end."""
    moment = histories.data_end
    if known_at is not None:
        moment = min(moment, to_timestamp(known_at, "known_at"))
    return int(np.datetime64(moment, "us").astype(np.int64))


def _own(values: Any) -> Int64s:
    """Return a plain array that may be written to: the pass is compiled once, for such arrays."""
    return np.require(values, np.int64, ["C", "W"])


def _moments(as_of: Any, n: int) -> Int64s:
    values = np.asarray(as_of)
    if values.ndim == 0 and not np.issubdtype(values.dtype, np.integer):
        values = np.asarray(np.datetime64(to_timestamp(as_of), "us"))
    if not np.issubdtype(values.dtype, np.integer):
        values = values.astype("datetime64[us]")
    return np.broadcast_to(values.astype(np.int64), (n,))


def _known_dates(dates: pd.Series[Any], known_at: int) -> Int64s:
    """Return microseconds; what is missing, or at or after `known_at`, never happens."""
    times = np.where(dates.isna(), NEVER, microseconds(dates))
    return np.where(times < known_at, times, NEVER)


def known_spells(histories: HistoryTables, known_at: int) -> pd.DataFrame:
    """Return the spells recorded before `known_at` (microseconds), each as it was last told.

    A spell that is told again (same person, start and kind), as when an open one has ended,
    replaces what was told of it before.
    """
    spells = histories.spells[microseconds(histories.spells["recorded_time"]) < known_at]
    told = spells.sort_values(["recorded_time", "end"], kind="stable", na_position="first")
    return told.drop_duplicates(["person_id", "start", "kind"], keep="last")


def custody_segments(histories: HistoryTables, known_at: int) -> CustodySegments:
    """Merge the custody recorded before `known_at` (microseconds); what is open ends there."""
    spells = known_spells(histories, known_at)
    custody = spells[(spells["kind"] == "custody").to_numpy()]
    person = _codes(custody["person_id"], histories.persons)
    start = microseconds(custody["start"])
    end = np.minimum(_known_dates(custody["end"], known_at), known_at)
    order = np.lexsort((start, person))
    started = (start < end)[order]
    order = order[started]
    return _merge(person[order], start[order], end[order], len(histories.persons))


def _codes(ids: pd.Series[Any], persons: npt.NDArray[np.str_]) -> Int64s:
    """Return the place of each id among the sorted `persons`; every one is there."""
    return np.searchsorted(persons, ids.to_numpy(dtype=np.str_)).astype(np.int64)


def _merge(person: Int64s, start: Int64s, end: Int64s, n_persons: int) -> CustodySegments:
    if len(person) == 0:
        return CustodySegments(np.zeros(n_persons + 1, dtype=np.int64), person, start, end)
    distinct, rank = np.unique(end, return_inverse=True)
    latest = np.maximum.accumulate(person * len(distinct) + rank)  # restarts at each person
    furthest = distinct[latest % len(distinct)]
    opens = np.ones(len(person), dtype=bool)
    opens[1:] = (person[1:] != person[:-1]) | (start[1:] > furthest[:-1])
    closes = np.append(opens[1:], True)
    return CustodySegments(
        starts_of(person[opens], n_persons), person[opens], start[opens], furthest[closes]
    )


def time_inside(segments: CustodySegments, person: Int64s, until: Int64s) -> Int64s:
    """Return each person's time in the segments before `until`, both in microseconds."""
    length = np.concatenate([[0], np.cumsum(segments.end - segments.start)])
    distinct = np.unique(segments.start)
    width = len(distinct) + 1
    keys = segments.person * width + np.searchsorted(distinct, segments.start)
    wanted = person * width + np.searchsorted(distinct, until, side="left")
    after = np.searchsorted(keys, wanted, side="left")  # segments of the person begun before it
    before_person = segments.person_start[person]
    total: Int64s = length[after] - length[before_person]
    last = np.maximum(after - 1, 0)
    if len(segments.end):
        overshoot = np.maximum(segments.end[last] - until, 0)
        total -= np.where(after > before_person, overshoot, 0)
    return total
