"""Distributions without rows of anyone, synthetic rows, and the self-test's judgement."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.reference import (
    LEVELS,
    SelfTest,
    numbers_from_json,
    numbers_to_json,
    reference_distributions,
    synthetic_rows,
)

X = pd.DataFrame({"a": np.arange(1_000.0), "b": np.nan, "c": [np.nan, 5.0] * 500})
ESTIMATES = pd.DataFrame(
    {"margin": np.linspace(-3, 0, 1_000), "probability": 0.1, "expected_harm": np.nan}
)


def test_quantiles_leave_missing_values_and_extremes_out():
    reference = reference_distributions(X, ESTIMATES)
    assert np.allclose(reference["features"][0], LEVELS * 999)
    assert np.isnan(reference["features"][1]).all()
    assert (reference["features"][2] == 5.0).all()
    assert np.allclose(reference["missing"], [0, 1, 0.5])
    assert np.nanmax(reference["features"]) < X["a"].max()
    assert np.isnan(reference["expected_harm"]).all()


def test_synthetic_rows_keep_to_the_range_and_the_missing_rate():
    reference = reference_distributions(X, ESTIMATES)
    rows = synthetic_rows(reference, seed=1, n_rows=2_000)
    assert np.isnan(rows).mean(axis=0) == pytest.approx([0, 1, 0.5], abs=0.05)
    assert rows[:, 0].min() >= 0
    assert rows[:, 0].max() <= 2 * 999 + 1
    assert (rows[:, 0] % 1 == 0).all()
    again = synthetic_rows(reference, seed=1, n_rows=2_000)
    np.testing.assert_array_equal(rows, again)


@given(arrays(np.float64, (3, 4), elements=st.floats(allow_infinity=False)))
def test_json_keeps_every_bit(numbers):
    text = json.dumps(numbers_to_json(numbers), allow_nan=False)
    assert np.array_equal(numbers_from_json(json.loads(text)), numbers, equal_nan=True)


@given(arrays(np.float32, (3, 2), elements=st.floats(allow_infinity=False, width=32)))
def test_a_self_test_comes_back_to_the_bit(rows):
    test = SelfTest(rows, {"margin": np.array([0.1, np.nan, -7.0])})
    content = json.loads(json.dumps(test.to_dict(["a", "b"]), allow_nan=False))
    again = SelfTest.from_dict(content, ["a", "b"])
    assert np.array_equal(again.rows, rows, equal_nan=True)
    assert again.rows.dtype == np.float32
    assert np.array_equal(again.answers["margin"], test.answers["margin"], equal_nan=True)
    with pytest.raises(ModelIntegrityError, match="other columns"):
        SelfTest.from_dict(content, ["b", "a"])


def test_the_self_test_forgives_the_last_digit_and_nothing_else():
    answers = {"margin": np.array([0.1, -2.0]), "expected_harm": np.array([np.nan, 300.0])}
    test = SelfTest(np.ones((2, 1), dtype=np.float32), answers)
    test.check({name: column * (1 + 1e-15) for name, column in answers.items()})
    for name, column in answers.items():
        with pytest.raises(ModelIntegrityError, match=f"{name} differ"):
            test.check(answers | {name: column + np.array([0, 1e-6])})
    with pytest.raises(ModelIntegrityError, match="expected_harm differ"):
        test.check(answers | {"expected_harm": np.array([0.0, 300.0])})


def test_a_self_test_that_asks_for_less_than_the_model_answers_is_none():
    test = SelfTest(np.ones((2, 1), dtype=np.float32), {"margin": np.zeros(2)})
    with pytest.raises(ModelIntegrityError, match="probability differ"):
        test.check({"margin": np.zeros(2), "probability": np.zeros(2)})
    with pytest.raises(ModelIntegrityError, match="margin differ"):
        test.check({"margin": np.zeros(3)})
