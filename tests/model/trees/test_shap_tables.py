"""Contributions are LightGBM's, whichever way they are worked out."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.model.trees.shap_plan import plan_of
from riskmodel.model.trees.shap_tables import ROWS_WORTH_TABLES, Explainer
from riskmodel.model.trees.text import read_trees

TOLERANCE = 1e-12


def read(grown):
    return read_trees(grown.model_to_string(), n_features=grown.num_feature()).forest


def close_calls(forest, X, seed):
    """Return rows of every kind: as learnt from, on thresholds and next to them, odd numbers."""
    rng = np.random.default_rng(seed)
    rows = X[rng.integers(0, len(X), 40)].copy()
    odd = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, -1e-35, 1.0000000180025095e-35, np.inf, -np.inf]
    if len(forest.threshold):
        odd += rng.choice(forest.threshold, 6).tolist()
        odd += np.nextafter(odd[-6:], np.inf).tolist()
    return np.where(rng.random(rows.shape) < 0.3, rng.choice(odd, rows.shape), rows)


@settings(max_examples=100)
@given(st.data())
def test_they_are_those_of_lightgbm(grow, table, data):
    draw = data.draw
    n, p, seed = draw(st.integers(20, 300)), draw(st.integers(1, 14)), draw(st.integers(0, 10**6))
    X, y = table(n, p, seed, missing=draw(st.sampled_from([0.0, 0.1, 0.5])))
    X[:, draw(st.integers(0, p - 1))] = 1.0  # a feature that tells nothing
    objective = draw(st.sampled_from(["binary", "poisson", "tweedie"]))
    ways = draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=p, max_size=p))
    missing = draw(st.sampled_from([{}, {"use_missing": False}, {"zero_as_missing": True}]))
    grown = grow(
        X, y, rounds=draw(st.integers(1, 6)), objective=objective, monotone_constraints=ways,
        num_leaves=draw(st.sampled_from([2, 3, 7, 31, 255])), seed=seed,
        min_data_in_leaf=draw(st.sampled_from([1, 5])), **missing,
    )  # fmt: skip
    forest = read(grown)
    rows = close_calls(forest, X, seed).astype(draw(st.sampled_from([np.float32, np.float64])))
    expected = grown.predict(rows, pred_contrib=True)
    explainer = Explainer(forest)
    alone = np.concatenate([explainer.contributions(row[None]) for row in rows])
    assert np.abs(alone - expected).max() <= TOLERANCE
    assert (alone[:, -1] == expected[:, -1]).all()
    away = np.abs(alone.sum(axis=1) - grown.predict(rows, raw_score=True))
    assert away.max() <= TOLERANCE
    together = explainer.contributions(np.repeat(rows, 2, axis=0))
    assert (together[::2] == alone).all()
    from_tables = np.concatenate([explainer.contributions(row[None]) for row in rows])
    assert (from_tables == alone).all()


@pytest.fixture(scope="module")
def deep(grow, table):
    """Trees with leaves under many features, and splits on a feature again and again."""
    X, y = table(1_500, 30, seed=3)
    return grow(X, y, rounds=4, num_leaves=255, min_data_in_leaf=1), X


def test_deep_leaves_have_no_tables(deep):
    grown, X = deep
    forest = read(grown)
    plan = plan_of(forest)
    terms = np.diff(plan.term_start)
    outside = plan.tip_group[: len(terms)] < 0
    assert terms.max() > 10
    assert (terms[outside] >= 8).all()
    assert (terms[~outside] <= 8).all()
    assert 0 < outside.sum() < len(outside)
    expected = grown.predict(X, pred_contrib=True)
    assert np.abs(Explainer(forest).contributions(X) - expected).max() <= TOLERANCE


def test_threads_and_blocks_give_the_same_bits(deep):
    grown, X = deep
    rows = np.concatenate([X] * 4)
    explainer = Explainer(read(grown))
    once = explainer.contributions(rows)
    for threads in (2, 3, 7):
        assert (explainer.contributions(rows, threads) == once).all()
    assert (explainer.contributions(rows[2_345:2_400]) == once[2_345:2_400]).all()


def test_tables_are_made_once_they_are_worth_it(deep):
    grown, X = deep
    explainer = Explainer(read(grown))
    for row in range(ROWS_WORTH_TABLES - 1):
        explainer.contributions(X[row : row + 1])
    assert not explainer._tables.size
    explainer.contributions(X[:1])
    assert explainer._tables.size == explainer.plan.table_start[-1]


@pytest.mark.parametrize("most_bytes", [0, 5_000, 50_000])
def test_tables_have_a_size_that_they_keep(deep, most_bytes):
    grown, X = deep
    explainer = Explainer(read(grown), most_table_bytes=most_bytes)
    found = explainer.contributions(X)
    assert explainer._tables.nbytes <= most_bytes
    assert np.abs(found - grown.predict(X, pred_contrib=True)).max() <= TOLERANCE


def worth(forest, row, known):
    """Return the mean score of the rows learnt from that are like this one where it is known."""
    trees = range(len(forest.leaves))
    return sum(below(forest, tree, 0, 1.0, row, known) for tree in trees)


def below(forest, tree, child, share, row, known):
    first, leaf = forest.node_start[tree], forest.leaf_start[tree]
    if child < 0:
        return share * forest.leaf_value[leaf + ~child]
    node = first + child
    left, right = forest.left[node], forest.right[node]
    if forest.feature[node] in known:
        value, decision = row[forest.feature[node]], forest.decision[node]
        goes_left = decision & 2 if np.isnan(value) else value <= forest.threshold[node]
        return below(forest, tree, left if goes_left else right, share, row, known)
    total = 0.0
    for side in (left, right):
        rows = forest.node_count[first + side] if side >= 0 else forest.leaf_count[leaf + ~side]
        part = share * rows / forest.node_count[node]
        total += below(forest, tree, side, part, row, known)
    return total


def test_they_are_shapley_values_by_definition(grow, table):
    """Over all orders in which three features can become known."""
    X, y = table(200, 3, seed=5)
    forest = read(grow(X, y, rounds=2, num_leaves=12))
    assert (forest.decision & 8).all()  # what is missing is missing
    for row, values in zip(X[:5], Explainer(forest).contributions(X[:5]), strict=True):
        by_definition = np.zeros(3)
        for order in permutations(range(3)):
            for place, feature in enumerate(order):
                known = set(order[:place])
                added = worth(forest, row, known | {feature}) - worth(forest, row, known)
                by_definition[feature] += added / 6
        assert np.abs(values[:3] - by_definition).max() < TOLERANCE
        assert values[3] == pytest.approx(worth(forest, row, set()), abs=TOLERANCE)
