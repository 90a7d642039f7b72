"""The parts of a margin, learnt: each target on the same halves of the people, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import lightgbm as lgb
import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.model.bagging import Codes, Growth, Rows, bags_of, grow, winsorised
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.parts import (
    HarmTrees,
    LogisticPart,
    Part,
    TreesPart,
    mean_and_variance,
)
from riskmodel.model.trees.trees import Trees

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


def _learn(name: str, rows: Rows, bags: list[Codes], making: Making, seed: int) -> Part:
    if name == "logistic":
        return learn_logistic(rows, bags, making.growth.names, making.logistic_l2)
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
    return TreesPart(trees=[trees_of(booster) for booster in boosters])


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


def learn_logistic(rows: Rows, bags: list[Codes], names: list[str], l2: float) -> LogisticPart:
    """Learn a curve on each bag; `l2` is the penalty for each row."""
    table = pd.DataFrame(rows.X, columns=names, copy=False)
    curves = []
    for bag in bags:
        weight = rows.weight[bag]
        penalty = l2 * float(weight.sum())  # of weights only their ratios matter
        curves.append(LogisticBaseline.fit(table.iloc[bag], rows.y[bag], weight, l2=penalty))
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


def trees_of(booster: lgb.Booster) -> Trees:
    """Return a booster's trees, which answer bit for bit as it does."""
    return Trees.from_text(booster.model_to_string(), n_features=booster.num_feature())


def learn_harm(
    rows: Rows, growth: Growth, *, cap_quantile: float, power: float, seed: int
) -> HarmTrees:
    """Learn ``rows.targets["harm"]`` (days, not all 0) by the Tweedie deviance.

    Rescaled so that the mean over the rows is their mean harm.
    """
    harm = rows.targets["harm"]
    unit, cap = winsorised(harm, rows.weight, cap_quantile)
    objective = {"objective": "tweedie", "tweedie_variance_power": power}
    every_row = [np.arange(len(rows))]
    trees = trees_of(grow(rows, unit, every_row, growth, objective=objective, seed=seed)[0])
    learnt = HarmTrees(trees, 1.0, cap).predict(rows.X, growth.n_jobs)
    scale = np.average(harm, weights=rows.weight) / np.average(learnt, weights=rows.weight)
    return HarmTrees(trees, float(scale), cap)
