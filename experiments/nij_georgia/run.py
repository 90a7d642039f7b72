"""Estimate re-arrest within three years for people released to parole in Georgia.

::

    python run.py --data DIR --out DIR [--repeats 3]

Reads train.csv.gz and test_features.csv.gz; writes predictions.csv, one row for each row of the
test table and in its order, and results.json: how good such estimates are, out of fold.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from data import (
    AGE,
    AGE_JUSTIFICATION,
    AREA,
    GROUPS,
    ID,
    WORKED_OUT_WITH_AGE,
    make_features,
    outcome_of,
    read_people,
)
from judge import accuracy, by_group, noise, out_of_fold
from models import (
    SEED,
    TREES,
    Floats,
    learn_blend,
    learn_default_estimator,
    learn_default_trees,
    learn_kernel_logistic,
    learn_logistic,
    learn_trees,
    mean_log_odds,
)

from riskmodel.files import atomic_write_text
from riskmodel.statistics.discrimination import auc

MODEL, TREES_ALONE, KERNEL_ALONE = "model", "trees alone", "kernel logistic alone"
PARTS = (MODEL, TREES_ALONE, KERNEL_ALONE)
OTHERS = {
    "logistic": learn_logistic,
    "LightGBM, defaults": learn_default_trees,
    "estimator, defaults": learn_default_estimator,
    TREES_ALONE: learn_trees,
    KERNEL_ALONE: learn_kernel_logistic,
}
LEFT_OUT = {
    "without age": [AGE, *WORKED_OUT_WITH_AGE],
    "without area": [AREA.lower()],
}


def compared(X: pd.DataFrame, y: Floats, *, repeats: int) -> dict[str, Floats]:
    """Return the out-of-fold estimates of the model, of its parts, and of what it must beat."""
    chances = {name: out_of_fold(X, y, learn, repeats=repeats) for name, learn in OTHERS.items()}
    return {MODEL: mean_log_odds([chances[TREES_ALONE], chances[KERNEL_ALONE]]), **chances}


def left_out(X: pd.DataFrame, y: Floats, whole: Floats) -> list[dict[str, Any]]:
    """Return what becomes of the model without age, and without the area of residence."""
    chances = {
        name: out_of_fold(X.drop(columns=columns), y, learn_blend, repeats=1)
        for name, columns in LEFT_OUT.items()
    }
    return accuracy(y, {MODEL: whole[:1], **chances}, reference=MODEL)


def told_by_features(X: pd.DataFrame, groups: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return how far the features give each characteristic away: AUC of a plain logistic model."""
    columns = {"all features": X, "without area": X.drop(columns=LEFT_OUT["without area"])}
    largest = {
        name: (groups[name] == groups[name].mode()[0]).to_numpy(dtype=float) for name in groups
    }
    return {
        name: {
            group: float(auc(of_it, out_of_fold(table, of_it, learn_logistic, repeats=1)[0]))
            for group, of_it in largest.items()
        }
        for name, table in columns.items()
    }


def measure(people: pd.DataFrame, *, n_test: int, repeats: int) -> dict[str, Any]:
    """Return everything that is measured, out of fold on the people whose outcome is known."""
    X, y, groups = make_features(people), outcome_of(people), people[GROUPS]
    chances = compared(X, y, repeats=repeats)
    return {
        "people": len(y),
        "outcome_rate": float(y.mean()),
        "repeats_of_five_folds": repeats,
        "accuracy": accuracy(y, chances, reference="logistic"),
        "parts": accuracy(y, {name: chances[name] for name in PARTS}, reference=TREES_ALONE),
        "groups": by_group(y, chances[MODEL], groups),
        "age_justification": AGE_JUSTIFICATION,
        "left_out": left_out(X, y, chances[MODEL]),
        "told_by_features_auc": told_by_features(X, groups),
        "sd_on_the_test_table": noise(y, chances[MODEL], people=n_test, n_replicates=500),
    }


def predict(people: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Learn from everyone whose outcome is known; estimate the others, in their order."""
    estimate = learn_blend(make_features(people), outcome_of(people))
    return pd.DataFrame({ID: others[ID], "probability": estimate(make_features(others))})


def run(data: Path, out: Path, *, repeats: int) -> None:
    """Predict, measure and write."""
    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    people = read_people(data / "train.csv.gz")
    others = read_people(data / "test_features.csv.gz")
    predictions = predict(people, others)
    atomic_write_text(out / "predictions.csv", predictions.to_csv(index=False))
    results = {
        "settings": {"trees": TREES, "seed": SEED},
        "mean_prediction": float(np.mean(predictions["probability"])),
        **measure(people, n_test=len(others), repeats=repeats),
        "seconds": round(time.perf_counter() - started),
    }
    atomic_write_text(out / "results.json", json.dumps(results, indent=1))
    print(table_of(results["accuracy"]))
    print(f"\n{results['seconds']} s; written to {out}")


def table_of(rows: list[dict[str, Any]]) -> str:
    """Return the comparison as text."""
    cells = {
        (row["model"], row["measure"]): "{value:.4f} ({low:.4f} to {high:.4f})".format(**row)
        for row in rows
    }
    return str(pd.Series(cells).unstack(sort=False).to_string())


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--repeats", type=int, default=3, help="of the five folds")
    given = parser.parse_args()
    run(given.data, given.out, repeats=given.repeats)


if __name__ == "__main__":
    main()
