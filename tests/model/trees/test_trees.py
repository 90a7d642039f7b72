"""Scores as LightGBM gives them, bit for bit, however they are asked for."""

import copy
import gc
import pickle
from concurrent.futures import ThreadPoolExecutor

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.base import clone

from riskmodel.errors import ModelIntegrityError, ModelMismatchError
from riskmodel.model.trees.trees import Trees


@pytest.fixture(scope="module")
def trees(text):
    return Trees.from_text(text, n_features=6)


@pytest.fixture(scope="module")
def rows(table):
    X, _ = table(seed=1)
    X[:20] = np.random.default_rng(0).choice([np.inf, -np.inf, 1e-36, -1e-35, 0.0, np.nan], (20, 6))
    return X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("threads", [1, 2])
def test_scores_are_those_of_lightgbm(trees, booster, rows, dtype, threads):
    X = rows.astype(dtype)
    expected = booster.predict(X, raw_score=True)
    assert (trees.raw(X, threads) == expected).all()
    one_by_one = np.concatenate([trees.raw(X[row : row + 1]) for row in range(len(X))])
    assert (one_by_one == expected).all()


def test_any_layout_and_numbers_are_taken(trees, rows):
    expected = trees.raw(rows)
    assert (trees.raw(np.asfortranarray(rows)) == expected).all()
    assert (trees.raw(np.repeat(rows, 2, axis=0)[::2]) == expected).all()
    whole = np.nan_to_num(rows, posinf=9, neginf=-9).astype(np.int64)
    assert (trees.raw(whole) == trees.raw(whole.astype(np.float64))).all()
    assert trees.raw(whole[:1]) == trees.raw(whole)[:1]
    assert (trees.raw(rows.astype(object)) == expected).all()


def test_no_rows_are_no_scores(trees):
    assert trees.raw(np.empty((0, 6))).shape == (0,)
    assert trees.contributions(np.empty((0, 6))).shape == (0, 7)


@pytest.mark.parametrize("shape", [(3, 5), (3, 7), (6,), (1, 6, 1)])
def test_other_shapes_are_refused(trees, shape):
    for answer in (trees.raw, trees.contributions):
        with pytest.raises(ModelMismatchError, match="6 features"):
            answer(np.zeros(shape))


def test_a_text_that_is_refused_reaches_nothing(text):
    with pytest.raises(ModelIntegrityError):
        Trees.from_text(text.replace("num_leaves=7", "num_leaves=8"), n_features=6)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, copy.copy, lambda trees: pickle.loads(pickle.dumps(trees)),
     lambda trees: clone(trees, safe=False)],
)  # fmt: skip
def test_copies_score_alike(trees, rows, copied):
    other = copied(trees)
    assert other is not trees
    assert (other.text, other.n_features) == (trees.text, trees.n_features)
    assert (other.raw(rows) == trees.raw(rows)).all()


def test_threads_at_once_get_their_own_scores(trees, rows):
    expected, contributions = trees.raw(rows), trees.contributions(rows)

    def score(number):
        row = slice(number % len(rows), number % len(rows) + 1)
        kind = np.float32 if number % 3 == 0 else np.float64
        X = rows[row].astype(kind)
        assert kind is np.float32 or (trees.raw(X) == expected[row]).all()
        assert kind is np.float32 or (trees.contributions(X) == contributions[row]).all()
        return number % 7 or (trees.raw(rows) == expected).all()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(score, range(2_000)))


def test_what_is_forgotten_is_freed(text, rows):
    for _ in range(50):
        trees = Trees.from_text(text, n_features=6)
        trees.raw(rows), trees.raw(rows[:1]), trees.raw(rows[:1].astype(np.float32))
        del trees
    gc.collect()


def test_trees_of_one_leaf(grow, table, rows):
    X, y = table()
    grown = grow(X, y, min_gain_to_split=1e9)
    trees = Trees.from_text(grown.model_to_string(), n_features=6)
    assert (trees.raw(rows) == grown.predict(rows, raw_score=True)).all()
    assert (trees.contributions(rows) == grown.predict(rows, pred_contrib=True)).all()


def test_more_features_than_rows(grow, table):
    X, y = table(n=60, p=300)
    grown = grow(X, y, num_leaves=4)
    trees = Trees.from_text(grown.model_to_string(), n_features=300)
    assert (trees.raw(X) == grown.predict(X, raw_score=True)).all()
    assert np.abs(trees.contributions(X) - grown.predict(X, pred_contrib=True)).max() < 1e-12


def test_the_text_may_come_from_a_copy_of_the_booster(booster, rows):
    again = lgb.Booster(model_str=booster.model_to_string())
    trees = Trees.from_text(again.model_to_string(), n_features=6)
    assert (trees.raw(rows) == booster.predict(rows, raw_score=True)).all()
