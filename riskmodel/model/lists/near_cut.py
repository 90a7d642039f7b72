"""The list of each date: its k highest, and who is so near the cut that the order is open."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray, IntArray
from riskmodel.statistics.ranking import top_k


def list_of_each_date(
    snapshots: Snapshots, score: FloatArray, length: ListLength, seed: int
) -> NDArray[np.bool_]:
    """Return who is among the highest of their date, ties by the seeded order.

    A length that is a share is one of each date's cohort.
    """
    listed = np.zeros(len(snapshots), dtype=bool)
    for date in snapshots.dates:
        rows = np.flatnonzero((snapshots.as_of == date).to_numpy())
        k = length.people(len(rows))
        listed[rows] = top_k(score[rows], snapshots.person_id.to_numpy()[rows], k, seed)
    return listed


def near_cut(low: FloatArray, high: FloatArray, as_of: NDArray[Any], k: int) -> NDArray[np.bool_]:
    """Return whose rank on their date spans `k`, by the intervals of their estimates.

    Examples
    --------
    >>> low, high = np.array([0.7, 0.45, 0.4, 0.1]), np.array([0.9, 0.6, 0.5, 0.2])
    >>> near_cut(low, high, np.zeros(4), k=2).tolist()
    [False, True, True, False]
    """
    near = np.zeros(len(low), dtype=bool)
    for date in np.unique(as_of):
        rows = np.flatnonzero(as_of == date)
        best, worst = interval_ranks(low[rows], high[rows])
        near[rows] = (best <= k) & (worst > k)
    return near


def interval_ranks(
    low: FloatArray, high: FloatArray, rows: IntArray | None = None
) -> tuple[IntArray, IntArray]:
    """Return the best and worst rank among all n that intervals leave open to each of `rows`.

    Examples
    --------
    >>> best, worst = interval_ranks(np.array([0.5, 0.1, 0.2]), np.array([0.9, 0.3, 0.4]))
    >>> best.tolist(), worst.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    n, chosen = len(low), slice(None) if rows is None else rows
    best = 1 + n - np.searchsorted(np.sort(low), high[chosen], side="right")
    worst = n - np.searchsorted(np.sort(high), low[chosen], side="left")
    return best.astype(np.int64), worst.astype(np.int64)
