import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.cross_checks import (
    HISTORY_TABLES,
    check_histories,
    is_among,
    raise_or_set_aside,
    year_start,
)

EVENTS = """
source_id person_id event_time       recorded_time    offence
e1        p1        2010-01-01T10:00 2010-01-02T00:00 A
e2        .         2010-01-05T10:00 2010-01-05T10:00 B
"""


def check(*, cascade=False, data_end=None, recorded_time=None, dates_only=False, **tables):
    return check_histories(
        {name: tables.get(name) for name in HISTORY_TABLES},
        recorded_time=recorded_time,
        dates_only=dates_only,
        data_end=data_end,
        cascade=cascade,
    )


def sentences(checked):
    return [str(problem) for table in checked.values() for problem in table.problems]


def test_good_tables_have_no_problem(table):
    updates = table("source_id recorded_time evidence\ne1 2010-02-01 charge")
    spells = table("person_id start recorded_time\np1 2010-03-01 2010-03-01")
    assert sentences(check(events=table(EVENTS), updates=updates, spells=spells)) == []


@pytest.mark.parametrize(
    ("person", "flagged"),
    [
        ("birth_date 2010-01-02", True),
        ("birth_date 2010-01-01", False),
        ("birth_year 2011", True),
        ("birth_year 2010", False),
        ("death_date 2009-12-31", True),
        ("death_date 2010-01-01", False),
    ],
)
def test_an_event_lies_within_its_persons_life(table, person, flagged):
    column, value = person.split()
    people = table(f"person_id {column}\np1 {value}")
    checked = check(events=table(EVENTS), people=people)
    assert checked["events"].invalid.tolist() == [flagged, False]


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ("e9 2010-02-01", "updates.source_id: in no row of events, in 1 row"),
        ("e1 2009-12-31", "updates.recorded_time: before its event happened, in 1 row"),
    ],
)
def test_an_update_follows_an_event_that_is_there(table, update, sentence):
    updates = table(f"source_id recorded_time evidence\n{update} charge")
    assert sentences(check(events=table(EVENTS), updates=updates)) == [sentence]


def test_updates_of_unnamed_events_are_good(table):
    updates = table("source_id recorded_time evidence\ne2 2010-02-01 cancelled")
    assert sentences(check(events=table(EVENTS), updates=updates)) == []


@pytest.mark.parametrize("name", ["spells", "actions"])
def test_spells_and_actions_are_of_persons_who_are_known(table, name):
    rows = table(
        "person_id start recorded_time\np1 2010-02-01 2010-02-01\np9 2010-02-01 2010-02-01"
    )
    checked = check(events=table(EVENTS), **{name: rows})
    assert sentences(checked) == [f"{name}.person_id: in no row of events or people, in 1 row"]


def test_nothing_is_recorded_at_or_after_the_end(table):
    updates = table("source_id recorded_time evidence\ne1 2010-02-01 charge")
    checked = check(
        events=table(EVENTS), updates=updates, data_end=pd.Timestamp("2010-01-05 10:00")
    )
    assert sentences(checked) == [
        "events.recorded_time: at or after data_end, in 1 row",
        "updates.recorded_time: at or after data_end, in 1 row",
    ]


def test_what_hangs_on_a_row_set_aside_goes_with_it(table):
    events = table(EVENTS)
    events.loc[0, "offence"] = None
    updates = table("source_id recorded_time evidence\ne1 2010-02-01 charge")
    spells = table("person_id start recorded_time\np1 2010-02-01 2010-02-01")
    tables = {"events": events, "updates": updates, "spells": spells}
    assert len(sentences(check(**tables))) == 1
    assert sentences(check(**tables, cascade=True))[1:] == [
        "updates.source_id: its event is set aside, in 1 row",
        "spells.person_id: the person's other rows are set aside, in 1 row",
    ]


def test_dates_for_times_must_be_said(table):
    events = table(EVENTS.replace("T10:00", "").replace("T00:00", ""))
    assert "say dates_only=True" in sentences(check(events=events))[0]
    assert sentences(check(events=events, dates_only=True)) == []
    assert sentences(check(events=table(EVENTS), dates_only=True)) == []
    assert sentences(check(events=events.iloc[:0])) == []


def test_a_missing_recorded_time_must_be_said(table):
    events = table(EVENTS).drop(columns="recorded_time")
    (sentence,) = sentences(check(events=events))
    assert sentence.startswith("events.recorded_time: the column is missing; say recorded_time=")
    said = check(events=events, recorded_time="event_time")
    assert sentences(said) == []
    assert said["events"].frame["recorded_time"].equals(said["events"].frame["event_time"])
    assert "leave out" in sentences(check(events=table(EVENTS), recorded_time="event_time"))[0]
    with pytest.raises(SchemaError, match="only 'event_time'"):
        check(events=events, recorded_time="start")


def test_times_with_and_without_an_offset_do_not_meet(table):
    events = table(EVENTS)
    events["recorded_time"] += "Z"
    said = sentences(check(events=events))
    assert len(said) == 1
    assert "in events.recorded_time, without one in events.event_time" in said[0]


def test_dates_of_life_may_stand_beside_times_with_an_offset(table):
    events = table(EVENTS)
    events[["event_time", "recorded_time"]] += "Z"
    assert (
        sentences(check(events=events, people=table("person_id birth_date\np1 1980-01-01"))) == []
    )


def test_everything_wrong_in_every_table_is_one_error(table):
    checked = check(
        events=table(EVENTS).assign(offence=None),
        people=table("person_id birth_year sex\np1 999 F"),
        updates=table("source_id recorded_time evidence\ne9 2010-02-01 hearsay"),
        spells=table("person_id start\np1 soon"),
    )
    with pytest.raises(SchemaError) as caught:
        raise_or_set_aside(checked, set_aside=False)
    text = str(caught.value)
    for part in (
        "events.offence: missing, in 2 rows",
        "updates.source_id: in no row of events, in 1 row",
        "updates.evidence: not one of",
        "people.sex: a protected characteristic",
        "people.birth_year: not between 1900 and 2100, in 1 row",
        "spells.recorded_time: the column is missing",
        "spells.start: not a time",
        'on_invalid="set_aside"',
    ):
        assert part in text
    assert len(caught.value.problems) == 7
    with pytest.raises(SchemaError):
        raise_or_set_aside(checked, set_aside=True)


def test_rows_alone_can_be_set_aside(table):
    checked = check(events=table(EVENTS).assign(offence=["A", None]))
    aside = raise_or_set_aside(checked, set_aside=True)
    assert {name: len(rows) for name, rows in aside.items()} == {
        "events": 1, "updates": 0, "people": 0, "spells": 0, "victims": 0, "actions": 0,
    }  # fmt: skip
    assert all("problem" in rows.columns for rows in aside.values())


def test_helpers():
    assert is_among(pd.Series(["a", None, "b"]), pd.Series(["b", "b", None])).tolist() == [
        False, False, True,
    ]  # fmt: skip
    starts = year_start(pd.Series([1980.0, None]))
    assert starts[0] == pd.Timestamp("1980-01-01")
    assert pd.isna(starts[1])
