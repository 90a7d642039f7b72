"""One person's known records, priced, as columns."""

from dataclasses import replace

import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.problems import Problems
from riskmodel.histories.unmapped import Unmapped
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.known_records import KnownRecordsOf
from riskmodel.snapshots.plain_records import read_records
from riskmodel.snapshots.plan import make_plan
from riskmodel.snapshots.task import Task
from tests.snapshots.drawn import OFFENCES

TASK = Task(offences=OFFENCES, features=(Feature("co_accused"), Feature("count", place="bar")))
DAY = 86_400_000_000
REPORT = {
    "source_id": "r1",
    "person_id": "p1",
    "event_time": "1970-01-02",
    "recorded_time": "1970-01-03",
    "offence": "wound",
    "incident_id": "i1",
}


def known(own, others=(), *, task=TASK, t=9 * DAY, later=None):
    problems = Problems()
    mine = read_records([{**REPORT, **row} for row in own], problems)
    theirs = read_records([{**REPORT, **row} for row in others], problems) if others else []
    problems.raise_any()
    of = KnownRecordsOf(task, make_plan(task.columns))
    return of.at(t, mine, theirs, later or {}, reach=0)


def test_only_what_was_known_and_counts_is_there_and_stands_by_time():
    rows = (
        {"source_id": "b", "event_time": "1970-01-03"},
        {"source_id": "a"},
        {"source_id": "c", "evidence": "cancelled"},
        {"source_id": "d", "recorded_time": "1970-01-10"},
    )
    assert list(known(rows).columns.source_id) == ["a", "b"]
    later = {"a": [(8 * DAY, 8)], "c": [(8 * DAY, 2), (9 * DAY, 8)]}
    assert list(known(rows, later=later).columns.source_id) == ["c", "b"]
    assert known(rows, t=2 * DAY).columns.source_id.size == 0


def test_other_people_count_once_known_and_only_where_they_are_named():
    others = (
        {"source_id": "x", "person_id": "p2"},
        {"source_id": "y", "person_id": None},
        {"source_id": "z", "person_id": "p3", "recorded_time": "1970-01-09"},
        {"source_id": "w", "person_id": "p2", "offence": "nobody prices it"},
    )
    found = known([{}, {"source_id": "r2", "incident_id": None}], others)
    assert found.others == ([[0, 1], []], [])
    assert found.columns.with_others.tolist() == [True, False]
    assert known([{}], others, t=8 * DAY).others == ([[0]], [])


def test_what_has_no_value_counts_what_the_task_says():
    rows = [{}, {"source_id": "r2", "offence": "piracy"}]
    with pytest.raises(SchemaError, match="does not hold piracy"):
        known(rows)
    task = replace(TASK, unmapped=Unmapped(harm=3, group="theft", serious=True))
    found = known(rows, task=task)
    assert found.unpriced == 1
    assert found.columns.harm.tolist() == [1460.0, 3.0]
    assert found.columns.group.tolist() == [OFFENCES.groups.index(g) for g in ("violence", "theft")]
    with pytest.raises(SchemaError, match="not a group"):
        known(rows, task=replace(TASK, unmapped=Unmapped(harm=3, group="unheard of")))
