import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.snapshots.plain_records import (
    MISSING_TIME,
    asked_for,
    number_distinct,
    read_date,
    read_moment,
    read_record,
    read_updates,
)

REPORT = {
    "source_id": "secret-1",
    "person_id": "secret-2",
    "event_time": "2011-03-01T10:00",
    "recorded_time": "2011-03-05T09:00",
    "offence": "105A",
}


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)))
def test_every_way_of_writing_a_moment_is_the_same_moment(moment):
    expected = int(np.datetime64(moment, "us").astype(np.int64))
    aware = moment.replace(tzinfo=datetime.UTC)
    elsewhere = aware.astimezone(datetime.timezone(datetime.timedelta(hours=5)))
    for written in (moment, moment.isoformat(), pd.Timestamp(moment), np.datetime64(moment, "us"),
                    aware, elsewhere, elsewhere.isoformat()):  # fmt: skip
        assert read_moment(written, "event_time") == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recorded_time": "2011-02-01"}, "recorded before it happened"),
        ({"event_time": "yesterday"}, "event_time: not a date or time"),
        ({"event_time": None}, "event_time"),
        ({"evidence": "gossip"}, "evidence: one of allegation"),
        ({"origin": "heaven"}, "origin: one of reported"),
    ],
)
def test_a_record_that_cannot_be_is_refused_without_its_values(change, words):
    with pytest.raises(SchemaError, match=words) as caught:
        read_record({**REPORT, **change})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["source_id", "event_time", "recorded_time", "offence"])
def test_a_field_that_is_missing_is_named(name):
    record = {key: value for key, value in REPORT.items() if key != name}
    with pytest.raises(SchemaError, match=f"{name} is missing"):
        read_record(record)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT])
def test_missing_in_any_way_is_missing(missing):
    record = read_record({**REPORT, "victim_id": missing, "evidence": missing, "place": missing})
    assert (record.victim, record.place, record.evidence) == (None, None, 0)


def test_without_an_incident_a_record_is_one_of_its_own():
    one, two = read_record(REPORT), read_record({**REPORT, "source_id": "other"})
    assert one.incident != two.incident


def test_of_updates_at_one_time_the_later_level_is_last():
    rows = [
        {"source_id": "secret-1", "recorded_time": "2011-04-01", "evidence": level}
        for level in ("conviction", "arrest")
    ]
    (steps,) = read_updates(rows).values()
    assert [level for _, level in steps] == [1, 4]


def test_who_is_asked_for_must_be_clear():
    two = [read_record(REPORT), read_record({**REPORT, "person_id": 7})]
    assert asked_for(two, 7) == "7"
    assert asked_for(two[:1], None) == "secret-2"
    with pytest.raises(SchemaError, match="they name 2 people"):
        asked_for(two, None)


def test_people_may_have_a_year_of_birth_or_none():
    assert read_date({"birth_year": 1970}, "birth_date") == 181 * 86_400_000_000
    assert read_date({}, "birth_date") == MISSING_TIME


def test_distinct_values_are_numbered_as_they_appear():
    assert number_distinct(["b", None, "a", "b"]) == [0, -1, 1, 0]
