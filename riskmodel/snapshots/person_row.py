"""One person's row from plain records, with no table in between: for answers in microseconds.

What does not change from person to person (the pass, the prices of offences, room to work in) is
made once and kept in a `PersonRows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.histories.links import no_links
from riskmodel.snapshots import aggregate_kernel as kernel
from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.aggregate import RULE_COLUMNS, Pass, counted, make_room
from riskmodel.snapshots.plain_records import (
    MISSING_TIME,
    Record,
    Updates,
    as_records,
    asked_for,
    join_others,
    number_distinct,
    read_date,
    read_moment,
    read_number,
    read_record,
    read_updates,
)
from riskmodel.snapshots.programme import NO_PLACE, OTHER_PLACE, class_of, declared_places
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us, window_us

_EVERY_INCIDENT = RULE_COLUMNS.index("prior_count")
_FIRST = np.zeros(1, dtype=np.int64)
_ONE_ROW = np.zeros((1, 1), dtype=np.int64)
_NO_CUSTODY = np.zeros((0, 0, 0), dtype=np.int64)


class PersonRow(NamedTuple):
    """One row as `features_at` would make it: features, and what the rules in use read."""

    features: NDArray[np.float32]
    rules: NDArray[np.float64]


class PersonRows:
    """Makes rows of one person at a time for a task; each thread needs one of its own.

    Parameters
    ----------
    task : Task
    data_start : date-like
        From when the records are complete.

    Examples
    --------
    >>> from riskmodel.histories.offences import OffenceTable
    >>> from riskmodel.snapshots.features import Feature
    >>> task = Task(offences=OffenceTable.cambridge(), features=(Feature("count", 365),))
    >>> rows = PersonRows(task, data_start="2008-01-01")
    >>> report = {"source_id": "r1", "event_time": "2011-03-01T10:00",
    ...           "recorded_time": "2011-03-05T09:00", "offence": "105A"}
    >>> rows.row([report], as_of="2012-01-01").features.tolist()
    [1.0]
    """

    def __init__(self, task: Task, *, data_start: Any) -> None:
        self._task = task
        self._pass = Pass.of(task)
        self._start = instant_us(data_start)
        self._counts = counted(task.feature_evidence)
        self._prices: dict[str, tuple[float, int, bool]] = {}
        self._places = {
            place: OTHER_PLACE + 1 + number
            for number, place in enumerate(declared_places(self._pass.plan))
        }
        self._spans = np.array([window_us(days) for days in self._pass.plan.spans], dtype=np.int64)
        self._room, self._size = make_room(self._pass.programme, 64, 64), 64

    def row(
        self,
        records: Iterable[Mapping[str, Any]],
        *,
        as_of: Any,
        person_id: object = None,
        person: Mapping[str, Any] | None = None,
        updates: Iterable[Mapping[str, Any]] = (),
        spells: Iterable[Mapping[str, Any]] = (),
    ) -> PersonRow:
        """Return one person's row as of a date.

        Parameters
        ----------
        records : iterable of mapping
            Events with the columns of the events table: the person's, and those of other people
            in the same incidents and places, without which these cannot be counted.
        as_of : date-like
        person_id : optional
            Whose row; needed where `records` name several people.
        person : mapping, optional
            Columns of the people table that the task's features read, and ``recordable_from``.
        updates : iterable of mapping
            What became of the records: source_id, recorded_time, evidence.
        spells : iterable of mapping
            Custody; only read where the task has rates per year at risk, and then refused: these
            need tables.

        Returns
        -------
        PersonRow
            Bit-equal to the row that `features_at` makes from the same records.

        Raises
        ------
        NotScorableError
            If nothing that counts was known of the person before `as_of`.
        SchemaError
            If a record lacks a field, or one cannot be.

        Notes
        -----
        Whether the person is in the task's cohort is not asked. A time with an offset is converted
        to UTC; one without is taken to be in UTC.
        """
        if self._spans.size and any(True for _ in spells):
            raise SchemaError(
                "spells: the task has rates per year at risk, which take custody off; give tables "
                "to build_snapshots or score instead"
            )
        known = [read_record(record) for record in records]
        who = asked_for(known, person_id)
        own = sorted(record for record in known if record.person_id == who)
        others = [record for record in known if record.person_id != who]
        later = read_updates(updates)
        t = read_moment(as_of, "as_of")
        row = self._run(own, others, later, t, person or {})
        if not row.rules[_EVERY_INCIDENT]:
            raise NotScorableError("no record that counts was known before as_of")
        return row

    def _run(
        self,
        own: list[Record],
        others: list[Record],
        later: Updates,
        t: int,
        person: Mapping[str, Any],
    ) -> PersonRow:
        plan = self._pass.plan
        records, other_records = as_records(own, later), as_records(others, later)
        partners = neighbours = no_links(len(own), other_records)
        if others and plan.reads("co_accused"):
            partners = join_others(own, others, other_records, "incident")
        if others and plan.reads("neighbours"):
            neighbours = join_others(own, others, other_records, "place")
        out = np.empty((1, len(plan.columns)), dtype=np.float32)
        rules = np.empty((1, len(plan.rules)))
        kernel.aggregate(
            _FIRST, _ONE_ROW, np.array([t]), self._pass.programme, self._pass.columns,
            self._pass.rules, records, self._events(own), partners, neighbours,
            self._people(person), self._fresh_room(len(own) + len(others)), out, rules,
        )  # fmt: skip
        return PersonRow(out[0], rules[0])

    def _events(self, own: list[Record]) -> ops.Events:
        prices = [self._price(record.offence) for record in own]
        n_places = OTHER_PLACE + 1 + len(self._places)
        classes = [
            class_of(group, serious, self._place(record.place), record.victim is not None,
                     record.origin, n_places)
            for record, (_, group, serious) in zip(own, prices, strict=True)
        ]  # fmt: skip
        local = np.array(
            [
                number_distinct([record.incident for record in own]),
                number_distinct([record.victim for record in own]),
                number_distinct([record.place for record in own]),
            ],
            dtype=np.int32,
        )
        return ops.Events(
            np.array([0, len(own)]),
            np.array([harm for harm, _, _ in prices]),
            np.array(classes, dtype=np.int32),
            local[0],
            local[1],
            local[2],
            self._counts,
        )

    def _people(self, person: Mapping[str, Any]) -> ops.People:
        plan = self._pass.plan
        born = read_date(person, "birth_date")
        since = read_date(person, "recordable_from")
        reach = max(self._start, since if since != MISSING_TIME else born)
        dates = [read_date(person, name) for name in plan.person_dates]
        numbers = [read_number(person.get(name)) for name in plan.person_numbers]
        return ops.People(
            np.array([reach]),
            np.array(dates, dtype=np.int64).reshape(-1, 1),
            np.array(numbers, dtype=np.float64).reshape(-1, 1),
            self._spans,
            _NO_CUSTODY,
        )

    def _price(self, offence: str) -> tuple[float, int, bool]:
        if offence not in self._prices:
            harm, group, serious = self._task.offences.lookup(
                [offence], unmapped=self._task.unmapped
            )
            self._prices[offence] = (float(harm[0]), int(group[0]), bool(serious[0]))
        return self._prices[offence]

    def _place(self, place: object) -> int:
        return NO_PLACE if place is None else self._places.get(str(place), OTHER_PLACE)

    def _fresh_room(self, needed: int) -> ops.Room:
        if needed >= self._size:
            self._size = 2 * needed
            self._room = make_room(self._pass.programme, self._size, self._size)
        self._room.seen.fill(0)
        self._room.repeat_seen.fill(0)
        return self._room
