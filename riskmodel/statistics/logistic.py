"""Newton's method for one- and two-parameter logistic fits, over many rows of weights at once.

A bootstrap refits the same small regression hundreds of times. Here all replicates take each step
together, as array operations over ``(R, n)``, and those that have arrived drop out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.statistics.arrays import FloatArray, IntArray, divide, weighted_sums

MAX_STEPS = 60
MAX_STEP = 5.0  # log-odds; an undamped Newton step can overshoot from a far start
TOLERANCE = 1e-8
NEAR = 32
FARTHEST = 40.0  # log-odds beyond which a probability is 0 or 1 in double precision


def _sigmoid(log_odds: FloatArray) -> FloatArray:
    scaled: FloatArray = np.tanh(0.5 * log_odds)  # unlike exp, it cannot overflow
    return 0.5 + 0.5 * scaled


def fit_intercept(rows: FloatArray, outcomes: FloatArray, offset: FloatArray) -> FloatArray:
    """Fit ``logit P(y = 1) = intercept + offset`` for each row of weights.

    Parameters
    ----------
    rows : float64 array (R, n)
        Weights; each row must hold both classes.
    outcomes : float64 array (n,) of 0/1
    offset : float64 array (n,)

    Returns
    -------
    float64 array (R,)
        NaN where there is no optimum.

    Examples
    --------
    >>> fit_intercept(np.ones((1, 4)), np.array([1.0, 0, 0, 0]), np.zeros(4)).round(4)
    array([-1.0986])
    """
    intercept = np.zeros(len(rows))
    high = np.full(len(rows), np.abs(offset).max(initial=0.0) + FARTHEST)
    last = np.full(len(rows), np.inf)
    low, moving, observed = -high, np.arange(len(rows)), weighted_sums(rows, outcomes)
    for _ in range(MAX_STEPS):
        if not len(moving):
            return intercept
        at = intercept[moving]
        line = np.column_stack([at, np.ones(len(moving))])
        weighted, spread = _moments(rows[moving], line, offset)
        gradient = observed[moving] - weighted.sum(axis=1)
        low[moving] = np.where(gradient > 0, at, low[moving])
        high[moving] = np.where(gradient < 0, at, high[moving])
        step = divide(gradient, spread.sum(axis=1))
        inside = (at + step >= low[moving]) & (at + step <= high[moving])
        # bisect where Newton leaves the bracket or its steps do not shrink (NaN is neither)
        trusted = inside & (np.abs(step) <= last[moving] / 2)
        after = np.where(trusted, at + step, (low[moving] + high[moving]) / 2)
        intercept[moving], last[moving] = after, np.abs(after - at)
        moving = moving[last[moving] > TOLERANCE]
    intercept[moving] = np.nan
    return intercept


@dataclass(frozen=True)
class LineFitter:
    """Fits of ``logit P(y = 1) = intercept + slope * x`` under any weights.

    What weights do not change is worked out once, in `from_data`.

    Attributes
    ----------
    outcomes, x : float64 arrays (n,)
    start : float64 array (2,)
        Where every fit starts.
    rising : tuple of two int64 arrays
        The rows with y = 0, and those with y = 1, by `x`.
    powers, mean : float64 arrays (3, n) and (n,)
        1, x and x squared; the chances at `start`.
    """

    outcomes: FloatArray
    x: FloatArray
    start: FloatArray
    rising: tuple[IntArray, IntArray]
    powers: FloatArray
    mean: FloatArray

    @classmethod
    def from_data(
        cls, outcomes: FloatArray, x: FloatArray, start: FloatArray | None = None
    ) -> LineFitter:
        """Sort `x`, near mean 0 and spread 1, once; by default, start from the unweighted fit.

        Examples
        --------
        >>> x = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0])
        >>> y = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
        >>> fitter = LineFitter.from_data(y, x)
        >>> bool(np.allclose(fitter.fit(np.ones((1, 6))), [[0, np.log(2)]]))
        True
        """
        if start is None:
            unweighted = cls.from_data(outcomes, x, np.zeros(2)).fit(np.ones((1, len(x))))[0]
            start = np.where(np.isnan(unweighted), 0.0, unweighted)
        order = np.argsort(x, kind="stable").astype(np.int64)
        by_class = (order[outcomes[order] == 0], order[outcomes[order] == 1])
        powers = np.stack([np.ones_like(x), x, x**2])
        return cls(outcomes, x, start, by_class, powers, _sigmoid(start[0] + start[1] * x))

    def overlapping(self, rows: FloatArray) -> npt.NDArray[np.bool_]:
        """Return, for each row of weights, whether `x` fails to separate the two classes.

        Only then does a line exist: with separated classes, or ones that touch in a single value,
        a steeper slope always fits better, and Newton's method ends where the arithmetic does.

        Examples
        --------
        >>> y, x = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])
        >>> fitter = LineFitter.from_data(y, x)
        >>> fitter.overlapping(np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0]]))
        array([ True, False])
        """
        lowest = [_first_weighted(rows, order, self.x) for order in self.rising]
        highest = [_first_weighted(rows, order[::-1], self.x) for order in self.rising]
        return np.asarray((lowest[0] < highest[1]) & (lowest[1] < highest[0]))

    def fit(self, rows: FloatArray) -> FloatArray:
        """Return intercept and slope for each row of weights ``(R, n)``; NaN without a line."""
        exists = self.overlapping(rows)
        line = np.full((len(rows), 2), np.nan)
        line[exists] = self._newton(rows if exists.all() else rows[exists])
        for replicate in np.flatnonzero(exists & np.isnan(line).any(axis=1)):
            line[replicate] = _damped_newton(rows[replicate], self.outcomes, self.x)
        return line

    def _newton(self, rows: FloatArray) -> FloatArray:
        line = np.tile(self.start, (len(rows), 1))
        powers = self.powers.T
        observed = weighted_sums(rows, (self.outcomes * self.powers[:2]).T)
        # all replicates start at one point, where the moments of all of them are two products
        expected = weighted_sums(rows, (self.mean * self.powers[:2]).T)
        curvature = weighted_sums(rows, (self.mean * (1 - self.mean) * self.powers).T)
        moving = np.arange(len(rows))
        for _ in range(MAX_STEPS):
            step = _step(observed[moving] - expected, curvature)
            line[moving] += step
            moving = moving[(np.abs(step) > TOLERANCE).any(axis=1)]  # NaN stands still
            if not len(moving):
                return line
            still = rows if len(moving) == len(rows) else rows[moving]
            weighted, spread = _moments(still, line[moving], self.x)
            expected = weighted_sums(weighted, powers[:, :2])
            curvature = weighted_sums(spread, powers)
        line[moving] = np.nan
        return line


def _first_weighted(rows: FloatArray, order: IntArray, x: FloatArray) -> FloatArray:
    """Return `x` of the first weighted person along `order`; NaN without one."""
    found = np.full(len(rows), np.nan)
    for ahead in (order[:NEAR], order):  # nearly always, one of the first few has a weight
        weighted = np.take(rows, ahead, axis=1) > 0
        some = weighted.any(axis=1)
        if some.any():
            found[some] = x[ahead[weighted[some].argmax(axis=1)]]
        if some.all():
            break
    return found


def _damped_newton(weight: FloatArray, outcomes: FloatArray, x: FloatArray) -> FloatArray:
    """One fit that halves each step until the loss falls: slower, and sure to arrive.

    For the rare rows of weights whose few people at the far end send plain steps astray.
    """
    design = np.column_stack([np.ones_like(x), x])

    def loss(line: FloatArray) -> float:
        log_odds = design @ line
        return float((weight * (np.logaddexp(0.0, log_odds) - outcomes * log_odds)).sum())

    line = np.zeros(2)
    for _ in range(5 * MAX_STEPS):
        mean = _sigmoid(design @ line)
        gradient = design.T @ (weight * (outcomes - mean))
        curvature = design.T @ ((weight * mean * (1 - mean))[:, np.newaxis] * design)
        curvature += 1e-12 * np.trace(curvature) * np.eye(2)
        step, share = np.linalg.solve(curvature, gradient), 1.0
        while share > TOLERANCE and loss(line + share * step) > loss(line):
            share /= 2
        line = line + share * step
        if np.abs(share * step).max() <= TOLERANCE * (1 + np.abs(line).max()):
            return line
    return np.full(2, np.nan)


def _moments(rows: FloatArray, line: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean = np.multiply.outer(line[:, 1], x)
    mean += line[:, :1]
    mean *= 0.5
    np.tanh(mean, out=mean)
    mean += 1.0
    mean *= 0.5
    weighted = rows * mean
    np.subtract(1.0, mean, out=mean)
    mean *= weighted
    return weighted, mean


def _step(gradient: FloatArray, curvature: FloatArray) -> FloatArray:
    h0, h1, h2 = curvature.T
    determinant = h0 * h2 - h1**2
    solvable = determinant > 1e-12 * h0 * h2
    safe = np.where(solvable, determinant, 1.0)
    step = np.column_stack(
        [
            (h2 * gradient[:, 0] - h1 * gradient[:, 1]) / safe,
            (h0 * gradient[:, 1] - h1 * gradient[:, 0]) / safe,
        ]
    )
    step[~solvable] = np.nan
    clipped: FloatArray = np.clip(step, -MAX_STEP, MAX_STEP)
    return clipped
