import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.identity import identity_report
from riskmodel.snapshots.task import Task
from tests.snapshots.planted import AGAIN, built, plant

AS_OF = "2024-01-01"
TABLES = ("event_counts", "pair_counts", "birth_dates", "listed", "effects")
WITH_IDS = ("events", "pairs", "changes")


@pytest.fixture(scope="module")
def planted(small_world):
    return plant(small_world)


@pytest.fixture(scope="module")
def task(small_world):
    return Task(offences=small_world.offences)


@pytest.fixture(scope="module")
def report(planted, task):
    return identity_report(planted.histories, task, as_of=AS_OF, links=planted.links)


def assert_same(one, other):
    for name in (*TABLES, *WITH_IDS):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert repr(one) == repr(other)


def test_every_event_entered_twice_is_found(planted, report):
    sure = report.events[report.events["kind"] == "victim named"]
    group = sure.set_index("source_id")["group"]
    first = [source.removesuffix(AGAIN) for source in planted.doubled]
    assert group[planted.doubled].tolist() == group[first].tolist()
    counts = report.event_counts.loc["victim named"]
    assert counts["groups"] == sure["group"].nunique()
    assert counts["surplus_records"] == len(sure) - counts["groups"]
    assert counts["people"] == sure["person_id"].nunique()
    assert counts["surplus_harm"] == pytest.approx(sure["harm"][sure["surplus"]].sum())
    recent = sure["event_time"] >= pd.Timestamp(AS_OF) - pd.Timedelta(days=365)
    assert counts["surplus_harm_1y"] == pytest.approx(sure["harm"][sure["surplus"] & recent].sum())


def test_persons_with_two_ids_are_found_by_rules_and_no_one_else_is(planted, task):
    pairs = identity_report(planted.histories, task, as_of=AS_OF).pairs
    right = planted.links["unique_id_r"].tolist()
    found = pairs[["person_id_l", "person_id_r"]].to_numpy().tolist()
    assert len(found) > len(right) / 4
    assert all(left in right and other == left + AGAIN for left, other in found)


def test_a_world_without_planted_pairs_has_none_and_stays_as_it_is(small_world, task):
    digest = small_world.histories.digest()
    report = identity_report(small_world.histories, task, as_of=AS_OF)
    assert report.pairs.empty
    assert (report.pair_counts == 0).all(axis=None)
    assert (report.effects.loc["persons merged"] == 0).all()
    assert report.merged(small_world.histories) is small_world.histories
    assert small_world.histories.digest() == digest


def test_links_are_counted_beside_the_rules(planted, report):
    assert report.pair_counts.loc["linked", "pairs"] == len(planted.links)
    assert report.pair_counts.loc["any of them", "pairs"] == len(planted.links)
    assert report.pairs["match_probability"].eq(0.99).all()
    assert (report.pairs["person_id_l"] + AGAIN == report.pairs["person_id_r"]).all()
    ruled = report.pairs[["same moment", "same day", "same place"]].any(axis=1)
    assert 0 < ruled.sum() < len(ruled)


def test_links_under_the_threshold_are_not_read(planted, task, report):
    other = identity_report(
        planted.histories, task, as_of=AS_OF, links=planted.links, threshold=0.995
    )
    assert other.pair_counts.loc["linked", "pairs"] == 0
    assert "match probability from 0.995: 0 pairs" in repr(other)
    assert len(other.pairs) < len(report.pairs)


def test_merged_and_without_surplus_hand_the_histories_back(planted, report, small_world, task):
    merged = report.merged(planted.histories)
    assert np.array_equal(merged.persons, small_world.histories.persons)
    twice = planted.histories.events["source_id"].isin(planted.doubled)
    clean = report.without_surplus(merged)
    assert (
        len(planted.histories) - len(clean)
        == report.events["surplus"].sum()
        - (report.event_counts.loc["no victim named", "surplus_records"])
    )
    assert twice.sum() == len(planted.doubled)
    again = identity_report(clean, task, as_of=AS_OF)
    assert again.pairs.empty


def test_a_merged_person_has_the_features_of_the_one_that_was_split(planted, report, small_world):
    task = Task(offences=small_world.offences)
    kept = planted.tables["events"]["source_id"].isin(planted.doubled)
    tables = planted.tables | {"events": planted.tables["events"][~kept]}
    merged = report.merged(built(tables, small_world))
    one, other = (features_at(h, task, AS_OF) for h in (merged, small_world.histories))
    pd.testing.assert_frame_equal(one.X, other.X)
    pd.testing.assert_frame_equal(one.rules, other.rules)
    assert one.person_id.tolist() == other.person_id.tolist()


def test_pairs_that_dates_of_life_contradict_are_named_and_not_merged(planted, task, small_world):
    people = planted.tables["people"].copy()
    wrong = people["person_id"].isin(planted.links["unique_id_l"][:5])
    people.loc[wrong, "birth_date"] += pd.Timedelta(days=1)
    histories = built(planted.tables | {"people": people}, small_world)
    report = identity_report(histories, task, as_of=AS_OF, links=planted.links)
    assert report.pair_counts.loc["linked", "contradicted"] == 5
    assert set(report.pairs.loc[report.pairs["contradicted"], "person_id_r"]) == set(
        planted.links["unique_id_l"][:5]
    )
    assert len(report.merged(histories).persons) == len(small_world.histories.persons) + 5
    assert "dates of life contradict 5, which are not merged" in repr(report)


def test_the_order_of_rows_changes_nothing(planted, report, task, small_world):
    tables = {
        name: table.sample(frac=1, random_state=number)
        for number, (name, table) in enumerate(planted.tables.items())
    }
    turned = planted.links[::-1].rename(
        columns={"unique_id_l": "person_id_r", "unique_id_r": "person_id_l"}
    )
    histories = built(tables, small_world)
    assert_same(identity_report(histories, task, as_of=AS_OF, links=turned), report)


def test_what_is_recorded_later_changes_nothing(planted, task):
    then = identity_report(planted.histories, task, as_of="2023-07-01")
    known = identity_report(planted.histories.before("2023-07-01"), task, as_of="2023-07-01")
    assert_same(then, known)
    assert len(then.events)


def test_printed_it_is_plain_words_and_no_id(report, planted):
    text = repr(report)
    assert text == str(report)
    ids = re.compile(r"\b[PEVI]\d{5,}")
    assert not ids.search(text)
    assert not ids.search(report.to_frame().to_csv())
    assert "Likely duplicates as of 2024-01-01, and the first 100 by last year's" in text
    assert "or linked by the table given, match probability from 0.95: 40 pairs" in text
    for name, row in report.effects.iterrows():
        assert f"  {name}: {row['entered']} enter, {row['left']} leave, " in text


def test_to_frame_holds_every_count(report):
    table = report.to_frame().set_index(["part", "of", "measure"])["value"]
    assert table.index.is_unique
    for part in TABLES:
        counts = getattr(report, part)
        assert table[part].size == counts.size
        for of in counts.index:
            for measure in counts.columns:
                assert table[part, of, measure] == counts.loc[of, measure]


def test_places_on_the_list_of_one_person_are_counted(planted, task):
    ids = pd.concat([planted.links["unique_id_l"], planted.links["unique_id_r"]])
    scores = pd.Series(np.arange(len(ids), 0, -1.0), index=ids)
    report = identity_report(
        planted.histories, task, as_of=AS_OF, k=50, links=planted.links, scores=scores
    )
    # the first forty are second ids, then come the first ids of ten of them
    assert report.listed.loc["scores given"].tolist() == [50, 0, 50, 10]
    assert "by the scores given: of 50 listed 0 have surplus" in repr(report)
    table = pd.DataFrame({"person_id": ids.to_numpy(), "margin": scores.to_numpy()})
    again = identity_report(
        planted.histories, task, as_of=AS_OF, k=50, links=planted.links, scores=table
    )
    assert_same(report, again)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k: 0 given"),
        ({"k": True}, "k: True given"),
        ({"k": 2.5}, "k: 2.5 given"),
        ({"as_of": "2010-01-01"}, "before there are data"),
        ({"scores": pd.DataFrame({"person_id": ["a"]})}, "no columns margin"),
        ({"scores": pd.Series([1.0, 2.0], index=["a", "a"])}, "more than once"),
        ({"links": pd.DataFrame({"a": [1]})}, "links: no columns"),
        (
            {"links": pd.DataFrame({"person_id_l": ["secret"], "person_id_r": ["other"]})},
            "no id of a linked pair",
        ),
    ],
)
def test_what_cannot_be_is_refused(small_world, task, options, message):
    with pytest.raises(SchemaError, match=message) as told:
        identity_report(small_world.histories, task, **({"as_of": AS_OF} | options))
    assert "secret" not in str(told.value)


PRICED = pd.DataFrame(
    {"offence": ["A", "B"], "harm": [10.0, 400.0], "group": "g", "serious": [False, True]}
)
SMALL = Task(offences=OffenceTable.from_frame(PRICED, edition="test", source="test"))
START = pd.Timestamp("2010-01-01T06:30")


@st.composite
def few_events(draw):
    rows = [
        {
            "source_id": f"e{number}",
            "person_id": draw(st.sampled_from(["p0", "p1", "p2", None])),
            "event_time": START + pd.Timedelta(hours=draw(st.integers(0, 72))),
            "recorded_time": START + pd.Timedelta(hours=draw(st.sampled_from([72, 100, 400]))),
            "offence": draw(st.sampled_from(["A", "B"])),
            "victim_id": draw(st.sampled_from([None, "v0", "v1"])),
            "place": draw(st.sampled_from([None, "north", "south"])),
        }
        for number in range(draw(st.integers(1, 14)))
    ]
    return pd.DataFrame(rows)


@settings(max_examples=30)
@given(few_events(), st.lists(st.sampled_from(["1980-01-01", "1985-05-05", None]), min_size=3))
def test_groups_and_pairs_are_those_that_a_slow_search_finds(events, born):
    people = pd.DataFrame({"person_id": ["p0", "p1", "p2"], "birth_date": born[:3]})
    people["birth_date"] = pd.to_datetime(people["birth_date"])
    histories = EventHistories(events, people, data_start="2009-01-01", data_end="2011-01-01")
    as_of = START + pd.Timedelta(hours=200)
    report = identity_report(histories, SMALL, as_of=as_of, k=2)
    known = events[events["person_id"].notna() & (events["recorded_time"] < as_of)]
    rows = known.to_dict("records")

    def day(row):
        return row["event_time"].date()

    def same(one, other, *names):
        return all(pd.notna(one[name]) and one[name] == other[name] for name in names)

    def alike(one, other):
        victims = [row["victim_id"] for row in (one, other)]
        neither = all(pd.isna(victim) for victim in victims)
        return (
            same(one, other, "person_id", "offence")
            and day(one) == day(other)
            and (neither or same(one, other, "victim_id"))
        )

    several = {a["source_id"] for a in rows for b in rows if a is not b and alike(a, b)}
    assert set(report.events["source_id"]) == several
    assert report.events["surplus"].sum() == len(several) - report.events["group"].nunique()
    birth = dict(zip(people["person_id"], people["birth_date"], strict=True))
    expected = set()
    for a in rows:
        for b in rows:
            p, q = a["person_id"], b["person_id"]
            one_birth = p < q and pd.notna(birth[p]) and birth[p] == birth[q]
            shared_day = day(a) == day(b) and same(a, b, "offence")
            if one_birth and same(a, b, "victim_id") and (shared_day or same(a, b, "place")):
                expected.add((p, q))
    found = set(zip(report.pairs["person_id_l"], report.pairs["person_id_r"], strict=True))
    assert found == expected


@pytest.mark.parametrize("person", [None, "p0"])
def test_a_list_of_nobody_is_reported_as_such(person):
    event = {
        "source_id": ["e0"],
        "person_id": pd.Series([person], dtype="str"),
        "event_time": [START],
        "recorded_time": [START],
        "offence": ["A"],
    }
    histories = EventHistories(pd.DataFrame(event), data_start="2009-01-01", data_end="2011-01-01")
    report = identity_report(histories, SMALL, as_of="2010-01-01", k=2)
    assert report.listed.loc["rule in use"].tolist() == [0, 0, 0, 0]
    assert report.changes.empty
    assert (report.effects == 0).all(axis=None)
    assert "of 0 listed" in repr(report)
