"""Intervals that hold their level with few people, where the percentiles of a bootstrap do not.

A bootstrap of 8 to 40 people shows too little spread: its percentiles miss the true share about
one time in ten. Here a share has the exact binomial interval on its effective number of people,
any other figure has its percentiles widened as far as Student's t is wider than the normal, and
the difference of two figures is put together from the limits of each.

References
----------
Korn & Graubard (1998), Survey Methodology 24, 193-201: exact limits on the effective size.
Zou & Donner (2008), Statistics in Medicine 27, 1693-1702: limits of a difference from those of
its parts (Newcombe's method is the one for two independent shares).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, stdtrit

from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.bootstrap import Interval


def normal_quantile(level: float) -> float:
    """Return how many standard errors a two-sided normal interval reaches to each side.

    Examples
    --------
    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    return NormalDist().inv_cdf((1 + level) / 2)


def t_over_normal(people: npt.ArrayLike, level: float) -> FloatArray:
    """Return how much wider Student's t is than the normal, one degree of freedom spent.

    Examples
    --------
    >>> t_over_normal([8, 1000], 0.95).round(2)
    array([1.21, 1.  ])
    """
    spare = np.maximum(np.asarray(people, dtype=np.float64) - 1, 1.0)
    wider: FloatArray = stdtrit(spare, (1 + level) / 2) / normal_quantile(level)
    return wider


NO_VARIANCE = 1e-15
"""A variance of a share below this is rounding."""
ENOUGH_PEOPLE = 30
"""Different people behind each part of a share from which its variance is taken at its word."""


def share_limits(
    share: npt.ArrayLike,
    variance: npt.ArrayLike,
    people: npt.ArrayLike,
    level: float = 0.95,
    *,
    fewest: npt.ArrayLike = 0,
) -> Interval:
    """Return Korn and Graubard's exact limits of a share.

    Parameters
    ----------
    share : array (...)
        Between 0 and 1; NaN gives NaN.
    variance : array (...)
        Of the share, by resampling people; 0 where the share cannot move.
    people : array (...)
        Different people that the share rests on: the most that its effective size can be.
    level : float
    fewest : array (...)
        Different people behind the smaller of its two parts. From `ENOUGH_PEOPLE` on, several rows
        of a person may count as more than one where the variance shows that they differ.

    Returns
    -------
    Interval
        A little wider than Clopper and Pearson's, by Student's t.

    Examples
    --------
    >>> low, high = share_limits([0.25, 0.0], [0.25 * 0.75 / 20, 0.0], [20, 20])
    >>> low.round(3), high.round(3)
    (array([0.075, 0.   ]), array([0.518, 0.19 ]))
    """
    p, spread, n, smaller = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (share, variance, people, fewest))
    )
    moves = np.where(spread > NO_VARIANCE, spread, 0.0)
    of_sample = moves * divide(n, n - 1)  # a bootstrap divides by n
    most = np.where(smaller >= ENOUGH_PEOPLE, np.inf, n)
    size = np.fmin(divide(p * (1 - p), of_sample), most)
    size = np.where(np.isfinite(size) & (p > 0) & (p < 1), size, n) / t_over_normal(n, level) ** 2
    hits, tail = p * size, (1 - level) / 2
    known = ~np.isnan(p) & (size > 0)
    a, b = np.where(known, hits, 1.0), np.where(known, size - hits, 1.0)
    low = np.where(a > 0, betaincinv(np.where(a > 0, a, 1.0), b + 1, tail), 0.0)
    high = np.where(b > 0, betaincinv(a + 1, np.where(b > 0, b, 1.0), 1 - tail), 1.0)
    return Interval(np.where(known, low, np.nan), np.where(known, high, np.nan))


def widened(
    value: FloatArray, limits: Interval, people: npt.ArrayLike, level: float = 0.95
) -> Interval:
    """Return percentile limits moved away from the value, as far as few people call for.

    Examples
    --------
    >>> low, high = widened(np.array([1.0]), Interval(np.array([0.8]), np.array([1.3])), [8])
    >>> low.round(2), high.round(2)
    (array([0.74]), array([1.39]))
    """
    n = np.asarray(people, dtype=np.float64)
    factor = t_over_normal(n, level) * np.sqrt(divide(n, n - 1))
    return Interval(value - (value - limits.low) * factor, value + (limits.high - value) * factor)


def difference_limits(
    first: FloatArray,
    first_limits: Interval,
    second: FloatArray,
    second_limits: Interval,
    correlation: npt.ArrayLike = 0.0,
) -> Interval:
    """Return the limits of ``first - second`` from the limits of each.

    `correlation` is between the two estimates: 0 for different people.

    Examples
    --------
    >>> low, high = difference_limits(0.5, Interval(0.4, 0.6), 0.3, Interval(0.15, 0.4))
    >>> round(float(low), 3), round(float(high), 3)
    (0.059, 0.38)
    """
    below = _together(first - first_limits.low, second_limits.high - second, correlation)
    above = _together(first_limits.high - first, second - second_limits.low, correlation)
    apart = first - second
    return Interval(apart - below, apart + above)


def _together(one: FloatArray, other: FloatArray, correlation: npt.ArrayLike) -> FloatArray:
    shared = 2 * np.asarray(correlation) * one * other
    return np.asarray(np.sqrt(np.maximum(one**2 + other**2 - shared, 0.0)))


def wider_of(first: Interval, second: Interval) -> Interval:
    """Return the interval that holds both; where one is NaN, the other.

    Examples
    --------
    >>> wider_of(Interval(np.array([0.1]), np.array([0.3])),
    ...          Interval(np.array([0.2]), np.array([np.nan])))
    Interval(low=array([0.1]), high=array([0.3]))
    """
    return Interval(np.fmin(first.low, second.low), np.fmax(first.high, second.high))
