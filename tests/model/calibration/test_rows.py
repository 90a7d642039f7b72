"""Rows are checked once: weights of mean 1, people as codes, half a person's weight."""

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.model.calibration.rows import HeldOutRows, reach


def test_positive_weights_have_mean_one_and_zeros_stay():
    rows = HeldOutRows.checked([0.0, 1.0, 2.0], [0, 1, 1], [0.0, 1.0, 3.0], None)
    assert rows.weight.tolist() == [0.0, 0.5, 1.5]
    assert rows.weighted.margin.tolist() == [1.0, 2.0]
    assert rows.weighted.person.tolist() == [0, 1]


def test_people_are_codes_of_whatever_they_were():
    rows = HeldOutRows.checked([0.0] * 3, [0, 1, 1], None, ["q", "p", "q"])
    assert rows.person.tolist() == [1, 0, 1]
    assert (rows.n_people, rows.half_a_person) == (2, 0.75)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([0.0], [1.0, 0.0], None), "one length"),
        (([np.inf], [1.0], None), "finite margins"),
        (([0.0], [1.0], [np.nan]), "positive sum"),
    ],
)
def test_each_fault_is_said(given, said):
    with pytest.raises(RiskModelError, match=said):
        HeldOutRows.checked(*given, None)


def test_an_interval_reaches_as_far_as_its_level_says():
    assert reach(0.95) == pytest.approx(1.96, abs=1e-3)
    assert reach(0.8) == pytest.approx(1.2816, abs=1e-3)
