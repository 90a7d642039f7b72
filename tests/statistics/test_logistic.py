"""The small fits agree with scikit-learn's, replicate by replicate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression

from riskmodel.statistics.logistic import LineFitter, fit_intercept


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    y = (rng.random(400) < 1 / (1 + np.exp(1 - 0.7 * x))).astype(float)
    weights = rng.multinomial(400, np.full(400, 1 / 400), size=6).astype(float)
    return x, y, weights


@pytest.mark.parametrize("start", [(0.0, 0.0), (-1.0, 0.7), (4.0, -3.0)])
def test_every_replicate_is_scikit_learns_unpenalised_fit(data, start):
    x, y, weights = data
    found = LineFitter.from_data(y, x, np.array(start)).fit(weights)
    for line, weight in zip(found, weights, strict=True):
        model = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky")
        model.fit(x[:, np.newaxis], y, sample_weight=weight)
        assert np.allclose(line, [model.intercept_[0], model.coef_[0, 0]], atol=1e-6)


def test_the_intercept_makes_expected_equal_observed(data):
    x, y, weights = data
    for a, weight in zip(fit_intercept(weights, y, 2 * x), weights, strict=True):
        assert np.isclose(weight @ (1 / (1 + np.exp(-(a + 2 * x)))), weight @ y)


def test_separated_classes_have_no_line():
    x = np.array([-1.0, -0.5, 0.5, 1.0])
    y = np.array([0.0, 0.0, 1.0, 1.0])
    assert np.isnan(LineFitter.from_data(y, x).fit(np.ones((1, 4)))).all()


def test_one_separated_replicate_does_not_spoil_the_others():
    x = np.array([-1.0, -0.5, 0.5, 1.0])
    y = np.array([0.0, 1.0, 0.0, 1.0])
    weights = np.array([[1.0, 1, 1, 1], [1, 0, 0, 1], [2, 1, 1, 2]])
    found = LineFitter.from_data(y, x).fit(weights)
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2]]).all()
    again = LineFitter.from_data(y, x, np.array([0.1, 1.0]))
    assert np.allclose(found[0], again.fit(weights[:1])[0])


def test_a_constant_has_no_slope():
    found = LineFitter.from_data(np.array([0.0, 1.0, 1.0]), np.zeros(3)).fit(np.ones((1, 3)))
    assert np.isnan(found).all()


def test_no_replicates_give_no_lines():
    none = np.ones((0, 3))
    y, x = np.array([0.0, 1.0, 1.0]), np.arange(3.0)
    assert LineFitter.from_data(y, x).fit(none).shape == (0, 2)
    assert fit_intercept(none, y, x).shape == (0,)


@given(st.integers(1, 12), st.data())
def test_a_line_exists_just_where_the_weighted_classes_overlap(n, data):
    x = data.draw(arrays(float, n, elements=st.integers(-3, 3).map(float)))
    y = data.draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    weights = data.draw(arrays(float, (2, n), elements=st.integers(0, 2).map(float)))
    fitter = LineFitter.from_data(y, x, np.zeros(2))
    found, lines = fitter.overlapping(weights), fitter.fit(weights)
    for weight, overlap, line in zip(weights, found, lines, strict=True):
        zeros, ones = (x[(weight > 0) & (y == label)] for label in (0, 1))
        both = bool(len(zeros) and len(ones))
        assert overlap == (both and zeros.min() < ones.max() and ones.min() < zeros.max())
        assert np.isfinite(line).all() == overlap


def test_the_first_weighted_person_may_be_far_down():
    n = 200
    x = np.arange(n, dtype=float)
    y = (np.arange(n) % 2 == 0).astype(float)
    weights = np.zeros((1, n))
    weights[0, 90:110] = 1
    assert LineFitter.from_data(y, x).overlapping(weights)[0]
    weights[0, np.arange(n) % 2 == 0] = 0
    weights[0, 120] = 1
    assert not LineFitter.from_data(y, x).overlapping(weights)[0]


@pytest.mark.parametrize("seed", range(20))
def test_a_few_people_at_the_far_end_do_not_lose_the_line(seed):
    rng = np.random.default_rng(seed)
    n = 12
    x = rng.normal(0, 0.01, n) + np.where(np.arange(n) == 0, 30.0, 0.0)
    x = (x - x.mean()) / x.std()
    y = (np.arange(n) % 2 == 0).astype(float)
    order = np.argsort(x)
    y[order[[0, 1, -2, -3]]] = [1, 0, 1, 0]
    weights = rng.integers(1, 40, (1, n)).astype(float)
    fitter = LineFitter.from_data(y, x, np.array([3.0, -9.0]))
    line = fitter.fit(weights)[0]
    assert fitter.overlapping(weights)[0]
    residual = weights[0] * (y - (0.5 + 0.5 * np.tanh((line[0] + line[1] * x) / 2)))
    assert np.allclose([residual.sum(), residual @ x], 0, atol=1e-4)


@given(st.integers(2, 12), st.data())
def test_the_intercept_is_found_from_any_offset(n, data):
    offset = data.draw(arrays(float, n, elements=st.floats(-20, 20)))
    y = data.draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    weight = data.draw(arrays(float, (1, n), elements=st.integers(1, 50).map(float)))
    y[:2] = [0, 1]
    mean = 0.5 + 0.5 * np.tanh((fit_intercept(weight, y, offset)[0] + offset) / 2)
    assert np.isclose(weight[0] @ mean, weight[0] @ y, atol=1e-5)
