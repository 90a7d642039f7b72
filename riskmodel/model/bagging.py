"""Boosters learnt on random halves of the people, and the folds that keep a person whole.

The spread between half-samples estimates how far the margin would move with other people: it is
the delete-half jackknife (Shao & Wu 1989), where leaving out half needs no factor to stand for
the error of the full sample.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from riskmodel.model.parts import Floats, threads_of

Codes = NDArray[np.int64]
Fold = tuple[Codes, Codes]

#: On small data a leaf may hold one row in so many.
_LEAVES_ON_SMALL_DATA = 40
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")
_ALWAYS = {
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Rows:
    """Rows to learn from: X of shape (n, p); y of 0 and 1, weight and person code of shape (n,).

    `targets` holds what else is learnt from, by name: harm, count, date; each of shape (n,).
    """

    X: NDArray[Any]
    y: Floats
    weight: Floats
    person: Codes
    targets: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Codes) -> Rows:
        """Return some of the rows, with people renumbered from 0."""
        person = np.unique(self.person[rows], return_inverse=True)[1]
        targets = {name: target[rows] for name, target in self.targets.items()}
        return Rows(self.X[rows], self.y[rows], self.weight[rows], person, targets)


@dataclass(frozen=True)
class Growth:
    """How boosters are grown: LightGBM's parameters, trees, the features' names, threads."""

    params: dict[str, Any]
    n_estimators: int
    names: list[str]
    n_jobs: int | None = None


def shuffled_people(rows: Rows, rng: np.random.Generator) -> list[Codes]:
    """Return people in random order, by kind of rows: only positive, mixed, only negative."""
    has_positive = np.bincount(rows.person, rows.y) > 0
    has_negative = np.bincount(rows.person, 1 - rows.y) > 0
    kinds = (has_positive & ~has_negative, has_positive & has_negative, ~has_positive)
    return [rng.permutation(np.flatnonzero(kind)) for kind in kinds]


def half_of_people(rows: Rows, rng: np.random.Generator) -> Codes:
    """Return the rows of a random half of the people of each kind, so that both classes are in."""
    chosen = np.zeros(int(rows.person.max()) + 1, dtype=bool)
    for people in shuffled_people(rows, rng):
        chosen[people[: -(-len(people) // 2)]] = True
    return np.flatnonzero(chosen[rows.person])


def grouped_folds(rows: Rows, n_folds: int, rng: np.random.Generator) -> list[Fold]:
    """Return (train, held out) rows: no person on both sides, both classes in train.

    Fewer folds than asked for where a class has fewer people; none where a class has only one.
    """
    only_positive, mixed, only_negative = shuffled_people(rows, rng)
    n_folds = min(n_folds, len(mixed) + min(len(only_positive), len(only_negative)))
    if n_folds < 2:
        return []
    # dealt in this order, the people with either class form one run: each fold gets some of both
    order = np.concatenate([only_positive, mixed, only_negative])
    fold_of_person = np.empty(len(order), dtype=np.int64)
    fold_of_person[order] = np.arange(len(order)) % n_folds
    fold_of_row = fold_of_person[rows.person]
    return [
        (np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold))
        for fold in range(n_folds)
    ]


def tree_names(names: Sequence[str] | None, n_features: int) -> list[str]:
    """Return the features' names where the tree text can hold them, else numbered ones."""
    if names is None or not all(_PLAIN_NAME.fullmatch(str(name)) for name in names):
        return [f"Column_{index}" for index in range(n_features)]
    return [str(name) for name in names]


def bags_of(rows: Rows, *, n_bags: int, seed: int) -> list[Codes]:
    """Return the rows of `n_bags` halves of the people."""
    draws = [np.random.default_rng([seed, bag]) for bag in range(n_bags)]
    return [half_of_people(rows, rng) for rng in draws]


def grow(
    rows: Rows,
    target: Floats,
    bags: Sequence[Codes],
    growth: Growth,
    *,
    objective: dict[str, Any],
    seed: int,
    queries: Codes | None = None,
) -> list[lgb.Booster]:
    """Return one booster of `target` a bag of rows; the features are binned once for all.

    `queries` numbers the rows that an objective of ranking puts in order among themselves.
    Threads grow a booster each: on a busy machine threads that share one wait for each other.
    """
    params = _ALWAYS | growth.params | objective | {"data_random_seed": seed}
    order = np.arange(len(rows)) if queries is None else np.argsort(queries, kind="stable")
    place = np.argsort(order)
    data = lgb.Dataset(
        rows.X if queries is None else rows.X[order],
        target[order],
        weight=(rows.weight / rows.weight.mean())[order],
        group=None if queries is None else np.bincount(queries),
        feature_name=growth.names,
        params=params,
    )
    data.construct()

    def one(number: int) -> lgb.Booster:
        bag = np.sort(place[bags[number]])
        bag_seed = int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)
        in_a_leaf = min(params["min_data_in_leaf"], max(1, len(bag) // _LEAVES_ON_SMALL_DATA))
        settings = params | {"min_data_in_leaf": in_a_leaf, "seed": bag_seed}
        return lgb.train(settings, data.subset(bag), num_boost_round=growth.n_estimators)

    with ThreadPoolExecutor(threads_of(growth.n_jobs)) as pool:
        return list(pool.map(one, range(len(bags))))


def winsorised(amount: Floats, weight: Floats, quantile: float) -> tuple[Floats, float]:
    """Return `amount` (not all 0) up to its quantile, on a mean of 1, and the cap.

    On a mean of 1 the regularisation does not depend on the unit.
    """
    cap = float(np.quantile(amount, quantile)) or float(amount.max())
    capped = np.minimum(amount, cap)
    unit: Floats = capped / np.average(capped, weights=weight)
    return unit, cap
