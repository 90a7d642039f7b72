"""What each feature adds to a person's margin: SHAP values that add up, straight from the trees.

LightGBM computes them itself (path-dependent TreeSHAP, Lundberg et al. 2020), bit for bit what
``shap.TreeExplainer`` gives, without importing it. They explain the margin, the log-odds before
calibration, since only there do they add up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import ModelIntegrityError, ModelMismatchError
from riskmodel.model.inputs import finite, in_fit_order
from riskmodel.model.parts import blended_contributions

Floats = NDArray[np.float64]

TOLERANCE = 1e-9
"""How far a sum of contributions may be from the margin, in log-odds."""

_ROWS_AT_ONCE = 20_000
_ROWS_FOR_ONE_THREAD = 8


def contributions(estimator: Any, X: pd.DataFrame) -> tuple[Floats, float]:
    """Return what each feature adds to the margin of each row, and the margin it is added to.

    Parameters
    ----------
    estimator : RepeatHarmEstimator
        Fitted.
    X : DataFrame of shape (n, p)
        Columns in any order; results are in the order of ``estimator.feature_names_in_``.

    Returns
    -------
    values : float64 array of shape (n, p)
        In log-odds, before calibration.
    base : float
        The mean margin of the trees; ``base + values.sum(axis=1)`` is the margin.

    Raises
    ------
    ModelMismatchError
        If the model is not made of such trees, or columns are missing or unknown.
    ModelIntegrityError
        If the sums are not the margins.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> X = pd.DataFrame({"count_1y": [0.0, 1.0, 2.0, 5.0] * 25, "victims_1y": [0.0, 1.0] * 50})
    >>> fitted = RepeatHarmEstimator(n_estimators=5, n_jobs=1).fit(X, X["count_1y"] > 1)
    >>> values, base = contributions(fitted, X)
    >>> bool(np.allclose(base + values.sum(axis=1), fitted.decision_function(X), atol=1e-9))
    True
    """
    parts = getattr(estimator, "parts_", None)
    if not parts:
        raise ModelMismatchError(
            "contributions come from the parts of a fitted RepeatHarmEstimator; "
            f"a {type(estimator).__name__} was given, without any"
        )
    names = getattr(estimator, "feature_names_in_", None)
    table = finite(np.asarray(in_fit_order(X, names)), names)
    values = np.empty((len(table), table.shape[1]))
    for start in range(0, len(table), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        values[rows] = _of_rows(parts, table[rows], estimator.n_jobs)[:, :-1]
    nothing_known = np.full((1, table.shape[1]), np.nan)
    base = float(_of_rows(parts, nothing_known, estimator.n_jobs)[0, -1])
    check_additive(values, base, estimator.decision_function(X) if len(table) else np.empty(0))
    return values, base


def _of_rows(parts: Any, rows: NDArray[Any], n_jobs: int | None) -> Floats:
    """Return contributions to the margin, shape (n, p + 1); the last column is the base."""
    threads = 1 if len(rows) <= _ROWS_FOR_ONE_THREAD else (n_jobs or 0)
    return blended_contributions(parts, rows, threads)


def check_additive(
    values: Floats, base: float, margin: Floats, *, tolerance: float = TOLERANCE
) -> None:
    """Raise unless base and contributions add up to the margin in every row.

    Raises
    ------
    ModelIntegrityError
        Counting the rows where they do not.

    Examples
    --------
    >>> check_additive(np.array([[0.5, -0.25]]), -2.0, np.array([-1.75]))
    """
    away = np.abs(base + values.sum(axis=1) - margin)
    broken = int((~(away <= tolerance)).sum())
    if broken:
        raise ModelIntegrityError(
            f"the contributions of {broken} rows do not add up to the margin within {tolerance:g}: "
            "the model's trees are not those that scored. Load the model anew"
        )
