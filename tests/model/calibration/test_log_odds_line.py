"""The line of any number of rising terms: planted slopes, limits, covariances."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from riskmodel.model.calibration.log_odds_line import MINIMUM_SLOPE, fit_line, is_covariance
from riskmodel.model.calibration.rows import HeldOutRows


def planted(slopes, seed=0, n=6_000):
    rng = np.random.default_rng(seed)
    terms = rng.normal(2, 1, size=(len(slopes), n))
    y = rng.random(n) < expit(np.dot(slopes, terms) - 1)
    return list(terms), HeldOutRows.checked(np.zeros(n), y, None, None)


@pytest.mark.parametrize("slopes", [(0.5,), (0.5, 1.0), (0.3, 0.6, 0.9)])
def test_agrees_with_maximum_likelihood_and_with_what_was_planted(slopes):
    terms, rows = planted(slopes)
    line = fit_line(terms, rows)
    oracle = LogisticRegression(C=np.inf, tol=1e-8).fit(np.transpose(terms), rows.y)
    assert np.allclose(line.estimate, [*oracle.intercept_, *oracle.coef_[0]], atol=5e-3)
    errors = np.sqrt(np.diag(line.covariance))
    assert (np.abs(line.estimate - [-1, *slopes]) < 4 * errors).all()
    assert is_covariance(line.covariance, len(slopes) + 1)


@pytest.mark.parametrize(
    ("slopes", "held"), [((-0.5, 1.0), (True, False)), ((-0.5, -0.2, 0.4), (True, True, False))]
)
def test_a_falling_term_stands_at_the_limit_and_the_rest_is_fitted_without_it(slopes, held):
    terms, rows = planted(slopes)
    line = fit_line(terms, rows)
    assert (line.estimate[1:] == MINIMUM_SLOPE).tolist() == list(held)
    assert not line.limited
    free = [term for term, stands in zip(terms, held, strict=True) if not stands]
    alone = fit_line(free, rows)
    assert np.allclose(line.estimate[1:][~np.array(held)], alone.estimate[1:], atol=5e-3)


def test_where_every_term_falls_the_line_says_so():
    terms, rows = planted((-0.5, -1.0))
    line = fit_line(terms, rows)
    assert line.limited
    assert (line.estimate[1:] == MINIMUM_SLOPE).all()


def test_not_every_matrix_is_a_covariance():
    assert is_covariance(np.eye(2), 2)
    for wrong in (np.eye(3), np.full((2, 2), np.nan), np.array([[1.0, 0.1], [0.2, 1.0]])):
        assert not is_covariance(wrong, 2)
    assert not is_covariance(np.array([[1.0, 2.0], [2.0, 1.0]]), 2)


FAR = st.floats(-300, 300, allow_nan=False)


@given(st.lists(st.tuples(FAR, st.integers(0, 1)), min_size=2, max_size=12))
@example([(0.0, 1)] * 4 + [(19.75, 0), (-7.375, 1), (-29.25, 1), (-0.875, 1)])
@settings(max_examples=150)
def test_however_far_apart_the_margins_a_line_is_found(pairs):
    """A long step can leave every probability at 0 or 1, where nothing curves any more."""
    margin, y = np.array(pairs).T
    rows = HeldOutRows.checked(margin, y, None, None)
    line = fit_line([rows.margin], rows)
    assert np.isfinite(line.estimate).all()
    assert np.isfinite(line.covariance).all()
    assert line.estimate[1] >= MINIMUM_SLOPE
