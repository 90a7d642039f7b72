"""Ranks whose ties are broken by a seeded hash of the person's id, not by the order of rows.

Whoever reads a list may ask why one of two equal people is on it. The answer is a rule that is
stored with the list (the seed), is the same on every machine and with every version of numpy,
and knows nothing of the person but the id; the best and worst rank show how far it decided.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray, IntArray

KeyArray = npt.NDArray[np.uint64]


class Ranks(NamedTuple):
    """Ranks from 1 for the highest value; 0 where the value is missing.

    Attributes
    ----------
    rank : int64 array (n,)
        The rank, ties broken by the seeded order.
    best, worst : int64 array (n,)
        The ranks the same person could have had under another order of the ties.
    """

    rank: IntArray
    best: IntArray
    worst: IntArray


def seeded_order(ids: npt.ArrayLike, seed: int) -> KeyArray:
    """Return one uint64 key per id: BLAKE2b, keyed with the seed, of the id's UTF-8 bytes.

    Parameters
    ----------
    ids : array of str (n,)
    seed : int
        Stored with whatever the order makes.

    Returns
    -------
    uint64 array (n,)
        The lower key goes first among equals.

    Examples
    --------
    >>> keys = seeded_order(["a", "b", "c"], seed=0)
    >>> [int(key) for key in keys.argsort()] == [int(key) for key in
    ...     seeded_order(["a", "b", "c"], seed=0).argsort()]
    True
    >>> int(seeded_order(["a"], seed=1)[0]) == int(keys[0])
    False
    """
    keyed = blake2b(key=str(int(seed)).encode("ascii"), digest_size=8)
    digests = bytearray()
    for person in np.asarray(ids, dtype=object).ravel().tolist():
        state = keyed.copy()
        state.update(str(person).encode("utf-8"))
        digests += state.digest()
    return np.frombuffer(bytes(digests), dtype="<u8").astype(np.uint64)


def descending_order(values: npt.ArrayLike, keys: npt.ArrayLike) -> IntArray:
    """Return positions from the highest value down, equal values by key; missing values last.

    Parameters
    ----------
    values : array of float (n,)
    keys : array of uint64 (n,)
        From `seeded_order`.

    Examples
    --------
    >>> descending_order([1.0, 3.0, 3.0], [0, 2, 1])
    array([2, 1, 0])
    """
    numbers = np.asarray(values, dtype=np.float64)
    return np.lexsort((np.asarray(keys), -numbers)).astype(np.int64)


def rank_descending(values: npt.ArrayLike, ids: npt.ArrayLike, seed: int = 0) -> Ranks:
    """Rank people from the highest value down.

    Parameters
    ----------
    values : array of float (n,)
        NaN has no rank: 0 in all three columns.
    ids : array of str (n,)
        Must be distinct for the ranks not to depend on the order of rows.
    seed : int
        Of the order among equals.

    Returns
    -------
    Ranks

    Raises
    ------
    SchemaError
        `values` and `ids` differ in length or are not one-dimensional.

    Examples
    --------
    >>> ranks = rank_descending([0.2, 0.9, float("nan"), 0.2], ["a", "b", "c", "d"])
    >>> ranks.best.tolist(), ranks.worst.tolist()
    ([2, 1, 0, 2], [3, 1, 0, 3])
    >>> sorted(ranks.rank.tolist())
    [0, 1, 2, 3]
    """
    numbers = _checked_values(values, ids)
    order = descending_order(numbers, seeded_order(ids, seed))
    ranked = int((~np.isnan(numbers)).sum())
    order = order[:ranked]
    rank, best, worst = (np.zeros(len(numbers), dtype=np.int64) for _ in range(3))
    rank[order] = np.arange(1, ranked + 1)
    ascending = numbers[order[::-1]]
    best[order] = 1 + ranked - np.searchsorted(ascending, numbers[order], side="right")
    worst[order] = ranked - np.searchsorted(ascending, numbers[order], side="left")
    return Ranks(rank, best, worst)


def top_k(
    values: npt.ArrayLike, ids: npt.ArrayLike, k: int, seed: int = 0
) -> npt.NDArray[np.bool_]:
    """Return a mask of the `k` highest, ties broken as in `rank_descending`; never a NaN.

    Examples
    --------
    >>> top_k([0.2, 0.9, 0.5], ["a", "b", "c"], k=2)
    array([False,  True,  True])
    """
    if int(k) != k or k < 0:
        raise SchemaError(f"k: {k} given, a whole number of 0 or more is allowed")
    rank = rank_descending(values, ids, seed).rank
    return (rank > 0) & (rank <= k)


def _checked_values(values: npt.ArrayLike, ids: npt.ArrayLike) -> FloatArray:
    numbers, names = np.asarray(values, dtype=np.float64), np.asarray(ids, dtype=object)
    if numbers.ndim != 1 or numbers.shape != names.shape:
        raise SchemaError(
            f"values: shape {numbers.shape} given, one value per id expected, {names.shape}"
        )
    return numbers
