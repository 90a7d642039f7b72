"""The rules order people as their names say, date by date, and never return NaN."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.rules import BASELINES, baseline_scores, rfgv, v100_repeat, v100_sum
from riskmodel.snapshots.passes import RULE_COLUMNS
from riskmodel.snapshots.table import Snapshots

PLAIN = {
    "v100_sum": "harm_1y",
    "prior_count": "prior_count",
    "prior_serious": "prior_serious",
    "decayed_serious": "decayed_serious",
}


@st.composite
def rule_tables(draw):
    n = draw(st.integers(1, 20))
    cells = st.integers(0, 9).map(float) | st.just(np.nan)
    values = draw(arrays(float, (n, len(RULE_COLUMNS)), elements=cells))
    values[0] = 1.0  # at least one row has something in each column
    years = draw(st.lists(st.integers(2003, 2005), min_size=n, max_size=n))
    as_of = pd.Series(pd.to_datetime([f"{year}-01-01" for year in years]))
    return pd.DataFrame(values, columns=list(RULE_COLUMNS)), as_of


@given(rule_tables())
def test_every_baseline_scores_every_row(table):
    rules, as_of = table
    for name, rule in BASELINES.items():
        scores = rule(rules, as_of)
        assert scores.dtype == np.float64, name
        assert scores.shape == (len(rules),)
        assert np.isfinite(scores).all()


@given(rule_tables())
def test_plain_rules_are_their_columns_with_nothing_for_missing(table):
    rules, as_of = table
    for name, column in PLAIN.items():
        assert np.array_equal(BASELINES[name](rules, as_of), rules[column].fillna(0))


@given(rule_tables())
def test_rfgv_is_a_mean_of_shares_within_each_date(table):
    rules, as_of = table
    scores = pd.Series(rfgv(rules, as_of))
    assert scores.between(0, 1).all()
    for date in as_of.unique():
        rows = (as_of == date).to_numpy()
        alone = rfgv(rules[rows].fillna({"days_since_last": np.inf}).fillna(0), as_of[rows])
        assert np.allclose(scores[rows], alone)
        size = rows.sum()
        assert np.isclose(scores[rows].mean(), (size + 1) / 2 / size)


@given(rule_tables())
def test_v100_repeat_is_v100_among_those_accused_more_than_once(table):
    rules, as_of = table
    scores, everyone = v100_repeat(rules, as_of), v100_sum(rules, as_of)
    repeated = (rules["incidents_1y"] > 1).to_numpy()
    assert np.array_equal(scores[repeated], everyone[repeated])
    assert (scores[~repeated] == 0).all()


def test_rfgv_rises_with_each_part_and_falls_with_time():
    base = {"days_since_last": 50.0, "incidents_1y": 2.0, "harm_1y": 20.0, "victims_1y": 2.0}
    higher = {"days_since_last": 5.0, "incidents_1y": 3.0, "harm_1y": 21.0, "victims_1y": 3.0}
    date = pd.Series(["2010-01-01"] * 2)
    for part, value in higher.items():
        low, high = rfgv(pd.DataFrame([base, {**base, part: value}]), date)
        assert high > low, part


def test_rfgv_ranks_who_has_no_record_last_by_recency():
    rules = pd.DataFrame(
        {"days_since_last": [np.nan, 9e9], "incidents_1y": 1.0, "harm_1y": 1.0, "victims_1y": 1.0}
    )
    never, long_ago = rfgv(rules, pd.Series(["2010-01-01"] * 2))
    assert never < long_ago


@given(rule_tables())
def test_a_persons_baseline_does_not_depend_on_the_order_of_rows(table):
    rules, as_of = table
    order = np.random.default_rng(0).permutation(len(rules))
    for name, rule in BASELINES.items():
        shuffled = rule(rules.iloc[order], as_of.iloc[order])
        assert np.allclose(shuffled, rule(rules, as_of)[order]), name


def test_a_column_that_is_absent_or_empty_is_an_error_not_a_constant():
    date = pd.Series(["2010-01-01"])
    with pytest.raises(SchemaError, match="harm_1y: absent"):
        BASELINES["v100_sum"](pd.DataFrame({"other": [1.0]}), date)
    with pytest.raises(SchemaError, match="harm_1y: missing in all 1 rows"):
        BASELINES["v100_sum"](pd.DataFrame({"harm_1y": [np.nan]}), date)
    with pytest.raises(SchemaError, match="as_of: 1 rows given, 2 expected"):
        BASELINES["v100_sum"](pd.DataFrame({"harm_1y": [1.0, 2.0]}), date)


def test_a_ready_made_table_has_no_rules_to_score():
    table = Snapshots.from_table(pd.DataFrame({"priors": [0.0, 1.0]}), [0, 1])
    assert baseline_scores(table.rules, table.as_of) == {}


@given(rule_tables())
def test_baseline_scores_are_all_that_can_be_computed(table):
    rules, as_of = table
    found = baseline_scores(rules, as_of)
    assert list(found) == list(BASELINES)
    for name, scores in found.items():
        assert np.array_equal(scores, BASELINES[name](rules, as_of))
    assert "rfgv" not in baseline_scores(rules.drop(columns="victims_1y"), as_of)
    fewer = baseline_scores(rules.drop(columns="incidents_1y"), as_of)
    assert set(BASELINES) - set(fewer) == {"v100_repeat", "rfgv"}
