"""Bootstrap over people: whoever is drawn brings all of their snapshots.

One person is in the snapshots of many as_of dates, so rows are not independent and resampling
them would make intervals too narrow. Every score is judged under the same draws, which pairs
the differences between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray, mean_defined

WeightBlock = npt.NDArray[np.int32]
BLOCK_CELLS = 1_000_000  # 4 MB a block: stays near the processor's cache


class Interval(NamedTuple):
    """Percentile interval: numbers for replicates ``(R,)``, arrays for ``(R, ...)``."""

    low: FloatArray | float
    high: FloatArray | float


def person_weights(
    person_codes: npt.ArrayLike,
    n_replicates: int,
    seed: int = 0,
    *,
    chunk: int | None = None,
) -> Iterator[WeightBlock]:
    """Draw people with replacement; yield how often each row counts, a block at a time.

    Parameters
    ----------
    person_codes : array (n_rows,)
        Whose row it is; codes or ids, anything that sorts.
    n_replicates : int
    seed : int
        The weights depend on the seed and the set of people, neither on `chunk` nor (person
        by person) on the order of rows.
    chunk : int, optional
        Replicates a block; by default as many as fit in about a million cells.

    Yields
    ------
    int32 array (at most chunk, n_rows)
        A multinomial draw over the distinct people, as many draws as people: over one row a
        person, each replicate adds up to their number.

    Examples
    --------
    >>> blocks = list(person_weights(["a", "a", "b", "c"], n_replicates=5, chunk=2))
    >>> [block.shape for block in blocks]
    [(2, 4), (2, 4), (1, 4)]
    >>> weights = np.concatenate(blocks)
    >>> bool((weights[:, 0] == weights[:, 1]).all()), weights[:, 1:].sum(axis=1).tolist()
    (True, [3, 3, 3, 3, 3])
    """
    people, row_person = np.unique(np.asarray(person_codes), return_inverse=True)
    if not len(people):
        raise SchemaError("person_codes: no rows given, at least one is needed")
    if n_replicates < 1 or (chunk is not None and chunk < 1):
        raise SchemaError("n_replicates and chunk: 1 or more is allowed")
    return _weight_blocks(
        row_person.ravel(), len(people), n_replicates, seed, chunk or _default_chunk(row_person)
    )


def _default_chunk(rows: npt.NDArray[np.intp]) -> int:
    return max(1, BLOCK_CELLS // rows.size)


def _weight_blocks(
    row_person: npt.NDArray[np.intp], n_people: int, n_replicates: int, seed: int, chunk: int
) -> Iterator[WeightBlock]:
    rng = np.random.default_rng(seed)
    for start in range(0, n_replicates, chunk):
        size = min(chunk, n_replicates - start)
        # one bincount for the block: replicate r counts in cells r * n_people and up
        drawn = rng.integers(0, n_people, size=(size, n_people))
        drawn += np.arange(size)[:, np.newaxis] * n_people
        counts = np.bincount(drawn.ravel(), minlength=size * n_people).reshape(size, n_people)
        yield np.take(counts.astype(np.int32), row_person, axis=1)


def interval(replicates: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Percentile interval over the first axis, from the replicates that are defined.

    Parameters
    ----------
    replicates : array (R,) or (R, ...)
        NaN is an undefined replicate: left out here, counted by `undefined_count`.
    level : float in (0, 1)

    Returns
    -------
    Interval
        NaN where no replicate is defined.

    Examples
    --------
    >>> low, high = interval(np.arange(101.0), level=0.9)
    >>> round(low), round(high)
    (5, 95)
    """
    if not 0 < level < 1:
        raise SchemaError(f"level: {level} given, between 0 and 1 is allowed")
    draws = np.sort(np.asarray(replicates, dtype=np.float64), axis=0)  # NaN goes last
    if draws.ndim == 0 or not len(draws):
        raise SchemaError("replicates: none given, at least one is needed")
    tail = (1 - level) / 2
    return Interval(_quantile(draws, tail), _quantile(draws, 1 - tail))


def recentred(replicates: FloatArray, value: npt.ArrayLike) -> FloatArray:
    """Move replicates ``(R, ...)`` to their estimate; none is moved below 0.

    For a distance, such as the expected calibration error: noise can only add to it, and a
    resample adds noise of its own. What the replicates show is its spread, not its place.

    Examples
    --------
    >>> recentred(np.array([0.03, 0.05, float("nan")]), 0.02)
    array([0.01, 0.03,  nan])
    """
    place = mean_defined(replicates, axis=0)
    return np.asarray(np.maximum(replicates - place + np.asarray(value), 0.0))


def undefined_count(replicates: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Count the replicates that are NaN, over the first axis.

    Examples
    --------
    >>> undefined_count([0.1, float("nan"), 0.3]).item()
    1
    """
    return np.asarray(np.isnan(np.asarray(replicates, dtype=np.float64)).sum(axis=0))


def _quantile(ordered: FloatArray, share: float) -> FloatArray | float:
    """Linear quantile of sorted columns whose NaN are last."""
    defined = (~np.isnan(ordered)).sum(axis=0)
    position = share * np.maximum(defined - 1, 0)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(defined - 1, 0))
    low = np.take_along_axis(ordered, below[np.newaxis], axis=0)[0]
    high = np.take_along_axis(ordered, above[np.newaxis], axis=0)[0]
    result = np.where(low == high, low, low + (high - low) * (position - below))
    return float(result) if result.ndim == 0 else result
