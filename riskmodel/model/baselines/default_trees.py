"""Gradient-boosted trees as the library sets them: what anyone gets in three lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from riskmodel.model.baselines.rows import feature_values, learning_rows
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray


@dataclass(frozen=True)
class DefaultTrees:
    """`lightgbm.LGBMClassifier` with the settings that it comes with (Ke et al. 2017).

    Only the seed, one thread and silence are set. Missing values go where the loss is least.

    Examples
    --------
    >>> import pandas as pd
    >>> priors = np.arange(200) % 10
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> DefaultTrees().fit(table).predict_proba(table)[[0, 9]].round(1)
    array([0., 1.])
    """

    name: str = "default_trees"

    def fit(self, snapshots: Snapshots, *, seed: int = 0) -> FittedTrees:
        """Fit on all rows.

        Raises
        ------
        SchemaError
            One class only.
        """
        from lightgbm import LGBMClassifier  # noqa: PLC0415  # only for fitting

        rows = learning_rows(snapshots)
        trees = LGBMClassifier(random_state=seed, n_jobs=1, verbosity=-1)
        # names are kept here: LightGBM refuses some signs in them
        trees.fit(rows.X.to_numpy(dtype=np.float64), rows.y, sample_weight=rows.weight)
        return FittedTrees(self.name, tuple(map(str, rows.X.columns)), trees.booster_)


@dataclass(frozen=True, eq=False)
class FittedTrees:
    """A booster, and the features in the order that it learnt them in."""

    name: str
    features: tuple[str, ...]
    booster: Any

    def predict_margin(self, snapshots: Snapshots) -> FloatArray:
        """Return the log-odds, float64 (n,)."""
        values = feature_values(snapshots, self.features)
        return np.asarray(
            self.booster.predict(values, raw_score=True, num_threads=1), dtype=np.float64
        )

    def predict_proba(self, snapshots: Snapshots) -> FloatArray:
        """Return the probabilities, float64 (n,)."""
        return np.asarray(expit(self.predict_margin(snapshots)))
