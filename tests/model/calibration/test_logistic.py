"""Truths of the calibration curve: planted parameters, order, intervals that cover."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.calibration.log_odds_line import MINIMUM_SLOPE
from riskmodel.model.calibration.logistic import LogisticCalibration

SEEDS = range(3)


def planted(seed, n=20_000, intercept=-1.5, slope=0.7):
    rng = np.random.default_rng(seed)
    margin = rng.normal(-1, 1.2, size=n)
    return margin, (rng.random(n) < expit(intercept + slope * margin)).astype(float)


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_parameters_come_back_within_their_own_error(seed):
    fitted = LogisticCalibration.fit(*planted(seed))
    deviation = np.array([fitted.intercept + 1.5, fitted.slope - 0.7])
    distance = deviation @ np.linalg.inv(fitted.covariance) @ deviation
    assert distance < 13.8  # chi-square with 2 degrees of freedom, 0.999


def test_agrees_with_maximum_likelihood():
    margin, y = planted(0)
    fitted = LogisticCalibration.fit(margin, y)
    oracle = LogisticRegression(C=np.inf).fit(margin[:, None], y)
    assert fitted.slope == pytest.approx(oracle.coef_[0, 0], abs=1e-3)
    assert fitted.intercept == pytest.approx(oracle.intercept_[0], abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_mean_probability_is_the_mean_outcome(seed):
    margin, y = planted(seed, n=500)
    weight = np.random.default_rng(seed).integers(1, 4, size=500)
    fitted = LogisticCalibration.fit(margin, y, sample_weight=weight)
    predicted = np.average(fitted.transform(margin), weights=weight)
    assert predicted == pytest.approx(np.average(y, weights=weight), abs=1e-9)


def test_a_weight_of_two_fits_like_the_row_twice():
    margin, y = planted(0, n=400)
    weight = np.random.default_rng(1).integers(1, 3, size=400)
    person = np.arange(400)
    weighted = LogisticCalibration.fit(margin, y, sample_weight=weight, person=person)
    repeated = LogisticCalibration.fit(
        np.repeat(margin, weight), np.repeat(y, weight), person=np.repeat(person, weight)
    )
    # the prior counts for one row of average weight, so the two differ by a hair
    assert weighted.slope == pytest.approx(repeated.slope, abs=5e-3)
    assert np.allclose(weighted.covariance, repeated.covariance, rtol=0.05)


def test_rows_of_one_person_are_not_more_evidence():
    margin, y = planted(0, n=2_000)
    once = LogisticCalibration.fit(margin, y)
    person = np.repeat(np.arange(2_000), 5)
    five = LogisticCalibration.fit(np.repeat(margin, 5), np.repeat(y, 5), person=person)
    believed = LogisticCalibration.fit(np.repeat(margin, 5), np.repeat(y, 5))
    assert five.n_people == 2_000
    assert five.covariance[0][0] == pytest.approx(once.covariance[0][0], rel=0.05)
    assert believed.covariance[0][0] < 0.3 * once.covariance[0][0]


def test_interval_covers_the_truth_about_as_often_as_it_says():
    covered = []
    for seed in range(60):
        fitted = LogisticCalibration.fit(*planted(seed, n=1_000))
        low, high = fitted.interval([0.5])
        covered.append(low[0] <= expit(-1.5 + 0.7 * 0.5) <= high[0])
    assert 0.85 <= np.mean(covered) <= 1.0


def test_interval_grows_with_the_margins_variance_and_holds_the_estimate():
    fitted = LogisticCalibration.fit(*planted(0))
    margin = np.linspace(-4, 4, 9)
    narrow, wide = fitted.interval(margin, 0.01), fitted.interval(margin, 1.0)
    estimate = fitted.transform(margin)
    assert (wide[0] < narrow[0]).all()
    assert (narrow[0] < estimate).all()
    assert (estimate < narrow[1]).all()
    assert (narrow[1] < wide[1]).all()


@given(seed=st.integers(0, 10_000), n=st.integers(2, 60))
@settings(max_examples=60, deadline=None)
def test_any_outcome_gives_a_strictly_increasing_curve(seed, n):
    rng = np.random.default_rng(seed)
    margin, y = rng.normal(size=n) * 10, rng.integers(0, 2, size=n)
    fitted = LogisticCalibration.fit(margin, y)
    assert fitted.slope >= MINIMUM_SLOPE
    assert (np.diff(fitted.log_odds(np.sort(rng.normal(size=20)))) > 0).all()


def test_margins_in_the_wrong_order_are_said_to_be():
    margin, y = planted(0)
    fitted = LogisticCalibration.fit(-margin, y)
    assert fitted.limited
    assert fitted.slope == MINIMUM_SLOPE
    assert fitted.transform(-margin).mean() == pytest.approx(y.mean(), abs=1e-6)
    assert not LogisticCalibration.fit(margin, y).limited


def test_a_constant_margin_gives_the_base_rate_and_slope_one():
    fitted = LogisticCalibration.fit(np.full(200, 3.0), [1.0] * 30 + [0.0] * 170)
    assert fitted.slope == pytest.approx(1.0)
    assert fitted.log_odds(3.0) == pytest.approx(logit(0.15))


def test_perfect_separation_stays_finite():
    fitted = LogisticCalibration.fit(np.arange(20.0), np.arange(20) >= 10)
    assert np.isfinite([fitted.intercept, fitted.slope]).all()
    assert fitted.transform(19.0) > 0.9 > 0.1 > fitted.transform(0.0)


@pytest.mark.parametrize("only", [0.0, 1.0])
def test_one_class_gives_a_rate_that_is_neither_0_nor_1(only):
    fitted = LogisticCalibration.fit(np.linspace(-1, 1, 99), np.full(99, only))
    assert abs(fitted.transform(0.0) - only) == pytest.approx(0.005)


def test_json_both_ways():
    fitted = LogisticCalibration.fit(*planted(0, n=300))
    assert LogisticCalibration.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted


@pytest.mark.parametrize(
    ("margin", "y", "weight"),
    [
        ([], [], None),
        ([0.0, 1.0], [1.0], None),
        ([0.0, np.nan], [1.0, 0.0], None),
        ([0.0, 1.0], [2.0, 0.0], None),
        ([0.0, 1.0], [1.0, 0.0], [-1.0, 2.0]),
        ([0.0, 1.0], [1.0, 0.0], [0.0, 0.0]),
    ],
)
def test_what_cannot_be_fitted_is_refused(margin, y, weight):
    with pytest.raises(RiskModelError, match="Calibration needs"):
        LogisticCalibration.fit(margin, y, sample_weight=weight)


@pytest.mark.parametrize(
    "change",
    [
        {"slope": 0.0},
        {"slope": float("nan")},
        {"covariance": ((1.0, 2.0), (2.0, 1.0))},
        {"covariance": ((1.0, 0.1), (0.2, 1.0))},
    ],
)
def test_a_stored_curve_that_cannot_be_is_refused(change):
    stored = LogisticCalibration(0.0, 1.0, ((1.0, 0.0), (0.0, 1.0)), 10, 10).to_dict()
    with pytest.raises(ModelIntegrityError, match="calibration can't be"):
        LogisticCalibration.from_dict(stored | change)
