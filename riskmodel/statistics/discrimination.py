"""Do the right people come first? AUC, precision at k, captured at k, mean captured.

A list of k is read from the top of a fixed order. In a bootstrap replicate the people are drawn
anew and the list with them: walk down the same order until k draws are listed. Of a person who
was drawn three times when one place is left, a third is listed: copies stand next to each other
in the order, and only one of them fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import (
    FloatArray,
    IntArray,
    as_floats,
    as_outcomes,
    divide,
    number_or_rows,
    weight_rows,
    weighted_sums,
)
from riskmodel.statistics.ranking import descending_order, seeded_order

CURVE_KS = tuple(range(50, 501, 50))  # the lengths of list that mean captured averages over


@dataclass(frozen=True)
class PairCounter:
    """The AUC of one score under any weights: the sort is done once, here.

    Attributes
    ----------
    negatives : int64 array
        Rows with y = 0, ascending by score.
    positives : int64 array
        Rows with y = 1.
    below, not_above : int64 array, as long as `positives`
        How many of `negatives` have a lower score; a lower or equal one.
    """

    negatives: IntArray
    positives: IntArray
    below: IntArray
    not_above: IntArray

    @classmethod
    def from_scores(cls, y: npt.ArrayLike, scores: npt.ArrayLike) -> PairCounter:
        """Sort the rows of `scores` once.

        Examples
        --------
        >>> counter = PairCounter.from_scores([0, 1, 1], [0.1, 0.9, 0.1])
        >>> counter.auc(np.array([[1, 1, 1], [1, 1, 0]]))
        array([0.75, 1.  ])
        """
        outcomes = as_outcomes(y)
        numbers = as_floats(scores, "scores", len(outcomes))
        negatives = np.flatnonzero(outcomes == 0)
        negatives = negatives[np.argsort(numbers[negatives], kind="stable")]
        positives = np.flatnonzero(outcomes == 1)
        lower, sought = numbers[negatives], numbers[positives]
        below = np.searchsorted(lower, sought, side="left")
        return cls(negatives, positives, below, np.searchsorted(lower, sought, side="right"))

    def auc(self, rows: npt.NDArray[np.float64] | npt.NDArray[np.int_]) -> FloatArray:
        """AUC per row of weights ``(R, n)``; NaN where a class has no weight."""
        lower = np.zeros((len(rows), len(self.negatives) + 1))
        np.cumsum(np.take(rows, self.negatives, axis=1), axis=1, out=lower[:, 1:])
        won = np.take(lower, self.below, axis=1) + np.take(lower, self.not_above, axis=1)
        positive = np.take(rows, self.positives, axis=1)
        pairs = positive.sum(axis=1) * lower[:, -1]
        return divide(np.einsum("rp,rp->r", positive, won) / 2, pairs)


def auc(
    y: npt.ArrayLike, scores: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Return the chance that a row with y = 1 scores above one with y = 0, ties half.

    Weights are (n,) or, for a bootstrap, (R, n). NaN where a class is empty.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    counter = PairCounter.from_scores(y, scores)
    rows, single = weight_rows(weight, len(counter.negatives) + len(counter.positives))
    return number_or_rows(counter.auc(rows), single)


def list_sums(
    rows: FloatArray, order: IntArray, values: FloatArray, ks: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    """Walk down `order` until the weight listed reaches each of `ks`; add up what is listed.

    Parameters
    ----------
    rows : float64 array (R, n)
        Weights, one row per replicate.
    order : int64 array (n,)
        Positions from the first to be listed down.
    values : float64 array (n, V)
        A column with a NaN among the people reached gives NaN.
    ks : tuple of int

    Returns
    -------
    sums : float64 array (R, K, V)
    listed : float64 array (R, K)
        The weight listed: k, or all there is where that is less.

    Examples
    --------
    >>> weights, values = np.array([[1.0, 3.0, 1.0]]), np.array([[5.0], [6.0], [7.0]])
    >>> sums, listed = list_sums(weights, np.array([1, 0, 2]), values, (2, 4))
    >>> sums[0, :, 0].tolist(), listed[0].tolist()
    ([12.0, 23.0], [2.0, 4.0])
    """
    walked, weight, reached = _walk(rows, order, max(ks))
    totals = np.zeros((len(rows), weight.shape[1] + 1, values.shape[1]))
    for column, value in enumerate(values[walked].T):
        np.cumsum(weight * value, axis=1, out=totals[:, 1:, column])
    replicate = np.arange(len(rows))[:, np.newaxis]
    # people listed with all their draws, (R, K); the next one with what is left
    each = [np.searchsorted(walk[1:], ks, side="right") for walk in reached]
    whole = np.array(each, dtype=np.int64).reshape(len(rows), len(ks))
    full = reached[replicate, whole]
    part = np.where(whole < weight.shape[1], ks - full, 0.0)
    sums = totals[replicate, whole]
    partial = part > 0  # 0 * NaN would spread beyond the list
    sums[partial] += part[partial, np.newaxis] * values[walked[whole[partial]]]
    return sums, full + part


def _walk(rows: FloatArray, order: IntArray, k: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Weights along the order and their running sum from 0, no further than k needs."""
    far_enough = int(k + 8 * np.sqrt(k) + 64)  # 8 standard deviations of the bootstrap's draws
    for length in (far_enough, len(order)):
        walked = order[:length]
        weight = np.take(rows, walked, axis=1)
        reached = np.zeros((len(rows), len(walked) + 1))
        np.cumsum(weight, axis=1, out=reached[:, 1:])
        if len(walked) == len(order) or reached[:, -1].min() > k:
            break
    return walked, weight, reached


def precision_at_k(
    y: npt.ArrayLike,
    scores: npt.ArrayLike,
    ids: npt.ArrayLike,
    k: int,
    *,
    seed: int = 0,
    weight: npt.ArrayLike | None = None,
) -> FloatArray | float:
    """Share of the k people listed whose y is 1.

    Parameters
    ----------
    y : array of 0/1 (n,)
    scores : array of float (n,)
    ids : array of str (n,)
        Break ties with `seed`.
    k : int
        Clipped to the number of people.
    weight : array (n,) or (R, n), optional
        Draws of each person; the list is drawn anew under each.

    Examples
    --------
    >>> precision_at_k([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], ["a", "b", "c", "d"], k=2)
    0.5
    """
    outcomes = as_outcomes(y)
    sums, listed, single, _ = _list_of(outcomes, scores, ids, (k,), seed=seed, weight=weight)
    return number_or_rows(divide(sums, listed)[:, 0], single)


def captured_at_k(
    amount: npt.ArrayLike,
    scores: npt.ArrayLike,
    ids: npt.ArrayLike,
    k: int,
    *,
    total: float | None = None,
    seed: int = 0,
    weight: npt.ArrayLike | None = None,
) -> FloatArray | float:
    """Share of all serious incidents, or of all harm, that the k people listed account for.

    Parameters
    ----------
    amount : array of float (n,)
        Serious incidents of each person in the outcome window, or harm in days.
    scores, ids, k, seed, weight
        As in `precision_at_k`.
    total : float, optional
        Of everyone, in the table or not; by default the table's own sum. In a replicate what
        lies outside the table stays as it is.

    Returns
    -------
    float, or float64 array (R,)
        NaN where the total is 0.

    Examples
    --------
    >>> captured_at_k([3, 0, 1], [0.9, 0.8, 0.1], ["a", "b", "c"], k=1, total=6)
    0.5
    """
    captured, single = _captured(amount, scores, ids, (k,), total=total, seed=seed, weight=weight)
    return number_or_rows(captured[:, 0], single)


def mean_captured(
    amount: npt.ArrayLike,
    scores: npt.ArrayLike,
    ids: npt.ArrayLike,
    *,
    ks: tuple[int, ...] = CURVE_KS,
    total: float | None = None,
    seed: int = 0,
    weight: npt.ArrayLike | None = None,
) -> FloatArray | float:
    """Mean of `captured_at_k` over lists of 50, 100, ... 500 people: the leading figure.

    One list's length is an accident of staffing, and one k alone is noisy; the mean is neither.

    Examples
    --------
    >>> mean_captured([3, 0, 1], [0.9, 0.8, 0.1], ["a", "b", "c"], ks=(1, 3))
    0.875
    """
    captured, single = _captured(amount, scores, ids, ks, total=total, seed=seed, weight=weight)
    return number_or_rows(captured.mean(axis=1), single)


def _captured(
    amount: npt.ArrayLike,
    scores: npt.ArrayLike,
    ids: npt.ArrayLike,
    ks: tuple[int, ...],
    *,
    total: float | None,
    seed: int,
    weight: npt.ArrayLike | None,
) -> tuple[FloatArray, bool]:
    amounts = as_floats(amount, "amount")
    sums, _, single, rows = _list_of(amounts, scores, ids, ks, seed=seed, weight=weight)
    outside = outside_total(total, float(amounts.sum()), "total")
    return divide(sums, (weighted_sums(rows, amounts) + outside)[:, np.newaxis]), single


def outside_total(total: float | None, inside: float, name: str) -> float:
    """Return what a total holds beyond the table's own sum; NaN stays NaN.

    Examples
    --------
    >>> outside_total(10.0, 4.0, "serious_named")
    6.0
    """
    outside = 0.0 if total is None else float(total) - inside
    if outside < -1e-6 * max(1.0, abs(inside)):
        raise SchemaError(
            f"{name}: below the sum over the rows given; it counts everyone, these rows as well"
        )
    return max(outside, 0.0) if not np.isnan(outside) else outside


def _list_of(
    amounts: FloatArray,
    scores: npt.ArrayLike,
    ids: npt.ArrayLike,
    ks: tuple[int, ...],
    *,
    seed: int,
    weight: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray, bool, FloatArray]:
    if not ks or any(int(k) != k or k < 1 for k in ks):
        raise SchemaError("k: a whole number of 1 or more is allowed")
    numbers = as_floats(scores, "scores", len(amounts))
    if not len(numbers):
        raise SchemaError("scores: no rows given, at least one is needed")
    rows, single = weight_rows(weight, len(amounts))
    order = descending_order(numbers, seeded_order(ids, seed))
    sums, listed = list_sums(rows, order, amounts[:, np.newaxis], tuple(int(k) for k in ks))
    return sums[:, :, 0], listed, single, rows
