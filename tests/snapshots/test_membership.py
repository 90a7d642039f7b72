import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.build import build_snapshots, features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task

OFFENCES = OffenceTable.from_frame(
    pd.DataFrame({"offence": ["a"], "harm": [1.0], "group": ["g"], "serious": [False]}),
    edition="test",
    source="made for the test",
)


def histories(**tables):
    events = pd.DataFrame(
        [
            ("e1", "ann", "2010-01-01", "2010-01-02", "i1"),
            ("e2", "ann", "2010-01-01", "2010-01-02", "i1"),
            ("e3", "ben", "2010-05-01", "2010-05-02", "i2"),
            ("e4", "ben", "2010-06-01", "2010-06-02", "i3"),
            ("e5", "cat", "2010-06-01", "2011-06-02", "i4"),
            ("e6", "dan", "2008-06-01", "2008-06-02", "i5"),
        ],
        columns=["source_id", "person_id", "event_time", "recorded_time", "incident_id"],
    ).assign(offence="a")
    people = tables.pop("people", None)
    return EventHistories(
        events, people, dates_only=True, data_start="2005-01-01", data_end="2015-01-01", **tables
    )


def statuses(cohort, as_of="2011-01-01", groups=None, **tables):
    task = Task(offences=OFFENCES, cohort=cohort, features=(Feature("count", 365),))
    table = features_at(histories(**tables), task, as_of, groups=groups)
    return dict(zip(table.person_id, table.status, strict=True))


def test_who_is_in_and_why_the_others_are_not():
    assert statuses(Cohort()) == {
        "ann": "scored",
        "ben": "scored",
        "cat": "no record before as_of",
        "dan": "not in the cohort",
    }


def test_two_records_of_one_incident_are_one_incident():
    assert statuses(Cohort.v100())["ann"] == "not in the cohort"
    assert statuses(Cohort.v100())["ben"] == "scored"


def test_the_first_day_of_the_window_is_in_it_and_the_day_before_is_not():
    assert statuses(Cohort(lookback_days=365), "2011-01-01")["ann"] == "scored"
    assert statuses(Cohort(lookback_days=364), "2011-01-01")["ann"] == "not in the cohort"


def test_a_cancelled_record_puts_nobody_in_the_cohort():
    updates = pd.DataFrame(
        {
            "source_id": ["e1", "e2"],
            "recorded_time": ["2010-07-01", "2010-07-01"],
            "evidence": "cancelled",
        }
    )
    assert statuses(Cohort(), "2010-07-01", updates=updates)["ann"] == "scored"
    assert statuses(Cohort(), "2010-07-02", updates=updates)["ann"] == "no record before as_of"


def test_the_dead_and_the_gone_have_no_row():
    people = pd.DataFrame(
        {
            "person_id": ["ann", "ben"],
            "death_date": ["2010-12-31", None],
            "left_date": [None, "2010-12-31"],
        }
    )
    found = statuses(Cohort(), people=people)
    assert (found["ann"], found["ben"]) == ("died before as_of", "left before as_of")


def test_custody_counts_as_known_before_the_date():
    spells = pd.DataFrame(
        {
            "person_id": ["ann", "ben"],
            "start": ["2010-12-01", "2010-12-01"],
            "recorded_time": ["2010-12-02", "2011-01-01"],
            "end": [None, None],
            "kind": "custody",
        }
    )
    found = statuses(Cohort(exclude_in_custody=True), spells=spells)
    assert (found["ann"], found["ben"]) == ("in custody", "scored")


def test_a_cohort_of_one_sex_needs_the_groups_table():
    groups = pd.DataFrame({"person_id": ["ann", "ben"], "sex": ["Female", "Male"]})
    cohort = Cohort.v100(accused_of_more_than_one=False, men_only=True)
    assert statuses(cohort, groups=groups)["ann"] == "not in the cohort"
    assert statuses(cohort, groups=groups)["ben"] == "scored"
    with pytest.raises(SchemaError, match="groups="):
        statuses(cohort)


def test_nobody_in_the_cohort_is_a_clear_error():
    task = Task(offences=OFFENCES, cohort=Cohort(min_incidents=9), features=(Feature("count"),))
    with pytest.raises(SchemaError, match="nobody is in the cohort"):
        build_snapshots(histories(), task, as_of="2011-01-01", late_allowance_days=0)


def test_a_spell_told_again_when_it_has_ended_is_over():
    spells = pd.DataFrame(
        {
            "person_id": ["ann", "ann"],
            "start": ["2010-03-01", "2010-03-01"],
            "recorded_time": ["2010-03-01", "2010-04-02"],
            "end": [None, "2010-04-01"],
            "kind": "custody",
        }
    )
    cohort = Cohort(exclude_in_custody=True)
    assert statuses(cohort, "2010-04-01", spells=spells)["ann"] == "in custody"
    assert statuses(cohort, "2011-01-01", spells=spells)["ann"] == "scored"
