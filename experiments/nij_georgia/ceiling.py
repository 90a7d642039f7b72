"""How much better could it be? A learning curve, and a different kind of model.

::

    python ceiling.py --data DIR --out DIR

Needs interpret-core for the other model (pip install interpret-core). Writes ceiling.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from data import make_features, outcome_of, read_people
from judge import accuracy, out_of_fold
from models import SEED, Floats, Learn, Predict, chance, learn_blend, mean_log_odds

from riskmodel.files import atomic_write_text

SHARES = (0.125, 0.25, 0.5, 1.0)


def learn_from(share: float) -> Learn:
    """Return the model, learnt from a share of the people it is given."""

    def learn(X: pd.DataFrame, y: Floats) -> Predict:
        kept = np.random.default_rng(SEED).permutation(len(y))[: round(share * len(y))]
        return learn_blend(X.iloc[kept].reset_index(drop=True), y[kept])

    return learn


def learn_explainable_boosting(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit an additive model with pairs of features (Lou et al. 2013)."""
    from interpret.glassbox import ExplainableBoostingClassifier  # noqa: PLC0415  (not needed else)

    fitted = ExplainableBoostingClassifier(
        outer_bags=4, interactions=10, learning_rate=0.02, max_rounds=2000, n_jobs=1,
        random_state=SEED,
    )  # fmt: skip
    return chance(fitted.fit(X, y))


def measure(people: pd.DataFrame) -> list[dict[str, Any]]:
    """Return Brier score and AUC by the number of people learnt from, and of the other model."""
    X, y = make_features(people), outcome_of(people)
    curve = {
        f"model, from {0.8 * share * len(y):,.0f} people": out_of_fold(
            X, y, learn_from(share), repeats=1
        )
        for share in SHARES
    }
    whole = list(curve)[-1]
    additive = out_of_fold(X, y, learn_explainable_boosting, repeats=1)
    others = {
        "explainable boosting": additive,
        "mean of both": mean_log_odds([curve[whole], curve[whole], additive]),
    }
    return accuracy(y, curve | others, reference=whole)


def main() -> None:
    """Read the command line, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rows = measure(read_people(given.data / "train.csv.gz"))
    atomic_write_text(given.out / "ceiling.json", json.dumps(rows, indent=1))
    print(pd.json_normalize(rows).round(5).to_string())


if __name__ == "__main__":
    main()
