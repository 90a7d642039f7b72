"""Halves, folds and boosters: people stay whole, both classes stay in, a row keeps its bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.model.bagging import (
    Growth,
    Rows,
    bags_of,
    grouped_folds,
    grow,
    half_of_people,
    tree_names,
)
from riskmodel.model.parts import mean_and_variance

PARAMS = {
    "learning_rate": 0.1,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "lambda_l2": 1.0,
    "feature_fraction": 0.5,
    "max_bin": 63,
}
GROWTH = Growth(PARAMS, 15, ["a", "b", "c"], n_jobs=1)


def grow_bags(rows, growth, *, n_bags, seed):
    bags = bags_of(rows, n_bags=n_bags, seed=seed)
    return grow(rows, rows.y, bags, growth, objective={"objective": "binary"}, seed=seed)


def raw_scores(boosters, X):
    return np.stack([booster.predict(X, raw_score=True, num_threads=1) for booster in boosters])


def rows_of(seed, n=600, people=200):
    rng = np.random.default_rng(seed)
    X = rng.poisson(1.0, size=(n, 3)).astype(np.float32)
    y = (rng.random(n) < 0.05 + 0.1 * X[:, 0]).astype(float)
    return Rows(X, y, np.ones(n), rng.integers(0, people, size=n)).take(np.arange(n))


@st.composite
def few_rows(draw):
    n = draw(st.integers(2, 40))
    y = draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n))
    y[:2] = [0.0, 1.0]
    person = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    codes = np.unique(person, return_inverse=True)[1]
    return Rows(np.zeros((n, 1)), np.array(y), np.ones(n), codes)


@given(few_rows(), st.integers(0, 100))
@settings(deadline=None)
def test_a_half_has_whole_people_and_both_classes(rows, seed):
    half = half_of_people(rows, np.random.default_rng(seed))
    inside = np.isin(np.arange(len(rows)), half)
    for person in np.unique(rows.person):
        assert inside[rows.person == person].all() or not inside[rows.person == person].any()
    assert set(rows.y[half]) == {0.0, 1.0}


def test_a_half_is_half_the_people_and_everyone_gets_in_sometime():
    rows = rows_of(0)
    halves = [half_of_people(rows, np.random.default_rng(seed)) for seed in range(20)]
    shares = [len(np.unique(rows.person[half])) / (rows.person.max() + 1) for half in halves]
    assert np.allclose(shares, 0.5, atol=0.02)
    assert len(np.unique(np.concatenate(halves))) == len(rows)


@given(few_rows(), st.integers(0, 100))
@settings(deadline=None)
def test_folds_cover_the_rows_once_and_share_no_person(rows, seed):
    folds = grouped_folds(rows, 3, np.random.default_rng(seed))
    for train, held_out in folds:
        assert not set(rows.person[train]) & set(rows.person[held_out])
        assert set(rows.y[train]) == {0.0, 1.0}
        assert len(train) + len(held_out) == len(rows)
    if folds:
        assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(len(rows)))


def test_no_folds_where_a_class_has_one_person():
    rows = Rows(np.zeros((4, 1)), np.array([1.0, 0, 0, 0]), np.ones(4), np.array([0, 1, 2, 3]))
    assert grouped_folds(rows, 3, np.random.default_rng(0)) == []


def test_threads_change_nothing_and_the_seed_does():
    rows = rows_of(1)
    two = Growth(PARAMS, 15, ["a", "b", "c"], n_jobs=2)
    once, again, other = (
        raw_scores(grow_bags(rows, growth, n_bags=2, seed=seed), rows.X)
        for growth, seed in [(GROWTH, 5), (two, 5), (GROWTH, 6)]
    )
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


def test_the_scale_of_the_weights_changes_nothing():
    rows = rows_of(2)
    heavy = Rows(rows.X, rows.y, rows.weight * 8, rows.person)
    light_scores, heavy_scores = (
        raw_scores(grow_bags(part, GROWTH, n_bags=2, seed=0), rows.X) for part in (rows, heavy)
    )
    assert np.array_equal(light_scores, heavy_scores)


def test_the_spread_between_bags_is_about_the_spread_between_samples():
    """A delete-half jackknife: between-bag variance against that of fresh samples of people."""
    probe = np.array([[0, 1, 1], [2, 1, 1], [4, 1, 1]], dtype=np.float32)
    steady = Growth(PARAMS | {"feature_fraction": 1.0, "min_data_in_leaf": 100}, 15, list("abc"), 1)
    fits = [grow_bags(rows_of(seed, 2_000, 2_000), steady, n_bags=6, seed=0) for seed in range(25)]
    per_fit = [mean_and_variance(raw_scores(boosters, probe)) for boosters in fits]
    between_samples = np.var([mean for mean, _ in per_fit], axis=0, ddof=1)
    estimated = np.mean([variance * (1 + 1 / 6) for _, variance in per_fit], axis=0)
    assert (estimated / between_samples > 0.4).all()
    assert (estimated / between_samples < 2.5).all()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["count_1y", "x2"], ["count_1y", "x2"]),
        (["a[1]", "b"], ["Column_0", "Column_1"]),
        (None, ["Column_0", "Column_1"]),
    ],
)
def test_names_that_the_tree_text_cannot_hold_are_numbered(names, expected):
    assert tree_names(names, 2) == expected
