"""What the compiled pass reads of persons besides their events: dates, numbers, days in custody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import EventArrays, microseconds
from riskmodel.histories.links import Links, no_links
from riskmodel.histories.tables import HistoryTables
from riskmodel.histories.time_at_risk import custody_segments, time_inside
from riskmodel.snapshots.plan import Plan
from riskmodel.snapshots.windows import instant_us, window_us

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """What the compiled pass reads of some persons, with no pandas in it.

    Attributes
    ----------
    arrays : EventArrays
    reach : int64, shape (n_persons,)
        Since when records of each person could exist: the data's start, or later.
    dates : int64, shape (n_columns, n_persons)
        Of the people table, as the plan lists them; the smallest int64 where missing.
    numbers : float64, shape (n_columns, n_persons)
    custody : int64, shape (n_spans, n_dates, n_persons) or (0, 0, 0)
        Microseconds of each span at risk spent in custody, as known at each date.
    partners, neighbours : Links or None
        None: as `arrays` has them, where a column asks.
    """

    arrays: EventArrays
    reach: Ints
    dates: Ints
    numbers: Floats
    custody: Ints
    partners: Links | None = None
    neighbours: Links | None = None

    @classmethod
    def of(cls, histories: HistoryTables, plan: Plan, dates: Ints) -> Material:
        """Gather what a plan reads of histories."""
        people = histories.people
        reach = reach_of(people, histories.data_start)
        return cls(
            histories.arrays,
            reach,
            moments(people, plan.person_dates),
            numbers(people, plan.person_numbers),
            custody_times(histories, plan, dates, reach),
        )

    def links(self, plan: Plan) -> tuple[Links, Links]:
        """Return partners and neighbours; where no column asks for them, none."""
        nobody = no_links(self.arrays.event_time.size, self.arrays.records)
        partners = neighbours = nobody
        if plan.reads("co_accused"):
            partners = self.arrays.partners if self.partners is None else self.partners
        if plan.reads("neighbours"):
            neighbours = self.arrays.neighbours if self.neighbours is None else self.neighbours
        return partners, neighbours


def reach_of(people: pd.DataFrame, data_start: pd.Timestamp) -> Ints:
    """Return since when records of each person could exist, in microseconds."""
    since = microseconds(people["recordable_from"].fillna(people["birth_date"]))
    return np.maximum(since, instant_us(data_start))


def moments(people: pd.DataFrame, names: tuple[str, ...]) -> Ints:
    """Return columns of dates, one row a column, in microseconds; one that is absent is missing."""
    people = people.reindex(columns=list(names))
    table = [microseconds(pd.to_datetime(people[name])) for name in names]
    return np.array(table, dtype=np.int64).reshape(len(names), len(people))


def numbers(people: pd.DataFrame, names: tuple[str, ...]) -> Floats:
    """Return columns of numbers, one row a column; missing, or an absent column, is NaN."""
    people = people.reindex(columns=list(names))
    table = [
        pd.to_numeric(people[name]).to_numpy(dtype=np.float64, na_value=np.nan) for name in names
    ]
    return np.array(table, dtype=np.float64).reshape(len(names), len(people))


def custody_times(histories: HistoryTables, plan: Plan, dates: Ints, reach: Ints) -> Ints:
    """Return the microseconds in custody within each span before each date, as known then."""
    if not plan.spans or not len(histories.spells):
        return np.zeros((0, 0, 0), dtype=np.int64)
    times = np.zeros((len(plan.spans), dates.size, reach.size), dtype=np.int64)
    person = np.arange(reach.size)
    for k, date in enumerate(dates):
        segments = custody_segments(histories, int(date))
        until_date = time_inside(segments, person, np.full(reach.size, date))
        for number, span in enumerate(plan.spans):
            begin = np.maximum(date - window_us(span), np.minimum(reach, date))
            times[number, k] = until_date - time_inside(segments, person, begin)
    return times
