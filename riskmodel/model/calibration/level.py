"""The level of the probabilities: the newest closed window's, moved half way to what is forecast.

Where base rates drift, the curve learnt on held-out margins has the right steepness and the wrong
level: it corrects a model that had not yet learnt from the newest date. The final model has. Its
level is set on that date; and where the people to be scored are at hand, it is moved half way, on
the log-odds, to the base rate carried forward, since the two err in different directions.
"""

from __future__ import annotations

import numpy as np

from riskmodel.model.calibration.anchoring import anchored
from riskmodel.model.calibration.base_rate import BaseRate
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.log_odds import expit, logit


def set_level(
    fitted: RepeatHarmEstimator,
    newest: Snapshots,
    now: Snapshots | None = None,
    stated: BaseRate | None = None,
) -> RepeatHarmEstimator:
    """Move the calibration's level; its steepness, and so every order, stays.

    Parameters
    ----------
    fitted : RepeatHarmEstimator
        Calibrated; it is changed in place and returned.
    newest : Snapshots
        Rows of the newest date whose outcomes are known, both classes.
    now : Snapshots, optional
        The people of the date to be scored: of these only features are read.
    stated : BaseRate, optional
        The base rate forecast for `now`.
    """
    weight = newest.weight.to_numpy()
    rate = float(np.average(newest.y.to_numpy(), weights=weight))
    curve = anchored(fitted.calibration_, fitted.decision_function(newest.X), rate, weight=weight)
    if now is not None and stated is not None and len(now):
        margin = fitted.decision_function(now.X)
        expected = float(curve.transform(margin).mean())
        half_a_person = 0.5 / (len(newest) + 1)  # a rate of 0 or 1 has no log-odds
        forecast = np.clip(stated.estimate, half_a_person, 1 - half_a_person)
        halfway = float(expit((logit(expected) + logit(forecast)) / 2))
        curve = anchored(curve, margin, halfway)
    fitted.calibration_ = curve
    return fitted
