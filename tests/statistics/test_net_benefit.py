"""Net benefit by a confusion matrix, and at the two ends that it stands beside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix

from riskmodel.errors import SchemaError
from riskmodel.statistics.net_benefit import net_benefit, net_benefit_of_everyone

THRESHOLDS = st.floats(0.02, 0.9)


@st.composite
def forecasts(draw):
    n = draw(st.integers(1, 30))
    y = draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    p = draw(arrays(float, n, elements=st.floats(0, 1)))
    return y, p, draw(arrays(float, (3, n), elements=st.integers(0, 4).map(float)))


@given(forecasts(), THRESHOLDS)
def test_it_is_vickers_and_elkins_of_the_confusion_matrix(forecast, threshold):
    y, p, weights = forecast
    (_, false), (_, true) = confusion_matrix(y, p >= threshold, labels=[0, 1])
    by_hand = true / len(y) - false / len(y) * threshold / (1 - threshold)
    assert np.isclose(net_benefit(y, p, threshold), by_hand)
    for found, weight in zip(net_benefit(y, p, threshold, weights), weights, strict=True):
        times = weight.astype(int)
        repeated = np.repeat(y, times), np.repeat(p, times)
        expected = net_benefit(*repeated, threshold) if times.any() else np.nan
        assert np.isclose(found, expected, equal_nan=True)


@given(forecasts(), THRESHOLDS)
def test_a_forecast_that_lists_everyone_or_no_one_is_at_its_end(forecast, threshold):
    y, p, _ = forecast
    everyone = y.mean() - (1 - y.mean()) * threshold / (1 - threshold)
    assert np.isclose(net_benefit_of_everyone(y, threshold), everyone)
    assert np.isclose(net_benefit(y, threshold + (1 - threshold) * p, threshold), everyone)
    assert net_benefit(y, np.zeros(len(y)), threshold) == 0


@given(forecasts(), THRESHOLDS)
def test_nothing_beats_knowing_the_outcomes(forecast, threshold):
    y, p, _ = forecast
    assert net_benefit(y, p, threshold) <= net_benefit(y, y, threshold) + 1e-12
    assert np.isclose(net_benefit(y, y, threshold), y.mean())


def test_calibrated_probabilities_are_worth_most_at_their_own_threshold():
    rng = np.random.default_rng(0)
    p = rng.beta(1, 6, 200_000)
    y = (rng.random(len(p)) < p).astype(float)
    best = net_benefit(y, p, 0.2)
    for other in (p * 0.5, np.minimum(1, p * 2), p**2):
        assert net_benefit(y, other, 0.2) < best


@pytest.mark.parametrize("threshold", [0, 1, -0.1, float("nan")])
def test_a_threshold_lies_between_0_and_1(threshold):
    with pytest.raises(SchemaError, match="threshold"):
        net_benefit([0, 1], [0.1, 0.2], threshold)
