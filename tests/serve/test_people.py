"""A request's tables taken apart: with a person go those of the same incident, and nobody else."""

import pytest

from riskmodel.errors import SchemaError
from riskmodel.serve.people import People, asked_people
from riskmodel.serve.requests import ScoreRequest


def event(source_id, person_id, **more):
    times = {"event_time": "2020-01-01", "recorded_time": "2020-01-02"}
    return {"source_id": source_id, "person_id": person_id, "offence": "105A", **times, **more}


def request(*events, **more):
    given = {"events": list(events), "as_of": "2021-01-01", "use": "prioritise", **more}
    return ScoreRequest.model_validate(given)


def sources(one):
    return sorted(row["source_id"] for row in one.records)


def update(source_id):
    return {"source_id": source_id, "recorded_time": "2020-06-01", "evidence": "charge"}


def spell(person_id):
    return {"person_id": person_id, "start": "2020-01-01", "recorded_time": "2020-01-01"}


def test_others_in_the_same_incident_or_place_go_along():
    people = People(
        request(
            event("1", "a", incident_id="i"),
            event("2", "b", incident_id="i"),
            event("3", "b"),
            event("4", "c", place="home"),
            event("5", "a", place="home"),
            event("6", None, incident_id="i"),
            event("7", "d", incident_id="j", place="away"),
            updates=[update(source) for source in "12347"],
            spells=[spell("a"), spell("b")],
            people=[{"person_id": "a", "birth_year": 1980}],
            groups=[{"person_id": "b", "sex": "F"}],
        )
    )
    a, b = people.one("a"), people.one("b")
    assert sources(a) == ["1", "2", "4", "5", "6"]
    assert [row["source_id"] for row in a.updates] == ["1", "2", "4"]
    assert (a.person, a.having) == ({"birth_year": 1980}, None)
    assert [row["person_id"] for row in a.spells] == ["a"]
    assert sources(b) == ["1", "2", "3", "6"]
    assert (b.person, b.having) == (None, {"sex": "F"})
    assert people.one("nobody").records == []
    assert people.named == ["a", "b", "c", "d"]


def test_an_id_is_the_same_as_a_number_and_as_text():
    people = People(request(event(1, 7), updates=[update("1")], person_ids=["7"]))
    assert sources(people.one("7")) == ["1"]
    assert len(people.one("7").updates) == 1


def test_rows_that_do_not_fit_together_are_counted_at_once():
    wrong = request(
        event("1", "a"),
        event("1", "b"),
        updates=[update("2"), update("3")],
        spells=[spell("z")],
        people=[{"person_id": "a"}, {"person_id": "a"}, {"person_id": "y", "sex": "M"}],
    )
    with pytest.raises(SchemaError) as caught:
        People(wrong)
    assert caught.value.problems == [
        "events.source_id: occurs before, in 1 row",
        "people.person_id: occurs before, in 1 row",
        "updates.source_id: in no row of events, in 2 rows",
        "spells.person_id: in no row of events or people, in 1 row",
        "people.sex: a protected characteristic: it belongs in the groups table, which no feature "
        "reads, in 1 row",
    ]


def test_who_is_asked_for_is_counted_and_kept_in_order():
    given = request(event("1", "a"), event("2", "b"), person_ids=["b", "a", "x"])
    assert asked_people(given, People(given), at_most=3) == ["b", "a", "x"]
    everyone = request(event("1", "b"), event("2", "a"))
    assert asked_people(everyone, People(everyone), at_most=2) == ["a", "b"]
    with pytest.raises(SchemaError, match="at most 1"):
        asked_people(everyone, People(everyone), at_most=1)
