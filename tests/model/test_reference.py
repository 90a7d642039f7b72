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
    frame_from_json,
    frame_to_json,
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
    rows = synthetic_rows(["a", "b", "c"], reference, seed=1, n_rows=2_000)
    assert rows.isna().mean().to_numpy() == pytest.approx([0, 1, 0.5], abs=0.05)
    assert rows["a"].min() >= 0
    assert rows["a"].max() <= 2 * 999 + 1
    assert (rows["a"] % 1 == 0).all()
    again = synthetic_rows(["a", "b", "c"], reference, seed=1, n_rows=2_000)
    pd.testing.assert_frame_equal(rows, again)


@given(arrays(np.float64, (3, 4), elements=st.floats(allow_infinity=False)))
def test_json_keeps_every_bit(numbers):
    text = json.dumps(numbers_to_json(numbers), allow_nan=False)
    assert np.array_equal(numbers_from_json(json.loads(text)), numbers, equal_nan=True)
    frame = pd.DataFrame(numbers, columns=list("abcd"))
    text = json.dumps(frame_to_json(frame), allow_nan=False)
    pd.testing.assert_frame_equal(frame_from_json(json.loads(text)), frame, check_exact=True)


def test_the_self_test_forgives_the_last_digit_and_nothing_else():
    answers = pd.DataFrame({"margin": [0.1, -2.0], "expected_harm": [np.nan, 300.0]})
    test = SelfTest(pd.DataFrame({"a": [1.0, 2.0]}), answers)
    test.check(answers * (1 + 1e-15))
    for name in answers:
        changed = answers.copy()
        changed.loc[1, name] += 1e-6
        with pytest.raises(ModelIntegrityError, match=f"{name} differ"):
            test.check(changed)
    with pytest.raises(ModelIntegrityError):
        test.check(answers.fillna(0.0))
