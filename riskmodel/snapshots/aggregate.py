"""From histories and a task to feature rows: readies the compiled pass and runs it on each core."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import EventArrays
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots import aggregate_kernel as kernel
from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.material import Material
from riskmodel.snapshots.passes import RULE_COLUMNS, Pass, counted, make_room
from riskmodel.snapshots.programme import classes
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import window_us

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PERSONS_A_SHARE = 256


@dataclass(frozen=True)
class PricedEvents:
    """Harm in days, offence group and seriousness of each named event, as one edition has them."""

    harm: Floats
    group: NDArray[np.int32]
    serious: NDArray[np.bool_]


def price_arrays(arrays: EventArrays, task: Task) -> PricedEvents:
    """Look every named event's offence up in the task's edition.

    Raises
    ------
    SchemaError
        If an offence is not in the edition and the task does not say what it counts.
    """
    harm, group, serious = task.offences.lookup(arrays.offences, unmapped=task.unmapped)
    code = arrays.offence_code
    return PricedEvents(harm[code], group[code], serious[code])


def price_events(histories: EventHistories, task: Task) -> PricedEvents:
    """Look every named event's offence up in the task's edition; see `price_arrays`."""
    return price_arrays(histories.arrays, task)


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
        The distinct ``as_of`` dates, rising.
    row_of : int64 array, shape (n_dates, n_persons)
        Row of each person at each date; -1 where there is none.
    dtype : numpy dtype
        Of the features; sums are float64 until written.

    Returns
    -------
    (X, rules)
        Data frames with one row for each entry of `row_of` from 0 up.
    """
    ready = Pass.of(task)
    n_rows = int(row_of.max(initial=-1)) + 1
    out = np.empty((n_rows, len(ready.plan.columns)), dtype=dtype)
    rules = np.empty((n_rows, len(RULE_COLUMNS)))
    run_pass(ready, Material.of(histories, ready.plan, dates), task, dates, row_of, out, rules)
    names = [feature.name for feature in ready.plan.columns]
    table = pd.DataFrame(out, columns=names, copy=False)
    return table, pd.DataFrame(rules, columns=list(RULE_COLUMNS), copy=False)


def run_pass(
    ready: Pass,
    material: Material,
    task: Task,
    dates: Ints,
    row_of: Ints,
    out: NDArray[Any],
    rules: Floats,
    *,
    n_threads: int | None = None,
) -> None:
    """Fill the rows of `out` and `rules`, each core a share of the persons.

    Parameters
    ----------
    n_threads : int, optional
        By default as many as there are cores.
    """
    arrays = material.arrays
    priced = price_arrays(arrays, task)
    events = ops.Events(
        arrays.person_start,
        priced.harm,
        classes(ready.plan, arrays, priced.group, priced.serious),
        arrays.incident_local,
        arrays.victim_local,
        arrays.place_local,
        counted(task.feature_evidence),
    )
    spans = np.array([window_us(span) for span in ready.plan.spans], dtype=np.int64)
    people = ops.People(material.reach, material.dates, material.numbers, spans, material.custody)
    partners, neighbours = material.links(ready.plan)
    most = max(
        int(codes.max(initial=0)) + 1
        for codes in (events.incident, events.victim, events.place, partners.person,
                      neighbours.person)
    )  # fmt: skip
    longest = int(np.diff(arrays.person_start).max(initial=0))

    def run(persons: Ints) -> None:
        kernel.aggregate(
            persons, row_of, dates, ready.programme, ready.columns, ready.rules, arrays.records,
            events, partners, neighbours, people, make_room(ready.programme, most, longest), out,
            rules,
        )  # fmt: skip

    _on_each_core(run, _person_shares(arrays, row_of, n_threads or os.cpu_count() or 1))


def _person_shares(arrays: EventArrays, row_of: Ints, n_threads: int) -> list[Ints]:
    """Split the people with rows into shares of about the same number of events."""
    wanted = np.flatnonzero((row_of >= 0).any(axis=0)).astype(np.int64)
    work = np.cumsum(np.diff(arrays.person_start)[wanted] + 1)
    n_shares = max(1, min(n_threads, wanted.size // PERSONS_A_SHARE))
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
