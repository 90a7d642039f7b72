"""One person's row from plain records, with no table in between: for answers in microseconds.

What does not change from person to person (the pass, the prices of offences, room to work in) is
made once and kept in a `PersonRows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.histories.moments import to_microseconds
from riskmodel.histories.problems import Problems
from riskmodel.snapshots.behind import RecordColumns
from riskmodel.snapshots.cohort import STATUSES
from riskmodel.snapshots.known_records import KnownRecordsOf
from riskmodel.snapshots.passes import Pass
from riskmodel.snapshots.person_pass import PersonColumns, PersonPass
from riskmodel.snapshots.plain_people import (
    Life,
    Spell,
    check_life,
    in_custody,
    lacking_columns,
    read_life,
    read_number,
    read_spells,
    time_in_custody,
)
from riskmodel.snapshots.plain_records import (
    MISSING_TIME,
    Record,
    Row,
    asked_for,
    read_records,
    read_text,
    read_time,
    read_updates,
)
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import window_us

SCORED, NO_RECORD, OUTSIDE, CUSTODY, DIED, LEFT = STATUSES
_EPOCH = datetime(1970, 1, 1)


class PersonRow(NamedTuple):
    """One row as `features_at` would make it, and what it rests on.

    Attributes
    ----------
    features : float32, shape (p,)
        Computed whatever the status.
    rules : float64, shape (r,)
        What the rules in use read.
    status : str
        ``scored``, or why the person is not in the cohort: one of `cohort.STATUSES`.
    lacking : tuple of str
        Columns of the people table that the task reads and nothing was said of: their features
        are missing.
    records : RecordColumns
        The records that were known and count.
    warnings : tuple of str
        Plain sentences, without personal data.
    """

    features: NDArray[np.float32]
    rules: NDArray[np.float64]
    status: str
    lacking: tuple[str, ...]
    records: RecordColumns
    warnings: tuple[str, ...]


class PersonRows:
    """Makes rows of one person at a time for a task. One is for one thread: it has one memory.

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
    >>> report = {"source_id": "r1", "person_id": "p1", "event_time": "2011-03-01T10:00",
    ...           "recorded_time": "2011-03-05T09:00", "offence": "105A"}
    >>> row = rows.row([report], as_of="2012-01-01")
    >>> row.status, row.features.tolist()
    ('scored', [1.0])
    """

    def __init__(self, task: Task, *, data_start: Any) -> None:
        self._task = task
        self._ready = Pass.of(task)
        self._pass = PersonPass(self._ready, task.feature_evidence)
        self._start = to_microseconds(data_start, "data_start")
        self._records = KnownRecordsOf(task, self._ready.plan)
        self._windows = [window_us(days) for days in self._ready.plan.spans]
        self._wanted = _columns_read(task)

    def row(
        self,
        records: Iterable[Row],
        *,
        as_of: Any,
        person_id: object = None,
        person: Row | None = None,
        updates: Iterable[Row] = (),
        spells: Iterable[Row] = (),
        having: bool | None = None,
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
            Columns of the people table: what the task's features read, the dates of life, and
            ``recordable_from``.
        updates : iterable of mapping
            What became of the records: source_id, recorded_time, evidence.
        spells : iterable of mapping
            Custody and other absences: person_id, start, recorded_time, end, kind.
        having : bool, optional
            Whether the person has the characteristic that the cohort is restricted by; needed
            only where it is.

        Returns
        -------
        PersonRow
            Bit-equal to the row that `features_at` makes from the same records, where the status
            is "scored".

        Raises
        ------
        NotScorableError
            If no record names the person.
        SchemaError
            All that is wrong with the records, at once, as `EventHistories` says it; an offence
            that the edition has no value for, unless the task says what it counts.

        Notes
        -----
        A time with an offset is converted to UTC; one without is taken to be in UTC. Nobody is
        asked whether times that are all midnights are dates: an event on a day is not known as of
        that day.
        """
        t = self._moment(as_of)
        about = {} if person is None else person
        problems = Problems()
        found = read_records(records, problems)
        try:
            asked = asked_for(found, person_id)
        except NotScorableError:
            problems.raise_any()  # they may be why
            raise
        own = [record for record in found if record.person_id == asked]
        later = read_updates(updates, found, problems)
        life = read_life(about, problems)
        check_life(own, life, problems)
        named = (record.person_id for record in found)
        told = read_spells(spells, named, asked, t, problems)
        columns = self._person_columns(about, life, told, t, problems)
        if read_text(about.get("person_id")) not in (None, asked):
            problems.add("people", "person_id", "not the person asked for")
        problems.raise_any()
        others = [record for record in found if record.person_id != asked]
        known = self._records.at(t, own, others, later, columns.reach)
        status = self._status(known.own, life, told, t, having)
        features, rules = self._pass.run(t, known.table, known.columns.harm, known.others, columns)
        lacking = lacking_columns(self._wanted, about)
        warnings = self._warnings(known.unpriced)
        return PersonRow(features, rules, status, lacking, known.columns, warnings)

    def _moment(self, as_of: Any) -> int:
        t = to_microseconds(as_of, "as_of")
        if t < self._start:
            raise SchemaError(
                f"as_of: {_day(t)} given, before the data begin on {_day(self._start)}"
            )
        return t

    def _person_columns(
        self, about: Row, life: Life, told: Sequence[Spell], t: int, problems: Problems
    ) -> PersonColumns:
        """Read what the features ask of the people table, and of custody."""
        plan = self._ready.plan
        since = life.born if life.recordable_from == MISSING_TIME else life.recordable_from
        reach = max(self._start, since)
        dates = [
            life.born
            if name == "birth_date"
            else read_time(about.get(name), "people", name, problems)
            for name in plan.person_dates
        ]
        numbers = [read_number(about.get(name), name, problems) for name in plan.person_numbers]
        begins = [max(t - length, min(reach, t)) for length in self._windows]
        return PersonColumns(reach, dates, numbers, time_in_custody(told, begins, t))

    def _status(
        self, own: list[Record], life: Life, told: list[Spell], t: int, having: bool | None
    ) -> str:
        """Return why the person is in the cohort or not; the gravest reason wins."""
        cohort = self._task.cohort
        if cohort.only is not None and having is None:
            raise SchemaError(
                f"the cohort is restricted by {cohort.only[0]!r}: say with having= whether the "
                f"person's is {cohort.only[1]!r}"
            )
        if life.died != MISSING_TIME and life.died < t:
            return DIED
        if life.left != MISSING_TIME and life.left < t:
            return LEFT
        if cohort.only is not None and not having:
            return OUTSIDE
        if not own:
            return NO_RECORD
        length = window_us(cohort.lookback_days)
        incidents = {record.incident for record in own if t - record.event_time <= length}
        if len(incidents) < cohort.min_incidents:
            return OUTSIDE
        return CUSTODY if cohort.exclude_in_custody and in_custody(told, t) else SCORED

    def _warnings(self, unpriced: int) -> tuple[str, ...]:
        if not unpriced:
            return ()
        who = "1 record has" if unpriced == 1 else f"{unpriced} records have"
        return (
            f"{who} an offence code that edition {self._task.offences.edition} has no value for: "
            "counted as the task states",
        )


def _columns_read(task: Task) -> dict[str, tuple[str, ...]]:
    """Return the columns of the people table that a task's features read, of which one will do."""
    wanted: dict[str, tuple[str, ...]] = {}
    for leaf in (leaf for column in task.columns for leaf in column.leaves):
        if leaf.measure == "age":
            wanted["birth_date or birth_year"] = ("birth_date", "birth_year")
        elif leaf.column:
            wanted[leaf.column] = (leaf.column,)
    return wanted


def _day(t: int) -> str:
    return f"{_EPOCH + timedelta(microseconds=t):%Y-%m-%d}"
