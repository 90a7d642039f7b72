"""Plain records are read as the tables are, or refused as they are."""

import json
import math
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from riskmodel.errors import SchemaError
from riskmodel.histories.checks import check_table
from riskmodel.schema import EVIDENCE, ORIGINS, TABLES
from riskmodel.scoring.person.plain_values import LONGEST
from riskmodel.scoring.person.record_types import Event, PersonRow, Spell, Update
from riskmodel.scoring.person.records import (
    checked_person,
    checked_records,
    checked_spells,
    checked_tables,
    checked_updates,
)

CANARY = "Canary Person"
EVENT = {
    "source_id": "r1",
    "person_id": "p1",
    "event_time": "2011-03-01T10:00:00",
    "recorded_time": "2011-03-05",
    "offence": "105A",
}


def refusal(check, *given, **named):
    with pytest.raises(SchemaError) as caught:
        check(*given, **named)
    assert CANARY not in str(caught.value)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "kind"),
    [("events", Event), ("updates", Update), ("spells", Spell), ("people", PersonRow)],
)
def test_the_fields_are_the_columns_of_the_tables(name, kind):
    assert sorted(kind.__annotations__) == sorted(TABLES[name].columns)
    required = {field.name for field in TABLES[name].fields if not field.nullable}
    said = set(TypeAdapter(kind).json_schema().get("required", ()))
    assert said == required


IDS = st.one_of(
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.decimals(allow_nan=False),
    st.just(Decimal("nan")),
    st.uuids(),
    st.sampled_from([pd.NA, pd.NaT, np.int64(3), np.float32(2), np.str_("a"), np.True_, "\x00"]),
)


@given(IDS)
def test_an_id_is_read_as_in_a_table(value):
    table = check_table("victims", pd.DataFrame({"victim_id": pd.Series([value], dtype=object)}))
    try:
        checked = checked_updates([{**UPDATE, "source_id": value}])
    except SchemaError:
        assert table.invalid[0]
    else:
        assert not table.invalid[0]
        assert checked[0]["source_id"] == table.frame["victim_id"][0]


UPDATE = {"source_id": "r1", "recorded_time": "2011-03-01", "evidence": "charge"}
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
MOMENTS = st.one_of(
    st.datetimes(),
    st.datetimes(timezones=OFFSETS),
    st.dates(),
    st.datetimes().map(lambda moment: moment.isoformat(" ")),
    st.datetimes(timezones=OFFSETS).map(datetime.isoformat),
    st.dates().map(date.isoformat),
    st.datetimes(datetime(1680, 1, 1), datetime(2250, 1, 1)).map(pd.Timestamp),
    st.integers(-(2**62), 2**62).map(lambda ns: pd.Timestamp(ns, unit="ns")),
    st.integers(-(2**62), 2**62).map(lambda ns: np.datetime64(ns, "ns")),
    st.from_regex(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:.]{2,18}(Z|[+-]01:?00)?", fullmatch=True),
    st.sampled_from(["", " ", None, math.nan, pd.NaT, pd.NA, " 2011-03-01 ", "2011-03-01T24:00"]),
    st.text("0123456789-:TZ+. ", max_size=30).filter(lambda text: len(text) != 8),
    st.integers(),
    st.booleans(),
)


@given(MOMENTS)
def test_a_moment_is_read_as_in_a_table(value):
    row = pd.DataFrame([{**UPDATE, "recorded_time": value}], dtype=object)
    table = check_table("updates", row)
    try:
        (checked,) = checked_updates([{**UPDATE, "recorded_time": value}])
    except SchemaError:
        assert table.invalid[0]
        return
    moment = checked["recorded_time"]
    assert type(moment) is datetime
    assert (moment.tzinfo is not None) == table.aware["recorded_time"]
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    expected = table.frame["recorded_time"][0]
    assert table.invalid[0] if expected is pd.NaT else moment == expected


@pytest.mark.parametrize(
    "value",
    [20110301, 1298937600, 1298937600.0, Decimal(20110301), True, "1298937600", "1298937600000",
     "20110301110", "2011", "2011-03", "2011-03-01T1000", "20110301T1000", "20110301.5",
     "2011-03-01T10:00:00.1234567", "2011-W09-2"],
)  # fmt: skip
def test_a_number_is_no_moment(value):
    (problem,) = refusal(checked_records, [{**EVENT, "recorded_time": value}])
    assert problem.startswith("events.recorded_time: not a time") and problem.endswith("in 1 row")


def test_the_eight_digits_of_a_date_are_one():
    (read,) = checked_records([{**EVENT, "event_time": "20110301"}])
    assert read["event_time"] == datetime(2011, 3, 1)


def test_what_is_missing_is_none_and_what_is_unsaid_stays_so():
    missing = [None, math.nan, pd.NaT, pd.NA, "", "  ", np.datetime64("NaT"), np.float64("nan")]
    for value in missing:
        (read,) = checked_records([{**EVENT, "place": value, "evidence": value, "origin": value}])
        assert read["place"] is read["evidence"] is read["origin"] is None
        assert "victim_id" not in read
        assert checked_person({"birth_date": value, "score": value, "birth_year": value}) == {
            "birth_date": None, "score": None, "birth_year": None,
        }  # fmt: skip
        assert refusal(checked_records, [{**EVENT, "offence": value}] * 2) == [
            "events.offence: missing, in 2 rows"
        ]


def test_every_mistake_of_every_part_is_in_one_error():
    spell = {"person_id": "p1", "start": "2011-01-01", "recorded_time": CANARY, "kind": CANARY}
    problems = refusal(
        checked_tables,
        [{**EVENT, "evidence": CANARY}, {**EVENT, CANARY: 1}, CANARY, {"source_id": [CANARY]}],
        updates=[{**UPDATE, "recorded_time": "1850-01-01"}],
        spells=[spell],
        person={"birth_year": CANARY, f"{CANARY} ethnicity": 1, "ethnicity": CANARY, "x": [CANARY]},
    )
    named = [problem.partition(":")[0] for problem in problems]
    assert set(named) == {
        "events", "events.evidence", "events.source_id", "events.event_time",
        "events.recorded_time", "events.offence", "updates.recorded_time", "spells.recorded_time",
        "spells.kind", "person", "person.ethnicity", "person.birth_year",
    }  # fmt: skip


@pytest.mark.parametrize("rows", ["text", 7, [7], [["a"]], [None]])
def test_what_is_no_list_of_records_is_refused(rows):
    assert refusal(checked_records, rows)[0].startswith("events")


def test_times_with_and_without_an_offset_do_not_mix():
    aware = {**EVENT, "event_time": "2011-03-01T10:00Z", "recorded_time": "2011-03-02T10:00Z"}
    (read,) = checked_records([aware])
    assert read["event_time"].utcoffset() == timedelta(0)
    for wrong in (
        {"records": [aware, EVENT]},
        {"records": [aware], "updates": [UPDATE]},
        {"records": [{**EVENT, "event_time": "2011-03-01T10:00+01:00"}]},
    ):
        (problem,) = refusal(checked_tables, **wrong)
        assert "offset" in problem
    checked_tables([aware], person={"birth_date": "1980-01-01"})


def test_a_table_and_a_single_record_are_taken_too():
    frame = pd.DataFrame([EVENT, EVENT | {"source_id": 2}]).assign(place=[None, "home"])
    frame["event_time"] = pd.to_datetime(frame["event_time"])
    first, second = checked_records(frame)
    assert type(first["event_time"]) is datetime
    assert (first["place"], second["place"], second["source_id"]) == (None, "home", "2")
    assert checked_records(EVENT) == checked_records([EVENT])
    assert checked_records(None) == checked_spells(None) == checked_updates(()) == []
    assert checked_person(None) == {}


def test_a_text_has_an_end():
    checked_records([{**EVENT, "place": "é" * LONGEST}])
    for text in ("x", "é"):
        (problem,) = refusal(checked_records, [{**EVENT, "place": text * (LONGEST + 1)}])
        assert "longer" in problem
    assert refusal(checked_records, [{**EVENT, "place": "\ud800"}])
    assert refusal(checked_records, [{**EVENT, "source_id": 10**5000}])


def test_what_was_read_reads_as_itself():
    rows = [{**EVENT, "evidence": EVIDENCE[3], "origin": ORIGINS[1], "source_id": 5}]
    read = checked_records(rows)
    assert checked_records(read) == read


def test_a_year_of_birth_is_a_whole_number_of_two_centuries():
    for value in (1980, 1980.0, "1980", np.int64(1980)):
        assert checked_person({"birth_year": value}) == {"birth_year": 1980}
    for value in (1899, 2101, 1980.5, True, "x", math.inf, 10**400):
        assert refusal(checked_person, {"birth_year": value})


def test_further_columns_keep_their_values():
    given = {"grade": 3, "share": 0.5, "known": True, "unit": "north", "joined": date(2001, 1, 2)}
    assert checked_person(given) == given | {"joined": datetime(2001, 1, 2)}
    assert refusal(checked_person, {"share": math.inf})


def test_no_table_library_is_needed():
    probe = (
        "import sys, json; import riskmodel.scoring.person.records as p;"
        f"p.checked_records([{EVENT!r}]);"
        "print(json.dumps([m for m in ('pandas', 'pyarrow', 'pandera') if m in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True)
    assert json.loads(found.stdout) == []
