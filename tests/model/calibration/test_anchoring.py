"""Anchoring moves the level and keeps the order; a stale level is mended by it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from riskmodel.errors import RiskModelError
from riskmodel.model.calibration.anchoring import anchored
from riskmodel.model.calibration.reading import CALIBRATIONS
from riskmodel.model.calibration.venn_abers import VennAbersCalibration
from tests.model.calibration.curves import bent, drawn

every_kind = pytest.mark.parametrize("kind", CALIBRATIONS)


@every_kind
@given(rate=st.floats(0.02, 0.9), seed=st.integers(0, 50))
@settings(max_examples=15)
def test_the_mean_probability_becomes_the_rate(kind, rate, seed):
    fitted = CALIBRATIONS[kind].fit(*drawn(bent, n=300))
    margin = np.random.default_rng(seed).normal(-1, 1, size=200)
    weight = np.random.default_rng(seed).integers(0, 3, size=200)
    moved = anchored(fitted, margin, rate, weight=weight)
    assert np.average(moved.transform(margin), weights=weight) == pytest.approx(rate, abs=1e-9)
    order = np.sort(margin)
    assert (np.diff(moved.transform(order)) >= 0).all()


@every_kind
def test_at_the_rate_that_it_has_nothing_moves(kind):
    fitted = CALIBRATIONS[kind].fit(*drawn(bent, n=300))
    margin = np.linspace(-2, 1, 50)
    moved = anchored(fitted, margin, float(fitted.transform(margin).mean()))
    assert np.allclose(moved.transform(margin), fitted.transform(margin), atol=1e-9)


def test_a_drift_that_the_final_model_has_learnt_is_not_corrected_twice():
    """A held-out model of a time with twice the odds; the final one knows the new level."""
    rng = np.random.default_rng(0)
    truth = rng.normal(-2, 1, size=20_000)
    y = (rng.random(20_000) < expit(truth)).astype(float)
    curve = CALIBRATIONS["logistic"].fit(truth + np.log(2), y)  # held-out margins
    stale = curve.transform(truth).mean() / y.mean()
    mended = anchored(curve, truth, y.mean()).transform(truth).mean() / y.mean()
    assert stale < 0.7
    assert mended == pytest.approx(1.0)
    assert curve.slope == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("margin", "rate"), [([], 0.5), ([0.0], 0.0), ([0.0], 1.0), ([np.inf], 0.5)]
)
def test_what_cannot_be_anchored_is_refused(margin, rate):
    fitted = CALIBRATIONS["logistic"].fit(*drawn(bent, n=100))
    with pytest.raises(RiskModelError, match="anchored needs"):
        anchored(fitted, margin, rate)


def test_steps_that_no_shift_brings_to_the_rate_say_so():
    """Above the highest held-out margin Venn-Abers gives a half at least, however moved."""
    fitted = VennAbersCalibration.fit(*drawn(bent, n=100))
    with pytest.raises(RiskModelError, match="no shift"):
        anchored(fitted, [1e3, 2e3], 0.1)
