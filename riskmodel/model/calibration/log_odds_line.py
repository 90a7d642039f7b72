"""A logistic regression of one to a few rising terms, for the curves that have parameters.

The terms' slopes stay at or above `MINIMUM_SLOPE`, so the curve rises; their covariance holds
when rows of one person go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.calibration.rows import Floats, HeldOutRows
from riskmodel.statistics.log_odds import expit, logit

#: Smallest slope that a fit may return. A positive slope keeps the order of the margins.
MINIMUM_SLOPE = 1e-3
#: Precision of the prior on each slope, centred on 1: worth about one row's evidence. It decides
#: only where the rows can't: perfectly separated classes, or one constant margin.
SLOPE_PRECISION = 1.0
#: Share of the rows' weight. Where a long step left every probability at 0 or 1, the intercept
#: would have no curvature at all, and no step would lead back.
_LEAST_CURVATURE = 1e-12
_STEPS = 100
_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Line:
    """``log-odds = estimate[0] + estimate[1] * term 1 + ...``; k terms.

    Attributes
    ----------
    estimate : float array of shape (k + 1,)
    covariance : float array of shape (k + 1, k + 1)
        A sandwich estimate, clustered by person; symmetric to the bit.
    limited : bool
        Every slope stands at its limit: the rows asked for a curve that falls.
    """

    estimate: Floats
    covariance: Floats
    limited: bool


def fit_line(terms: Sequence[Floats], rows: HeldOutRows) -> Line:
    """Fit the outcome of `rows` on `terms`, each of shape (n,) and rising with the margin."""
    centres = [float(np.average(term, weights=rows.weight)) for term in terms]
    centred = [term - centre for term, centre in zip(terms, centres, strict=True)]
    design = np.stack([np.ones(len(rows)), *centred])
    positive = float((rows.weight * rows.y).sum())
    if positive in (0.0, float(rows.weight.sum())):
        estimate, limited = np.array([_rate_of_one_class(rows), *np.ones(len(terms))]), False
    else:
        estimate, limited = _maximise(design, rows)
    spread = _sandwich(estimate, design, rows)
    shift = np.eye(len(design))
    shift[0, 1:] = np.negative(centres)
    covariance = shift @ spread @ shift.T
    covariance = np.triu(covariance) + np.triu(covariance, 1).T
    moved = estimate.copy()
    for slope, centre in zip(estimate[1:], centres, strict=True):
        moved[0] -= slope * centre
    return Line(moved, covariance, limited)


def is_covariance(matrix: Floats, size: int) -> bool:
    """Return whether a stored matrix can be a covariance of `size` parameters."""
    if matrix.shape != (size, size) or not np.isfinite(matrix).all():
        return False
    smallest = np.linalg.eigvalsh(matrix)[0]
    return bool((matrix == matrix.T).all() and smallest >= -1e-9 * (1 + np.trace(matrix)))


def _rate_of_one_class(rows: HeldOutRows) -> float:
    """Return the log-odds of a rate that never varied: each side gets half a row more."""
    positive = float((rows.weight * rows.y).sum()) + 0.5
    return float(logit(positive / (float(rows.weight.sum()) + 1.0)))


def _maximise(design: Floats, rows: HeldOutRows) -> tuple[Floats, bool]:
    """Return the estimate with the largest posterior where no slope is under the limit.

    The posterior is concave: if the best point anywhere is allowed it is the answer; if not, the
    answer lies where some of the slopes stand at the limit, and is the best of those allowed.
    """
    rate = logit(np.average(rows.y, weights=rows.weight))
    best, best_height, limited = np.empty(0), -np.inf, False
    for free in _faces(len(design)):
        start = np.array([rate, *np.where(free[1:], 1.0, MINIMUM_SLOPE)])
        estimate = _newton(start, design, rows, free)
        if (estimate[1:] < MINIMUM_SLOPE).any():
            continue
        if free.all():
            return estimate, False
        height = _posterior(estimate, design, rows)
        if height > best_height:
            best, best_height, limited = estimate, height, not free[1:].any()
    return best, limited


def _faces(n_parameters: int) -> Iterator[NDArray[np.bool_]]:
    """Yield which parameters are free: all first, at last the intercept alone."""
    for n_held in range(n_parameters):
        for held in combinations(range(1, n_parameters), n_held):
            yield ~np.isin(np.arange(n_parameters), held)


def _log_odds(estimate: Floats, design: Floats) -> Floats:
    """Return (n,) by plain sums: a BLAS's threads would change the last bits."""
    odds: Floats = estimate[0] * design[0]
    for slope, term in zip(estimate[1:], design[1:], strict=True):
        odds = odds + slope * term
    return odds


def _posterior(estimate: Floats, design: Floats, rows: HeldOutRows) -> float:
    odds = _log_odds(estimate, design)
    likelihood = rows.weight * (rows.y * odds - np.logaddexp(0.0, odds))
    pull = SLOPE_PRECISION * (estimate[1:] - 1.0) ** 2 / 2
    return float(likelihood.sum() - pull.sum())


def _scores(estimate: Floats, design: Floats, rows: HeldOutRows) -> Floats:
    """Return each row's share in the gradient, shape (k + 1, n)."""
    residual = rows.weight * (rows.y - expit(_log_odds(estimate, design)))
    scores: Floats = residual * design
    return scores


def _information(estimate: Floats, design: Floats, rows: HeldOutRows) -> Floats:
    p = expit(_log_odds(estimate, design))
    curvature = rows.weight * p * (1 - p)
    information = np.empty((len(design), len(design)))
    for i, left in enumerate(design):
        for j in range(i, len(design)):
            information[i, j] = information[j, i] = (curvature * left * design[j]).sum()
    slopes = np.arange(1, len(design))
    information[slopes, slopes] += SLOPE_PRECISION
    information[0, 0] = max(information[0, 0], _LEAST_CURVATURE * rows.weight.sum())
    return information


def _newton(estimate: Floats, design: Floats, rows: HeldOutRows, free: NDArray[np.bool_]) -> Floats:
    """Climb by Newton steps in the free parameters, halved while they lead down."""
    moving = np.flatnonzero(free)
    height = _posterior(estimate, design, rows)
    for _ in range(_STEPS):
        gradient = _scores(estimate, design, rows).sum(axis=1)
        gradient[1:] += SLOPE_PRECISION * (1.0 - estimate[1:])
        information = _information(estimate, design, rows)
        step = np.zeros(len(design))
        step[moving] = np.linalg.solve(information[np.ix_(moving, moving)], gradient[moving])
        while (reached := _posterior(estimate + step, design, rows)) < height:
            step /= 2
            if np.abs(step).max() < _TOLERANCE:
                return estimate
        estimate, height = estimate + step, reached
        if np.abs(step).max() < _TOLERANCE:
            break
    return estimate


def _sandwich(estimate: Floats, design: Floats, rows: HeldOutRows) -> Floats:
    """Return the covariance that holds when rows of a person go together."""
    of_rows = _scores(estimate, design, rows)
    scores = np.stack([np.bincount(rows.person, share) for share in of_rows])
    clusters = scores.shape[1]
    small_sample = clusters / max(clusters - 1, 1)
    bread = np.linalg.inv(_information(estimate, design, rows))
    covariance = small_sample * bread @ (scores @ scores.T) @ bread
    symmetric: Floats = (covariance + covariance.T) / 2
    return symmetric
