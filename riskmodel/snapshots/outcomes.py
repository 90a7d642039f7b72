"""Labels with a date: what counts as harm still to come, and what of it was known when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskmodel.histories.arrays import microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.histories.time_at_risk import time_at_risk
from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots import outcome_kernel as kernel
from riskmodel.snapshots.aggregate import Ints, price_events
from riskmodel.snapshots.censoring import end_of_follow_up
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.passes import counted
from riskmodel.snapshots.targets import Seen, targets
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import DAY_US, instant, instant_us

HARM_CAP_DAYS = 365.0
"""Days that one offence counts for at most in the capped sums."""


@dataclass(frozen=True)
class Labels:
    """Target, weight, whether the whole window was seen, and the time at risk; one entry a row."""

    y: pd.Series
    harm: pd.Series
    harm_capped: pd.Series
    serious_count: pd.Series
    weight: pd.Series
    observed: pd.Series
    follow_up: pd.DataFrame


def evidence_before(histories: EventHistories, moment: int) -> NDArray[np.int8]:
    """Return each named event's evidence as the last update before `moment` left it."""
    records = histories.arrays.records
    before = records.update_time < moment
    known = np.concatenate([[0], np.cumsum(before)])
    n_updates = known[records.update_start[1:]] - known[records.update_start[:-1]]
    level = records.evidence0.copy()
    has = n_updates > 0
    last = records.update_start[:-1][has] + n_updates[has] - 1
    level[has] = records.update_evidence[last]
    return level


def counting_events(histories: EventHistories, task: Task, known_at: int) -> NDArray[np.bool_]:
    """Return which named events count in an outcome, by what was recorded before `known_at`."""
    arrays, outcome = histories.arrays, task.outcome
    level = evidence_before(histories, known_at)
    counts = (arrays.recorded_time < known_at) & counted(outcome.evidence)[level]
    if not outcome.include_police_generated:
        counts &= arrays.origin == 0
    return np.asarray(counts, dtype=bool)


class Unnamed(NamedTuple):
    """Events without a suspect that count in an outcome: their rows, evidence and offence."""

    row: Ints
    level: NDArray[np.int8]
    offence_code: Ints


def counting_unnamed(histories: EventHistories, task: Task, known_at: int) -> Unnamed:
    """Return which events without a suspect count, by what was recorded before `known_at`."""
    events, updates, outcome = histories.unnamed, histories.updates, task.outcome
    level = _places(events["evidence"], EVIDENCE).astype(np.int8)
    event = _places(updates["source_id"], events["source_id"])
    mine = np.flatnonzero((event >= 0) & (microseconds(updates["recorded_time"]) < known_at))
    said = _places(updates["evidence"].iloc[mine], EVIDENCE)
    level[event[mine]] = said  # by time: the last of several stays
    counts = (microseconds(events["recorded_time"]) < known_at) & counted(outcome.evidence)[level]
    if not outcome.include_police_generated:
        counts &= (events["origin"] == ORIGINS[0]).to_numpy()
    row = np.flatnonzero(counts)
    code = _places(events["offence"].iloc[row], histories.arrays.offences)
    return Unnamed(row, level[row], code)


def _places(values: pd.Series, among: pd.Series | Sequence[str]) -> Ints:
    """Return the place of each text in `among`, -1 where it is not there."""
    texts = values.array.__arrow_array__()
    known = pa.array(among, type=texts.type)
    found = pc.index_in(texts, value_set=known).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def is_serious(
    harm: NDArray[np.float64], flag: NDArray[np.bool_], outcome: Outcome
) -> NDArray[np.bool_]:
    """Return which offences are serious by the outcome's own bound, or by the edition's flag."""
    return flag if outcome.min_harm is None else harm >= outcome.min_harm


def label(
    histories: EventHistories,
    task: Task,
    person: Ints,
    as_of: Ints,
    *,
    known_at: pd.Timestamp,
    late_allowance_days: int = 0,
) -> Labels:
    """Label rows with what was recorded before `known_at`.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    person, as_of : int64 arrays
        Person code and date in microseconds of each row.
    known_at : Timestamp
    late_allowance_days : int
        A window counts as closed only so many days before `known_at`, or before the end of the
        data where that comes first: what was reported since then cannot be in them.

    Returns
    -------
    Labels
        Sums are NaN where the window had not closed; so is the target, unless the outcome
        weights such rows or is a duration.
    """
    end = end_of_follow_up(histories, known_at, late_allowance_days)
    seen = _seen(histories, task, person, as_of, known_at=instant_us(known_at), end=end)
    follow_up = time_at_risk(
        histories, person, as_of, task.outcome.horizon_days, known_at,
        late_allowance_days=late_allowance_days, first_offence=seen.first_serious,
    )  # fmt: skip
    y, weight = targets(task.outcome, seen, follow_up, as_of, end)
    open_window = follow_up["censored"].to_numpy()
    sums = {name: getattr(seen, name) for name in ("harm", "harm_capped", "serious_count")}
    for values in sums.values():
        values[open_window] = np.nan
    columns = {"y": y, **sums, "weight": weight, "observed": ~(open_window | np.isnan(y))}
    return Labels(
        **{name: pd.Series(values, name=name, copy=False) for name, values in columns.items()},
        follow_up=follow_up,
    )


def _seen(
    histories: EventHistories, task: Task, person: Ints, as_of: Ints, *, known_at: int, end: int
) -> Seen:
    arrays, priced = histories.arrays, price_events(histories, task)
    number, harm, capped = (np.empty(person.size) for _ in range(3))
    seen = Seen(number, harm, capped, np.empty(person.size, dtype=np.int64))
    kernel.outcomes(
        person, as_of, task.outcome.horizon_days * DAY_US, end, HARM_CAP_DAYS,
        arrays.person_start, arrays.event_time, priced.harm,
        is_serious(priced.harm, priced.serious, task.outcome), arrays.incident_local,
        counting_events(histories, task, known_at),
        np.full(int(arrays.incident_local.max(initial=0)) + 1, -1, dtype=np.int64), *seen,
    )  # fmt: skip
    return seen


def outcome_events(
    histories: EventHistories, task: Task, as_of: object, known_at: object
) -> pd.DataFrame:
    """Return every event in the outcome window that counts, whether or not it names a suspect.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of, known_at : date-like
        The window is ``[as_of, as_of + horizon)``; only what was recorded before `known_at` counts.

    Returns
    -------
    DataFrame
        person_id (missing where no suspect is named), incident_id, victim_id, event_time,
        recorded_time, offence, evidence, harm (days), serious.
    """
    start = instant(as_of)
    end = start + pd.Timedelta(days=task.outcome.horizon_days)
    events = all_counting_events(histories, task, instant(known_at))
    inside = (events["event_time"] >= start) & (events["event_time"] < end)
    return events[inside].reset_index(drop=True)


def all_counting_events(
    histories: EventHistories, task: Task, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Return all events that may be outcomes, named or not, as known before `known_at`."""
    known, names = instant_us(known_at), np.array(EVIDENCE)
    level = names[evidence_before(histories, known)]
    named = histories.events.assign(evidence=level)[counting_events(histories, task, known)]
    found = counting_unnamed(histories, task, known)
    unnamed = histories.unnamed.iloc[found.row].assign(evidence=names[found.level])
    events = pd.concat([named, unnamed], ignore_index=True)
    harm, _, flag = task.offences.lookup(
        events["offence"].to_numpy(dtype=object), unmapped=task.unmapped
    )
    columns = [
        "person_id", "incident_id", "victim_id", "event_time", "recorded_time", "offence",
        "evidence",
    ]  # fmt: skip
    return events[columns].assign(harm=harm, serious=is_serious(harm, flag, task.outcome))
