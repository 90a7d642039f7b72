"""A person's records that were known at a date and count, priced, as the columns that are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.histories.unmapped import unmapped_error
from riskmodel.snapshots.behind import RecordColumns
from riskmodel.snapshots.passes import counted
from riskmodel.snapshots.plain_records import (
    Record,
    Updates,
    level_before,
    number_distinct,
    people_beside,
)
from riskmodel.snapshots.plan import Plan
from riskmodel.snapshots.programme import NO_PLACE, OTHER_PLACE, class_of, declared_places
from riskmodel.snapshots.task import Task

Price = tuple[float, int, bool]
"""Harm in days, the number of the offence's group, whether it is serious."""


class KnownRecords(NamedTuple):
    """Known records as columns.

    Attributes
    ----------
    own : list of Record
        By time.
    table : int64, shape (7, n)
        As `PersonPass.run` reads it.
    columns : RecordColumns
    others : pair of lists
        For each record, the other people in its incident and at its place, as numbers; empty
        where no feature asks.
    unpriced : int
        Records whose offence has no value in the edition.
    """

    own: list[Record]
    table: NDArray[np.int64]
    columns: RecordColumns
    others: tuple[list[list[int]], list[list[int]]]
    unpriced: int


class KnownRecordsOf:
    """Finds and prices the known records of one person after another, for one task.

    Parameters
    ----------
    task : Task
    plan : Plan
    """

    def __init__(self, task: Task, plan: Plan) -> None:
        self._task = task
        self._counts: list[bool] = counted(task.feature_evidence).tolist()
        self._prices = _prices(task)
        self._groups = {name: number for number, name in enumerate(task.groups)}
        places = declared_places(plan)
        self._places = {place: OTHER_PLACE + 1 + number for number, place in enumerate(places)}
        self._n_places = OTHER_PLACE + 1 + len(places)
        self._reads_partners = plan.reads("co_accused")
        self._reads_neighbours = plan.reads("neighbours")

    def at(
        self, t: int, own: Sequence[Record], others: Sequence[Record], later: Updates, reach: int
    ) -> KnownRecords:
        """Return what was known before `t` and counts.

        Parameters
        ----------
        t : int
            Microseconds, as all times.
        own, others : sequences of Record
            The person's, and those of other people beside them.
        later : Updates
        reach : int
            Since when records of the person could exist.

        Raises
        ------
        SchemaError
            If an offence has no value, and the task does not say what it counts.
        """
        mine = self._counting(own, later, t)
        mine.sort()
        records = [record for record, _ in mine]
        prices, unpriced = self._priced(records)
        place = _codes([record.place for record in records])
        rows = [
            (r.event_time, r.recorded_time, self._class(r, group, serious), 0, 0,
             -1 if r.place is None else place[r.place], level, r.origin, group, serious)
            for (r, level), (_, group, serious) in zip(mine, prices, strict=True)
        ]  # fmt: skip
        table = np.array(rows, dtype=np.int64).reshape(-1, 10).T.copy()
        table[3] = number_distinct([record.incident for record in records])
        table[4] = number_distinct([record.victim for record in records])
        beside = self._beside(records, others, later, t)
        harm = np.array([days for days, _, _ in prices], dtype=np.float64)
        columns = self._columns(records, table, harm, beside, reach, place)
        return KnownRecords(records, table[:7], columns, beside, unpriced)

    def _counting(
        self, records: Sequence[Record], later: Updates, t: int
    ) -> list[tuple[Record, int]]:
        """Return the records that were known before `t` and count, with their evidence then."""
        known = [r for r in records if r.event_time < t and r.recorded_time < t]
        levels = [level_before(r, later, t) if later else r.evidence for r in known]
        return [(r, level) for r, level in zip(known, levels, strict=True) if self._counts[level]]

    def _beside(
        self, own: list[Record], others: Sequence[Record], later: Updates, t: int
    ) -> tuple[list[list[int]], list[list[int]]]:
        """Return the other people in each record's incident, and those at its place."""
        known = self._counting(others, later, t) if others else []
        theirs = [(r, r.person_id) for r, _ in known if r.person_id is not None]
        partners: list[list[int]] = []
        neighbours: list[list[int]] = []
        if theirs and self._reads_partners:
            incidents = [record.incident for record in own]
            partners = people_beside(incidents, [(r.incident, who) for r, who in theirs])
        if theirs and self._reads_neighbours:
            places = [record.place for record in own]
            neighbours = people_beside(places, [(r.place, who) for r, who in theirs])
        return partners, neighbours

    def _class(self, record: Record, group: int, serious: bool) -> int:
        place = NO_PLACE
        if record.place is not None:
            place = self._places.get(record.place, OTHER_PLACE)
        has_victim = record.victim is not None
        number: int = class_of(group, serious, place, has_victim, record.origin, self._n_places)
        return number

    def _priced(self, own: list[Record]) -> tuple[list[Price], int]:
        """Return what each record counts, and how many the task had to say it of."""
        found = [self._prices.get(record.offence) for record in own]
        prices = [price for price in found if price is not None]
        if unpriced := len(found) - len(prices):
            said = self._said_for(
                [r.offence for r, price in zip(own, found, strict=True) if price is None]
            )
            prices = [said if price is None else price for price in found]
        return prices, unpriced

    def _said_for(self, offences: list[str]) -> Price:
        """Return what offences without a value count."""
        table, unmapped = self._task.offences, self._task.unmapped
        if unmapped is None:
            listed = set(table.rows.offence)
            absent = [code for code in offences if code not in listed]
            valueless = [code for code in offences if code in listed]
            raise unmapped_error(table.edition, absent, valueless)
        code = unmapped.code_among(table.groups, table.edition)
        return float(unmapped.harm), code, unmapped.serious

    def _columns(
        self,
        own: list[Record],
        table: NDArray[np.int64],
        harm: NDArray[np.float64],
        beside: tuple[list[list[int]], list[list[int]]],
        reach: int,
        place: dict[str, int],
    ) -> RecordColumns:
        n = len(own)
        partners, neighbours = (
            np.array([bool(people) for people in of_all] or [False] * n, dtype=bool)
            for of_all in beside
        )
        source = np.empty(n, dtype=object)
        source[:] = [record.source_id for record in own]
        return RecordColumns(
            np.zeros(n, dtype=np.int64), table[0], table[1], table[8], table[9].astype(bool), harm,
            table[6].astype(np.int8), table[7].astype(np.int8), table[4], table[3], table[5],
            partners, neighbours, np.full(n, reach), source, self._groups, place,
        )  # fmt: skip


def _codes(values: list[str | None]) -> dict[str, int]:
    """Return numbers of distinct values, in the order they appear."""
    distinct = dict.fromkeys(value for value in values if value is not None)
    return {value: number for number, value in enumerate(distinct)}


def _prices(task: Task) -> dict[str, Price]:
    """Return what every offence counts that has a value."""
    rows = task.offences.rows
    columns = rows.values_at(np.arange(len(rows.offence)))
    listed = zip(rows.offence, *(column.tolist() for column in columns), strict=True)
    return {
        name: (harm, group, serious)
        for name, harm, group, serious in listed
        if not math.isnan(harm)
    }
