"""Truths of the beta curve: planted parameters, the logistic curve inside it, limits held."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.beta import BetaCalibration
from riskmodel.model.calibration.log_odds_line import MINIMUM_SLOPE
from riskmodel.model.calibration.logistic import LogisticCalibration
from riskmodel.model.calibration.rows import reach
from tests.model.calibration.curves import drawn


def beta_curve(intercept, a, b):
    def curve(margin):
        share = expit(margin)
        return expit(intercept + a * np.log(share) - b * np.log(1 - share))

    return curve


@pytest.mark.parametrize("seed", range(3))
def test_planted_parameters_come_back_within_their_own_error(seed):
    planted = np.array([-0.5, 0.6, 1.6])
    fitted = BetaCalibration.fit(*drawn(beta_curve(*planted), seed, centre=0, spread=2))
    deviation = np.array([fitted.intercept, fitted.a, fitted.b]) - planted
    distance = deviation @ np.linalg.inv(fitted.covariance) @ deviation
    assert distance < 16.3  # chi-square with 3 degrees of freedom, 0.999


def test_the_logistic_curve_is_one_of_them():
    margin, y = drawn(lambda margin: expit(-1 + 0.7 * margin), n=40_000)
    probe = np.linspace(-3, 1, 20)
    bending, straight = (
        kind.fit(margin, y).transform(probe) for kind in (BetaCalibration, LogisticCalibration)
    )
    assert np.abs(bending - straight).max() < 0.015


@pytest.mark.parametrize("planted", [(-1.0, 0.8, 1.2), (-1.0, 1.5, -0.4), (-1.0, -0.5, 1.5)])
def test_agrees_with_a_bounded_optimiser_where_a_slope_would_be_negative(planted):
    margin, y = drawn(beta_curve(*planted), n=4_000, centre=0, spread=2)
    low, high = -np.logaddexp(0, -margin), np.logaddexp(0, margin)

    def loss(line):
        odds = line[0] + line[1] * low + line[2] * high
        prior = ((line[1:] - 1) ** 2).sum() / 2
        return (np.logaddexp(0, odds) - y * odds).sum() + prior

    bounds = [(None, None), (MINIMUM_SLOPE, None), (MINIMUM_SLOPE, None)]
    oracle = minimize(loss, [0, 1, 1], bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-14})
    fitted = BetaCalibration.fit(margin, y)
    assert np.allclose([fitted.intercept, fitted.a, fitted.b], oracle.x, atol=2e-3)
    assert loss(np.array([fitted.intercept, fitted.a, fitted.b])) <= oracle.fun + 1e-6
    assert not fitted.limited


def test_its_interval_covers_the_truth_about_as_often_as_it_says():
    curve = beta_curve(-0.5, 0.6, 1.6)
    held = []
    for seed in range(60):
        low, high = BetaCalibration.fit(*drawn(curve, seed, n=1_000)).interval([0.5])
        held.append(low[0] <= curve(0.5) <= high[0])
    assert 0.85 <= np.mean(held) <= 1.0


def test_far_margins_stay_finite_and_in_order():
    fitted = BetaCalibration.fit(*drawn(beta_curve(-0.5, 0.6, 1.6), n=2_000))
    far = np.array([-1e6, -800.0, 0.0, 800.0, 1e6])
    assert np.isfinite(fitted.log_odds(far)).all()
    assert (np.diff(fitted.log_odds(far)) > 0).all()
    assert fitted.interval(far, 4.0)[0].shape == (5,)


@pytest.mark.parametrize(
    "change",
    [{"a": 0.0}, {"b": -1.0}, {"intercept": float("nan")}, {"covariance": [[1.0, 0, 0]] * 3}],
)
def test_a_stored_curve_that_cannot_be_is_refused(change):
    covariance = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    stored = BetaCalibration(0.0, 1.0, 1.0, covariance, 10, 10).to_dict()
    with pytest.raises(ModelIntegrityError, match="calibration can't be"):
        BetaCalibration.from_dict(stored | change)


def test_the_margins_error_passes_through_the_curves_own_slope():
    covariance = ((0.0, 0.0, 0.0),) * 3
    curve = BetaCalibration(-0.5, 0.4, 1.6, covariance, 10, 10)
    margin, hair = np.linspace(-4, 4, 17), 1e-5
    slope = (curve.log_odds(margin + hair) - curve.log_odds(margin - hair)) / (2 * hair)
    low, high = curve.interval(margin, 0.09, level=0.9)
    assert np.allclose((logit(high) - logit(low)) / 2, reach(0.9) * slope * 0.3, rtol=1e-6)
