"""How many trees: grown in steps until the log loss on a later date no longer falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import RiskModelError
from riskmodel.model.calibration.logistic import LogisticCalibration
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.parts import Floats, threads_of
from riskmodel.statistics.calibration import log_loss


@dataclass(frozen=True)
class StoppedAt:
    """Where the log loss was least.

    Attributes
    ----------
    n_estimators : int
    losses : dict of int to float
        Log loss after so many trees, as far as was looked.
    still_falling : bool
        Whether the least is at the last number of trees there was: more might do better.
    """

    n_estimators: int
    losses: dict[int, float]
    still_falling: bool


def choose_n_estimators(
    estimator: RepeatHarmEstimator,
    X: ArrayLike,
    y: ArrayLike,
    *,
    step: int = 10,
    patience: int = 5,
) -> StoppedAt:
    """Choose the number of trees with the least log loss on rows that were held out.

    The raw scores are calibrated on these same rows before each loss is taken: a model that
    shrinks its first trees, or a base rate that moved since, is not what trees can mend.
    Never call it with rows of the outer test.

    Parameters
    ----------
    estimator : RepeatHarmEstimator
        Fitted; only its `boosters_` are read: of a blend, the first part made of trees.
    X : DataFrame or array (n, p)
        Columns in the order of `fit`.
    y : array (n,)
        0 or 1, both of them.
    step : int
        Trees between two looks.
    patience : int
        Looks without a lower loss after which no more are taken.

    Raises
    ------
    RiskModelError
        `step` or `patience` under 1; a margin without trees.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.poisson(2, (600, 3)).astype(float)
    >>> y = (rng.random(600) < X[:, 0] / 10).astype(int)
    >>> fitted = RepeatHarmEstimator(n_estimators=60, n_jobs=1).fit(X[:400], y[:400])
    >>> found = choose_n_estimators(fitted, X[400:], y[400:], step=20)
    >>> found.n_estimators in (20, 40, 60), list(found.losses)[0]
    (True, 20)
    """
    if step < 1 or patience < 1:
        raise RiskModelError("choose_n_estimators: step and patience must be 1 or more.")
    if not estimator.boosters_:
        raise RiskModelError("choose_n_estimators: this estimator's margin has no trees.")
    table, outcome = np.asarray(X), np.asarray(y, dtype=np.float64)
    n_trees = max(booster.num_trees() for booster in estimator.boosters_)
    margin, losses = np.zeros(len(outcome)), dict[int, float]()
    best = 0
    for start in range(0, n_trees, step):
        margin = margin + _mean_of_trees(estimator, table, start, step)
        number = min(start + step, n_trees)
        losses[number] = calibrated_log_loss(margin, outcome)
        if losses[number] < losses.get(best, np.inf):
            best = number
        if number - best >= patience * step:
            break
    return StoppedAt(best, losses, still_falling=best == n_trees)


def _mean_of_trees(
    estimator: RepeatHarmEstimator, table: Floats, start: int, length: int
) -> Floats:
    """Return what trees `start` to `start + length` add to the raw score, shape (n,)."""
    scores = [
        booster.predict(
            table,
            raw_score=True,
            start_iteration=start,
            num_iteration=length,
            num_threads=threads_of(estimator.n_jobs),
        )
        for booster in estimator.boosters_
        if start < booster.num_trees()
    ]
    total: Floats = np.sum(scores, axis=0) / len(estimator.boosters_)
    return total


def calibrated_log_loss(margin: Floats, y: Floats) -> float:
    """Return the log loss of a margin once the best increasing logistic curve is put on it.

    Examples
    --------
    >>> y = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    >>> one, ten = (calibrated_log_loss(scale * np.arange(6.0), y) for scale in (1, 10))
    >>> bool(np.isclose(one, ten))
    True
    """
    return float(log_loss(y, calibrated_chance(margin, y)))


def calibrated_chance(margin: Floats, y: Floats) -> Floats:
    """Return the probabilities of the best increasing logistic curve of a margin, shape (n,).

    On a spread of 1: the curve's prior on its slope must not favour one scale of margins.
    """
    spread = float(margin.std())
    scaled = (margin - margin.mean()) / spread if spread > 0 else np.zeros_like(margin)
    return LogisticCalibration.fit(scaled, y).transform(scaled)
