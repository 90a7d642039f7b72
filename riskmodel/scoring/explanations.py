"""explain(): shap.Explanation for people who plot. The only door to shap, which takes seconds."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.scored_rows import explained_rows
from riskmodel.scoring.who_answers import SCORED

with warnings.catch_warnings():
    # shap makes its colour maps with setters that matplotlib means to retire: not the user's doing
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import shap

SCALE = "margin (log-odds before calibration)"


def explain(
    histories: EventHistories,
    model: RiskModel,
    scores: pd.DataFrame,
    *,
    groups: pd.DataFrame | None = None,
) -> shap.Explanation:
    """Return what each feature adds to the margin of each scored person, for shap's plots.

    Base value and contributions of a row add up to its margin, not to its probability. They say
    what the estimate rests on, not what causes harm. A plot with one dot a person is record-level
    data: not for publication.

    Parameters
    ----------
    histories : EventHistories
        Those that were scored.
    model : RiskModel
        That scored.
    scores : DataFrame
        From `score` or `rank`, of one date; rows without an estimate are left out, and so are
        those of the fallback, which reads other features: `reasons` has them.
    groups : DataFrame, optional
        As for `score`.

    Returns
    -------
    shap.Explanation
        values and data of shape (n, p), base_values of shape (n,), in the order of the scored
        rows of `scores`.

    Raises
    ------
    ModelMismatchError
        Scores of another model, or histories that now give other estimates.
    ModelIntegrityError
        The contributions don't add up.

    Examples
    --------
    ``shap.plots.waterfall(explain(histories, model, rank(scores, k=100))[0])`` draws the first.
    """
    full = scores[scores["status"] == SCORED] if "status" in scores else scores
    (rows,) = explained_rows(histories, model, full, groups=groups)
    return shap.Explanation(
        rows.values,
        base_values=np.full(len(rows.values), rows.base),
        data=rows.X.to_numpy(dtype=np.float64),
        feature_names=list(rows.X.columns),
        output_names=SCALE,
    )
