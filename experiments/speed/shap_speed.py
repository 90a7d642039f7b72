"""What explaining costs: processor seconds beside LightGBM's own `pred_contrib`, taking turns.

150 columns of counts and sums, 300 trees of 31 leaves. The same rows go to both in turns, so that
the noise of the machine falls on both alike; medians are kept. One JSON line a measurement::

    python experiments/speed/shap_speed.py [--rows 20000] [--repeats 3] [--many 1000000]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import lightgbm as lgb
import numpy as np

from riskmodel.model.trees.shap_tables import ROWS_WORTH_TABLES
from riskmodel.model.trees.trees import Trees

COLUMNS, ROUNDS, LEAVES = 150, 300, 31
LEARNT_FROM = 20_000
AT_ONCE = 20_000
BOOSTERS = 6
"""As many as a model of half-samples holds: a person's answer adds up their contributions."""


def draw_rows(rows: int, seed: int) -> np.ndarray:
    """Return rows as a feature table holds them: counts, sums of harm, some of it missing."""
    rng = np.random.default_rng(seed)
    X = rng.poisson(0.7, (rows, COLUMNS)).astype(np.float32)
    X[:, ::3] = np.round(rng.exponential(2.0, X[:, ::3].shape), 2)
    X[rng.random(X.shape) < 0.05] = np.nan
    return X


@cache
def grown() -> lgb.Booster:
    """Return the booster; it is grown once."""
    X = draw_rows(LEARNT_FROM, seed=0)
    odds = np.exp(np.nan_to_num(X[:, :10]).sum(axis=1) / 8 - 2)
    y = np.random.default_rng(1).random(len(X)) < odds / (1 + odds)
    settings = {
        "objective": "binary",
        "num_leaves": LEAVES,
        "learning_rate": 0.03,
        "num_threads": 1,
        "verbosity": -1,
    }
    return lgb.train(settings, lgb.Dataset(X, y), num_boost_round=ROUNDS)


def measure(rows: int, repeats: int) -> dict[str, Any]:
    """Return medians of processor seconds of both, their ratio and how far apart they are."""
    booster, X = grown(), draw_rows(rows, seed=2)
    trees = Trees.from_text(booster.model_to_string(), n_features=COLUMNS)

    def ours() -> np.ndarray:
        return trees.contributions(X)

    def theirs() -> np.ndarray:
        return booster.predict(X, pred_contrib=True, num_threads=1)

    apart = float(np.abs(ours() - theirs()).max())  # and both are warm
    times = [(cpu_seconds(ours), cpu_seconds(theirs)) for _ in range(repeats)]
    own, other = (statistics.median(each) for each in zip(*times, strict=True))
    return {
        "rows": rows,
        "cpu_seconds_riskmodel": round(own, 4),
        "cpu_seconds_pred_contrib": round(other, 4),
        "ratio": round(other / own, 1),
        "max_abs_difference": apart,
    }


def measure_many(rows: int) -> dict[str, Any]:
    """Return the processor seconds of a run in blocks, on one thread."""
    trees = Trees.from_text(grown().model_to_string(), n_features=COLUMNS)
    spent, away = 0.0, 0.0
    for block, start in enumerate(range(0, rows, AT_ONCE)):
        X = draw_rows(min(AT_ONCE, rows - start), seed=3 + block)
        begun = time.process_time()
        values = trees.contributions(X)
        spent += time.process_time() - begun
        away = max(away, float(np.abs(values.sum(axis=1) - trees.raw(X)).max()))
    return {
        "rows": rows,
        "cpu_seconds_riskmodel": round(spent, 2),
        "microseconds_a_row": round(1e6 * spent / rows, 1),
        "max_away_from_score": away,
    }


def measure_one(repeats: int) -> dict[str, Any]:
    """Return what one row costs that as many boosters explain as a model has; without tables."""
    booster, X = grown(), draw_rows(repeats, seed=4)
    text = booster.model_to_string()
    times = []
    for start in range(0, repeats, ROWS_WORTH_TABLES - 2):  # anew before they would make tables
        models = [Trees.from_text(text, n_features=COLUMNS) for _ in range(BOOSTERS)]
        explain_one(models, X[:1])  # lays out what they need
        for row in X[start : start + ROWS_WORTH_TABLES - 2]:
            own = cpu_seconds(partial(explain_one, models, row[None]))
            other = cpu_seconds(partial(explain_one_there, booster, row[None]))
            times.append((own, other))
    own, other = (statistics.median(each) for each in zip(*times, strict=True))
    return {
        "rows": 1,
        "trees": BOOSTERS * ROUNDS,
        "cpu_seconds_riskmodel": round(own, 6),
        "cpu_seconds_pred_contrib": round(other, 6),
        "ratio": round(other / own, 1),
    }


def explain_one(models: list[Trees], row: np.ndarray) -> None:
    """Explain a row by each of the models."""
    for model in models:
        model.contributions(row)


def explain_one_there(booster: lgb.Booster, row: np.ndarray) -> None:
    """Explain a row by LightGBM, as often."""
    for _ in range(BOOSTERS):
        booster.predict(row, pred_contrib=True, num_threads=1)


def cpu_seconds(work: Callable[[], Any]) -> float:
    """Return the processor seconds that a piece of work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Print one JSON line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--many", type=int, default=0)
    wanted = parser.parse_args()
    print(json.dumps(measure(wanted.rows, wanted.repeats)), flush=True)
    print(json.dumps(measure_one(100)), flush=True)
    if wanted.many:
        print(json.dumps(measure_many(wanted.many)))


if __name__ == "__main__":
    main()
