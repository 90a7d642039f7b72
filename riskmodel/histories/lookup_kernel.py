"""Compiled passes that find ids among many millions of others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskmodel.compile_kernel import compiled
from riskmodel.histories.ids_kernel import MULTIPLIER, Ids, compare, same_text

ONE = np.uint8(1)
EIGHTH, LOW_BITS = np.uint64(3), np.uint64(7)


class Index(NamedTuple):
    """Ids to be found: `mixed` holds their keys times `MULTIPLIER`, rising, `row` their rows.

    The keys whose high bits are b stand at ``first[b]:first[b + 1]``; `filter` has a bit for the
    higher bits of each.
    """

    ids: Ids
    mixed: npt.NDArray[np.uint64]
    row: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    shift: np.uint64
    filter: npt.NDArray[np.uint8]
    filter_shift: np.uint64


@compiled
def find(wanted, index, hits, position, size):
    """Fill, for each wanted id, where its entries in an index begin and how many they are.

    Most ids are in no index, and a bit in a small table tells. All are looked at there first, with
    no branch to guess: the reads overlap. `hits` is as long as `wanted`.
    """
    n = 0
    for row in range(wanted.key.size):
        position[row], size[row] = 0, 0
        bit = (wanted.key[row] * MULTIPLIER) >> index.filter_shift
        there = (index.filter[bit >> EIGHTH] >> np.uint8(bit & LOW_BITS)) & ONE
        hits[n] = row
        n += np.int64(there) & np.int64(not wanted.missing[row])
    for hit in range(n):
        row = hits[hit]
        mixed = wanted.key[row] * MULTIPLIER
        bucket = np.int64(mixed >> index.shift)
        for i in range(index.first[bucket], index.first[bucket + 1]):
            if index.mixed[i] == mixed and same_text(wanted, row, index.ids, index.row[i]):
                if size[row] == 0:
                    position[row] = i
                size[row] += 1


@compiled
def fill_filter(mixed, filter_shift, bits):
    """Set a bit for the high bits of every key."""
    for i in range(mixed.size):
        bit = mixed[i] >> filter_shift
        bits[bit >> EIGHTH] |= np.uint8(ONE << np.uint8(bit & LOW_BITS))


@compiled
def join(row, position, size, start, entry):
    """List the entries found for each of some rows: row i has ``entry[start[i]:start[i + 1]]``."""
    n = 0
    for i in range(row.size):
        start[i] = n
        first = position[row[i]]
        for k in range(size[row[i]]):
            entry[n] = first + k
            n += 1
    start[row.size] = n


@compiled
def separate(index, order):
    """Put entries of one mixed key in order by id, then by `order`; say if ids had to be parted.

    Entries of one id then stand side by side, even where two texts share a hash.
    """
    mixed, row = index.mixed, index.row
    for i in range(1, mixed.size):
        current, j = row[i], i
        while j > 0 and mixed[j - 1] == mixed[i]:
            side = compare(index.ids, row[j - 1], current)
            if side < 0 or (side == 0 and order[row[j - 1]] <= order[current]):
                break
            row[j] = row[j - 1]
            j -= 1
        row[j] = current
