"""What may be said of many gaps at once: which lie outside the tolerance, chance allowed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.statistics.arrays import FloatArray, divide

Flags = NDArray[np.bool_]
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Gaps:
    """Gaps with intervals and tolerances, shape (comparisons,); 0 is no gap."""

    gap: FloatArray
    low: FloatArray
    high: FloatArray
    tolerance: FloatArray

    @classmethod
    def joined(cls, parts: Sequence[Gaps]) -> Gaps:
        """Return several as one, in order."""
        empty = np.zeros(0)
        columns = [[getattr(part, field.name) for part in parts] for field in fields(cls)]
        return cls(*(np.concatenate([empty, *column]) for column in columns))

    @property
    def inside(self) -> Flags:
        """Whether the interval lies wholly within the tolerance."""
        return (self.low >= -self.tolerance) & (self.high <= self.tolerance)

    @property
    def beyond(self) -> Flags:
        """Whether the interval lies wholly outside the tolerance."""
        return (self.low > self.tolerance) | (self.high < -self.tolerance)

    def chance_within(self, level: float) -> FloatArray:
        """Return how likely a gap as wide would be if the true one were within the tolerance.

        The error is what the interval says on its side nearer to no gap, so that a chance of
        half of ``1 - level`` and an interval that ends at the tolerance are the same thing.
        """
        end = np.where(self.gap > 0, self.low, self.high)
        width = np.abs(self.gap)
        with np.errstate(invalid="ignore"):
            error = np.abs(self.gap - end) / _NORMAL.inv_cdf((1 + level) / 2)
            tails = _tail(width - self.tolerance, error) + _tail(width + self.tolerance, error)
        # no error can be read off an infinite ratio: its interval is all that is known
        known = np.where(self.beyond, (1 - level) / 2, 1.0)
        return np.minimum(1.0, np.where(np.isfinite(tails), tails, known))

    def outside(self, level: float) -> Flags:
        """Return which gaps lie outside their tolerance once all are allowed for.

        The interval at `level` lies wholly outside, and Holm's procedure over all of the
        comparisons rejects that the true gap is within. However many there are and however they
        depend on each other, the chance to name any that is within is at most ``1 - level``.

        Examples
        --------
        >>> gap, error = np.array([0.123, 0.0]), 0.01
        >>> for n in (1, 30):
        ...     many = np.r_[gap[:1], np.zeros(n - 1)]
        ...     gaps = Gaps(many, many - 1.96 * error, many + 1.96 * error, np.full(n, 0.1))
        ...     print(gaps.outside(0.95)[0])
        True
        False
        """
        return self.beyond & holm(self.chance_within(level), 1 - level)


def holm(chance: ArrayLike, alpha: float) -> Flags:
    """Return which hypotheses Holm's step-down procedure rejects.

    Parameters
    ----------
    chance : array of float, shape (hypotheses,)
        P-values.
    alpha : float
        Chance of any false rejection.

    References
    ----------
    S. Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.02, 0.04, 0.001], 0.05)
    array([ True,  True,  True])
    >>> holm([0.03, 0.04, 0.001], 0.05)
    array([False, False,  True])
    """
    values = np.asarray(chance, dtype=float)
    order = np.argsort(values, kind="stable")
    bounds = alpha / np.arange(len(values), 0, -1)
    rejected = np.zeros(len(values), dtype=bool)
    rejected[order] = np.cumprod(values[order] <= bounds).astype(bool)
    return rejected


def _tail(distance: FloatArray, error: FloatArray) -> FloatArray:
    """Return the normal chance to be `distance` or more above; NaN where there is no error."""
    steps = divide(distance, error)
    return np.array([_NORMAL.cdf(-z) if np.isfinite(z) else np.nan for z in steps])
