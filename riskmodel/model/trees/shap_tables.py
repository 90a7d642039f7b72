"""Explains rows by the trees of a booster, equal to LightGBM's ``pred_contrib`` and much faster.

What the passes need is laid out when a row is first explained, and tables are made once that has
cost about as much as making them: a process that explains one person never makes any.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.trees.forest import Floats, Forest
from riskmodel.model.trees.shap_kernel import explain_block, fill_tables, put, turn
from riskmodel.model.trees.shap_plan import Plan, plan_of, rule_of
from riskmodel.model.trees.shap_plan_kernel import SLOTS
from riskmodel.model.trees.shap_row_kernel import ROOMS, explain_row

ROWS_WORTH_TABLES: Final = 64
"""Explaining so many one by one costs what making the tables costs."""
MOST_TABLE_BYTES: Final = 256 * 1024**2

_ROWS_AT_ONCE: Final = 1_000
_ROWS_OF_A_TIP: Final = 128
"""So that what a tip is worked out in stays near."""
_NUMBERS_AT_ONCE: Final = 2**20
_FEWEST_IN_A_BLOCK: Final = 16
_TAKEN_FOR_ZERO: Final = float(np.float32(1e-35))
"""LightGBM's kZeroThreshold: what is no further from 0 is 0."""
_NO_TABLES: Final = np.empty(0)


class Explainer:
    """The contributions of features to the raw score of one booster. Safe for threads."""

    def __init__(self, forest: Forest, *, most_table_bytes: int = MOST_TABLE_BYTES) -> None:
        self.forest = forest
        self.expected = _expected(forest)
        self.plan = _plan_within(forest, most_table_bytes)
        self.rule = rule_of(self.plan)
        self._widest = max(2, int(forest.leaves.max()))
        self._tables = _NO_TABLES
        self._explained = 0
        self._making = Lock()

    def contributions(self, X: NDArray[Any], threads: int = 1) -> Floats:
        """Return SHAP values, and last what they are added to, shape (n, p + 1).

        Parameters
        ----------
        X : float32 or float64 array of shape (n, p)
        threads : int
            Rows are dealt out to so many; the bits are the same.
        """
        out = np.zeros((len(X), self.forest.n_features + 1))
        out[:, -1] = self.expected
        tables = self._tables_for(len(X))
        if len(X) < _FEWEST_IN_A_BLOCK or not tables.size:
            self._explain_rows(X, tables, out)
        elif (most := min(threads, -(-len(X) // _ROWS_AT_ONCE))) <= 1:
            self._explain_blocks(X, tables, out)
        else:
            cuts = np.linspace(0, len(X), most + 1).astype(int)
            with ThreadPoolExecutor(most) as pool:
                parts = zip(np.split(X, cuts[1:-1]), np.split(out, cuts[1:-1]), strict=True)
                list(pool.map(lambda part: self._explain_blocks(part[0], tables, part[1]), parts))
        return out

    def _tables_for(self, n_rows: int) -> Floats:
        """Return the tables, made now if enough rows have come; empty before."""
        if self._tables.size or not self.plan.table_start[-1]:
            return self._tables
        with self._making:
            self._explained += n_rows
            if not self._tables.size and self._explained >= ROWS_WORTH_TABLES:
                self._tables = self._filled()
            return self._tables

    def _filled(self) -> Floats:
        most = 1 << SLOTS
        tables = np.empty(int(self.plan.table_start[-1]))
        holds, work = self._room_for(most, most)
        fill_tables(self.plan, self.rule, holds, work, np.empty((SLOTS, most)), tables)
        return tables

    def _room_for(self, n_rows: int, n_rows_of_a_tip: int) -> tuple[NDArray[np.uint8], Floats]:
        """Return room for which edges hold, and for what a tip is worked out in."""
        holds = np.empty((2 * self._widest, n_rows), dtype=np.uint8)
        return holds, np.empty((3, len(self.rule.points) + 1, n_rows_of_a_tip))

    def _explain_rows(self, X: NDArray[Any], tables: Floats, out: Floats) -> None:
        used = self.plan.used
        holds = np.empty(2 * self._widest, dtype=np.uint8)
        places = np.empty(self._widest, dtype=np.int64)
        work = np.empty((len(self.rule.points), ROOMS))
        entries, phi = np.empty((self._widest, SLOTS)), np.empty(len(used) + 1)
        for row, into in zip(X, out, strict=True):
            x = row[used].astype(np.float64)
            x[np.abs(x) <= _TAKEN_FOR_ZERO] = 0.0
            explain_row(x, self.plan, self.rule, tables, holds, places, work, entries, phi)
            into[used] = phi[:-1]

    def _explain_blocks(self, X: NDArray[Any], tables: Floats, out: Floats) -> None:
        plan, rule = self.plan, self.rule
        at_once = min(_ROWS_AT_ONCE, len(X), max(1, _NUMBERS_AT_ONCE // max(1, len(plan.used))))
        x, phi = np.empty((2, len(plan.used), at_once))
        holds, work = self._room_for(at_once, min(_ROWS_OF_A_TIP, at_once))
        place = np.empty(at_once, dtype=np.uint8)
        for start in range(0, len(X), at_once):
            n_rows = min(at_once, len(X) - start)
            turn(X, start, n_rows, plan.used, _TAKEN_FOR_ZERO, x)
            explain_block(x, n_rows, plan, rule, tables, holds, place, work, phi)
            put(phi, start, n_rows, plan.used, out)


def _plan_within(forest: Forest, most_table_bytes: int) -> Plan:
    """Return the plan with the largest groups whose tables are no larger than that."""
    for most_edges in range(SLOTS, -1, -1):
        plan = plan_of(forest, most_edges)
        if plan.table_start[-1] * 8 <= most_table_bytes:
            break
    return plan


def _expected(forest: Forest) -> float:
    """Return the mean score of the rows that the trees grew on, summed as LightGBM does."""
    tree = np.repeat(np.arange(len(forest.leaves)), forest.leaves)
    rows = np.bincount(tree, forest.leaf_count)
    means = np.bincount(tree, forest.leaf_count / rows[tree] * forest.leaf_value)
    return float(np.cumsum(means)[-1])
