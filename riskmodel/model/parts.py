"""What a margin is made of: raw scores learnt from different targets, brought to one scale.

A classifier of "any serious offence", a count, summed harm, an order and a logistic curve make
different mistakes at the top of a list. Each part is learnt on the same halves of the people, its
score is standardised over the rows it learnt from, and the margin is their weighted mean on the
scale of the first. It stays a sum over features, so that contributions add up.

Here they answer, with numpy and the trees; `riskmodel.model.part_learning` learns them.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from riskmodel.late import late
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.trees.trees import Trees

if TYPE_CHECKING:
    import lightgbm as lgb
else:
    lgb = late("lightgbm")

Floats = NDArray[np.float64]

PARTS: Final = ("any", "count", "harm", "rank", "logistic")
"""Of what a margin can be made; each but ``logistic`` is boosted trees of that target."""

#: Up to here starting threads costs more than it saves.
_ROWS_FOR_ONE_THREAD = 2_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Part(ABC):
    """One of the scores that a margin is made of: ``slope * raw + shift``, bag by bag."""

    slope: float = 1.0
    shift: float = 0.0

    @property
    @abstractmethod
    def n_bags(self) -> int:
        """Halves of the people that it was learnt on."""

    @abstractmethod
    def raw(self, X: NDArray[Any], n_jobs: int | None) -> Floats:
        """Return the score of each bag and row as it was learnt, shape (n_bags, n)."""

    @abstractmethod
    def raw_contributions(self, X: NDArray[Any], threads: int) -> Floats:
        """Return what each feature adds to the mean score, and last the base, (n, p + 1)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TreesPart(Part):
    """Boosted trees of one target, each lot on a half of the people."""

    trees: list[Trees]

    @property
    def n_bags(self) -> int:
        """Lots of trees."""
        return len(self.trees)

    @cached_property
    def boosters(self) -> list[lgb.Booster]:
        """The same trees as LightGBM's own boosters."""
        return [lgb.Booster(model_str=trees.text) for trees in self.trees]

    def raw(self, X: NDArray[Any], n_jobs: int | None) -> Floats:
        """Return the raw score of each lot and row, shape (n_bags, n)."""
        threads = threads_for(len(X), n_jobs)
        return np.stack([trees.raw(X, threads) for trees in self.trees])

    def raw_contributions(self, X: NDArray[Any], threads: int) -> Floats:
        """Return the mean over lots of their SHAP values and, last, their base."""
        total = np.zeros((len(X), X.shape[1] + 1))
        for trees in self.trees:
            total += trees.contributions(X, threads)
        mean: Floats = total / len(self.trees)
        return mean


@dataclass(frozen=True, eq=False, kw_only=True)
class LogisticPart(Part):
    """Penalised logistic curves, each on a half of the people."""

    curves: list[LogisticBaseline]

    @property
    def n_bags(self) -> int:
        """Curves."""
        return len(self.curves)

    def raw(self, X: NDArray[Any], n_jobs: int | None) -> Floats:  # noqa: ARG002
        """Return the log-odds of each curve and row, shape (n_bags, n)."""
        return np.stack([curve.log_odds(X) for curve in self.curves])

    def raw_contributions(self, X: NDArray[Any], threads: int) -> Floats:  # noqa: ARG002
        """Return the mean over curves of coefficient times value, and last the intercept."""
        parts = [curve.contributions(X) for curve in self.curves]
        values = np.mean([values for values, _ in parts], axis=0)
        base = np.full((len(X), 1), np.mean([base for _, base in parts]))
        return np.hstack([values, base])


@dataclass(frozen=True)
class HarmTrees:
    """Trees of expected harm: ``days = scale * exp(raw score)``; they learnt harm up to `cap`."""

    trees: Trees
    scale: float
    cap: float

    def predict(self, X: NDArray[Any], n_jobs: int | None) -> Floats:
        """Return days of harm, shape (n,)."""
        days: Floats = self.scale * np.exp(self.trees.raw(X, threads_for(len(X), n_jobs)))
        return days


def blended(parts: Mapping[str, Part], X: NDArray[Any], n_jobs: int | None) -> Floats:
    """Return the margin of each bag and row, shape (n_bags, n)."""
    scores = [part.slope * part.raw(X, n_jobs) + part.shift for part in parts.values()]
    margin: Floats = sum(scores[1:], start=scores[0])
    return margin


def blended_contributions(parts: Mapping[str, Part], X: NDArray[Any], threads: int) -> Floats:
    """Return what each feature adds to the margin, and last the base, shape (n, p + 1)."""
    total = np.zeros((len(X), X.shape[1] + 1))
    for part in parts.values():
        total += part.slope * part.raw_contributions(X, threads)
        total[:, -1] += part.shift
    return total


def mean_and_variance(scores: Floats) -> tuple[Floats, Floats]:
    """Return the mean over boosters and the variance between them, each of shape (n,).

    Summed booster by booster, so that a row has the same bits alone and in a table.

    Examples
    --------
    >>> mean_and_variance(np.array([[1.0, 0.0], [3.0, 0.0]]))
    (array([2., 0.]), array([2., 0.]))
    """
    mean = _sum_over_boosters(scores) / len(scores)
    return mean, _sum_over_boosters((scores - mean) ** 2) / (len(scores) - 1)


def _sum_over_boosters(scores: Floats) -> Floats:
    total = np.zeros(scores.shape[1])
    for score in scores:
        total += score
    return total


def threads_for(n_rows: int, n_jobs: int | None) -> int:
    """Return how many threads to answer with: one for few rows."""
    return 1 if n_rows <= _ROWS_FOR_ONE_THREAD else threads_of(n_jobs)


def threads_of(n_jobs: int | None) -> int:
    """Return how many threads to use: as many as this process has cores, unless told."""
    if n_jobs is not None and n_jobs > 0:
        return n_jobs
    cores = getattr(os, "sched_getaffinity", None)
    return len(cores(0)) if cores else (os.cpu_count() or 1)
