"""What one would otherwise predict with: the same number of trees, from ready-made features."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from lightgbm import Booster, LGBMClassifier

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

Predict = Callable[[pd.DataFrame], Any]

SKLEARN, BOOSTER, PYFUNC = "sklearn LGBMClassifier", "lightgbm Booster", "mlflow pyfunc"


def fit_peers(learnt: Any, folder: Path, *, trees: int, leaves: int) -> dict[str, Path]:
    """Fit one classifier with as many trees as our margin has, and save it in three ways."""
    import mlflow.lightgbm  # noqa: PLC0415 - it reads the environment when it is imported

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    classifier = LGBMClassifier(
        n_estimators=trees,
        num_leaves=leaves,
        min_child_samples=max(1, min(20, len(learnt) // 200)),
        n_jobs=1,
        verbose=-1,
    )
    classifier.fit(learnt.X, learnt.y)
    saved = {SKLEARN: folder / "c.joblib", BOOSTER: folder / "b.txt", PYFUNC: folder / "pyfunc"}
    joblib.dump(classifier, saved[SKLEARN])
    classifier.booster_.save_model(saved[BOOSTER])
    mlflow.lightgbm.save_model(classifier.booster_, str(saved[PYFUNC]))
    return saved


def load_peer(name: str, path: Path) -> Predict:
    """Return a saved peer's way to predict from a DataFrame of features.

    On one thread, which is quickest for one row; a pyfunc passes no number of threads on, so the
    environment has to say it (OMP_NUM_THREADS).
    """
    if name == SKLEARN:
        classifier = joblib.load(path)
        return lambda X: classifier.predict_proba(X)[:, 1]
    if name == BOOSTER:
        booster = Booster(model_file=path)
        return lambda X: booster.predict(X.to_numpy(), num_threads=1)
    import mlflow.pyfunc  # noqa: PLC0415

    loaded: Any = mlflow.pyfunc.load_model(str(path))
    return loaded.predict


def check_agree(peers: dict[str, Predict], X: pd.DataFrame) -> None:
    """Stop if the three ways to predict with one classifier do not say the same."""
    first, *others = (np.asarray(predict(X)) for predict in peers.values())
    for other in others:
        np.testing.assert_array_equal(first, other)
