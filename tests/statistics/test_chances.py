"""What is measured at once is what the plain functions say one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.statistics import calibration
from riskmodel.statistics.chances import MEASURES, ChanceMeter
from riskmodel.statistics.net_benefit import net_benefit


@given(st.data(), st.floats(0.05, 0.8))
def test_at_once_is_one_by_one(data, threshold):
    n = data.draw(st.integers(1, 30))
    y = data.draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    p = data.draw(arrays(float, n, elements=st.floats(0.01, 0.99)))
    weights = data.draw(arrays(float, (3, n), elements=st.integers(0, 4).map(float)))
    found = ChanceMeter.from_probabilities(y, p, threshold=threshold).measure(weights)
    one_by_one = {
        "brier": calibration.brier(y, p, weights),
        "log_loss": calibration.log_loss(y, p, weights),
        "calibration_slope": calibration.calibration_slope(y, p, weights),
        "calibration_in_the_large": calibration.observed_over_expected(y, p, weights),
        "ece": calibration.expected_calibration_error(y, p, weights),
        "net_benefit": net_benefit(y, p, threshold, weights),
    }
    assert tuple(one_by_one) == MEASURES
    for place, expected in enumerate(one_by_one.values()):
        assert np.allclose(found[:, place], expected, equal_nan=True)
