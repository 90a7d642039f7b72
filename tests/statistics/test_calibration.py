"""Calibrated data gives slope 1 and ratio 1; planted miscalibration comes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from riskmodel.errors import SchemaError
from riskmodel.statistics import calibration
from riskmodel.statistics.bootstrap import interval, person_weights

MEASURES = [
    calibration.brier,
    calibration.log_loss,
    calibration.observed_over_expected,
    calibration.expected_calibration_error,
    calibration.calibration_intercept,
    calibration.calibration_slope,
]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def planted(n=40_000, intercept=0.0, slope=1.0, seed=0):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-2, 1.2, n)
    y = (rng.random(n) < sigmoid(intercept + slope * log_odds)).astype(float)
    return y, sigmoid(log_odds)


def small(data, n_replicates=None):
    n = data.draw(st.integers(2, 30))
    y = data.draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    p = data.draw(arrays(float, n, elements=st.floats(0.01, 0.99)))
    shape = n if n_replicates is None else (n_replicates, n)
    return y, p, data.draw(arrays(float, shape, elements=st.integers(0, 4).map(float)))


def test_calibrated_data_have_slope_and_ratio_one():
    y, p = planted()
    weights = np.concatenate(list(person_weights(np.arange(len(y)), 100)))[:, : len(y)]
    for measure, truth in [
        (calibration.calibration_slope, 1.0),
        (calibration.observed_over_expected, 1.0),
        (calibration.calibration_intercept, 0.0),
    ]:
        spread = measure(y, p, weights).std()
        assert abs(measure(y, p) - truth) < 3.5 * spread
        low, high = interval(measure(y, p, weights), 0.99)
        assert 2 * spread < high - low < 0.2


@pytest.mark.parametrize(("intercept", "slope"), [(0.5, 1.0), (-0.3, 0.6), (0.2, 1.7)])
def test_planted_line_comes_back(intercept, slope):
    y, p = planted(intercept=intercept, slope=slope)
    line = calibration.calibration_line(y, p)
    assert abs(line.intercept - intercept) < 0.15
    assert abs(line.slope - slope) < 0.07
    if slope == 1:
        assert abs(calibration.calibration_intercept(y, p) - intercept) < 0.06


@given(st.data())
def test_losses_are_scikit_learns(data):
    y, p, weight = small(data)
    weight = weight + 1
    assert np.isclose(
        calibration.brier(y, p, weight), brier_score_loss(y, p, sample_weight=weight, pos_label=1)
    )
    assert np.isclose(
        calibration.log_loss(y, p, weight),
        sklearn_log_loss(y, p, sample_weight=weight, labels=[0, 1]),
    )


@given(st.data(), st.sampled_from(MEASURES))
def test_many_weights_at_once_are_one_after_the_other(data, measure):
    y, p, weights = small(data, n_replicates=3)
    together = measure(y, p, weights)
    apart = [measure(y, p, weight) for weight in weights]
    assert np.allclose(together, apart, atol=1e-5, equal_nan=True)


@given(st.data())
def test_whole_weights_are_repeated_rows(data):
    y, p, weight = small(data)
    times = weight.astype(int)
    for measure in MEASURES:
        if measure is calibration.expected_calibration_error:
            continue  # its bins are those of the unweighted rows, by design
        repeated = measure(np.repeat(y, times), np.repeat(p, times)) if times.any() else np.nan
        assert np.isclose(measure(y, p, weight), repeated, atol=1e-5, equal_nan=True)


@given(st.data())
def test_the_order_of_rows_changes_nothing(data):
    y, p, weight = small(data)
    order = np.random.default_rng(0).permutation(len(y))
    for measure in MEASURES:
        assert np.isclose(
            measure(y, p, weight),
            measure(y[order], p[order], weight[order]),
            atol=1e-5,
            equal_nan=True,
        )


@pytest.mark.parametrize("measure", MEASURES)
def test_nobody_weighted_is_undefined_not_zero(measure):
    assert np.isnan(measure([0, 1, 0], [0.2, 0.5, 0.4], [0, 0, 0]))


@pytest.mark.parametrize(
    ("y", "p"),
    [([0, 0, 0], [0.1, 0.2, 0.3]), ([0, 1, 1], [0.2, 0.2, 0.2]), ([0, 0, 1], [0.1, 0.2, 0.8])],
    ids=["one class", "one probability", "separated"],
)
def test_a_line_that_does_not_exist_is_undefined(y, p):
    assert np.isnan(calibration.calibration_line(y, p)).all()


def test_probabilities_of_zero_and_one_are_survived():
    y, p = [0, 1, 1, 0, 1], [0.0, 1.0, 0.5, 0.5, 0.0]
    for measure in MEASURES:
        assert np.isfinite(measure(y, p))


@given(st.data(), st.integers(1, 12))
def test_expected_calibration_error_by_its_definition(data, bins):
    y, p, _ = small(data)
    table = calibration.calibration_table(y, p, bins=bins)
    gaps = (table["observed"] - table["predicted"]).abs()
    by_table = (gaps * table["n"]).sum() / table["n"].sum()
    assert np.isclose(calibration.expected_calibration_error(y, p, bins=bins), by_table)
    assert table["n"].sum() == len(y)
    assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()


def test_more_honest_probabilities_have_the_lower_losses():
    y, p = planted(5_000)
    for wrong in (sigmoid(2 * np.log(p / (1 - p))), np.minimum(1, 2 * p)):
        assert calibration.brier(y, p) < calibration.brier(y, wrong)
        assert calibration.log_loss(y, p) < calibration.log_loss(y, wrong)
        assert calibration.expected_calibration_error(
            y, p
        ) < calibration.expected_calibration_error(y, wrong)


@pytest.mark.parametrize("measure", MEASURES)
def test_mistakes_are_refused(measure):
    for y, p in [
        ([0, 2], [0.1, 0.2]),
        ([0, 1], [0.1, 1.2]),
        ([0, 1], [0.1]),
        ([0, 1], [0.1, np.nan]),
    ]:
        with pytest.raises(SchemaError):
            measure(y, p)


def test_bins_are_one_or_more():
    with pytest.raises(SchemaError, match="bins"):
        calibration.expected_calibration_error([0, 1], [0.1, 0.2], bins=0)
