"""Models fitted beside the chosen one, on the same rows, without anybody's group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn.base import clone

from riskmodel.audit.alternatives.candidates import Candidate
from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import learn
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray

Tell = Callable[[int, int, str], None]
"""Called with the number of models done, of how many, and the name of the next one."""


def settings_of(chosen: RiskModel | RepeatHarmEstimator, learnt: Snapshots) -> RepeatHarmEstimator:
    """Return the settings of the chosen model as an estimator that is not fitted."""
    if isinstance(chosen, RepeatHarmEstimator):
        return _fresh(chosen)
    if set(chosen.feature_names) != set(learnt.X.columns):
        raise ModelMismatchError(
            f"The model {chosen.name!r} reads other features than train has: build the snapshots "
            "with the model's own task."
        )
    return _fresh(chosen.estimator)


def _fresh(estimator: RepeatHarmEstimator) -> RepeatHarmEstimator:
    unfitted: RepeatHarmEstimator = clone(estimator)
    return unfitted


def scored(
    models: Sequence[Candidate],
    chosen: RepeatHarmEstimator,
    learnt: Snapshots,
    X: pd.DataFrame,
    progress: Tell | None = None,
) -> dict[str, FloatArray]:
    """Fit each model and score the rows of `X`; by name. No group is among what it is given.

    Parameters
    ----------
    models : sequence of Candidate
    chosen : RepeatHarmEstimator
        The settings that candidates change.
    learnt : Snapshots
        ``snapshots.learnable``.
    X : DataFrame, shape (n, p)

    Returns
    -------
    dict of str to float array (n,)

    Raises
    ------
    SchemaError
        A candidate leaves out a feature that there is not, or all there are.
    """
    _check_features(models, learnt)
    margins = {}
    for done, model in enumerate(models):
        if progress is not None:
            progress(done, len(models), model.name)
        columns = [name for name in learnt.X.columns if name not in model.without]
        fitted = learn(model.estimator(chosen), learnt, columns=columns)
        margins[model.name] = fitted.decision_function(X[columns])
    return margins


def _check_features(models: Sequence[Candidate], learnt: Snapshots) -> None:
    known = set(learnt.X.columns)
    problems = [
        f"{model.name}: without {name!r}, which is no feature"
        for model in models
        for name in model.without
        if name not in known
    ]
    problems += [
        f"{model.name}: no feature is left" for model in models if known <= set(model.without)
    ]
    if problems:
        raise SchemaError(problems)


def same_model(
    chosen: RiskModel | RepeatHarmEstimator, margin: FloatArray, judged: Snapshots
) -> list[str]:
    """Return a sentence where the chosen model scores otherwise than its settings learnt anew."""
    if not isinstance(chosen, RiskModel):
        return []
    if np.allclose(chosen.predict_margin(judged.X), margin, rtol=0, atol=1e-9):
        return []
    return [
        "The chosen model was learnt from other rows than these. Its settings were learnt anew "
        "from the rows that all models here learn from: that is the row called chosen."
    ]
