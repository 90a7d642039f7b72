"""From histories and a task to feature rows: plans the compiled pass and runs it on each core."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import EventArrays
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots import aggregate_kernel as kernel
from riskmodel.snapshots.features import COLUMNS, SCALARS, WINDOWED
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import DAY_US, instant_us, window_us

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

RULE_COLUMNS = (
    "harm_1y",
    "incidents_1y",
    "victims_1y",
    "days_since_last",
    "prior_count",
    "prior_serious",
    "decayed_serious",
    "evidence_share",
)
"""What the rules in use read; always computed, never masked."""


@dataclass(frozen=True)
class PricedEvents:
    """Harm in days, offence group and seriousness of each named event, as one edition has them."""

    harm: Floats
    group: NDArray[np.int32]
    serious: NDArray[np.bool_]


def price_events(histories: EventHistories, task: Task) -> PricedEvents:
    """Look every named event's offence up in the task's edition.

    Raises
    ------
    SchemaError
        If an offence is not in the edition and the task does not say what it counts.
    """
    arrays = histories.arrays
    harm, group, serious = task.offences.lookup(arrays.offences, unmapped=task.unmapped)
    code = arrays.offence_code
    return PricedEvents(harm[code], group[code], serious[code])


def counted(levels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return, for each evidence code, whether it is among `levels`."""
    return np.array([level in levels for level in EVIDENCE])


@dataclass(frozen=True)
class Plan:
    """Where in one person's row of accumulators each column stands."""

    windows: Ints
    slots: Ints
    window_of: Ints
    rule_slots: Ints
    n_scratch: int

    @classmethod
    def of(cls, task: Task) -> Plan:
        """Lay out the accumulators that a task's columns need."""
        features = [feature for feature in task.columns if feature.measure not in COLUMNS]
        lengths = {window_us(f.window_days) for f in features if f.measure in WINDOWED} | {
            window_us(None)
        }
        windows = np.array(sorted(lengths), dtype=np.int64)
        width = windows.size
        group_base = kernel.N_WINDOWED * width
        level_base = group_base + len(task.groups) * width
        scalar_base = level_base + len(EVIDENCE) * width
        slots, window_of = [], []
        for feature in features:
            if feature.measure in SCALARS:
                slots.append(scalar_base + SCALARS.index(feature.measure))
                window_of.append(-1)
                continue
            base = WINDOWED.index(feature.measure) * width
            if feature.group:
                base = group_base + task.groups.index(feature.group) * width
            if feature.evidence:
                base = level_base + EVIDENCE.index(feature.evidence) * width
            window = int(np.searchsorted(windows, window_us(feature.window_days)))
            slots.append(base + window)
            window_of.append(window)
        ever = width - 1
        rule_slots = [
            scalar_base + kernel.RULE_HARM,
            scalar_base + kernel.RULE_INCIDENTS,
            scalar_base + kernel.RULE_VICTIMS,
            scalar_base + kernel.LAST,
            kernel.INCIDENTS * width + ever,
            kernel.SERIOUS * width + ever,
            scalar_base + kernel.DECAYED_SERIOUS,
            scalar_base + kernel.EVIDENCE_SHARE,
        ]
        return cls(
            windows,
            np.array(slots, dtype=np.int64),
            np.array(window_of, dtype=np.int64),
            np.array(rule_slots, dtype=np.int64),
            scalar_base + kernel.N_SCALARS,
        )


def aggregate(
    histories: EventHistories,
    task: Task,
    dates: Ints,
    row_of: Ints,
    *,
    dtype: type[np.floating] = np.float32,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute the features and the rules' columns of every row.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    dates : int64 array, microseconds
        The distinct ``as_of`` dates.
    row_of : int64 array, shape (n_dates, n_persons)
        Row of each person at each date; -1 where there is none.
    dtype : numpy dtype
        Of the features; sums are float64 until written.

    Returns
    -------
    (X, rules)
        Data frames with one row for each entry of `row_of` from 0 up.
    """
    arrays, plan, priced = histories.arrays, Plan.of(task), price_events(histories, task)
    n_rows = int(row_of.max(initial=-1)) + 1
    out = np.empty((n_rows, plan.slots.size), dtype=dtype)
    rules = np.empty((n_rows, plan.rule_slots.size))
    data_start = instant_us(histories.data_start)
    reaches = (dates[:, None] - plan.windows[None, :]) >= data_start
    reaches[:, -1] = True
    pairs = pair_codes(arrays)

    def run(persons: Ints) -> None:
        kernel.aggregate(
            persons, row_of, dates, plan.windows, reaches, data_start, len(task.groups),
            len(EVIDENCE), plan.slots, plan.window_of, plan.rule_slots, arrays.person_start,
            arrays.event_time, arrays.recorded_time, priced.harm, priced.group, priced.serious,
            arrays.victim_local, arrays.incident_local, pairs, arrays.evidence0, arrays.origin,
            arrays.update_start, arrays.update_time, arrays.update_evidence,
            arrays.partner_start, arrays.partner_event, arrays.partner_local,
            counted(task.feature_evidence), *_stamps(arrays, pairs), np.empty(plan.n_scratch),
            out, rules,
        )  # fmt: skip

    _on_each_core(run, _person_shares(arrays, row_of))
    names = [feature.name for feature in task.columns if feature.measure not in COLUMNS]
    table = pd.DataFrame(out, columns=names, copy=False)
    return table, pd.DataFrame(rules, columns=list(RULE_COLUMNS), copy=False)


def pair_codes(arrays: EventArrays) -> NDArray[np.int32]:
    """Return, per event, a code of its (victim, incident) pair within the person; -1 without.

    Two records of one incident and one victim share it, so that a victim named twice in the same
    incident is not taken for a repeat victim.
    """
    with_victim = np.flatnonzero(arrays.victim_local >= 0)
    person = np.repeat(np.arange(arrays.person_start.size - 1), np.diff(arrays.person_start))
    order = np.lexsort(
        (
            arrays.incident_local[with_victim],
            arrays.victim_local[with_victim],
            person[with_victim],
        )
    )
    rows = with_victim[order]
    keys = np.stack([person[rows], arrays.victim_local[rows], arrays.incident_local[rows]])
    changes = np.ones(rows.size, dtype=bool)
    changes[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    running = np.cumsum(changes) - 1
    starts = np.ones(rows.size, dtype=bool)
    starts[1:] = keys[0, 1:] != keys[0, :-1]
    first_of_person = np.maximum.accumulate(np.where(starts, running, 0))
    codes = np.full(arrays.event_time.size, -1, dtype=np.int32)
    codes[rows] = running - first_of_person
    return codes


def _stamps(arrays: EventArrays, pairs: NDArray[np.int32]) -> list[Ints]:
    """Return the rooms for stamps that one thread needs, in the order of the compiled pass."""
    incidents, victims = _room(arrays.incident_local), _room(arrays.victim_local)
    partners = _room(arrays.partner_local)
    sizes = [incidents, incidents, victims, _room(pairs), partners, incidents, victims, victims]
    return [np.zeros(size, dtype=np.int64) for size in sizes]


def _room(codes: NDArray[np.int32]) -> int:
    return int(codes.max(initial=0)) + 1


def _person_shares(arrays: EventArrays, row_of: Ints) -> list[Ints]:
    """Split the people with rows into shares of about the same number of events, one per core."""
    wanted = np.flatnonzero((row_of >= 0).any(axis=0)).astype(np.int64)
    work = np.cumsum(np.diff(arrays.person_start)[wanted] + 1)
    n_shares = max(1, min(os.cpu_count() or 1, wanted.size // 256))
    if n_shares == 1:
        return [wanted]
    cuts = np.searchsorted(work, np.linspace(0, work[-1], n_shares + 1)[1:-1])
    return np.split(wanted, cuts)


def _on_each_core(run: Callable[[Ints], None], shares: list[Ints]) -> None:
    if len(shares) == 1:
        run(shares[0])
        return
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(run, shares))


def days_between(later: Ints, earlier: pd.Series) -> Floats:
    """Return the days from `earlier` to `later`, NaN where `earlier` is missing."""
    before = earlier.to_numpy(dtype="datetime64[us]")
    days = (later - before.astype(np.int64)) / DAY_US
    return np.where(np.isnat(before), np.nan, days)
