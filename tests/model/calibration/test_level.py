"""The level of probabilities: set where it is known, moved where it is forecast; no order moves."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from riskmodel.model.calibration.level import set_level
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.snapshots.table import Snapshots


def drifting(rate, seed=0, n=3_000):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"priors": rng.poisson(2, n), "noise": rng.normal(size=n)})
    chance = expit(logit(rate) + 0.5 * (X["priors"] - 2))
    return Snapshots.from_table(X, (rng.random(n) < chance).astype(float))


@pytest.fixture
def fitted():
    old = drifting(0.4)
    return RepeatHarmEstimator(n_estimators=30, n_bags=2, n_jobs=1).fit(old.X, old.y)


def test_probabilities_of_the_newest_date_have_its_rate(fitted):
    newest = drifting(0.1, seed=1)
    before = fitted.predict_proba(newest.X)[:, 1].mean()
    set_level(fitted, newest)
    assert before > 1.5 * newest.y.mean()
    assert fitted.predict_proba(newest.X)[:, 1].mean() == pytest.approx(newest.y.mean(), abs=1e-9)


def test_the_people_to_be_scored_end_half_way_to_the_forecast(fitted):
    newest, now = drifting(0.1, seed=1), drifting(0.1, seed=2)
    set_level(fitted, newest)
    expected = fitted.predict_proba(now.X)[:, 1].mean()
    set_level(fitted, newest, now, SimpleNamespace(estimate=0.3))
    reached = fitted.predict_proba(now.X)[:, 1].mean()
    assert logit(reached) == pytest.approx((logit(expected) + logit(0.3)) / 2, abs=1e-9)


def test_only_the_level_moves(fitted):
    newest = drifting(0.1, seed=1)
    margin, slope = fitted.decision_function(newest.X), fitted.calibration_.slope
    before = logit(fitted.predict_proba(newest.X)[:, 1])
    set_level(fitted, newest, newest, SimpleNamespace(estimate=0.3))
    assert np.array_equal(fitted.decision_function(newest.X), margin)
    assert fitted.calibration_.slope == slope
    moved = logit(fitted.predict_proba(newest.X)[:, 1]) - before
    assert np.ptp(moved) < 1e-9


def test_outcomes_of_the_people_to_be_scored_are_not_read(fitted):
    newest, now = drifting(0.1, seed=1), drifting(0.1, seed=2)
    stated = SimpleNamespace(estimate=0.2)
    set_level(fitted, newest, now, stated)
    first = fitted.predict_proba(now.X)
    flipped = Snapshots.from_table(now.X, 1 - now.y)
    set_level(fitted, newest, flipped, stated)
    assert np.allclose(fitted.predict_proba(now.X), first, atol=1e-12)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_forecast_of_none_or_of_all_counts_half_a_person_more(fitted, rate):
    newest, now = drifting(0.1, seed=1), drifting(0.1, seed=2)
    set_level(fitted, newest)
    expected = fitted.predict_proba(now.X)[:, 1].mean()
    set_level(fitted, newest, now, SimpleNamespace(estimate=rate))
    half = abs(rate - 0.5 / (len(newest) + 1))
    reached = fitted.predict_proba(now.X)[:, 1].mean()
    assert logit(reached) == pytest.approx((logit(expected) + logit(half)) / 2, abs=1e-9)
