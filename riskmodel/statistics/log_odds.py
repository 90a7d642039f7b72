"""From log-odds to probabilities and back, with numpy alone: what loads a model needs no more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmodel.statistics.arrays import FloatArray


def expit(log_odds: npt.ArrayLike) -> FloatArray:
    """Return the probability of each log-odds, to the last digits also far from 0.

    Examples
    --------
    >>> expit([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]
    """
    values = np.asarray(log_odds, dtype=np.float64)
    small = np.exp(-np.abs(values))
    probability: FloatArray = np.where(values >= 0, 1.0, small) / (1.0 + small)
    return probability


def logit(probability: npt.ArrayLike) -> FloatArray:
    """Return the log-odds of each probability; infinite for 0 and 1.

    Examples
    --------
    >>> logit([0.5, 0.0]).tolist()
    [0.0, -inf]
    """
    values = np.asarray(probability, dtype=np.float64)
    with np.errstate(divide="ignore"):
        log_odds: FloatArray = np.log(values) - np.log1p(-values)
    return log_odds
