"""Ids found among many others: an index over a column of ids, held in memory."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from riskmodel.histories import lookup_kernel as kernel
from riskmodel.histories.ids_kernel import MULTIPLIER, Ids
from riskmodel.histories.lookup_kernel import Index

Int64s: TypeAlias = npt.NDArray[np.int64]

_LEAST_BITS, _MOST_BITS = 4, 26
FILTER_BITS = 3  # bits to spare: of ids that are in no index, one in eight or fewer is looked for


def index_ids(ids: Ids, order: Int64s | None = None) -> Index:
    """Return an index in which ids can be found.

    Parameters
    ----------
    ids : Ids
        Rows without an id are left out.
    order : int64, shape (n,), optional
        Rows of one id stand by it; by default as they come.
    """
    there = np.flatnonzero(~ids.missing)
    mixed = ids.key[there] * MULTIPLIER
    by_key = np.argsort(mixed)
    mixed, row = mixed[by_key], there[by_key]
    bits = int(np.clip(int(mixed.size).bit_length(), _LEAST_BITS, _MOST_BITS))
    shift = np.uint64(64 - bits)
    counts = np.bincount((mixed >> shift).astype(np.int64), minlength=1 << bits)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    more = bits + FILTER_BITS
    filtered = np.zeros(1 << (more - 3), dtype=np.uint8)
    kernel.fill_filter(mixed, np.uint64(64 - more), filtered)
    row = row.astype(np.int64)
    index = Index(ids, mixed, row, first, shift, filtered, np.uint64(64 - more))
    kernel.separate(index, np.arange(ids.key.size) if order is None else order)
    return index


def find_ids(wanted: Ids, index: Index) -> tuple[Int64s, Int64s]:
    """Return where each wanted id's entries begin in ``index.row``, and how many they are."""
    position = np.empty(wanted.key.size, dtype=np.int64)
    size = np.empty(wanted.key.size, dtype=np.int64)
    kernel.find(wanted, index, np.empty_like(position), position, size)
    return position, size


def entries_of(row: Int64s, position: Int64s, size: Int64s) -> tuple[Int64s, Int64s]:
    """Return where each row's entries begin, and the entries that `find_ids` found, row by row.

    Examples
    --------
    >>> start, entry = entries_of(np.array([1, 0]), np.array([7, 0]), np.array([2, 3]))
    >>> start.tolist(), entry.tolist()
    ([0, 3, 5], [0, 1, 2, 7, 8])
    """
    start = np.empty(row.size + 1, dtype=np.int64)
    entry = np.empty(int(size[row].sum()), dtype=np.int64)
    kernel.join(row, position, size, start, entry)
    return start, entry
