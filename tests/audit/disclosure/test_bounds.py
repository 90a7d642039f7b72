"""Bounds worked out sum by sum are right, and say what they rest on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.disclosure.bounds import HIGH, LOW, Bounds, Sums

SUMS = Sums.of([(0, (1, 2, 3)), (4, (0, 5))])


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4),
       st.lists(st.integers(0, 5), min_size=6, max_size=6), st.integers(0, 5))  # fmt: skip
def test_the_truth_is_never_outside(parts, widths, hidden):
    a, b, c, e = parts
    truth = np.array([a + b + c, a, b, c, a + b + c + e, e], dtype=float)
    low, high = truth - widths, truth + widths
    low[hidden], high[hidden] = 0.0, np.inf
    found = Bounds.worked_out(SUMS, np.maximum(low, 0), high).ends
    assert (found[LOW] <= truth + 1e-9).all()
    assert (found[HIGH] >= truth - 1e-9).all()
    assert np.isfinite(found[HIGH]).all()


def test_a_bound_rests_on_the_counts_that_make_it():
    low = np.array([20.0, 0, 5, 6, 0, 0])
    high = np.array([24.0, np.inf, 7, 8, np.inf, np.inf])
    found = Bounds.worked_out(SUMS, low, high)
    assert found.ends[:, 1].tolist() == [5.0, 13.0]
    assert found.rests_on(SUMS, 1, HIGH).tolist() == [0, 2, 3]
    assert found.rests_on(SUMS, 2, HIGH).tolist() == []  # its own


def test_without_sums_nothing_moves():
    found = Bounds.worked_out(Sums.of([]), np.array([1.0]), np.array([4.0]))
    assert found.ends.tolist() == [[1.0], [4.0]]
