"""What each feature adds to a person's margin: SHAP values that add up, straight from the trees.

Path-dependent TreeSHAP (Lundberg et al. 2020), what ``shap.TreeExplainer`` and LightGBM's
``pred_contrib`` give, without importing either. They explain the margin, the log-odds before
calibration, since only there do they add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmodel.model.columns import float_table, in_fit_order

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.model.parts import Floats
    from riskmodel.model.scorer import Scorer


def contributions(scorer: Scorer, X: pd.DataFrame) -> tuple[Floats, float]:
    """Return what each feature adds to the margin of each row, and the margin it is added to.

    Parameters
    ----------
    scorer : Scorer
        ``model.scorer`` of a RiskModel, or ``scorer_`` of a fitted RepeatHarmEstimator.
    X : DataFrame of shape (n, p)
        Columns in any order; results are in the order of ``scorer.feature_names``.

    Returns
    -------
    values : float64 array of shape (n, p)
        In log-odds, before calibration.
    base : float
        The mean margin of the trees; ``base + values.sum(axis=1)`` is the margin.

    Raises
    ------
    ModelMismatchError
        If columns are missing or unknown.
    ModelIntegrityError
        If the sums are not the margins.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> X = pd.DataFrame({"count_1y": [0.0, 1.0, 2.0, 5.0] * 25, "victims_1y": [0.0, 1.0] * 50})
    >>> fitted = RepeatHarmEstimator(n_estimators=5, n_jobs=1).fit(X, X["count_1y"] > 1)
    >>> values, base = contributions(fitted.scorer_, X)
    >>> bool(np.allclose(base + values.sum(axis=1), fitted.decision_function(X), atol=1e-9))
    True
    """
    return scorer.contributions(float_table(in_fit_order(X, scorer.feature_names)))
