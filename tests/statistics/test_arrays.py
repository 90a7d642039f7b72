"""The shared checks refuse what would give a silent wrong number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import (
    as_floats,
    as_outcomes,
    as_probabilities,
    divide,
    mean_defined,
    weight_rows,
    weighted_sums,
)

NUMBERS = st.floats(-100, 100, allow_nan=False)


@given(st.integers(1, 5), st.integers(1, 20), st.integers(1, 4), st.data())
def test_weighted_sums_are_the_matrix_product(n_rows, n, n_columns, data):
    rows = data.draw(arrays(float, (n_rows, n), elements=NUMBERS))
    values = data.draw(arrays(float, (n, n_columns), elements=NUMBERS))
    assert np.allclose(weighted_sums(rows, values), rows @ values, atol=1e-8)
    assert np.allclose(weighted_sums(rows, values[:, 0]), rows @ values[:, 0], atol=1e-8)


def test_division_by_zero_is_undefined_never_zero():
    assert np.isnan(divide([0.0, 1.0], 0.0)).all()
    assert divide(3.0, 2.0) == 1.5


@given(arrays(float, (4, 3), elements=st.floats(-5, 5) | st.just(np.nan)))
def test_the_mean_is_over_what_is_defined(values):
    found = mean_defined(values, axis=0)
    for column, mean in zip(values.T, found, strict=True):
        defined = column[~np.isnan(column)]
        assert np.isnan(mean) if not len(defined) else np.isclose(mean, defined.mean())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: as_floats([[1.0]], "score"), "score: 2 dimensions"),
        (lambda: as_floats([1.0], "score", 2), "score: 1 rows given, 2 expected"),
        (lambda: as_floats([1.0, np.nan], "score"), "score: missing in 1 rows"),
        (lambda: as_outcomes([0, 1, 2, 3]), "neither 0 nor 1 in 2 rows"),
        (lambda: as_probabilities([-0.1, 0.5, 1.1], 3), r"outside \[0, 1\] in 2 rows"),
        (lambda: weight_rows([1.0, 2.0], 3), "weight: shape"),
        (lambda: weight_rows([1.0, -2.0], 2), "weight: negative or missing"),
        (lambda: weight_rows([1.0, np.nan], 2), "weight: negative or missing"),
    ],
)
def test_mistakes_are_named_and_counted(call, words):
    with pytest.raises(SchemaError, match=words):
        call()
