"""AUC is scikit-learn's; lists are walked down by weight; perfect scores beat any."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from riskmodel.errors import SchemaError
from riskmodel.statistics.bootstrap import person_weights
from riskmodel.statistics.discrimination import (
    PairCounter,
    auc,
    captured_at_k,
    list_sums,
    mean_captured,
    outside_total,
    precision_at_k,
)
from riskmodel.statistics.ranking import rank_descending

SCORES = st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 2.0, -3.0])


def ids_of(n):
    return [f"p{i}" for i in range(n)]


@st.composite
def cohorts(draw):
    """Outcomes, scores with ties, amounts, and whole weights of a few replicates."""
    n = draw(st.integers(1, 25))
    y = draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    scores = draw(arrays(float, n, elements=SCORES))
    amounts = y * draw(arrays(float, n, elements=st.integers(1, 5).map(float)))
    weights = draw(arrays(float, (3, n), elements=st.integers(0, 4).map(float)))
    return y, scores, amounts, weights


@given(cohorts())
def test_auc_is_scikit_learns_with_weights(cohort):
    y, scores, _, weights = cohort
    assume(0 < y.sum() < len(y))
    weights = weights + 1
    expected = [roc_auc_score(y, scores, sample_weight=weight) for weight in weights]
    assert np.allclose(auc(y, scores, weights), expected)
    assert np.isclose(auc(y, scores), roc_auc_score(y, scores))


@given(cohorts())
def test_auc_without_one_of_the_classes_is_undefined(cohort):
    y, scores, _, weights = cohort
    found = auc(y, scores, weights)
    both = (weights @ y > 0) & (weights @ (1 - y) > 0)
    assert (np.isnan(found) == ~both).all()


@given(cohorts())
def test_auc_of_the_reversed_scores_is_the_rest(cohort):
    y, scores, _, weights = cohort
    assert np.allclose(auc(y, scores, weights) + auc(y, -scores, weights), 1, equal_nan=True) or (
        np.isnan(auc(y, scores, weights)).any()
    )


def test_the_sort_is_shared_and_nothing_else_is_kept():
    y, scores = np.array([0, 1, 1, 0.0]), np.array([0.1, 0.2, 0.3, 0.3])
    counter = PairCounter.from_scores(y, scores)
    blocks = list(person_weights(np.arange(4), 50, chunk=7))
    in_blocks = np.concatenate([counter.auc(block) for block in blocks])
    assert np.allclose(in_blocks, auc(y, scores, np.concatenate(blocks)), equal_nan=True)


def listed_by_hand(weight, scores, k):
    """Weight of each person on the list: lay copies side by side and cut after k."""
    copies = np.repeat(np.arange(len(scores)), weight.astype(int))
    rank = rank_descending(scores, ids_of(len(scores))).rank[copies]
    first = copies[np.argsort(rank, kind="stable")][:k]
    return np.bincount(first, minlength=len(scores))


@given(cohorts(), st.integers(1, 40))
def test_a_list_in_a_resample_is_the_first_k_copies(cohort, k):
    y, scores, amounts, weights = cohort
    found = precision_at_k(y, scores, ids_of(len(y)), k, weight=weights)
    shares = captured_at_k(amounts, scores, ids_of(len(y)), k, weight=weights)
    for precision, share, weight in zip(found, shares, weights, strict=True):
        listed = listed_by_hand(weight, scores, k)
        expected = listed @ y / listed.sum() if listed.sum() else np.nan
        assert np.isclose(precision, expected, equal_nan=True)
        total = weight @ amounts
        expected = listed @ amounts / total if total else np.nan
        assert np.isclose(share, expected, equal_nan=True)


def test_the_walk_goes_on_where_the_first_people_were_hardly_drawn():
    n, k = 5_000, 100
    weights = np.zeros((2, n))
    weights[0] = 1
    weights[1, -200:] = 1  # the list starts far beyond the prefix that is usually enough
    values = np.arange(n, dtype=float)[:, np.newaxis]
    sums, listed = list_sums(weights, np.arange(n), values, (k,))
    assert listed[:, 0].tolist() == [k, k]
    assert sums[1, 0, 0] == np.arange(n - 200, n - 100).sum()


def test_the_last_person_may_be_listed_in_part():
    weights, values = np.array([[2.0, 3.0, 1.0]]), np.array([[1.0], [10.0], [100.0]])
    sums, listed = list_sums(weights, np.array([0, 1, 2]), values, (3, 5, 9))
    assert sums[0, :, 0].tolist() == [12, 32, 132]
    assert listed[0].tolist() == [3, 5, 6]


def test_a_missing_amount_beyond_the_list_does_not_matter():
    values = np.array([[1.0], [2.0], [np.nan]])
    sums, _ = list_sums(np.ones((1, 3)), np.arange(3), values, (2, 3))
    assert sums[0, 0, 0] == 3
    assert np.isnan(sums[0, 1, 0])


@given(cohorts(), st.integers(0, 5))
def test_captured_grows_with_k_up_to_the_cohorts_share(cohort, outside):
    _, scores, amounts, _ = cohort
    assume(amounts.sum() > 0)
    n, total = len(scores), amounts.sum() + outside
    shares = [captured_at_k(amounts, scores, ids_of(n), k, total=total) for k in range(1, n + 2)]
    assert (np.diff(shares) >= -1e-12).all()
    assert np.isclose(shares[-1], amounts.sum() / total)


@given(cohorts(), st.integers(1, 25))
def test_perfect_scores_beat_any(cohort, k):
    y, scores, amounts, weights = cohort
    ids = ids_of(len(y))
    for weight in (None, weights):
        best = captured_at_k(amounts, amounts, ids, k, weight=weight)
        other = captured_at_k(amounts, scores, ids, k, weight=weight)
        assert (np.isnan(best) | (best >= other - 1e-12)).all()
        assert np.asarray(
            np.nan_to_num(precision_at_k(y, y, ids, k, weight=weight))
            >= np.nan_to_num(precision_at_k(y, scores, ids, k, weight=weight)) - 1e-12
        ).all()


@given(cohorts())
def test_a_monotone_change_of_scores_changes_nothing(cohort):
    y, scores, amounts, weights = cohort
    ids = ids_of(len(y))
    for change in (lambda s: s + 7, lambda s: 3 * s, np.exp):
        for left, right in [
            (auc(y, scores, weights), auc(y, change(scores), weights)),
            (
                captured_at_k(amounts, scores, ids, 3, weight=weights),
                captured_at_k(amounts, change(scores), ids, 3, weight=weights),
            ),
        ]:
            assert np.array_equal(left, right, equal_nan=True)


@given(cohorts())
def test_the_order_of_rows_changes_nothing(cohort):
    y, scores, amounts, _ = cohort
    ids = np.array(ids_of(len(y)), dtype=object)
    order = np.random.default_rng(0).permutation(len(y))
    assert np.isclose(
        captured_at_k(amounts, scores, ids, 2),
        captured_at_k(amounts[order], scores[order], ids[order], 2),
        equal_nan=True,
    )


@given(cohorts())
def test_mean_captured_is_the_mean(cohort):
    _, scores, amounts, weights = cohort
    ids, ks = ids_of(len(scores)), (1, 3, 8)
    each = [captured_at_k(amounts, scores, ids, k, weight=weights) for k in ks]
    found = mean_captured(amounts, scores, ids, ks=ks, weight=weights)
    assert np.allclose(found, np.mean(each, axis=0), equal_nan=True)


def test_what_lies_outside_the_cohort_stays_in_a_resample():
    weights = np.array([[2.0, 0.0], [1.0, 1.0]])
    found = captured_at_k([4, 1], [9, 1], ["a", "b"], 1, total=10, weight=weights)
    assert found.tolist() == [4 / (8 + 5), 4 / 10]


def test_nothing_to_capture_is_undefined():
    assert np.isnan(captured_at_k([0, 0], [1, 2], ["a", "b"], 1))


def test_a_total_below_its_part_is_refused_and_a_missing_one_stays_missing():
    with pytest.raises(SchemaError, match="serious_named: below the sum"):
        outside_total(3.0, 4.0, "serious_named")
    assert outside_total(4.0, 4.0 + 1e-9, "harm") == 0
    assert np.isnan(outside_total(float("nan"), 1.0, "harm"))
    assert np.isnan(captured_at_k([1.0], [1.0], ["a"], 1, total=float("nan")))


@pytest.mark.parametrize("k", [0, 1.5, -3])
def test_k_is_a_whole_number_of_one_or_more(k):
    with pytest.raises(SchemaError, match="k: "):
        precision_at_k([1], [1.0], ["a"], k)


def test_mistakes_are_refused():
    for call in (
        lambda: auc([0, 1], [1.0, np.nan]),
        lambda: auc([0, 1], [1.0]),
        lambda: auc([0, 3], [1.0, 2.0]),
        lambda: captured_at_k([], [], [], 1),
        lambda: mean_captured([1.0], [1.0], ["a"], ks=()),
    ):
        with pytest.raises(SchemaError):
            call()
