"""What a reader can work out sum by sum: bounds on every count, and which counts they rest on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmodel.statistics.arrays import FloatArray, IntArray

LOW, HIGH = 0, 1
_SWEEPS = 60
_HAIR = 1e-9


@dataclass(frozen=True)
class Sums:
    """Sums as entries: row, count and sign of each, a whole being minus its parts.

    ``order`` sorts the entries by count; ``starts`` is where each of ``counts`` begins in it.
    """

    row: IntArray
    count: IntArray
    sign: FloatArray
    n_rows: int
    order: IntArray
    starts: IntArray
    counts: IntArray

    @classmethod
    def of(cls, sums: list[tuple[int, tuple[int, ...]]]) -> Sums:
        """Return the sums of a ledger."""
        lengths = [1 + len(parts) for _, parts in sums]
        row = np.repeat(np.arange(len(sums), dtype=np.int64), lengths)
        flat = [i for whole, parts in sums for i in (whole, *parts)]
        count = np.array(flat, dtype=np.int64)
        sign = np.ones(len(count))
        sign[np.cumsum([0, *lengths])[:-1]] = -1.0
        order = np.argsort(count, kind="stable")
        counts, starts = np.unique(count[order], return_index=True)
        return cls(row, count, sign, len(sums), order, starts, counts)


@dataclass(frozen=True)
class Bounds:
    """What each count can be, and the sum that says so.

    ``ends`` has shape (2, counts); ``source`` likewise, -1 where the count itself says it.
    """

    ends: FloatArray
    source: IntArray

    @classmethod
    def worked_out(cls, sums: Sums, low: FloatArray, high: FloatArray) -> Bounds:
        """Tighten what is known of each count by every sum it stands in, until nothing moves."""
        ends = np.stack([low, high]).astype(float)
        source = np.full(ends.shape, -1, dtype=np.int64)
        for _ in range(_SWEEPS if sums.n_rows else 0):
            moved = [_tighten(sums, ends, source, end) for end in (LOW, HIGH)]
            if not any(moved):
                break
        return cls(ends, source)

    def rests_on(self, sums: Sums, count: int, end: int) -> IntArray:
        """Return the counts whose own bounds make this bound."""
        members: dict[int, list[tuple[int, float]]] = {}
        leaves: set[int] = set()
        seen: set[tuple[int, int]] = set()
        ahead = [(count, end)]
        while ahead:
            at = ahead.pop()
            if at in seen:
                continue
            seen.add(at)
            row = int(self.source[at[1], at[0]])
            if row < 0:
                leaves.add(at[0])
                continue
            if row not in members:
                entries = np.flatnonzero(sums.row == row)
                members[row] = [(int(sums.count[e]), float(sums.sign[e])) for e in entries]
            mine = next(sign for other, sign in members[row] if other == at[0])
            # an upper bound rests on lower bounds of what is added, upper of what is taken
            ahead += [
                (other, 1 - at[1] if sign == mine else at[1])
                for other, sign in members[row]
                if other != at[0]
            ]
        return np.array(sorted(leaves - {count}), dtype=np.int64)


def _tighten(sums: Sums, ends: FloatArray, source: IntArray, end: int) -> bool:
    """Raise lower bounds (or lower upper ones) by what the rest of each sum leaves."""
    found = _left_by_others(sums, ends, end)
    toward = 1.0 if end == LOW else -1.0
    sorted_found = toward * found[sums.order]
    best = np.maximum.reduceat(sorted_found, sums.starts)
    better = best > toward * ends[end, sums.counts] + _HAIR
    if not better.any():
        return False
    sizes = np.diff(np.r_[sums.starts, len(sums.order)])
    winner = sorted_found >= np.repeat(best, sizes)
    first = np.flatnonzero(winner)[np.unique(np.repeat(np.arange(len(best)), sizes)[winner],
                                             return_index=True)[1]]  # fmt: skip
    counts = sums.counts[better]
    ends[end, counts] = toward * best[better]
    source[end, counts] = sums.row[sums.order[first[better]]]
    return True


def _left_by_others(sums: Sums, ends: FloatArray, end: int) -> FloatArray:
    """Return, for each entry, the bound on its count that the others of its sum give."""
    # sign * count = -(the others), so its lower bound comes from the others' upper one
    other = 1 - end
    values = np.where(sums.sign > 0, ends[other, sums.count], -ends[end, sums.count])
    own = np.where(sums.sign > 0, ends[end, sums.count], -ends[other, sums.count])
    up, down = _others(sums, values), _others(sums, own)
    return np.where(sums.sign > 0, -up, down)


def _others(sums: Sums, values: FloatArray) -> FloatArray:
    """Return, for each entry, the sum of the other entries of its row; infinite if one is."""
    endless = np.isinf(values)
    finite = np.where(endless, 0.0, values)
    total = np.bincount(sums.row, weights=finite, minlength=sums.n_rows)
    many = np.bincount(sums.row, weights=endless, minlength=sums.n_rows)
    sign = _sign_of_endless(sums, values, endless)
    rest = total[sums.row] - finite
    unbounded = many[sums.row] - endless > 0
    return np.where(unbounded, sign[sums.row], rest)


def _sign_of_endless(sums: Sums, values: FloatArray, endless: NDArray[np.bool_]) -> FloatArray:
    direction = np.zeros(sums.n_rows)
    direction[sums.row[endless]] = values[endless]
    return direction
