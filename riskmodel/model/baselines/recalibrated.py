"""A rule made a model: its list stays its own, and each score gets a probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmodel.model.baselines.rows import LearningRows, learning_rows
from riskmodel.model.baselines.rules import Rule
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray


@dataclass(frozen=True)
class RecalibratedRule:
    """A rule whose scores are recalibrated on the training rows.

    A score is no probability: a rule compared by its own numbers would lose for its scale and not
    for its order. So the probability is the best curve over the scores that never falls (isotonic
    regression; Zadrozny & Elkan 2002). Of curves with two parameters none suits a sum of harm,
    0 for most people and thousands of days for some. One score in thousands of rows is not
    overfitted by it, but for the ends: half a person with the outcome is put at the lowest score,
    and half a one without it at the highest, so that no probability is 0 or 1.

    Attributes
    ----------
    name : str
    rule : function (rules, as_of) -> scores
        Pure; see `riskmodel.model.baselines.rules`.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskmodel.model.baselines.rules import prior_count
    >>> table = Snapshots.from_table(pd.DataFrame({"x": [0, 0, 0, 0]}), [0, 0, 1, 1])
    >>> table.rules["prior_count"] = [0.0, 1.0, 2.0, 3.0]
    >>> fitted = RecalibratedRule("prior_count", prior_count).fit(table)
    >>> fitted.predict_margin(table), fitted.predict_proba(table).round(2)
    (array([0., 1., 2., 3.]), array([0.2, 0.2, 0.8, 0.8]))
    """

    name: str
    rule: Rule

    def fit(self, snapshots: Snapshots, *, seed: int = 0) -> FittedRule:  # noqa: ARG002 - no chance
        """Learn what each score stood for.

        Raises
        ------
        SchemaError
            The rows have not what the rule reads, as ready-made tables have not.
        """
        rows = learning_rows(snapshots)
        return FittedRule(self.name, self.rule, *_rising_curve(self._scores(rows), rows))

    def _scores(self, rows: LearningRows) -> FloatArray:
        return self.rule(rows.rules, rows.as_of)


@dataclass(frozen=True)
class FittedRule:
    """A rule and its curve: straight pieces between `scores`, level beyond their ends."""

    name: str
    rule: Rule
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def predict_margin(self, snapshots: Snapshots) -> FloatArray:
        """Return the rule's own scores, float64 (n,)."""
        return self.rule(snapshots.rules, snapshots.as_of)

    def predict_proba(self, snapshots: Snapshots) -> FloatArray:
        """Return what the scores stood for in the training rows, float64 (n,).

        The order is the rule's, but people whose scores differ may share a probability: sort by
        the margin.
        """
        return np.interp(self.predict_margin(snapshots), self.scores, self.probabilities)


def _rising_curve(
    scores: FloatArray, rows: LearningRows
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the knots of the best curve that never falls, with half a person more at each end."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415  # only for fitting

    half_a_person = rows.weight.sum() / len(np.unique(rows.person)) / 2
    curve = IsotonicRegression().fit(
        np.append(scores, [scores.min(), scores.max()]),
        np.append(rows.y, [1.0, 0.0]),
        np.append(rows.weight, [half_a_person] * 2),
    )
    return tuple(curve.X_thresholds_.tolist()), tuple(curve.y_thresholds_.tolist())
