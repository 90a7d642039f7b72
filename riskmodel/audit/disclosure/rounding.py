"""What a figure may look like once it leaves: no count of 1 to 7, the others in fives.

A rate is worked out from the counts as printed. Its interval moves with it, and its half-widths are
rounded up, coarsely where few stand below the line: a width says how many they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.statistics.arrays import FloatArray

ROUNDED_TO = 5
WITHHELD = "withheld"
MANY = 100
FINE, COARSE = 0.01, 0.05
"""Steps of an interval's half-width: from `MANY` people on, and below."""
_HAIR = 1e-9


def round_counts(counts: ArrayLike) -> FloatArray:
    """Return counts rounded to 5; 1 to 7 are withheld (NaN), and nobody is 0.

    Examples
    --------
    >>> round_counts([0, 3, 8, 12, 13])
    array([ 0., nan, 10., 10., 15.])
    """
    numbers = np.asarray(counts, dtype=float)
    return np.where(is_small(numbers), np.nan, round_amounts(numbers))


def is_small(counts: FloatArray) -> NDArray[np.bool_]:
    """Return which counts are of 1 to 7."""
    return (counts > 0) & (counts < SMALLEST_CELL)


def round_amounts(amounts: ArrayLike) -> FloatArray:
    """Return amounts rounded to 5, small ones as well."""
    return np.floor(np.asarray(amounts, dtype=float) / ROUNDED_TO + 0.5) * ROUNDED_TO


def round_figures(amounts: ArrayLike, figures: int = 2) -> FloatArray:
    """Return amounts to their leading figures: days of harm to the unit would say the offences.

    Examples
    --------
    >>> round_figures([5475.0, 0.0, 91250.0]).tolist()
    [5500.0, 0.0, 91000.0]
    """
    numbers = np.asarray(amounts, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(numbers)))
    scale = 10.0 ** (np.where(np.isfinite(size), size, 0.0) - figures + 1)
    return np.asarray(np.round(numbers / scale) * scale)


def step_of(bottom: ArrayLike, coarse: float = COARSE) -> FloatArray:
    """Return the step of the half-widths of rates with these denominators."""
    return np.where(np.asarray(bottom, dtype=float) >= MANY, FINE, coarse)


def rounded_up(widths: ArrayLike, step: ArrayLike) -> FloatArray:
    """Return widths rounded up to steps.

    Examples
    --------
    >>> rounded_up([0.031, 0.05, 0.0], 0.05).tolist()
    [0.05, 0.05, 0.0]
    """
    steps = np.asarray(step, dtype=float)
    up: FloatArray = np.ceil(np.asarray(widths, dtype=float) / steps - _HAIR) * steps
    return np.abs(np.round(up, 6))  # no minus zero


def moved_interval(
    exact: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    shown: ArrayLike,
    step: ArrayLike,
    *,
    within: tuple[float, float] = (-np.inf, np.inf),
    holds: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return an interval moved to the value shown: as wide as the exact one, or wider.

    Parameters
    ----------
    exact, low, high : array, shape (n,)
        The exact value and its interval.
    shown : array, shape (n,)
        The value that is published; NaN where it is withheld, and the interval with it.
    step : array or float
        To which the half-widths are rounded up.
    within : (float, float)
        What the value can be: the ends stop there.
    holds : float, optional
        A value, such as no gap at all, that stays inside where it was inside: rounding is not to
        make a finding.

    Examples
    --------
    >>> moved_interval([0.23], [0.2], [0.26], [0.25], 0.01)
    (array([0.22]), array([0.28]))
    """
    value, lower, upper, published = (
        np.asarray(each, dtype=float) for each in (exact, low, high, shown)
    )
    down = rounded_up(np.fmax(value - lower, 0.0), step)
    up = rounded_up(np.fmax(upper - value, 0.0), step)
    unknown = np.isnan(lower) | np.isnan(upper)
    ends = [np.where(unknown, np.nan, published - down), np.where(unknown, np.nan, published + up)]
    if holds is not None:
        inside = (lower <= holds) & (holds <= upper) & ~np.isnan(published)
        ends[0] = np.where(inside, np.minimum(ends[0], holds), ends[0])
        ends[1] = np.where(inside, np.maximum(ends[1], holds), ends[1])
    first, last = (np.round(np.clip(end, *within), 6) for end in ends)
    return first, last
