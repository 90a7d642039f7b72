"""The numbers of a score, without an estimator around them."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.scorer import Estimates, check_additive

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.poisson(1.5, size=(300, 3)), columns=["a", "b", "c"], dtype="float32")
Y = (X["a"] > 2).astype(float)
FEW = {"n_estimators": 8, "n_bags": 3, "n_jobs": 1}


def test_it_answers_as_the_estimator_that_learnt_it():
    fitted = RepeatHarmEstimator(**FEW).fit(X, Y, harm=Y * 30)
    estimates = fitted.scorer_.estimates(X.to_numpy())
    assert Estimates._fields == tuple(fitted.estimates(X).columns)
    assert np.array_equal(np.column_stack(estimates), fitted.estimates(X).to_numpy())
    assert np.array_equal(estimates.margin, fitted.decision_function(X))
    assert fitted.scorer_.n_bags == 3
    assert all(column.shape == (0,) for column in fitted.scorer_.estimates(X.to_numpy()[:0]))


def test_without_harm_none_is_expected():
    fitted = RepeatHarmEstimator(**FEW).fit(X, Y)
    assert np.isnan(fitted.scorer_.estimates(X.to_numpy()).expected_harm).all()


def test_sums_that_are_off_are_found_and_counted():
    values = np.zeros((3, 2))
    check_additive(values, -1.0, np.full(3, -1.0))
    with pytest.raises(ModelIntegrityError, match="of 2 rows"):
        check_additive(values, -1.0, np.array([-1.0, -1.0 + 1e-8, np.nan]))


LIGHT = """
import sys
from riskmodel.model import scorer
heavy = {"pandas", "scipy", "sklearn", "lightgbm", "pyarrow", "mlflow"}
print(sorted(heavy & set(sys.modules)))
"""


def test_it_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
