"""Small boosters, grown on demand."""

import lightgbm as lgb
import numpy as np
import pytest


def _grow(X, y, rounds=5, **settings):
    fixed = {"verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
    given = {"objective": "binary", "min_data_in_leaf": 3, **settings}
    return lgb.train(fixed | given, lgb.Dataset(X, y), num_boost_round=rounds)


def _table(n=400, p=6, seed=0, missing=0.1):
    rng = np.random.default_rng(seed)
    X = rng.poisson(1.0, (n, p)) * rng.choice([0.5, 1.0, 1.7], (n, p))
    y = (np.sin(X).sum(axis=1) + X[:, 0] + rng.normal(size=n) > p / 2).astype(float)
    y[:2] = 0, 1
    X[rng.random(X.shape) < missing] = np.nan
    return X, y


@pytest.fixture(scope="session")
def grow():
    return _grow


@pytest.fixture(scope="session")
def table():
    return _table


@pytest.fixture(scope="session")
def booster():
    return _grow(*_table(), num_leaves=7)


@pytest.fixture(scope="session")
def text(booster):
    return booster.model_to_string()
