"""A generalised additive model by boosting: one curve for each feature, to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.rows import LearningRows, feature_values, learning_rows
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray

BELOW_ALL: Final = -1e12
"""Where missing values stand, as interpret advises: a bin of their own under all others."""

SHARE_TO_STOP_BY: Final = 0.15


@dataclass(frozen=True)
class ExplainableBoosting:
    """`interpret.glassbox.ExplainableBoostingClassifier` without interactions (Lou et al. 2013).

    Each bag stops when the loss of people whom it has not seen stops falling; by default the
    library would hold out rows, and a person's other rows would give theirs away.

    Attributes
    ----------
    bags : int
        Models that are averaged.
    bins : int
        Of each feature.
    most_rows : int
        Learnt from; of some people, drawn at random, where there are more.

    Examples
    --------
    >>> import pandas as pd
    >>> priors = np.arange(200) % 10
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few, many = ExplainableBoosting(bags=1).fit(table).predict_proba(table)[[0, 9]]
    >>> bool(few < 0.5 < many)
    True
    """

    name: str = "explainable_boosting"
    bags: int = 4
    bins: int = 64
    most_rows: int = 60_000

    def __post_init__(self) -> None:
        least = {"bags": 1, "bins": 3, "most_rows": 2}
        problems = [
            f"ExplainableBoosting.{name}: a whole number from {number}"
            for name, number in least.items()
            if not isinstance(getattr(self, name), int) or getattr(self, name) < number
        ]
        if problems:
            raise SchemaError(problems)

    def fit(self, snapshots: Snapshots, *, seed: int = 0) -> FittedCurves:
        """Fit on all rows, or on those of some people.

        Raises
        ------
        SchemaError
            One class only among the rows that are learnt from.
        ModuleNotFoundError
            interpret-core is not installed.
        """
        rows = learning_rows(snapshots).of_some_people(self.most_rows, seed=seed)
        if len(np.unique(rows.y)) < 2:
            raise SchemaError("y: one class only among the people drawn; raise most_rows")
        features = tuple(map(str, rows.X.columns))
        curves = _classifier()(
            feature_names=list(features),
            feature_types=["continuous"] * len(features),
            interactions=0,
            max_bins=self.bins,
            outer_bags=self.bags,
            n_jobs=1,
            random_state=seed,
        )
        values = _without_missing(rows.X.to_numpy(dtype=np.float64))
        curves.fit(values, rows.y, rows.weight, bags=_bags(rows, self.bags, seed))
        return FittedCurves(self.name, features, curves)


@dataclass(frozen=True, eq=False)
class FittedCurves:
    """The curves, and the features in the order that they were learnt in."""

    name: str
    features: tuple[str, ...]
    curves: Any

    def predict_margin(self, snapshots: Snapshots) -> FloatArray:
        """Return the log-odds, float64 (n,)."""
        values = _without_missing(feature_values(snapshots, self.features))
        return np.asarray(self.curves.decision_function(values), dtype=np.float64)

    def predict_proba(self, snapshots: Snapshots) -> FloatArray:
        """Return the probabilities, float64 (n,)."""
        return np.asarray(expit(self.predict_margin(snapshots)))


def _classifier() -> Any:
    """Import the class when it is asked for: nothing else needs interpret."""
    try:
        from interpret.glassbox import ExplainableBoostingClassifier  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "explainable_boosting needs interpret: install interpret-core"
        ) from error
    return ExplainableBoostingClassifier


def _without_missing(values: FloatArray) -> FloatArray:
    return np.where(np.isnan(values), BELOW_ALL, values)


def _bags(rows: LearningRows, bags: int, seed: int) -> npt.NDArray[np.int8] | None:
    """Return 1 where a bag learns from a row and -1 where the row says when to stop, (n, bags).

    None, for bags of the library's own, where all rows are about one person.
    """
    people, person = np.unique(rows.person, return_inverse=True)
    if len(people) < 2:
        return None
    rng = np.random.default_rng(seed)
    n_held_out = max(1, round(SHARE_TO_STOP_BY * len(people)))
    sides = np.ones((len(people), bags), dtype=np.int8)
    for bag in range(bags):
        sides[rng.permutation(len(people))[:n_held_out], bag] = -1
    return sides[person]
