"""Estimates of people by models that never saw them, and how good they are, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from models import SEED, Floats, Learn
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from riskmodel.statistics import calibration
from riskmodel.statistics.bootstrap import interval, person_weights
from riskmodel.statistics.discrimination import auc

Measure: TypeAlias = Callable[[Floats, Floats, Floats], Any]

N_FOLDS = 5
REPLICATES = 500
CUT = 0.5  # where the publisher of the challenge counted false positives


def false_positive_rate(y: Floats, chance: Floats, weight: Floats) -> Floats:
    """Return the share, of people without the outcome, whose estimate is at the cut or above."""
    without = weight[:, y == 0]
    return np.asarray(without @ (chance[y == 0] >= CUT) / without.sum(axis=1))


MEASURES: dict[str, Measure] = {
    "brier": calibration.brier,
    "auc": auc,
    "observed_over_expected": calibration.observed_over_expected,
    "calibration_slope": calibration.calibration_slope,
    "false_positive_rate": false_positive_rate,
}


def out_of_fold(X: pd.DataFrame, y: Floats, learn: Learn, *, repeats: int) -> Floats:
    """Return the estimate of each person by a model that did not see them, (repeats, n).

    The same people are held out together for every model, so that differences are paired.
    """
    found = np.full((repeats, len(X)), np.nan)
    for repeat, row in enumerate(found):
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED + repeat)
        for seen, held_out in folds.split(X, y):
            predict = learn(X.iloc[seen].reset_index(drop=True), y[seen])
            row[held_out] = predict(X.iloc[held_out])
    return found


def replicates(
    y: Floats, chances: Floats, measures: Iterable[str], *, n_replicates: int
) -> dict[str, tuple[float, Floats]]:
    """Return each measure, and under resamples of people; both are means over the repeats."""
    weights = np.concatenate(list(person_weights(np.arange(len(y)), n_replicates, SEED)))
    everyone = np.ones((1, len(y)))
    found = {}
    for name in measures:
        measure = MEASURES[name]
        value = np.mean([measure(y, chance, everyone)[0] for chance in chances])
        drawn = np.mean([measure(y, chance, weights) for chance in chances], axis=0)
        found[name] = (float(value), drawn)
    return found


def accuracy(
    y: Floats, chances: dict[str, Floats], *, reference: str, n_replicates: int = REPLICATES
) -> list[dict[str, Any]]:
    """Return each measure of each model, and how much more than the reference it is."""
    names = ("brier", "auc", "observed_over_expected", "calibration_slope")
    found = {
        model: replicates(y, chance, names, n_replicates=n_replicates)
        for model, chance in chances.items()
    }
    rows = []
    for model, by_measure in found.items():
        for measure, (value, drawn) in by_measure.items():
            base, base_drawn = found[reference][measure]
            row = {"model": model, "measure": measure, **with_interval(value, drawn)}
            if model != reference:
                row["more_than"] = reference
                row["difference"] = with_interval(value - base, drawn - base_drawn)
            rows.append(row)
    return rows


def by_group(
    y: Floats, chances: Floats, groups: pd.DataFrame, *, n_replicates: int = REPLICATES
) -> list[dict[str, Any]]:
    """Return every measure for each group, and for each gender and race together."""
    columns = {name: groups[name] for name in groups}
    columns[" and ".join(groups)] = groups.agg(" ".join, axis=1)
    rows = []
    for characteristic, column in columns.items():
        for group, members in column.groupby(column).indices.items():
            of_group = {"characteristic": characteristic, "group": group, "people": len(members)}
            shares = {
                "observed": float(y[members].mean()),
                "expected": float(chances[:, members].mean()),
            }
            found = measured(y, chances, members, n_replicates=n_replicates)
            rows.append({**of_group, **shares, **found})
    return rows


def measured(
    y: Floats, chances: Floats, members: NDArray[np.int64], *, n_replicates: int
) -> dict[str, Any]:
    """Return every measure of some people."""
    found = replicates(y[members], chances[:, members], MEASURES, n_replicates=n_replicates)
    return {name: with_interval(value, drawn) for name, (value, drawn) in found.items()}


def with_interval(value: float, drawn: Floats) -> dict[str, float]:
    """Return a number with the ends of its 95 % interval."""
    low, high = interval(drawn)
    return {"value": value, "low": float(low), "high": float(high)}


def noise(y: Floats, chances: Floats, *, people: int, n_replicates: int) -> dict[str, Any]:
    """Return how far a measure lies from its mean in tables of so many people: one sd."""
    rng = np.random.default_rng(SEED)
    draws = [rng.integers(0, len(y), people) for _ in range(n_replicates)]
    weights = np.stack([np.bincount(drawn, minlength=len(y)) for drawn in draws]).astype(float)
    spread = {name: np.std(MEASURES[name](y, chances[0], weights)) for name in ("brier", "auc")}
    return {"people": people, **{name: float(value) for name, value in spread.items()}}
