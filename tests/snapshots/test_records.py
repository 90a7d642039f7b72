from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import COLUMNS, FILTERS, SCALARS, WINDOWED, Feature
from riskmodel.snapshots.pairs import Ratio
from riskmodel.snapshots.records import behind, known_records
from riskmodel.snapshots.task import Task
from tests.snapshots.drawn import NAMES, OFFENCES, drawn, make_dates, make_tables
from tests.snapshots.drawn_features import STANDINGS, make_features
from tests.snapshots.oracle_pandas import PandasOracle

AS_OF = "2021-01-01"
SIZES = {
    "count": len,
    "incidents": lambda part: part["incident_id"].nunique(),
    "harm_sum": lambda part: part["harm"].sum(),
    "harm_max": lambda part: part["harm"].max(),
    "victims": lambda part: part["victim_id"].nunique(),
    "places": lambda part: part["place"].nunique(),
    "repeat_victims": lambda part: part["victim_id"].nunique(),
    "repeat_places": lambda part: part["place"].nunique(),
}
SHARED = {"co_accused": "with_others", "neighbours": "with_neighbours"}


def moment(choose):
    """Return tables, the levels of evidence that count, a date, and features over records."""
    tables, standing = make_tables(choose), choose(STANDINGS)
    features = [f for f in make_features(choose, sizes=(1, 6)) if f.measure not in COLUMNS]
    return tables, standing, make_dates(choose, tables, sizes=(1,))[0], features


def known_of(tables, standing, date, people=None):
    """Return the known records of drawn tables."""
    task = Task(offences=OFFENCES, cohort=Cohort(lookback_days=None), feature_evidence=standing)
    return known_records(tables.histories(), task, date, people)


def without(tables, person, kept):
    """Return the tables with only those events of one person that are in `kept`."""
    events = tables.events
    mine = events["person_id"] == person
    return replace(tables, events=events[~mine | events["source_id"].isin(kept)])


@settings(max_examples=40)
@given(drawn(moment))
def test_a_value_rests_on_the_records_behind_it_and_on_no_other(world):
    """With all the person's other records taken away, the definition gives the same number."""
    tables, standing, date, features = world
    records = known_of(tables, standing, date)
    whole = PandasOracle(tables, OFFENCES, standing)
    for person in whole.listed(date):
        mine = records[records["person_id"] == person]
        for feature in features:
            found = behind(feature, mine, date)
            part = without(tables, person, found["source_id"])
            alone = PandasOracle(part, OFFENCES, standing)
            value, size = whole.value(feature, person, date, masked=False)
            again, _ = alone.value(feature, person, date, masked=False)
            np.testing.assert_allclose(again, value, rtol=1e-12, atol=1e-12 * np.nan_to_num(size))


def assert_no_more_than_counts(measure, found, value):
    """Fail if a value is told with records that add nothing to it."""
    if measure in SIZES:
        assert (SIZES[measure](found) if len(found) else 0.0) == pytest.approx(value)
    if measure == "harm_max":
        assert found["harm"].nunique() <= 1
    if measure in SHARED:
        assert bool(len(found)) == (value > 0)
        assert found[SHARED[measure]].all()


@settings(max_examples=40)
@given(drawn(moment))
def test_only_records_that_pass_and_count_are_behind_a_value(world):
    tables, standing, date, features = world
    records = known_of(tables, standing, date)
    oracle = PandasOracle(tables, OFFENCES, standing)
    for person in oracle.listed(date):
        mine = records[records["person_id"] == person]
        for leaf in (leaf for feature in features for leaf in feature.leaves):
            found = behind(leaf, mine, date)
            filters = tuple(getattr(leaf, name) for name in FILTERS)
            passing = oracle.passing(filters, person, date).index
            assert set(found["source_id"]) <= set(oracle.known(date).loc[passing, "source_id"])
            amount = replace(leaf, per_year_at_risk=False)
            value, _ = oracle.value(amount, person, date, masked=False)
            assert_no_more_than_counts(leaf.measure, found, value)


@settings(max_examples=40)
@given(drawn(moment))
def test_a_pair_rests_on_what_both_parts_rest_on(world):
    tables, standing, date, features = world
    records = known_of(tables, standing, date)
    for one, two in pairwise(features):
        first, second = one.leaves[0], two.leaves[-1]
        both = behind(Ratio(first, second), records, date)
        parts = [behind(part, records, date)["source_id"] for part in (first, second)]
        assert both["source_id"].tolist() == [
            source for source in records["source_id"] if any(source in set(p) for p in parts)
        ]


@settings(max_examples=40)
@given(drawn(moment))
def test_known_records_are_those_of_the_definition(world):
    tables, standing, date, _ = world
    found = known_of(tables, standing, date).set_index("source_id").sort_index()
    oracle = PandasOracle(tables, OFFENCES, standing)
    known = oracle.known(date).set_index("source_id").sort_index()
    assert found.index.tolist() == known.index.tolist()
    for column in ("person_id", "evidence", "harm", "group", "serious", "origin"):
        assert found[column].tolist() == known[column].tolist()
    for column, key in (("with_others", "incident_id"), ("with_neighbours", "place")):
        people = known.groupby(key)["person_id"].transform("nunique")
        assert found[column].tolist() == (people >= 2).tolist()
    assert found["reach"].tolist() == [oracle.start(person) for person in found["person_id"]]


@settings(max_examples=20)
@given(drawn(moment), st.sets(st.sampled_from(NAMES)))
def test_records_of_some_people_are_a_part_of_all(world, people):
    tables, standing, date, _ = world
    everyone = known_of(tables, standing, date)
    some = known_of(tables, standing, date, people)
    expected = everyone[everyone["person_id"].isin(people)].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)


@pytest.fixture(scope="module")
def world():
    return make_histories(400, seed=8)


@pytest.fixture(scope="module")
def task(world):
    return Task(offences=world.offences, cohort=Cohort(lookback_days=None))


def test_the_records_behind_the_default_features_give_the_numbers_back(world, task):
    table = features_at(world.histories, task, AS_OF)
    people = table.person_id[table.scored]
    records = known_records(world.histories, task, AS_OF, people)
    told = 0
    for column, feature in enumerate(task.columns):
        if feature.measure not in SIZES:
            continue
        found = behind(feature, records, AS_OF)
        values = table.X.iloc[:, column].set_axis(people)
        sums = {name: SIZES[feature.measure](part) for name, part in found.groupby("person_id")}
        expected = pd.Series(sums, dtype=float).reindex(people).fillna(0.0)
        expected = expected.where(values.notna()).astype("float32")
        pd.testing.assert_series_equal(values, expected, check_names=False, rtol=1e-6)
        told += 1
    assert told > 50


def test_dates_since_rest_on_one_record_each(world, task):
    table = features_at(world.histories, task, AS_OF)
    people = table.person_id[table.scored]
    records = known_records(world.histories, task, AS_OF, people)
    for name in ("days_since_first", "days_since_last", "days_since_last_serious"):
        found = behind(task.feature(name), records, AS_OF).set_index("person_id")
        days = (pd.Timestamp(AS_OF) - found["event_time"]) / pd.Timedelta(days=1)
        pd.testing.assert_series_equal(
            days.reindex(people).astype("float32"),
            table.X[name].set_axis(people),
            check_names=False,
            rtol=1e-6,
        )


def test_nothing_recorded_later_stands_behind_a_number(world, task):
    records = known_records(world.histories, task, AS_OF)
    assert (records["recorded_time"] < AS_OF).all()
    assert (records["evidence"] != "cancelled").all()


def test_what_is_read_from_the_people_table_rests_on_no_record(world, task):
    records = known_records(world.histories, task, AS_OF)
    for feature in (Feature("age", justification="x"), Feature("covariate", column="points")):
        assert behind(feature, records, AS_OF).empty


def test_every_measure_over_records_can_be_traced(world, task):
    records = known_records(world.histories, task, AS_OF)
    for measure in (*WINDOWED, *SCALARS):
        window = 365 if measure in WINDOWED else None
        found = behind(Feature(measure, window), records, AS_OF)
        assert 0 < len(found) <= len(records), measure
        assert found.index.isin(records.index).all()
    none = records.iloc[:0]
    for measure in (*WINDOWED, *SCALARS):
        assert behind(Feature(measure, 365 if measure in WINDOWED else None), none, AS_OF).empty
