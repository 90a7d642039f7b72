"""Scorer: what answers for rows of features, with numpy and the trees alone.

Margins, their error, probabilities, expected harm, and what each feature adds: all that a score
holds and that depends on features. It needs neither scikit-learn nor pandas, so that a service
starts fast; the estimator answers through it, and so does every score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.reading import Calibration
from riskmodel.model.parts import (
    Floats,
    HarmTrees,
    Part,
    blended,
    blended_contributions,
    mean_and_variance,
    threads_of,
)

TOLERANCE = 1e-9
"""How far a sum of contributions may be from the margin, in log-odds."""

_ROWS_AT_ONCE = 20_000
_ROWS_FOR_ONE_THREAD = 8


class Estimates(NamedTuple):
    """The numbers of a score, each float64 of shape (n,); `expected_harm` may be NaN."""

    probability: Floats
    low: Floats
    high: Floats
    margin: Floats
    expected_harm: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Scorer:
    """A fitted model as numbers.

    Parameters
    ----------
    feature_names : tuple of str
        Columns of every table, in order.
    parts : dict of Part
        What the margin is made of, by name.
    margin_variance : float
        Mean over the training rows of the variance between halves of the people.
    calibration : Calibration
    harm_trees : HarmTrees or None
    n_jobs : int or None
        Threads for many rows; of this machine, not of the model.
    """

    feature_names: tuple[str, ...]
    parts: Mapping[str, Part]
    margin_variance: float
    calibration: Calibration
    harm_trees: HarmTrees | None
    n_jobs: int | None = None

    @property
    def n_bags(self) -> int:
        """Halves of the people that each part was learnt on."""
        return next(iter(self.parts.values())).n_bags

    def margin(self, table: NDArray[Any]) -> tuple[Floats, Floats]:
        """Return the margin and the variance of its estimate, each of shape (n,).

        Few halves make a noisy variance for one row, so half of it is taken from the mean over
        the training rows.
        """
        margin, between = mean_and_variance(blended(self.parts, table, self.n_jobs))
        steadied = (between + self.margin_variance) / 2
        return margin, steadied * (1 + 1 / self.n_bags)

    def estimates(self, table: NDArray[Any]) -> Estimates:
        """Return all numbers of a score in one pass over the trees."""
        margin, variance = self.margin(table)
        low, high = self.calibration.interval(margin, variance)
        harm = np.full(len(table), np.nan)
        if self.harm_trees is not None:
            harm = self.harm_trees.predict(table, self.n_jobs)
        return Estimates(self.calibration.transform(margin), low, high, margin, harm)

    def contributions(self, table: NDArray[Any]) -> tuple[Floats, float]:
        """Return what each feature adds to the margin, (n, p), and the margin it is added to.

        Raises
        ------
        ModelIntegrityError
            If the sums are not the margins: two ways through the trees that must agree.
        """
        values = np.empty(table.shape)
        for start in range(0, len(table), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            values[rows] = self._contributions(table[rows])[:, :-1]
        check_additive(values, self._base, self.margin(table)[0] if len(table) else np.empty(0))
        return values, self._base

    @cached_property
    def _base(self) -> float:
        nothing_known = np.full((1, len(self.feature_names)), np.nan)
        return float(self._contributions(nothing_known)[0, -1])

    def _contributions(self, rows: NDArray[Any]) -> Floats:
        """Return contributions to the margin, shape (n, p + 1); the last column is the base."""
        threads = 1 if len(rows) <= _ROWS_FOR_ONE_THREAD else threads_of(self.n_jobs)
        return blended_contributions(self.parts, rows, threads)


def check_additive(
    values: Floats, base: float, margin: Floats, *, tolerance: float = TOLERANCE
) -> None:
    """Raise unless base and contributions add up to the margin in every row.

    Raises
    ------
    ModelIntegrityError
        Counting the rows where they do not.

    Examples
    --------
    >>> check_additive(np.array([[0.5, -0.25]]), -2.0, np.array([-1.75]))
    """
    away = np.abs(base + values.sum(axis=1) - margin)
    broken = int((~(away <= tolerance)).sum())
    if broken:
        raise ModelIntegrityError(
            f"the contributions of {broken} rows do not add up to the margin within {tolerance:g}: "
            "the model's trees are not those that scored. Load the model anew"
        )
