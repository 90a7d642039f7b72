"""What a reader of the published counts may think possible: the counts, what is withheld, worlds.

A world is a value for every count with which all sums come out and everything printed is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import csr_array, eye_array, hstack

from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.audit.disclosure.bounds import LOW, Sums
from riskmodel.audit.disclosure.ledger import Key, Ledger
from riskmodel.audit.disclosure.rounding import ROUNDED_TO, round_amounts
from riskmodel.errors import RiskModelError
from riskmodel.statistics.arrays import FloatArray, IntArray

WITHIN = (ROUNDED_TO - 1) / 2
SLACK = 1e-6
ROOTS = dict.fromkeys(("band", "bin", "label", "matched"), "list")
"""Tables whose counts add up to those of people listed."""
_MAIN = ("list", "victims", "coverage", "summary")


@dataclass(frozen=True, eq=False)
class World:
    """A value for every count, and the counts whose bounds stopped it from going further."""

    values: FloatArray
    leans_on: IntArray


@dataclass
class Puzzle:
    """The ledger as arrays, shape (counts,), and its sums; ``hidden`` grows."""

    value: FloatArray
    known: NDArray[np.bool_]
    fixed: NDArray[np.bool_]  # withholding it would hide nothing
    worked: NDArray[np.bool_]
    last: IntArray  # how late it is withheld
    need: FloatArray  # (2, counts): what must stay possible, NaN where nothing is protected
    hidden: NDArray[np.bool_]
    block: IntArray  # which counts are of one group
    family: IntArray  # which are of one characteristic
    families: list[IntArray]  # the counts of each characteristic, with those that it joins
    sums: Sums
    matrix: csr_array

    @classmethod
    def of(cls, ledger: Ledger) -> Puzzle:
        """Return the puzzle of a ledger, with what is protected withheld."""
        need = np.array([pair or (np.nan, np.nan) for pair in ledger.need], dtype=float)
        need = need.reshape(len(ledger.values), 2).T
        shown, known, settled, held, worked = (
            np.array(flags, dtype=bool)
            for flags in (ledger.shown, ledger.known, ledger.settled, ledger.held, ledger.worked)
        )
        sums = Sums.of(ledger.sums)
        return cls(
            value=np.array(ledger.values, dtype=float),
            known=known,
            fixed=known | settled,
            worked=worked,
            last=_how_late(ledger),
            need=need,
            hidden=(~shown | ~np.isnan(need[LOW]) | held) & ~known,
            block=_codes([key[:3] for key in ledger.ids]),
            family=_codes([key[:2] for key in ledger.ids]),
            families=_families(ledger),
            sums=sums,
            matrix=csr_array(
                (sums.sign, (sums.row, sums.count)), shape=(sums.n_rows, len(ledger.values))
            ),
        )

    @property
    def guarded(self) -> IntArray:
        """The places of the counts that are protected."""
        return np.flatnonzero(~np.isnan(self.need[LOW]) & ~self.known)

    def own_bounds(self) -> tuple[FloatArray, FloatArray]:
        """Return what a reader knows of each count by itself, least and most."""
        printed = round_amounts(self.value)
        low = np.where(self.hidden, 0.0, np.maximum(printed - WITHIN, SMALLEST_CELL))
        low = np.where(self.worked & ~self.hidden, SMALLEST_CELL, low)
        high = np.where(self.hidden | self.worked, np.inf, printed + WITHIN)
        exact = self.known | (~self.hidden & (self.value == 0))
        return np.where(exact, self.value, low), np.where(exact, self.value, high)

    def not_reached(self, values: FloatArray, cells: IntArray, end: int) -> IntArray:
        """Return those of the cells that are not as low (or high) as they need to be able to be."""
        need = self.need[end, cells]
        reached = values <= need + SLACK if end == LOW else values >= need - SLACK
        left: IntArray = cells[~reached]
        return left

    def withhold_best(self, candidates: IntArray) -> bool:
        """Withhold one of these: the least missed, then the smallest."""
        free = candidates[~(self.hidden | self.fixed)[candidates]]
        if not len(free):
            return False
        nobody = self.value[free] == 0
        order = np.lexsort((free, self.value[free], self.last[free], nobody))
        self.hidden[free[order[0]]] = True
        return True

    def world(self, cells: IntArray, ends: IntArray, free: IntArray) -> World:
        """Return a world where each cell is as near as can be to what it needs to reach.

        Parameters
        ----------
        cells, ends : array of int
            Which counts are pushed, and whether low or high.
        free : array of int
            The counts that move, sorted; the others are as they are.
        """
        n, m = len(free), len(cells)
        sign = np.where(ends == LOW, 1.0, -1.0)
        pick = csr_array((sign, (np.arange(m), np.searchsorted(free, cells))), shape=(m, n))
        sums = self.matrix[:, free]
        touched = np.flatnonzero(np.diff(sums.indptr))
        low, high = (end[free] for end in self.own_bounds())
        # beyond[i] >= sign[i] * (count[i] - need[i]) and >= 0: by how much it falls short
        answer: OptimizeResult = linprog(
            np.r_[np.zeros(n), np.ones(m)],
            A_ub=hstack([pick, -eye_array(m)], format="csr"),
            b_ub=sign * self.need[ends, cells],
            A_eq=hstack([sums[touched], csr_array((len(touched), m))], format="csr"),
            b_eq=(sums @ self.value[free])[touched],
            bounds=np.c_[np.r_[low, np.zeros(m)], np.r_[high, np.full(m, np.inf)]],
            method="highs",
        )
        if answer.x is None:
            raise RiskModelError(
                "what to withhold could not be checked, so nothing is published: the solver gave "
                f"up ({answer.message}). Leave out intersections, and try again"
            )
        values = self.value.copy()
        values[free] = answer.x[:n]
        weights = np.abs(answer.lower.marginals[:n]) + np.abs(answer.upper.marginals[:n])
        return World(values, free[weights > SLACK])


def _how_late(ledger: Ledger) -> IntArray:
    """Return how late each count is withheld: parts of parts first, totals last."""
    return np.array(
        [
            2 if last else int(key[0] in _MAIN and all(INTERSECTION not in part for part in key))
            for key, last in zip(ledger.ids, ledger.last, strict=True)
        ],
        dtype=np.int64,
    )


def _codes(names: list[Key]) -> IntArray:
    places: dict[Key, int] = {}
    return np.array([places.setdefault(name, len(places)) for name in names], dtype=np.int64)


def _families(ledger: Ledger) -> list[IntArray]:
    """Return the places of the counts of each characteristic, with those of what it joins."""
    by_name: dict[tuple[str, str], list[int]] = {}
    for key, i in ledger.ids.items():
        name = key[1] if len(key) > 1 else ""
        by_name.setdefault((ROOTS.get(key[0], key[0]), name), []).append(i)
    found = []
    for (root, name), own in by_name.items():
        parents = name.split(INTERSECTION) if INTERSECTION in name else []
        joined = [i for parent in parents for i in by_name.get((root, parent), [])]
        found.append(np.unique(np.array(own + joined, dtype=np.int64)))
    return found
