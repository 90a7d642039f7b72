"""Bins of equal count, and how far from the truth the probabilities are in each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray, IntArray, divide, weighted_sums

BINS = 10


def quantile_bins(chance: FloatArray, bins: int) -> IntArray:
    """Return each row's bin, cut at the quantiles of `chance`; equal values share a bin.

    Examples
    --------
    >>> quantile_bins(np.array([0.1, 0.2, 0.3, 0.3]), 2)
    array([0, 0, 1, 1])
    """
    if bins < 1:
        raise SchemaError(f"bins: {bins} given, 1 or more is allowed")
    if not len(chance):
        return np.zeros(0, dtype=np.int64)
    edges = np.quantile(chance, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, chance, side="right").astype(np.int64)


@dataclass(frozen=True)
class BinnedGaps:
    """The expected calibration error under any weights: the bins are made once, without them.

    Attributes
    ----------
    order : int64 array (n,)
        Rows, bin by bin.
    cuts : tuple of int
        Where each bin that has rows starts along `order`, and n.
    gaps : float64 array (n,)
        Outcome less probability, along `order`.
    by_chance : float
        The error that outcomes drawn from these very probabilities would show, on average; NaN
        without rows.
    """

    order: IntArray
    cuts: tuple[int, ...]
    gaps: FloatArray
    by_chance: float

    @classmethod
    def from_probabilities(
        cls, outcomes: FloatArray, chance: FloatArray, bins: int = BINS
    ) -> BinnedGaps:
        """Make the bins from the probabilities of all rows.

        Examples
        --------
        >>> y, p = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.8, 0.8])
        >>> found = BinnedGaps.from_probabilities(y, p, bins=2)
        >>> found.error(np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0]])).round(2)
        array([0.15, 0.2 ])
        """
        bin_of = quantile_bins(chance, bins)
        order = np.argsort(bin_of, kind="stable").astype(np.int64)
        starts = np.flatnonzero(np.diff(bin_of[order], prepend=-1))
        variance = np.bincount(bin_of, weights=chance * (1 - chance))
        # the mean distance of a normal sum from its mean is sqrt(2 / pi) of its deviation
        by_chance = divide(np.sqrt(2 / np.pi * variance).sum(), len(order))
        cuts = (*starts.tolist(), len(order))
        return cls(order, cuts, (outcomes - chance)[order], float(by_chance))

    def error(self, rows: FloatArray) -> FloatArray:
        """Error for each row of weights ``(R, n)``: NaN where nobody is weighted."""
        along = np.take(rows, self.order, axis=1)
        gaps = np.zeros(len(rows))
        for start, stop in pairwise(self.cuts):
            gaps += np.abs(weighted_sums(along[:, start:stop], self.gaps[start:stop]))
        return divide(gaps, rows.sum(axis=1))
