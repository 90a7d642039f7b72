"""What bears on one person, otherwise: left out, added, known at another time."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.moments import to_microseconds
from riskmodel.schema import EVIDENCE
from riskmodel.scoring.what_if.person_case import PersonCase, incident_of, incidents_named

AS_OF = to_microseconds("2012-01-01")
DAYS = st.dates(datetime.date(2011, 6, 1), datetime.date(2012, 6, 1))


def record(source_id, happened="2011-03-01", recorded=None, **columns):
    return {
        "source_id": source_id, "person_id": "p", "event_time": happened,
        "recorded_time": recorded or happened, "offence": "105A", **columns,
    }  # fmt: skip


def update(source_id, recorded, evidence):
    return {"source_id": source_id, "recorded_time": recorded, "evidence": evidence}


def case(*records, updates=(), spells=()):
    return PersonCase("p", records, {}, tuple(updates), tuple(spells))


def sources(some):
    return [row["source_id"] for row in some.records]


def test_an_incident_goes_whole_with_its_updates_and_of_whomever():
    whole = case(
        record("r1", incident_id="i"),
        record("r2", incident_id="i", person_id="q"),
        record("r3"),
        updates=[update("r1", "2011-04-01", "charge"), update("r3", "2011-04-01", "charge")],
    )
    left = whole.without(incidents_named(whole.records, ["r1"]))
    assert sources(left) == ["r3"]
    assert [row["source_id"] for row in left.updates] == ["r3"]


def test_ids_may_be_of_records_or_incidents_and_one_that_is_both_is_of_the_record():
    records = [record("r1", incident_id="i"), record("r2", incident_id="r1"), record("r3")]
    assert incidents_named(records, ["i"]) == ["i"]
    assert incidents_named(records, ["r1", "r1"]) == ["i"]
    assert incidents_named(records, ["r3"]) == [incident_of(records[2])]


def test_unknown_ids_are_counted_and_not_repeated():
    with pytest.raises(SchemaError, match="2 of 3 ids") as caught:
        incidents_named([record("r1")], ["r1", "secret-7", "secret-8"])
    assert "secret" not in str(caught.value)


def test_added_records_name_the_person_unless_they_name_someone():
    nobody = {name: value for name, value in record("a").items() if name != "person_id"}
    both = case(record("r1")).with_added([nobody, record("b", person_id="q")])
    assert [row["person_id"] for row in both.records] == ["p", "p", "q"]
    with pytest.raises(SchemaError, match="1 records have a source_id"):
        both.with_added([record("b")])


def test_what_was_left_out_can_be_added_again():
    whole = case(record("r1"), record("r2"))
    again = whole.without(incidents_named(whole.records, ["r2"])).with_added([record("r2")])
    assert again == whole


def test_known_now_is_all_that_had_happened_with_its_last_evidence_and_in_time():
    now = case(
        record("late", recorded="2012-03-01"),
        record("future", happened="2012-02-01"),
        record("early"),
        updates=[
            update("early", "2011-05-01", "charge"),
            update("early", "2012-05-01", "conviction"),
            update("early", "2012-05-01", "acquitted"),
            update("late", "2012-04-01", "cancelled"),
        ],
    ).as_known_now(AS_OF)
    assert sources(now) == ["late", "early"]
    assert all(to_microseconds(row["recorded_time"]) < AS_OF for row in now.records)
    assert all(to_microseconds(row["recorded_time"]) < AS_OF for row in now.updates)
    assert [now.evidence(row, AS_OF) for row in now.records] == ["cancelled", "acquitted"]


def test_a_spell_is_as_it_was_last_told():
    spell = {"person_id": "p", "start": "2011-09-01", "kind": "custody"}
    now = case(
        record("r1"),
        spells=[
            {**spell, "recorded_time": "2011-09-02", "end": None},
            {**spell, "recorded_time": "2012-03-01", "end": "2011-10-01"},
            {**spell, "recorded_time": "2012-03-01", "start": "2012-02-01", "end": None},
        ],
    ).as_known_now(AS_OF)
    assert [row["end"] for row in now.spells] == ["2011-10-01"]
    assert to_microseconds(now.spells[0]["recorded_time"]) < AS_OF


@given(st.lists(st.tuples(DAYS, st.sampled_from(EVIDENCE)), max_size=6), DAYS)
def test_evidence_is_that_of_the_last_update_of_two_at_one_time_the_later_level(steps, until):
    one = record("r1", evidence="arrest")
    some = case(one, updates=[update("r1", str(day), level) for day, level in steps])
    before = [(day, EVIDENCE.index(level)) for day, level in steps if day < until]
    expected = EVIDENCE[max(before)[1]] if before else "arrest"
    assert some.evidence(one, to_microseconds(str(until))) == expected


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=6))
def test_known_now_twice_is_known_now_and_then_is_no_more_than_now(days):
    records = [record(f"r{n}", str(min(pair)), str(max(pair))) for n, pair in enumerate(days)]
    some = case(*records)
    now = some.as_known_now(AS_OF)
    assert now.as_known_now(AS_OF) == now
    then = [row["source_id"] for row in some.known(AS_OF)]
    assert set(then) <= {row["source_id"] for row in now.known(AS_OF)}
