"""The plain logistic regression as a baseline like the others."""

from __future__ import annotations

from dataclasses import dataclass

from riskmodel.model.baselines.rows import learning_rows
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray


@dataclass(frozen=True)
class PlainLogistic:
    """Logistic regression on all features, hardly penalised: `LogisticBaseline`.

    Attributes
    ----------
    l2 : float above 0
        Its penalty on the summed loss: so small that it only decides between copies of a column.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 1, 2, 9]}), [0, 0, 1, 1])
    >>> bool(PlainLogistic().fit(table).predict_proba(table)[3] > 0.5)
    True
    """

    name: str = "logistic"
    l2: float = 1.0

    def fit(self, snapshots: Snapshots, *, seed: int = 0) -> FittedLogistic:  # noqa: ARG002 - no chance
        """Fit on all rows.

        Raises
        ------
        SchemaError
            One class only, or infinite values.
        """
        rows = learning_rows(snapshots)
        return FittedLogistic(
            self.name, LogisticBaseline.fit(rows.X, rows.y, rows.weight, l2=self.l2)
        )


@dataclass(frozen=True)
class FittedLogistic:
    """A logistic regression, in numbers."""

    name: str
    logistic: LogisticBaseline

    def predict_margin(self, snapshots: Snapshots) -> FloatArray:
        """Return the log-odds, float64 (n,)."""
        return self.logistic.decision_function(snapshots.X)

    def predict_proba(self, snapshots: Snapshots) -> FloatArray:
        """Return the probabilities, float64 (n,)."""
        return self.logistic.predict_proba(snapshots.X)[:, 1]
