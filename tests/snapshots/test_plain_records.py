"""Plain records read one by one, and what became of them."""

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.histories.problems import Problems
from riskmodel.snapshots.plain_records import (
    MISSING_TIME,
    Record,
    asked_for,
    level_before,
    number_distinct,
    people_beside,
    read_records,
    read_text,
    read_time,
    read_updates,
)

REPORT = {
    "source_id": "secret-1",
    "person_id": "secret-2",
    "event_time": "2011-03-01T10:00",
    "recorded_time": "2011-03-05T09:00",
    "offence": "105A",
}
ZONE = datetime.timezone(datetime.timedelta(hours=5))


def read(*rows):
    problems = Problems()
    records = read_records(rows, problems)
    problems.raise_any()
    return records


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)))
def test_every_way_of_writing_a_moment_is_the_same_moment(moment):
    aware = moment.replace(tzinfo=datetime.UTC)
    problems = Problems()
    ways = (moment, moment.isoformat(), pd.Timestamp(moment), aware, aware.astimezone(ZONE))
    found = {read_time(way, "events", "event_time", problems) for way in ways}
    assert found == {int(pd.Timestamp(moment).to_datetime64().astype("datetime64[us]").astype(int))}
    problems.raise_any()


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA, "", " "])
def test_missing_in_any_way_is_missing(missing):
    row = {**REPORT, "victim_id": missing, "incident_id": missing, "evidence": missing}
    (record,) = read({**row, "place": missing, "origin": missing})
    assert (record.victim, record.place, record.evidence, record.origin) == (None, None, 0, 0)
    assert record.incident == ("secret-1",)
    assert read_time(missing, "events", "event_time", Problems()) == MISSING_TIME


def test_ids_may_be_numbers():
    assert [read_text(value) for value in (7, 7.0, "7", "a-7")] == ["7", "7", "7", "a-7"]


def test_an_unknown_column_is_refused_without_its_name():
    with pytest.raises(SchemaError, match="unknown columns; allowed are source_id") as caught:
        read({**REPORT, "secret-3": 1})
    assert "secret" not in str(caught.value)


def test_no_record_at_all_is_no_history():
    with pytest.raises(NotScorableError, match="no record was given"):
        read()


def updated(*updates):
    records, problems = read(REPORT), Problems()
    later = read_updates(({"source_id": "secret-1", **row} for row in updates), records, problems)
    problems.raise_any()
    return records[0], later


def test_the_last_update_before_a_moment_counts():
    moments = [datetime.datetime(2011, month, 1) for month in (4, 5)]
    rows = [
        {"recorded_time": moments[0], "evidence": "arrest"},
        {"recorded_time": moments[1], "evidence": "cancelled"},
    ]
    record, later = updated(*rows[::-1])
    ticks = [read_time(moment, "", "", Problems()) for moment in moments]
    levels = [level_before(record, later, t) for t in (*ticks, ticks[1] + 1)]
    assert levels == [0, 1, 8]
    assert level_before(record, {}, ticks[1]) == 0


def test_of_updates_at_one_time_the_later_level_is_last():
    row = {"recorded_time": "2011-04-01"}
    _, later = updated({**row, "evidence": "conviction"}, {**row, "evidence": "arrest"})
    assert [level for _, level in later["secret-1"]] == [1, 4]


def test_who_is_asked_for_must_be_clear():
    two = read(REPORT, {**REPORT, "source_id": 8, "person_id": 7})
    assert asked_for(two, 7) == "7"
    assert asked_for(two[:1], None) == "secret-2"
    with pytest.raises(SchemaError, match="they name 2 people"):
        asked_for(two, None)
    with pytest.raises(NotScorableError):
        asked_for(two, "secret-3")


def test_distinct_values_are_numbered_as_they_appear():
    assert number_distinct(["b", None, "a", "b"]) == [0, -1, 1, 0]


def test_people_are_beside_each_other_only_where_something_is_shared():
    assert people_beside([("secret-1",), "i"], [("i", "b"), (None, "c")]) == [[], [0]]


def test_records_stand_by_time_then_by_when_they_were_recorded_then_by_id():
    assert Record._fields[:3] == ("event_time", "recorded_time", "source_id")
