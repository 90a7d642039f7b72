"""What a margin is made of: raw scores learnt from different targets, brought to one scale.

A classifier of "any serious offence", a count, summed harm, an order and a logistic curve make
different mistakes at the top of a list. Each part is learnt on the same halves of the people, its
score is standardised over the rows it learnt from, and the margin is their weighted mean on the
scale of the first. It stays a sum over features, so that contributions add up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import RiskModelError
from riskmodel.model.bagging import (
    Codes,
    Floats,
    Growth,
    Rows,
    bags_of,
    grow,
    mean_and_variance,
    raw_scores,
    winsorised,
)
from riskmodel.model.logistic_baseline import LogisticBaseline

PARTS: Final = ("any", "count", "harm", "rank", "logistic")
"""Of what a margin can be made; each but ``logistic`` is boosted trees of that target."""

_QUERY_ROWS: Final = 1_000
"""Rows that are put in order together: LightGBM allows 10,000, and fewer learn faster."""
_RELEVANCE: Final = 5
"""Serious offences beyond so many make no row more relevant."""


@dataclass(frozen=True)
class Making:
    """How parts are made: weights by name, the trees, bags, cap and the logistic penalty."""

    weights: Mapping[str, float]
    growth: Growth
    n_bags: int
    cap_quantile: float
    tweedie_power: float
    logistic_l2: float


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
    """Boosters of one target, each on a half of the people."""

    boosters: list[lgb.Booster]

    @property
    def n_bags(self) -> int:
        """Boosters."""
        return len(self.boosters)

    def raw(self, X: NDArray[Any], n_jobs: int | None) -> Floats:
        """Return the raw score of each booster and row, shape (n_bags, n)."""
        return raw_scores(self.boosters, X, n_jobs)

    def raw_contributions(self, X: NDArray[Any], threads: int) -> Floats:
        """Return the mean over boosters of their SHAP values and, last, their base."""
        total = np.zeros((len(X), X.shape[1] + 1))
        for booster in self.boosters:
            total += booster.predict(X, pred_contrib=True, num_threads=threads)
        mean: Floats = total / len(self.boosters)
        return mean


@dataclass(frozen=True, eq=False, kw_only=True)
class LogisticPart(Part):
    """Penalised logistic curves, each on a half of the people."""

    curves: list[LogisticBaseline]

    @property
    def n_bags(self) -> int:
        """Curves."""
        return len(self.curves)

    def _named(self, X: NDArray[Any]) -> pd.DataFrame:
        return pd.DataFrame(X, columns=list(self.curves[0].features), copy=False)

    def raw(self, X: NDArray[Any], n_jobs: int | None) -> Floats:  # noqa: ARG002
        """Return the log-odds of each curve and row, shape (n_bags, n)."""
        return np.stack([curve.decision_function(self._named(X)) for curve in self.curves])

    def raw_contributions(self, X: NDArray[Any], threads: int) -> Floats:  # noqa: ARG002
        """Return the mean over curves of coefficient times value, and last the intercept."""
        parts = [curve.contributions(self._named(X)) for curve in self.curves]
        values = np.mean([values for values, _ in parts], axis=0)
        base = np.full((len(X), 1), np.mean([base for _, base in parts]))
        return np.hstack([values, base])


def make_parts(rows: Rows, making: Making, *, seed: int) -> dict[str, Part]:
    """Learn each part on the same halves of the people, and bring them to one scale.

    Parameters
    ----------
    rows : Rows
        ``rows.targets`` holds ``count`` and ``harm`` where those parts are asked for.
    making : Making
    seed : int

    Returns
    -------
    dict of Part
        In the order of ``making.weights``. A part alone is left as it was learnt.
    """
    bags = bags_of(rows, n_bags=making.n_bags, seed=seed)
    parts = {name: _learn(name, rows, bags, making, seed) for name in making.weights}
    return parts if len(parts) == 1 else _on_one_scale(parts, rows, making)


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


def _learn(name: str, rows: Rows, bags: list[Codes], making: Making, seed: int) -> Part:
    if name == "logistic":
        return _learn_logistic(rows, bags, making)
    if name in ("count", "harm") and not all(rows.targets[name][bag].any() for bag in bags):
        raise RiskModelError(
            f"blend learns from {name}, which is 0 for everyone in a half of the people learnt "
            "from: too few have any. Use a blend without it, or more rows."
        )
    target, queries = rows.y, None
    objective: dict[str, Any] = {"objective": "binary"}
    if name in ("count", "harm"):
        target, _ = winsorised(rows.targets[name], rows.weight, making.cap_quantile)
    if name == "count":
        objective = {"objective": "poisson"}
    elif name == "harm":
        power = making.tweedie_power
        objective = {"objective": "tweedie", "tweedie_variance_power": power}
    elif name == "rank":
        target = np.minimum(rows.targets.get("count", rows.y), _RELEVANCE)
        objective = {"objective": "rank_xendcg", "label_gain": list(range(_RELEVANCE + 1))}
        queries = _queries(rows, np.random.default_rng([seed, 3]))
    boosters = grow(
        rows, target, bags, making.growth, objective=objective, seed=seed, queries=queries
    )
    return TreesPart(boosters=boosters)


def _queries(rows: Rows, rng: np.random.Generator) -> Codes:
    """Deal the rows of each date into lots that are put in order among themselves."""
    date = rows.targets.get("date", np.zeros(len(rows)))
    order = np.lexsort((rng.random(len(rows)), date))
    starts = np.flatnonzero(np.r_[True, np.diff(date[order]) != 0])
    place = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    lot = date[order] * len(rows) + place // _QUERY_ROWS
    codes = np.empty(len(rows), dtype=np.int64)
    codes[order] = np.unique(lot, return_inverse=True)[1]
    return codes


def _learn_logistic(rows: Rows, bags: list[Codes], making: Making) -> LogisticPart:
    table = pd.DataFrame(rows.X, columns=making.growth.names, copy=False)
    curves = []
    for bag in bags:
        weight = rows.weight[bag]
        l2 = making.logistic_l2 * float(weight.sum())  # of weights only their ratios matter
        curves.append(LogisticBaseline.fit(table.iloc[bag], rows.y[bag], weight, l2=l2))
    return LogisticPart(curves=curves)


def _on_one_scale(parts: dict[str, Part], rows: Rows, making: Making) -> dict[str, Part]:
    """Give each part the centre and spread of the first over the rows learnt from."""
    shares = np.array(list(making.weights.values())) / sum(making.weights.values())
    seen = [_spread(part, rows, making.growth.n_jobs) for part in parts.values()]
    first_centre, first_spread = seen[0]
    scaled: dict[str, Part] = {}
    for (name, part), share, (centre, spread) in zip(parts.items(), shares, seen, strict=True):
        slope = share * first_spread / spread if spread > 0 else 0.0
        shift = share * first_centre - slope * centre
        scaled[name] = replace(part, slope=float(slope), shift=float(shift))
    return scaled


def _spread(part: Part, rows: Rows, n_jobs: int | None) -> tuple[float, float]:
    score = mean_and_variance(part.raw(rows.X, n_jobs))[0]
    centre = float(np.average(score, weights=rows.weight))
    return centre, float(np.sqrt(np.average((score - centre) ** 2, weights=rows.weight)))
