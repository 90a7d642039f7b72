import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.scoring.ranking import RANK_COLUMNS, rank


def table_of(margins, *, harm=None, width=0.05):
    margin = np.array(margins, dtype=float)
    probability = 1 / (1 + np.exp(-margin))
    return pd.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(len(margin))],
            "as_of": pd.Timestamp("2020-01-01"),
            "status": np.where(np.isnan(margin), "not in the cohort", "scored"),
            "probability": probability,
            "low": np.clip(probability - width, 0, 1),
            "high": np.clip(probability + width, 0, 1),
            "margin": margin,
            "expected_harm": margin * 10 if harm is None else np.array(harm, dtype=float),
            "digest": "d",
        }
    )


margin_lists = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.just(float("nan"))), min_size=1, max_size=25
)


@given(margins=margin_lists, seed=st.integers(0, 5), data=st.data())
def test_the_order_of_rows_does_not_matter(margins, seed, data):
    table = table_of(margins)
    shuffled = table.iloc[data.draw(st.permutations(range(len(table))))].reset_index(drop=True)
    a, b = (rank(t, seed=seed).set_index("person_id") for t in (table, shuffled))
    pd.testing.assert_frame_equal(a.sort_index(), b.sort_index())


@given(margins=margin_lists, seed=st.integers(0, 5))
def test_ranks_are_a_permutation_and_ties_share_their_bounds(margins, seed):
    ranked = rank(table_of(margins), seed=seed)
    n = int(np.isfinite(margins).sum())
    scored, unscored = ranked[:n], ranked[n:]
    assert scored["rank"].tolist() == list(range(1, n + 1))
    assert unscored[RANK_COLUMNS[:3]].isna().all(axis=None)
    assert scored["margin"].is_monotonic_decreasing
    for _, tied in scored.groupby("margin"):
        assert (tied["rank_best"] == tied["rank"].min()).all()
        assert (tied["rank_worst"] == tied["rank"].max()).all()


@given(margins=margin_lists, k=st.integers(1, 30), width=st.sampled_from([0.0, 0.05, 0.3]))
def test_the_first_k_are_the_head_of_the_whole_and_near_cut_is_what_intervals_say(
    margins, k, width
):
    table = table_of(margins, width=width)
    whole, head = rank(table), rank(table, k)
    assert len(head) == min(k, int(np.isfinite(margins).sum()))
    assert head["person_id"].tolist() == whole["person_id"].tolist()[: len(head)]
    scored = table.dropna(subset="margin")
    for row in head.itertuples():
        best = 1 + int((scored["low"] > row.high).sum())
        worst = int((scored["high"] >= row.low).sum())
        assert best <= row.rank <= worst
        assert row.near_cut == (best <= k < worst)


def test_another_seed_moves_only_ties():
    table = table_of([2.0] + [0.0] * 30 + [-2.0])
    a, b = rank(table, seed=1), rank(table, seed=2)
    assert a["person_id"].tolist() != b["person_id"].tolist()
    assert a["margin"].tolist() == b["margin"].tolist()
    assert (a.attrs["tie_seed"], b.attrs["tie_seed"]) == (1, 2)


def test_expected_harm_ranks_in_days_and_only_its_ties_are_near_the_cut():
    table = table_of([3.0, 2.0, 1.0, 0.0], harm=[0.0, 5.0, 5.0, 9.0], width=0.5)
    ranked = rank(table, 2, by="expected_harm")
    assert ranked["expected_harm"].tolist() == [9.0, 5.0]
    assert ranked["near_cut"].tolist() == [False, True]


def test_ranking_again_replaces_the_ranks():
    ranked = rank(table_of([0.0, 1.0, float("nan")]))
    pd.testing.assert_frame_equal(rank(ranked), ranked)


def test_without_k_nothing_is_said_about_a_cut():
    assert rank(table_of([0.0, 1.0]))["near_cut"].isna().all()


@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_a_k_that_is_no_count_is_refused(k):
    with pytest.raises(SchemaError, match="whole number"):
        rank(table_of([0.0]), k)


def test_what_cannot_be_one_list_is_refused():
    table = table_of([0.0, 1.0])
    with pytest.raises(SchemaError, match="1 rows repeat a person"):
        rank(table.assign(person_id="p"))
    with pytest.raises(SchemaError, match="no columns margin"):
        rank(table.drop(columns="margin"))
    with pytest.raises(SchemaError, match="by="):
        rank(table, by="probability")
    with pytest.raises(ModelMismatchError, match="digest"):
        rank(table.assign(digest=["d", "e"]))
    with pytest.raises(ModelMismatchError, match="without harm"):
        rank(table.assign(expected_harm=np.nan), by="expected_harm")


def test_a_missing_interval_is_the_estimate_itself():
    table = table_of([2.0, 1.0, 0.0]).assign(low=np.nan, high=np.nan)
    assert rank(table, 1)["near_cut"].tolist() == [False]


def test_an_empty_table_stays_empty():
    assert rank(table_of([]), 5).empty
