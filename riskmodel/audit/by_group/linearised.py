"""What the slope of calibration and the AUC of each group are made of, as sums over people.

People stand here group by group, and in each group by outcome: clear, later, unseen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmodel.audit.by_group.list_rows import OUTCOMES
from riskmodel.audit.by_group.measures import AUC_SUMS, SLOPE_SUMS
from riskmodel.statistics.arrays import FloatArray, IntArray
from riskmodel.statistics.calibration import CLOSEST, calibration_line
from riskmodel.statistics.log_odds import expit, logit


class Linearised(NamedTuple):
    """A measure that is no ratio of sums, about where it stands.

    Attributes
    ----------
    at : float array (groups,)
        The measure; NaN where it is not defined.
    terms : dict of str to float array (n,)
        What each person adds to its sums.
    """

    at: FloatArray
    terms: dict[str, FloatArray]


def slope_terms(chance: FloatArray, edges: IntArray) -> Linearised:
    """Return the slope of calibration by group, with the derivatives of its likelihood.

    Parameters
    ----------
    chance : float array (n,)
        Probabilities, by group and outcome.
    edges : int64 array (3 * groups + 1,)
        Where each outcome of each group starts.

    Examples
    --------
    >>> found = slope_terms(np.array([0.2, 0.2, 0.7, 0.2, 0.7, 0.7]), np.array([0, 3, 6, 6]))
    >>> found.at.round(3), abs(found.terms["score_1"].sum()) < 1e-6
    (array([0.621]), np.True_)
    """
    at = np.full(len(edges) // len(OUTCOMES), np.nan)
    terms = np.zeros((len(SLOPE_SUMS), len(chance)))
    for group, (clear, later, unseen) in enumerate(_spans(edges)):
        seen = slice(clear, unseen)
        outcome = np.repeat([0.0, 1.0], [later - clear, unseen - later])
        line = calibration_line(outcome, chance[seen])
        if np.isnan(line.slope):
            continue
        at[group] = line.slope
        x = logit(np.clip(chance[seen], CLOSEST, 1 - CLOSEST))
        mean = expit(line.intercept + line.slope * x)
        residual, spread = outcome - mean, mean * (1 - mean)
        for place, values in enumerate((residual, residual * x, spread, spread * x, spread * x**2)):
            terms[place, seen] = values
    return Linearised(at, dict(zip(SLOPE_SUMS, terms, strict=True)))


def placement_terms(score: FloatArray, edges: IntArray) -> Linearised:
    """Return the AUC by group, with the share of the other outcome that each person beats.

    Parameters
    ----------
    score : float array (n,)
        By group and outcome, ascending in each.
    edges : int64 array (3 * groups + 1,)

    Examples
    --------
    >>> found = placement_terms(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 2, 4, 4]))
    >>> found.at, found.terms["placed_later"], found.terms["placed_clear"]
    (array([0.75]), array([0. , 0. , 0.5, 1. ]), array([1. , 0.5, 0. , 0. ]))
    """
    at = np.full(len(edges) // len(OUTCOMES), np.nan)
    terms = np.zeros((len(AUC_SUMS), len(score)))
    for group, (clear, later, unseen) in enumerate(_spans(edges)):
        if later in {clear, unseen}:
            continue
        lower, higher = score[clear:later], score[later:unseen]
        terms[0, later:unseen] = _share_below(lower, higher)
        terms[1, clear:later] = 1 - _share_below(higher, lower)
        at[group] = terms[0, later:unseen].mean()
    return Linearised(at, dict(zip(AUC_SUMS, terms, strict=True)))


def _spans(edges: IntArray) -> list[tuple[int, int, int]]:
    starts = edges[:-1].reshape(-1, len(OUTCOMES))
    return [(int(clear), int(later), int(unseen)) for clear, later, unseen in starts]


def _share_below(of: FloatArray, scores: FloatArray) -> FloatArray:
    """Return what share of the ascending values `of` lies below each score, ties half."""
    below = np.searchsorted(of, scores, side="left") + np.searchsorted(of, scores, side="right")
    return below / (2 * len(of))
