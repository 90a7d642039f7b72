import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.histories.events import EventHistories
from riskmodel.histories.time_at_risk import (
    EVENTS as FIRST_EVENTS,
)
from riskmodel.histories.time_at_risk import (
    NEVER,
    custody_segments,
    time_at_risk,
    time_inside,
)

EVENTS = """
source_id person_id event_time       recorded_time    offence
e1        p1        2009-05-01T10:00 2009-05-02T00:00 A
e2        p2        2009-05-01T10:00 2009-05-02T00:00 A
"""
SPELLS = "person_id start      recorded_time end        kind\n"


def follow(table, *, people=None, spells=None, as_of="2010-01-01", known_at=None, days=100, **kw):
    histories = EventHistories(
        table(EVENTS),
        None if people is None else table(people),
        spells=None if spells is None else table(SPELLS + spells),
        data_end=kw.pop("data_end", "2012-01-01"),
    )
    return time_at_risk(histories, [0, 1], as_of, days, known_at, **kw)


def first(frame):
    return frame.loc[0, ["days_at_risk", "competing", "censored"]].tolist()


def first_event(frame):
    row = frame.loc[0]
    return row["duration_days"], FIRST_EVENTS[row["event"]]


def moment(text):
    return NEVER if text is None else np.datetime64(text, "us").astype(np.int64)


def test_someone_there_throughout_is_at_risk_throughout(table):
    result = follow(table)
    assert first(result) == [100.0, "", False]
    kinds = ["float64", "category", "bool", "float64", "int8"]
    assert result.dtypes.astype(str).tolist() == kinds
    assert first_event(result) == (100.0, "none by the end")


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ("person_id death_date\np1 2010-01-11", [10.0, "death", False]),
        ("person_id left_date\np1 2010-01-21", [20.0, "left", False]),
        ("person_id death_date left_date\np1 2010-01-11 2010-01-21", [10.0, "death", False]),
        ("person_id death_date left_date\np1 2010-01-21 2010-01-11", [10.0, "left", False]),
        ("person_id left_date\np1 2009-06-01", [0.0, "left", False]),
        ("person_id left_date\np1 2010-04-11", [100.0, "", False]),
        ("person_id left_date\np1 2010-04-10", [99.0, "left", False]),
    ],
)
def test_death_and_leaving_end_the_days_at_risk(table, people, expected):
    assert first(follow(table, people=people)) == expected
    assert follow(table, people=people).loc[1].tolist() == [100.0, "", False, 100.0, 0]


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ("p1 2010-01-11 2010-01-11 2010-01-21 custody", [90.0, "custody", False]),
        ("p1 2009-12-01 2009-12-01 2010-01-11 custody", [90.0, "custody", False]),
        ("p1 2010-04-01 2010-04-01 2011-01-01 custody", [90.0, "custody", False]),
        ("p1 2010-04-01 2010-04-01 . custody", [90.0, "custody", False]),
        ("p1 2009-01-01 2009-01-01 . custody", [0.0, "custody", False]),
        ("p1 2009-01-01 2009-01-01 2009-06-01 custody", [100.0, "", False]),
        ("p1 2009-01-01 2009-01-01 2010-01-01 custody", [100.0, "", False]),
        ("p1 2010-04-11 2010-04-11 2010-05-01 custody", [100.0, "", False]),
        ("p1 2010-01-11 2010-01-11 2010-01-11 custody", [100.0, "", False]),
        ("p1 2010-01-11 2010-01-11 2010-01-21 abroad", [100.0, "", False]),
        (
            "p1 2010-01-11 2010-01-11 2010-01-21 custody\n"
            "p1 2010-01-15 2010-01-15 2010-01-31 custody\n"
            "p1 2010-01-12 2010-01-12 2010-01-13 custody",
            [80.0, "custody", False],
        ),
    ],
)
def test_custody_in_the_window_is_taken_off_once(table, spells, expected):
    assert first(follow(table, spells=spells)) == expected


def test_custody_after_death_or_leaving_does_not_count(table):
    people = "person_id left_date\np1 2010-01-21"
    spells = "p1 2010-01-11 2010-01-11 2010-02-21 custody"
    assert first(follow(table, people=people, spells=spells)) == [10.0, "left", False]


def test_the_end_of_the_data_censors(table):
    assert first(follow(table, data_end="2010-01-31")) == [30.0, "", True]
    assert first(follow(table, known_at="2010-01-31")) == [30.0, "", True]
    assert first(follow(table, known_at="2013-01-01")) == [100.0, "", False]
    assert first(follow(table, known_at="2010-04-11")) == [100.0, "", False]
    assert first(follow(table, known_at="2009-06-01")) == [0.0, "", True]


def test_what_is_known_later_does_not_count(table):
    spells = "p1 2010-01-11 2010-06-01 2010-01-21 custody"
    assert first(follow(table, spells=spells, known_at="2010-06-01")) == [100.0, "", False]
    assert first(follow(table, spells=spells, known_at="2010-06-02")) == [90.0, "custody", False]
    people = "person_id death_date\np1 2010-02-01"
    assert first(follow(table, people=people, known_at="2010-02-01")) == [31.0, "", True]
    released = "p1 2010-01-11 2010-01-11 2010-03-01 custody"
    assert first(follow(table, spells=released, known_at="2010-01-31")) == [10.0, "custody", True]


def test_moments_may_be_one_or_many_in_any_form(table):
    histories = EventHistories(table(EVENTS), data_end="2010-02-01")
    many = pd.to_datetime(["2010-01-01", "2010-01-11"])
    expected = [31.0, 21.0]
    for as_of in (many, many.to_numpy(), many.to_numpy("datetime64[us]").astype(np.int64)):
        assert time_at_risk(histories, [0, 0], as_of, 100)["days_at_risk"].tolist() == expected
    assert time_at_risk(histories, [], "2010-01-01", 100).shape == (0, 5)


CUSTODY_OF_TEN_DAYS = "p1 2010-01-11 2010-01-11 2010-01-21 custody"


@pytest.mark.parametrize(
    ("offence", "competing", "event"),
    [
        (None, "custody", (10.0, "custody")),
        ("2010-01-05", "", (4.0, "serious offence")),
        ("2010-01-11", "", (10.0, "serious offence")),
        ("2010-01-11T00:00:00.000001", "custody", (10.0, "custody")),
        ("2010-03-02", "custody", (10.0, "custody")),
    ],
)
def test_custody_from_a_new_serious_offence_on_is_no_competing_event(
    table, offence, competing, event
):
    offences = np.array([moment(offence), NEVER])
    result = follow(table, spells=CUSTODY_OF_TEN_DAYS, first_offence=offences)
    assert first(result) == [90.0, competing, False]
    assert first_event(result) == event


@pytest.mark.parametrize(
    ("spell", "options", "days", "event"),
    [
        # running at the date: a delay, not an event
        ("p1 2009-12-01 2009-12-01 2010-01-11 custody", {}, 90.0, (100.0, "none by the end")),
        ("p1 2009-12-01 2009-12-01 2010-04-10 custody", {}, 1.0, (100.0, "none by the end")),
        # for the whole window: never at risk
        ("p1 2009-12-01 2009-12-01 2010-04-11 custody", {}, 0.0, (0.0, "custody")),
        ("p1 2009-12-01 2009-12-01 . custody", {}, 0.0, (0.0, "custody")),
        # as long as the data last is not the whole window
        (
            "p1 2009-12-01 2009-12-01 . custody",
            {"known_at": "2010-01-31"},
            0.0,
            (30.0, "none by the end"),
        ),
        (
            "p1 2009-12-01 2009-12-01 . custody",
            {"known_at": "2010-04-12", "late_allowance_days": 2},
            0.0,
            (99.0, "none by the end"),
        ),
        # beginning on the very date, and one more while another runs
        ("p1 2010-01-01 2010-01-01 2010-01-11 custody", {}, 90.0, (0.0, "custody")),
        (
            "p1 2009-12-01 2009-12-01 2010-01-11 custody\n"
            "p1 2010-01-08 2010-01-08 2010-01-21 custody",
            {},
            80.0,
            (100.0, "none by the end"),
        ),
        # released, then taken again
        (
            "p1 2009-12-01 2009-12-01 2010-01-11 custody\n"
            "p1 2010-01-12 2010-01-12 2010-01-21 custody",
            {},
            81.0,
            (11.0, "custody"),
        ),
        # recorded too late to be known
        (
            "p1 2010-01-11 2010-06-01 2010-01-21 custody",
            {"known_at": "2010-06-01"},
            100.0,
            (100.0, "none by the end"),
        ),
    ],
)
def test_custody_that_already_runs_delays_and_only_a_whole_window_of_it_competes(
    table, spell, options, days, event
):
    result = follow(table, spells=spell, **options)
    assert result["days_at_risk"][0] == days
    assert first_event(result) == event


@pytest.mark.parametrize(
    ("people", "offence", "event"),
    [
        ("death_date\np1 2010-01-21", None, (20.0, "death")),
        ("left_date\np1 2010-01-21", None, (20.0, "left")),
        ("left_date\np1 2010-01-11", None, (10.0, "left")),  # before custody that begins then
        ("death_date left_date\np1 2010-01-08 2010-01-08", None, (7.0, "death")),
        ("death_date\np1 2010-01-08", "2010-01-08", (7.0, "serious offence")),
        ("left_date\np1 2010-01-08", "2010-01-09", (7.0, "left")),
        ("death_date\np1 2010-04-11", "2010-04-10", (99.0, "serious offence")),
        ("left_date\np1 2009-06-01", None, (0.0, "left")),
    ],
)
def test_what_comes_first_is_the_event_and_of_two_at_once_the_graver(table, people, offence, event):
    offences = np.array([moment(offence), NEVER])
    late = "p1 2010-01-11 2010-01-11 . custody" if people.endswith("2010-01-11") else None
    result = follow(table, people=f"person_id {people}", spells=late, first_offence=offences)
    assert first_event(result) == event


def test_the_allowance_ends_follow_up_but_not_what_is_known(table):
    spells = "p1 2010-01-11 2010-03-01 2010-01-21 custody"
    result = follow(table, spells=spells, known_at="2010-03-02", late_allowance_days=30)
    assert first(result) == [20.0, "custody", True]
    assert first_event(result) == (10.0, "custody")
    people = "person_id death_date\np1 2010-02-15"
    result = follow(table, people=people, known_at="2010-03-02", late_allowance_days=30)
    assert first(result) == [30.0, "", True]
    assert first_event(result) == (30.0, "none by the end")


def slow_days(histories, person, start, stop, known_at):
    """Count hours in custody one by one."""
    mine = histories.spells[
        (histories.spells["person_id"] == histories.persons[person])
        & (histories.spells["kind"] == "custody")
        & (histories.spells["recorded_time"] < known_at)
    ]
    hours = pd.date_range(start, stop, freq="h", inclusive="left")
    inside = np.zeros(len(hours), dtype=bool)
    for spell in mine.itertuples():
        end = known_at if pd.isna(spell.end) else min(spell.end, known_at)
        inside |= (hours >= spell.start) & (hours < end)
    return inside.sum() / 24


@settings(max_examples=20)
@given(data=st.data())
def test_days_in_custody_are_those_counted_by_the_hour(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy), data_end="2011-01-01")
    begin = pd.Timestamp("2010-01-01 06:30")
    as_of = begin + pd.Timedelta(hours=data.draw(st.integers(0, 900)))
    known_at = begin + pd.Timedelta(hours=data.draw(st.integers(0, 2000)))
    persons = np.arange(len(histories.persons))
    result = time_at_risk(histories, persons, as_of, 10, known_at)
    left = histories.people["left_date"]
    for person in persons:
        end = min(as_of + pd.Timedelta(days=10), known_at)
        if left.iloc[person] < known_at:
            end = min(end, left.iloc[person])
        end = max(end, as_of)
        expected = (end - as_of) / pd.Timedelta(days=1)
        expected -= slow_days(histories, person, as_of, end, known_at)
        assert result["days_at_risk"][person] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20)
@given(data=st.data())
def test_segments_do_not_touch_and_time_inside_never_falls(data, tables_strategy):
    histories = EventHistories(**data.draw(tables_strategy), data_end="2011-01-01")
    end = pd.Timestamp("2011-01-01").value // 1000
    segments = custody_segments(histories, end)
    assert (segments.start < segments.end).all()
    same = segments.person[1:] == segments.person[:-1]
    assert (segments.start[1:] > segments.end[:-1])[same].all()
    for person in range(len(histories.persons)):
        grid = np.linspace(0, end, 50).astype(np.int64)
        inside = time_inside(segments, np.full(50, person), grid)
        assert (np.diff(inside) >= 0).all()
        assert inside[-1] == (segments.end - segments.start)[segments.person == person].sum()
