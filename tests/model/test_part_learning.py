"""Parts, learnt: harm on its own scale, lots that hold one date."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.model.bagging import Growth, Rows
from riskmodel.model.part_learning import _queries, learn_harm

PARAMS = {
    "learning_rate": 0.1,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "lambda_l2": 1.0,
    "feature_fraction": 0.5,
    "max_bin": 63,
}
GROWTH = Growth(PARAMS, 15, ["a", "b", "c"], n_jobs=1)


def rows_of(seed, n=600):
    rng = np.random.default_rng(seed)
    X = rng.poisson(1.0, size=(n, 3)).astype(np.float32)
    return Rows(X, (X[:, 0] > 1).astype(float), np.ones(n), np.arange(n))


def learn(rows, days, cap_quantile):
    targets = replace(rows, targets={"harm": days})
    return learn_harm(targets, GROWTH, cap_quantile=cap_quantile, power=1.5, seed=0)


def test_expected_harm_keeps_the_mean_and_finds_the_planted_ratio():
    rng = np.random.default_rng(3)
    rows = rows_of(3, 4_000)
    days = rng.exponential(100, size=4_000) * (rows.X[:, 0] > 0) * 2.0 ** rows.X[:, 0]
    trees = learn(rows, days, 0.999)
    assert trees.predict(rows.X, 1).mean() == pytest.approx(days.mean())
    assert trees.cap == pytest.approx(np.quantile(days, 0.999))
    low, high = trees.predict(np.array([[1, 1, 1], [2, 1, 1]], dtype=np.float32), 1)
    assert 1.4 < high / low < 2.6


def test_harm_in_weeks_gives_a_seventh_of_harm_in_days():
    rows = rows_of(4)
    days = np.random.default_rng(0).exponential(50, size=len(rows))
    in_days, in_weeks = (learn(rows, harm, 1.0) for harm in (days, days / 7))
    assert np.allclose(in_days.predict(rows.X, 1) / 7, in_weeks.predict(rows.X, 1), rtol=1e-4)


@given(st.integers(1, 4_000), st.integers(1, 3), st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_lots_hold_rows_of_one_date_and_are_not_too_long(n, n_dates, seed):
    rng = np.random.default_rng(seed)
    date = rng.integers(0, n_dates, size=n).astype(float)
    rows = Rows(np.zeros((n, 1)), np.zeros(n), np.ones(n), np.arange(n), {"date": date})
    lots = _queries(rows, np.random.default_rng(seed))
    assert set(lots) == set(range(lots.max() + 1))
    assert np.bincount(lots).max() <= 1_000
    assert all(len(set(date[lots == lot])) == 1 for lot in range(lots.max() + 1))
