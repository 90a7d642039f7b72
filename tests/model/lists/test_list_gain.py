"""Who enters a list and who leaves it, counted as people."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.lists.list_gain import ENTERS, LEAVES, STAYS, ListGain, list_gain, list_overlap
from riskmodel.snapshots.table import Snapshots

DATES = ["2015-01-01", "2016-01-01"]


def drawn_table(seed, n=60):
    rng = np.random.default_rng(seed)
    people = np.tile([f"p{i:02}" for i in range(n // 2)], 2)
    y = (rng.random(n) < 0.3).astype(float)
    table = Snapshots.from_table(
        pd.DataFrame({"x": rng.normal(size=n)}), y, person_id=people, as_of=np.repeat(DATES, n // 2)
    )
    return table, rng.integers(0, 5, n).astype(float), rng.integers(0, 5, n).astype(float)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), k=st.integers(1, 40), tie_seed=st.integers(0, 3))
def test_the_gain_is_the_difference_in_precision_times_the_list(seed, k, tie_seed):
    table, score, rule = drawn_table(seed)
    gain = list_gain(table, score, rule, k, tie_seed)
    found = evaluate_scores(
        table, {"score": score, "rule": rule}, reference="rule", ks=(k,), n_replicates=1,
        seed=tie_seed,
    )  # fmt: skip
    listed = min(k, 30) * 2
    by_precision = found.row("precision", "score", k)["difference"] * listed
    assert gain.people_gained == pytest.approx(by_precision)
    assert gain.offences_gained == gain.people_gained  # one offence each, in a ready-made table
    totals = gain.totals["people"]
    assert totals[STAYS] + totals[ENTERS] == totals[STAYS] + totals[LEAVES] == listed


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), k=st.integers(1, 40))
def test_the_counts_are_those_of_the_people(seed, k):
    table, score, rule = drawn_table(seed)
    gain = list_gain(table, score, rule, k)
    assert not gain.people.duplicated(["as_of", "person_id"]).any()
    for row in gain.counts.itertuples():
        mine = gain.people[(gain.people["as_of"] == row.as_of) & (gain.people["change"] == row[2])]
        assert (row.people, row.with_outcome, row.offences) == (
            len(mine), mine["y"].sum(), mine["offences"].sum(),
        )  # fmt: skip
    back = list_gain(table, rule, score, k)
    assert back.people_gained == -gain.people_gained
    assert len(gain.counts) == 6


def test_the_same_list_gains_nothing():
    table, score, _ = drawn_table(0)
    gain = list_gain(table, score, 2 * score + 1, 10)
    assert gain.totals.loc[[ENTERS, LEAVES]].eq(0).all(axis=None)
    assert gain.people_gained == gain.offences_gained == 0
    assert "20 stay" in str(gain)


def test_rows_without_an_outcome_are_left_out_and_counted():
    y = [1.0, 0.0, np.nan, 0.0]
    table = Snapshots.from_table(pd.DataFrame({"x": range(4)}), y, person_id=list("abcd"))
    gain = list_gain(table, [0, 1, 9, 0], [0, 1, 2, 3], k=1)
    assert gain.n_unobserved == 1
    assert gain.people.query("change == 'enters'")["person_id"].tolist() == ["b"]
    unscored = [0.0, 1.0, np.nan, 0.0]  # missing only where there is no outcome to judge by
    assert list_gain(table, unscored, unscored, k=1).people["person_id"].tolist() == ["b"]


def test_its_json_counts_and_names_nobody():
    table, score, rule = drawn_table(1)
    gain = list_gain(table, score, rule, 10)
    text = json.dumps(gain.to_dict(), allow_nan=False)
    assert '"p0' not in text
    again = ListGain.from_dict(json.loads(text))
    assert again.to_dict() == gain.to_dict()
    assert str(again) == str(gain)
    assert again.people.empty


def test_overlap_of_each_pair_is_that_of_their_lists():
    table, score, rule = drawn_table(2)
    found = list_overlap(table, {"a": score, "b": rule, "c": score}, k=10)
    pairs = found.set_index(["score", "other"])
    assert pairs.index.tolist() == [("a", "b"), ("a", "c"), ("b", "c")]
    stays = list_gain(table, score, rule, 10).totals.loc[STAYS, "people"]
    row = pairs.loc[("a", "b")]
    assert (row["listed"], row["shared"]) == (20, stays)
    assert row["share"] == stays / 20
    assert row["jaccard"] == stays / (40 - stays)
    assert row["date_low"] <= row["share"] <= row["date_high"]
    assert pairs.loc[("a", "c"), ["share", "jaccard"]].eq(1).all()


@pytest.mark.parametrize("k", [0, -3, 1.5, True])
def test_a_k_that_is_no_count_is_refused(k):
    table, score, rule = drawn_table(0)
    with pytest.raises(SchemaError, match="a whole number from 1"):
        list_gain(table, score, rule, k)


def test_scores_that_do_not_fit_are_told_together():
    table, score, rule = drawn_table(0)
    rule[3] = np.nan
    with pytest.raises(SchemaError) as error:
        list_gain(table, score[:5], rule, 10)
    assert len(error.value.problems) == 2
    nobody = Snapshots.from_table(pd.DataFrame({"x": [1.0]}), [np.nan])
    with pytest.raises(SchemaError, match="observed in none of 1 rows"):
        list_gain(nobody, [1.0], [1.0], 1)
