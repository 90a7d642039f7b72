import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.merging import merge_persons

EVENTS = """
source_id person_id event_time       recorded_time    offence victim_id
e1        p1        2010-05-01T10:00 2010-05-01T22:00 A       v1
e2        p2        2012-05-01T12:00 2012-05-03T12:00 A       v1
e3        p3        2013-05-01T13:00 2013-05-02T13:00 A       v2
e4        .         2010-05-05T10:00 2010-05-15T10:00 B       .
"""
LINKS = pd.DataFrame(
    {"unique_id_l": ["p2"], "unique_id_r": ["p1"], "match_probability": [0.99]}
)  # fmt: skip


@pytest.fixture
def histories(table):
    def made(people=None, **more):
        return EventHistories(table(EVENTS), None if people is None else table(people), **more)

    return made


def test_the_first_id_stands_for_both_in_every_table(histories, table):
    given_tables = {
        "spells": "person_id start recorded_time end kind\np2 2012-06-01 2012-06-01 . custody",
        "victims": "victim_id person_id\nv1 p2\nv2 .\nv3 stranger",
        "actions": "person_id start recorded_time\np2 2012-07-01 2012-07-01",
    }
    before = histories(**{name: table(text) for name, text in given_tables.items()})
    digest = before.digest()
    merged = merge_persons(before, LINKS)
    assert merged.persons.tolist() == ["p1", "p3"]
    assert merged.events["person_id"].tolist() == ["p1", "p1", "p3"]
    assert merged.events["person_code"].tolist() == [0, 0, 1]
    assert merged.spells["person_id"].tolist() == ["p1"]
    assert merged.actions["person_id"].tolist() == ["p1"]
    assert merged.victims["person_id"].fillna("-").tolist() == ["p1", "-", "stranger"]
    assert len(merged.unnamed) == 1
    assert before.digest() == digest


def test_pairs_under_the_threshold_leave_everything_as_it_is(histories):
    before = histories()
    assert merge_persons(before, LINKS, threshold=0.995) is before
    assert merge_persons(before, LINKS, threshold=0.99).persons.tolist() == ["p1", "p3"]


def test_what_is_known_of_either_id_is_known_of_the_person(histories):
    people = """
    person_id birth_date death_date left_date  recordable_from division rank
    p1        .          2020-01-01 .          2005-01-01      .        .
    p2        1980-02-03 .          2015-01-01 2004-01-01      north    .
    p3        1990-01-01 .          .          .               south    .
    """
    person = merge_persons(histories(people), LINKS).people.loc["p1"]
    assert person["birth_date"] == pd.Timestamp("1980-02-03")
    assert person["death_date"] == pd.Timestamp("2020-01-01")
    assert person["left_date"] == pd.Timestamp("2015-01-01")
    assert person["recordable_from"] == pd.Timestamp("2004-01-01")
    assert person["division"] == "north"
    assert pd.isna(person["rank"])


def test_of_two_values_of_a_covariate_that_of_the_first_id_is_kept(histories):
    people = "person_id division\np1 north\np2 south"
    assert merge_persons(histories(people), LINKS).people.loc["p1", "division"] == "north"


CONTRADICTIONS = {
    "different values of birth_date": "birth_date\np1 1980-01-01\np2 1980-01-02",
    "different values of death_date": "death_date\np1 2021-01-01\np2 2020-01-01",
    "different values of left_date": "left_date\np1 2021-01-01\np2 2020-01-01",
    "an event under one id is before birth_date": "birth_date\np2 2011-03-01",
    "an event under one id is after death_date": "death_date\np1 2012-04-30",
    "death_date is before birth_date": "birth_date death_date\np1 . 2010-06-01\np2 2011-06-01 .",
    "left_date is before birth_date": "birth_date left_date\np1 . 2010-06-01\np2 2011-06-01 .",
    "recordable_from is before birth_date": (
        "birth_date recordable_from\np1 . 2000-06-01\np2 2009-06-01 ."
    ),
}


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_no_one_is_merged_across_a_contradiction(rule, histories):
    before = histories("person_id " + CONTRADICTIONS[rule])
    with pytest.raises(SchemaError) as told:
        merge_persons(before, LINKS)
    assert f"people: {rule}, in 1 linked persons" in told.value.problems
    assert "p1" not in str(told.value)
    apart = merge_persons(before, LINKS, on_conflict="keep_apart")
    assert apart.digest() == before.digest()


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_told_to_merge_what_contradicts_makes_histories_that_can_be(rule, histories, table):
    people = "person_id " + CONTRADICTIONS[rule]
    merged = merge_persons(histories(people), LINKS, on_conflict="merge")
    assert merged.persons.tolist() == ["p1", "p3"]
    again = EventHistories(
        pd.concat([merged.events, merged.unnamed]).drop(columns=["person_code", "incident_id"]),
        merged.people.loc[["p1"]].reset_index(),
        data_end=merged.data_end,
    )
    assert again.events["person_id"].tolist() == ["p1", "p1", "p3"]
    person = merged.people.loc["p1"]
    if rule == "different values of birth_date":
        assert person["birth_date"] == pd.Timestamp("1980-01-01")
    if rule == "different values of death_date":
        assert person["death_date"] == pd.Timestamp("2021-01-01")
    if rule.startswith("an event"):
        assert pd.isna(person[rule.split()[-1]])


def test_a_year_of_birth_does_not_contradict_an_event_of_that_year(histories):
    before = histories("person_id birth_year\np2 2010")  # held as 1 July, e1 is in May
    assert merge_persons(before, LINKS).persons.tolist() == ["p1", "p3"]


def test_only_those_who_contradict_are_kept_apart(histories):
    people = "person_id birth_date\np1 1980-01-01\np2 1980-01-01\np3 1970-01-01\np4 1970-01-02"
    links = pd.DataFrame({"person_id_l": ["p1", "p3"], "person_id_r": ["p2", "p4"]})
    merged = merge_persons(histories(people), links, on_conflict="keep_apart")
    assert merged.persons.tolist() == ["p1", "p3", "p4"]


def test_a_chain_that_contradicts_at_its_ends_stays_apart_as_a_whole(histories):
    people = "person_id birth_date\np1 1980-01-01\np3 1970-01-01"
    links = pd.DataFrame({"person_id_l": ["p1", "p2"], "person_id_r": ["p2", "p3"]})
    before = histories(people)
    assert merge_persons(before, links, on_conflict="keep_apart").digest() == before.digest()


def test_links_to_nobody_known_and_unknown_options_are_refused(histories):
    strangers = pd.DataFrame({"person_id_l": ["x"], "person_id_r": ["y"]})
    with pytest.raises(SchemaError, match="no id of a linked pair") as told:
        merge_persons(histories(), strangers)
    assert "'x'" not in str(told.value)
    with pytest.raises(SchemaError, match="on_conflict"):
        merge_persons(histories(), LINKS, on_conflict="ask")


def test_persons_known_by_events_alone_stay_out_of_the_people_table(histories):
    merged = merge_persons(histories("person_id division\np3 north"), LINKS)
    assert merged.summary().loc["people", "rows"] == 1
    listed = merge_persons(histories("person_id division\np2 north"), LINKS)
    assert listed.people["division"].dropna().to_dict() == {"p1": "north"}


def split_in_two(draw, tables):
    """Give some rows of each person a second id; return the tables and the links back."""

    def torn(ids):
        return [i if pd.isna(i) or draw(st.booleans()) else f"{i}-again" for i in ids]

    split = {
        name: table.assign(person_id=pd.Series(torn(table["person_id"]), dtype=object))
        for name, table in tables.items()
        if name in ("events", "spells")
    }
    # both ids are listed, the second without anything known: what is known is not contradicted
    again = tables["people"][["person_id"]] + "-again"
    people = pd.concat([tables["people"], again], ignore_index=True)
    ids = ["p0", "p1", "p2", "p3", "p4"]
    links = pd.DataFrame({"person_id_l": [f"{i}-again" for i in ids], "person_id_r": ids})
    return tables | split | {"people": people}, links


@settings(max_examples=25)
@given(st.data())
def test_a_person_split_in_two_and_merged_is_the_person_again(tables_strategy, data):
    tables = data.draw(tables_strategy)
    everyone = pd.DataFrame({"person_id": ["p0", "p1", "p2", "p3", "p4"]})
    people = everyone.merge(tables["people"], how="left")
    tables = tables | {"people": people.astype({"division": "str"})}
    split, links = split_in_two(data.draw, tables)
    span = {"data_start": "2010-01-01", "data_end": "2012-06-01"}
    whole = EventHistories(**tables, **span)
    merged = merge_persons(EventHistories(**split, **span), links.sample(frac=1, random_state=1))
    assert merged.digest() == whole.digest()
    assert np.array_equal(merged.persons, whole.persons)
    assert np.array_equal(merged.arrays.person_start, whole.arrays.person_start)
