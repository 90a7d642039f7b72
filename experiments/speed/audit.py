"""What auditing a list costs, beside fairlearn's MetricFrame; the same rates, checked to be equal.

One date: a million people in 120 groups, eight rates of each group. Several dates: 36,000 people on
twelve dates, four lists. Ours counts the rows, resamples and puts intervals on every rate and gap;
a MetricFrame gives the rates alone, and with `n_boot` their intervals, rows resampled one by one.
Methods take turns; medians are kept. One JSON line a method::

    python experiments/speed/audit.py [--rows 1000000] [--groups 120] [--replicates 500]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    mean_prediction,
    selection_rate,
    true_positive_rate,
)

from riskmodel.audit.by_group.group_metrics import list_tables
from riskmodel.audit.by_group.rates import Settings

FEW = 2
"""Replicates of MetricFrame that are timed; its time for all of them is scaled from these."""
OF_LISTS = {
    "selection_rate": selection_rate,
    "recall": true_positive_rate,
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
    "precision": lambda y, listed: y[listed == 1].mean(),
    "outcome_rate": lambda y, _: y.mean(),
}
OF_ESTIMATES = {
    "mean_probability": mean_prediction,
    "observed_over_expected": lambda y, p: y.sum() / p.sum(),
}
DATES, PEOPLE, LENGTHS = 12, 36_000, (50, 100, 250, 500)


def one_date(rows: int, groups: int, seed: int) -> dict[str, Any]:
    """Return people of many groups, the top 5 % of them listed."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-2.5, 1, rows)
    chance = 1 / (1 + np.exp(-margin))
    names = np.array([f"group {i:03d}" for i in range(groups)])
    return {
        "y": (rng.random(rows) < chance).astype(float),
        "lists": {"list": margin > np.quantile(margin, 0.95)},
        "probability": chance,
        "margin": margin,
        "groups": pd.DataFrame({"group": pd.Series(names[rng.integers(0, groups, rows)])}),
        "person": np.arange(rows),
    }


def several_dates(people: int, seed: int) -> dict[str, Any]:
    """Return the same people on twelve dates, of six characteristics, and four lists of each."""
    rng = np.random.default_rng(seed)
    who, as_of = np.tile(np.arange(people), DATES), np.repeat(np.arange(DATES), people)
    margin = rng.normal(-2.5, 1, people)[who] + rng.normal(0, 0.3, len(who))
    chance = 1 / (1 + np.exp(-margin))
    rank = pd.Series(-margin).groupby(as_of).rank(method="first").to_numpy()
    names = np.array([f"group {i}" for i in range(6)])
    return {
        "y": (rng.random(len(who)) < chance).astype(float),
        "lists": {f"k={k}": rank <= k for k in LENGTHS},
        "probability": chance,
        "margin": margin,
        "groups": pd.DataFrame(
            {f"characteristic {i}": names[rng.integers(0, 6, people)][who] for i in range(6)}
        ),
        "person": who,
        "as_of": as_of,
    }


def metric_frames(world: dict[str, Any], n_boot: int = 0) -> pd.DataFrame:
    """Return the eight rates by group as MetricFrame has them."""
    (listed,) = world["lists"].values()
    common = {"y_true": world["y"], "sensitive_features": world["groups"]["group"]}
    if n_boot:
        common |= {"n_boot": n_boot, "ci_quantiles": [0.025, 0.975], "random_state": 0}
    frames = [
        MetricFrame(metrics=OF_LISTS, y_pred=listed.astype(float), **common),
        MetricFrame(metrics=OF_ESTIMATES, y_pred=world["probability"], **common),
    ]
    return pd.concat([frame.by_group for frame in frames], axis=1)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the seconds and processor seconds that a piece of work takes, and what it found."""
    begun, spent = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - begun, time.process_time() - spent, found


def in_turns(methods: dict[str, Callable[[], Any]], repeats: int) -> dict[str, tuple[float, float]]:
    """Return medians of seconds and processor seconds, each method asked in its turn."""
    for work in methods.values():
        work()  # warms up
    times = [{name: timed(work)[:2] for name, work in methods.items()} for _ in range(repeats)]
    return {
        name: tuple(map(statistics.median, zip(*(turn[name] for turn in times), strict=True)))
        for name in methods
    }  # type: ignore[return-value]


def farthest(world: dict[str, Any], settings: Settings) -> float:
    """Return the largest difference between our rates and MetricFrame's."""
    ours = list_tables(**world, settings=settings).rates["list"]
    table = ours.pivot_table(index="group", columns="metric", values="value")
    theirs = metric_frames(world)
    return float((table[list(theirs.columns)] - theirs).abs().max().max())


def line(job: str, method: str, seconds: tuple[float, float], **more: Any) -> dict[str, Any]:
    """Return what is printed of a method."""
    wall, cpu = (round(value, 3) for value in seconds)
    return {"job": job, "method": method, "seconds": wall, "cpu_seconds": cpu, **more}


def measure(wanted: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the lines of both jobs."""
    settings = Settings(n_replicates=wanted.replicates)
    world = one_date(wanted.rows, wanted.groups, seed=0)
    found = in_turns(
        {
            "ours": lambda: list_tables(**world, settings=settings),
            "points": lambda: metric_frames(world),
            "few": lambda: metric_frames(world, FEW),
        },
        wanted.repeats,
    )
    a_replicate = [max(few - one, 0.0) / FEW for few, one in zip(found["few"], found["points"],
                                                                strict=True)]  # fmt: skip
    whole = [one + wanted.replicates * more for one, more in zip(found["points"], a_replicate,
                                                                strict=True)]  # fmt: skip
    size = {"rows": wanted.rows, "groups": wanted.groups, "replicates": wanted.replicates}
    dated = several_dates(wanted.people, seed=1)
    pooled = in_turns({"ours": lambda: list_tables(**dated, settings=settings)}, wanted.repeats)
    return [
        line("one date", "riskmodel, rates, gaps and intervals", found["ours"], **size,
             farthest_from_metric_frame=farthest(world, Settings(n_replicates=2))),
        line("one date", "fairlearn MetricFrame, rates alone", found["points"]),
        line("one date", "fairlearn MetricFrame with n_boot, scaled", (whole[0], whole[1]),
             timed_replicates=FEW),
        line("several dates", "riskmodel, rates, gaps and intervals", pooled["ours"],
             rows=len(dated["y"]), people=wanted.people, lists=len(LENGTHS), characteristics=6,
             replicates=wanted.replicates),
    ]  # fmt: skip


def main() -> None:
    """Print one JSON line a method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=120)
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--people", type=int, default=PEOPLE, help="of the several dates")
    parser.add_argument("--repeats", type=int, default=5)
    for found in measure(parser.parse_args()):
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
