"""A penalised logistic regression: how strongly is decided on people held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.logistic import FittedLogistic
from riskmodel.model.baselines.rows import LearningRows, learning_rows
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.snapshots.table import Snapshots

ROWS_TO_CHOOSE_ON: Final = 30_000
"""Of some people: the candidates differ little, and with more rows the choice takes longer than
the fit. Fewer rows than the fit has ask for a penalty that is rather too strong than too weak."""

SHARE_HELD_OUT: Final = 1 / 3


@dataclass(frozen=True)
class Penalty:
    """What is added to the mean loss of a row.

    Attributes
    ----------
    strength : float above 0
    l1_share : float in [0, 1)
        The share of `strength` that multiplies the summed absolute coefficients, which leaves
        features out; the rest multiplies half their summed squares.

    Examples
    --------
    >>> Penalty(0.05).l1_share
    0.0
    """

    strength: float
    l1_share: float = 0.0

    def __post_init__(self) -> None:
        problems = []
        if not 0 < self.strength < np.inf:
            problems.append(f"Penalty.strength: {self.strength} given, above 0 is allowed")
        if not 0 <= self.l1_share < 1:
            problems.append(f"Penalty.l1_share: {self.l1_share} given, from 0 to below 1 allowed")
        if problems:
            raise SchemaError(problems)

    def fit(self, rows: LearningRows) -> LogisticBaseline:
        """Fit on rows: a penalty on the mean loss is one on the sum for each row's weight."""
        l1 = self.strength * self.l1_share * float(rows.weight.sum())
        l2 = self.strength * (1 - self.l1_share) * float(rows.weight.sum())
        return LogisticBaseline.fit(rows.X, rows.y, rows.weight, l2=l2, l1=l1)


PENALTIES: Final = (
    Penalty(0.2),
    Penalty(0.05),
    Penalty(0.01),
    Penalty(0.01, l1_share=0.5),
    Penalty(0.001, l1_share=0.5),
)
"""From strong to weak. The first two are there because a strongly penalised logistic regression
on counts was found hard to beat at the very top of a list (triage 6.0's baseline)."""


@dataclass(frozen=True)
class ElasticNet:
    """Logistic regression with an elastic net (Zou & Hastie 2005), by scikit-learn.

    Features and missing values are taken as `LogisticBaseline` takes them. The penalty with the
    lowest log loss on a third of the people, after learning from the others, is fitted anew on
    all rows; where a part has one class only, the first of `penalties` is, the strongest.

    Attributes
    ----------
    penalties : tuple of Penalty
        To choose from; among equals the first.

    Examples
    --------
    >>> import pandas as pd
    >>> priors = np.arange(60) % 6
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 2)
    >>> fitted = ElasticNet().fit(table)
    >>> fitted.penalty
    Penalty(strength=0.001, l1_share=0.5)
    """

    name: str = "elastic_net"
    penalties: tuple[Penalty, ...] = PENALTIES

    def __post_init__(self) -> None:
        if not self.penalties:
            raise SchemaError("ElasticNet.penalties: none given, one is needed")

    def fit(self, snapshots: Snapshots, *, seed: int = 0) -> FittedElasticNet:
        """Choose the penalty, and fit on all rows.

        Raises
        ------
        SchemaError
            One class only, or infinite values.
        """
        rows = learning_rows(snapshots)
        penalty = self._choose(rows.of_some_people(ROWS_TO_CHOOSE_ON, seed=seed), seed)
        return FittedElasticNet(self.name, penalty.fit(rows), penalty)

    def _choose(self, rows: LearningRows, seed: int) -> Penalty:
        """Return the penalty that estimates people best whom it has not seen."""
        seen, unseen = _split(rows, seed)
        if min(len(np.unique(seen.y)), len(np.unique(unseen.y))) < 2:
            return self.penalties[0]
        return min(self.penalties, key=lambda penalty: _log_loss(penalty.fit(seen), unseen))


@dataclass(frozen=True)
class FittedElasticNet(FittedLogistic):
    """A logistic regression, and the penalty that was chosen for it."""

    penalty: Penalty


def _split(rows: LearningRows, seed: int) -> tuple[LearningRows, LearningRows]:
    """Return the rows of some people to learn from, and those of the others."""
    people = np.unique(rows.person)
    drawn = np.random.default_rng(seed).permutation(people)
    held_out = np.isin(rows.person, drawn[: round(SHARE_HELD_OUT * len(people))])
    return rows.take(np.flatnonzero(~held_out)), rows.take(np.flatnonzero(held_out))


def _log_loss(logistic: LogisticBaseline, rows: LearningRows) -> float:
    log_odds = logistic.decision_function(rows.X)
    return float(np.average(np.logaddexp(0, log_odds) - rows.y * log_odds, weights=rows.weight))
