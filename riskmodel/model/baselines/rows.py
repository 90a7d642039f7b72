"""The rows that baselines learn from, in one order whatever order they came in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray, IntArray, as_outcomes


@dataclass(frozen=True, eq=False)
class LearningRows:
    """Rows to learn from, by person, then date.

    Attributes
    ----------
    X, rules : DataFrame (n, ...)
        As in the snapshots.
    y, weight : float64 arrays (n,)
        Weights with a mean of 1.
    person : int64 array (n,)
        A code for each person, never falling from row to row.
    as_of : Series of datetime (n,)
    """

    X: pd.DataFrame
    rules: pd.DataFrame
    y: FloatArray
    weight: FloatArray
    person: IntArray
    as_of: pd.Series

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: IntArray) -> LearningRows:
        """Return some of the rows, by their places."""
        return LearningRows(
            X=self.X.iloc[rows].reset_index(drop=True),
            rules=self.rules.iloc[rows].reset_index(drop=True),
            y=self.y[rows],
            weight=self.weight[rows],
            person=self.person[rows],
            as_of=self.as_of.iloc[rows].reset_index(drop=True),
        )

    def of_some_people(self, most: int, *, seed: int) -> LearningRows:
        """Return all rows of people drawn at random while they have at most `most` rows.

        All people where they fit; one of them at least.
        """
        if len(self) <= most:
            return self
        people, n_rows = np.unique(self.person, return_counts=True)
        drawn = np.random.default_rng(seed).permutation(len(people))
        n_drawn = max(1, int((np.cumsum(n_rows[drawn]) <= most).sum()))
        return self.take(np.flatnonzero(np.isin(self.person, people[drawn[:n_drawn]])))


def learning_rows(snapshots: Snapshots) -> LearningRows:
    """Take the rows whose outcome is known.

    They are put in an order of their own: a sum of floats depends on the order of its terms, and
    a fit would depend on that of the rows.

    Raises
    ------
    SchemaError
        The outcome is of another kind than "any", or of one class only.

    Examples
    --------
    >>> table = Snapshots.from_table(
    ...     pd.DataFrame({"priors": [5, 1, 2]}), [1, 0, 1], person_id=["b", "a", "b"])
    >>> rows = learning_rows(table)
    >>> rows.X["priors"].tolist(), rows.person.tolist()
    ([1.0, 5.0, 2.0], [0, 1, 1])
    """
    snapshots.check_any("a baseline")
    known = snapshots.learnable
    y = as_outcomes(known.y)
    if len(np.unique(y)) < 2:
        raise SchemaError(f"y: one class only in {len(y)} rows to learn from, both are needed")
    person = np.unique(known.person_id.to_numpy(dtype=object), return_inverse=True)[1]
    weight = known.weight.to_numpy(dtype=np.float64)
    weight = weight / weight.mean()  # only ratios count: a penalty knows no other scale
    rows = LearningRows(known.X, known.rules, y, weight, person.astype(np.int64), known.as_of)
    return rows.take(np.lexsort((known.as_of.to_numpy(), person)))


def feature_values(snapshots: Snapshots, names: tuple[str, ...]) -> FloatArray:
    """Return features in the order that a baseline learnt them in, float64 (n, p).

    Raises
    ------
    ModelMismatchError
        Some are absent.
    """
    absent = [name for name in names if name not in snapshots.X.columns]
    if absent:
        raise ModelMismatchError(
            f"X lacks {len(absent)} columns that the baseline was fitted on: {', '.join(absent)}. "
            "Build the snapshots with the same task."
        )
    return snapshots.X[list(names)].to_numpy(dtype=np.float64)
