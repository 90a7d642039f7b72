"""Net benefit: what a list brings, less what it costs, on the scale of decision curves.

References
----------
Vickers & Elkin (2006), Medical Decision Making 26:565-574.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import (
    FloatArray,
    as_outcomes,
    as_probabilities,
    divide,
    number_or_rows,
    weight_rows,
    weighted_sums,
)


def benefit_of_each(outcomes: FloatArray, chance: FloatArray, threshold: float) -> FloatArray:
    """Return what listing at `threshold` brings for each row: 1, minus the odds, or 0 unlisted.

    Examples
    --------
    >>> benefit_of_each(np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.2, 0.1]), 0.2)
    array([ 1.  , -0.25,  0.  ])
    """
    if not 0 < threshold < 1:
        raise SchemaError(f"threshold: {threshold} given, between 0 and 1 is allowed")
    odds = threshold / (1 - threshold)
    return np.where(chance >= threshold, np.where(outcomes == 1, 1.0, -odds), 0.0)


def net_benefit(
    y: npt.ArrayLike,
    p: npt.ArrayLike,
    threshold: float,
    weight: npt.ArrayLike | None = None,
) -> FloatArray | float:
    """Return (true positives - false positives * odds of the threshold) / people.

    The unit is a true positive per person, so a value of 0.02 is worth two people found of a
    hundred with nobody listed in vain. Listing no one brings 0, listing everyone what
    `net_benefit_of_everyone` says: a forecast is of use where it brings more than both.

    Parameters
    ----------
    y : array of 0/1 (n,)
    p : array of probabilities (n,)
    threshold : float in (0, 1)
        Whoever is at it or above is listed.
    weight : array (n,) or (R, n), optional

    Returns
    -------
    float, or float64 array (R,)
        NaN where nobody is weighted.

    Examples
    --------
    >>> net_benefit([1, 0, 0, 1], [0.9, 0.6, 0.1, 0.2], threshold=0.5)
    0.0
    """
    outcomes = as_outcomes(y)
    each = benefit_of_each(outcomes, as_probabilities(p, len(outcomes)), threshold)
    rows, single = weight_rows(weight, len(outcomes))
    return number_or_rows(divide(weighted_sums(rows, each), rows.sum(axis=1)), single)


def net_benefit_of_everyone(
    y: npt.ArrayLike, threshold: float, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Return the net benefit of listing everyone: share with the outcome - the rest * odds.

    Examples
    --------
    >>> net_benefit_of_everyone([1, 0, 0, 0], threshold=0.2)
    0.0625
    """
    outcomes = as_outcomes(y)
    return net_benefit(outcomes, np.ones(len(outcomes)), threshold, weight)
