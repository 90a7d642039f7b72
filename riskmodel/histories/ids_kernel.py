"""Compiled passes over columns of ids, text or whole numbers: hash, compare, number.

A key stands for an id: the number itself, or a hash of the text. Equal keys of text are always
compared byte by byte, so that no two ids are ever taken for one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskmodel.compile_kernel import compiled

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
BYTE = np.uint64(8)
HALF = np.uint64(32)
BLANKS = (0x20, 0xC2, 0xE1, 0xE2, 0xE3)
FEW = 24
MISSING = -1


class Ids(NamedTuple):
    """One id a row.

    Attributes
    ----------
    key : uint64, shape (n,)
    missing : bool, shape (n,)
    offset : int64, shape (n + 1,), or (0,) for whole numbers
        The text of row i is ``data[offset[i]:offset[i + 1]]``, in UTF-8.
    data : uint8
    """

    key: npt.NDArray[np.uint64]
    missing: npt.NDArray[np.bool_]
    offset: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]


@compiled
def hash_text(offset, data, key):
    """Fill `key` with a hash of each text; return how many may be blank.

    May be: they are empty, or begin like white space of one kind or another.
    """
    suspects = 0
    for row in range(offset.size - 1):
        at, end = np.uint64(offset[row]), np.uint64(offset[row + 1])
        code = (end - at) * MULTIPLIER
        if end == at or data[at] <= 0x20 or data[at] in BLANKS:
            suspects += 1
        while at < end:
            word, shift = np.uint64(0), np.uint64(0)
            stop = min(at + BYTE, end)
            while at < stop:
                word |= np.uint64(data[at]) << shift
                shift += BYTE
                at += np.uint64(1)
            code = (code ^ word) * MULTIPLIER
            code ^= code >> HALF
        code *= MULTIPLIER
        key[row] = code ^ (code >> HALF)
    return suspects


@compiled
def same_text(one, a, two, b):
    """Return whether row `a` of some ids has the text of row `b` of others."""
    if one.offset.size == 0:
        return True  # numbers: equal keys are equal ids
    start, other = one.offset[a], two.offset[b]
    length = one.offset[a + 1] - start
    if two.offset[b + 1] - other != length:
        return False
    for i in range(length):  # noqa: SIM110 - compiled
        if one.data[start + i] != two.data[other + i]:
            return False
    return True


@compiled
def compare(ids, a, b):
    """Return -1, 0 or 1: whether row `a` comes before, with or after row `b`."""
    if ids.offset.size == 0:
        one, two = np.int64(ids.key[a]), np.int64(ids.key[b])
        return -1 if one < two else 1 if one > two else 0
    start, other = ids.offset[a], ids.offset[b]
    length, of_other = ids.offset[a + 1] - start, ids.offset[b + 1] - other
    for i in range(min(length, of_other)):
        one, two = ids.data[start + i], ids.data[other + i]
        if one != two:
            return -1 if one < two else 1
    return -1 if length < of_other else 1 if length > of_other else 0


@compiled
def person_starts(ids, start):
    """Fill `start` with the rows where another person begins; rows of nobody belong to no one.

    Returns
    -------
    n : int
        How many there are; -1 if a person comes after a later one.
    last : int
        The last row that names a person, -1 without one.
    """
    n, last = 0, -1
    for row in range(ids.key.size):
        if ids.missing[row]:
            continue
        if last < 0:
            start[n] = row
            n += 1
        elif ids.key[row] != ids.key[last] or not same_text(ids, row, ids, last):
            if compare(ids, last, row) > 0:
                return -1, last
            start[n] = row
            n += 1
        last = row
    return n, last


@compiled
def number_ids(person_start, row, ids, own, local, distinct, table):
    """Give the distinct ids of each person the numbers 0, 1, ... as they first appear.

    Parameters
    ----------
    person_start, row : int64 arrays
        The rows of person p are ``row[person_start[p]:person_start[p + 1]]``.
    ids : Ids
    own : bool
        A missing id is one of its own; otherwise it is -1.
    local : int32 array, shape (n,)
        To be filled, in the order of `row`.
    distinct : int64 array, as long as the most rows of one person
    table : int64 array, a power of two in length, at least twice as long
    """
    for person in range(person_start.size - 1):
        first, last = person_start[person], person_start[person + 1]
        size = 4
        while size < 2 * (last - first):
            size *= 2
        if last - first > FEW:
            table[:size] = -1
        n = 0
        for i in range(first, last):
            current = row[i]
            if ids.missing[current]:
                local[i] = MISSING
                if own:
                    local[i] = n
                    distinct[n] = -1
                    n += 1
                continue
            key, found, slot = ids.key[current], -1, np.int64(0)
            if last - first <= FEW:
                for j in range(n):
                    other = distinct[j]
                    if other >= 0 and ids.key[other] == key and same_text(ids, other, ids, current):
                        found = j
                        break
            else:
                slot = np.int64((key * MULTIPLIER) >> HALF) & (size - 1)
                while table[slot] >= 0:
                    other = distinct[table[slot]]
                    if ids.key[other] == key and same_text(ids, other, ids, current):
                        found = table[slot]
                        break
                    slot = (slot + 1) & (size - 1)
            if found < 0:
                if last - first > FEW:
                    table[slot] = n
                found = n
                distinct[n] = current
                n += 1
            local[i] = found


@compiled
def distinct_keys(person_start, row, local, ids, out):
    """Fill `out` with the key of each distinct id of each person; return how many there are."""
    n = 0
    for person in range(person_start.size - 1):
        following = 0
        for i in range(person_start[person], person_start[person + 1]):
            if local[i] == following:
                out[n] = ids.key[row[i]]
                n += 1
                following += 1
    return n
