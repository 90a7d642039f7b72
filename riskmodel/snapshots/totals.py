"""Per date, over everyone: all later harm, and what is neither feature nor outcome."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots import outcome_kernel as kernel
from riskmodel.snapshots.aggregate import Floats, Ints, price_events
from riskmodel.snapshots.outcomes import (
    HARM_CAP_DAYS,
    counting_events,
    counting_unnamed,
    is_serious,
)
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import DAY_US, instant_us

TOTAL_COLUMNS = (
    "serious_all",
    "serious_named",
    "harm_all",
    "harm_named",
    "harm_capped_all",
    "harm_capped_named",
    "victims_all",
    "victims_named",
)


class Everyone(NamedTuple):
    """The events that count in an outcome, those with a named suspect first; arrays.

    `row` is the row in `EventHistories.events`, or in `EventHistories.unnamed`.
    """

    row: Ints
    named: NDArray[np.bool_]
    event_time: Ints
    recorded_time: Ints
    harm: Floats
    serious: NDArray[np.bool_]


def everyone(histories: EventHistories, task: Task, known_at: int) -> Everyone:
    """Return the events of everyone that count, as known before `known_at` (microseconds)."""
    arrays, priced = histories.arrays, price_events(histories, task)
    row = np.flatnonzero(counting_events(histories, task, known_at))
    unnamed = counting_unnamed(histories, task, known_at)
    by_code, _, flag = task.offences.lookup(arrays.offences, unmapped=task.unmapped)
    harm = np.concatenate([priced.harm[row], by_code[unnamed.offence_code]])
    flags = np.concatenate([priced.serious[row], flag[unnamed.offence_code]])
    happened, recorded = (
        np.concatenate([known[row], microseconds(histories.unnamed[name].iloc[unnamed.row])])
        for name, known in (
            ("event_time", arrays.event_time),
            ("recorded_time", arrays.recorded_time),
        )
    )
    return Everyone(
        row=np.concatenate([row, unnamed.row]),
        named=np.arange(harm.size) < row.size,
        event_time=happened,
        recorded_time=recorded,
        harm=harm,
        serious=is_serious(harm, flags, task.outcome),
    )


def totals(
    histories: EventHistories, task: Task, dates: pd.DatetimeIndex, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Return, per date, what all later harm adds up to, in the cohort or not.

    Returns
    -------
    DataFrame
        Indexed by as_of, with ``TOTAL_COLUMNS``. Serious offences count once per person and
        incident, or once per incident where no suspect is named; harm is in days.
    """
    events = everyone(histories, task, instant_us(known_at))
    incident, victim = _incidents_and_victims(histories, events)
    seen = [np.full(int(c.max(initial=0)) + 1, -1, dtype=np.int64) for c in (incident, victim)]
    out = np.zeros((len(dates), len(TOTAL_COLUMNS)))
    kernel.total(
        _microseconds(dates), task.outcome.horizon_days * DAY_US, HARM_CAP_DAYS,
        events.event_time, events.harm, events.serious, events.named, incident, victim,
        *seen, seen[1].copy(), out,
    )  # fmt: skip
    return pd.DataFrame(out, index=dates.rename("as_of"), columns=list(TOTAL_COLUMNS))


def _incidents_and_victims(histories: EventHistories, events: Everyone) -> tuple[Ints, Ints]:
    """Return codes of (person, incident) and of the victim; -1 where not serious or not given."""
    arrays = histories.arrays
    mine = events.row[events.serious & events.named]
    unnamed = histories.unnamed.iloc[events.row[events.serious & ~events.named]]
    person = np.searchsorted(arrays.person_start, mine, side="right") - 1
    own = arrays.person_start[person] + arrays.incident_local[mine]
    others = pd.factorize(unnamed["incident_id"])[0] + arrays.event_time.size
    incident, victim = (np.full(events.row.size, -1, dtype=np.int64) for _ in range(2))
    incident[events.serious] = np.concatenate([own, others])
    victims = [histories.events["victim_id"].iloc[mine], unnamed["victim_id"]]
    victim[events.serious] = pd.factorize(pd.concat(victims))[0]
    return incident, victim


def between(
    histories: EventHistories, task: Task, dates: pd.DatetimeIndex, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Count, per date, what is neither feature nor outcome.

    Parameters
    ----------
    dates : DatetimeIndex
        Rising.

    Returns
    -------
    DataFrame
        Indexed by as_of: ``happened_before_recorded_after`` events, ``..._serious`` of them, and
        ``recorded_too_late`` events of the outcome window, recorded at or after `known_at`.
    """
    arrays, priced = histories.arrays, price_events(histories, task)
    serious = is_serious(priced.harm, priced.serious, task.outcome)
    ticks, known = _microseconds(dates), instant_us(known_at)
    happened = np.searchsorted(ticks, arrays.event_time, side="right")  # dates up to it
    recorded = np.searchsorted(ticks, arrays.recorded_time, side="right")
    fell = (recorded > happened) & (arrays.recorded_time < known)
    late = arrays.recorded_time >= known
    opened = arrays.event_time[late] - task.outcome.horizon_days * DAY_US
    columns = {
        "happened_before_recorded_after": _count(happened[fell], recorded[fell], ticks.size),
        "of_them_serious": _count(happened[fell & serious], recorded[fell & serious], ticks.size),
        "recorded_too_late": _count(
            np.searchsorted(ticks, opened, side="right"), happened[late], ticks.size
        ),
    }
    return pd.DataFrame(columns, index=dates.rename("as_of"))


def _count(first: Ints, stop: Ints, n: int) -> Ints:
    """Return how often each of n places lies in [first, stop)."""
    steps = np.bincount(first, minlength=n + 1) - np.bincount(stop, minlength=n + 1)
    return np.cumsum(steps)[:n].astype(np.int64)


def _microseconds(dates: pd.DatetimeIndex) -> Ints:
    return dates.to_numpy(dtype="datetime64[us]").astype(np.int64)
