"""One trial: settings, learnt from the past of each inner date and judged on the date."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import learn
from riskmodel.model.search.early_stopping import choose_n_estimators
from riskmodel.model.search.objective import Judge
from riskmodel.model.search.splits import InnerSplit
from riskmodel.statistics.arrays import FloatArray, mean_defined

#: However small the steps, no more trees than this are grown.
MOST_TREES = 1_500
_LOOKS, _STEP = 20, 5
_HOPELESS = 0.975


@dataclass(frozen=True, eq=False)
class Trial:
    """What became of one setting of the estimator.

    Attributes
    ----------
    number : int
        0 is the estimator as it was given.
    settings : dict
        The names of the search space and n_estimators.
    by_date : float array (D,)
        The objective on each inner date, oldest first; on the newest only, if `hopeless`.
    replicates : float array (D, R)
    seconds : float
    hopeless : bool
        Already on the newest date surely worse than the estimator as it was given: the other
        dates were spared.
    """

    number: int
    settings: Mapping[str, Any]
    by_date: FloatArray
    replicates: FloatArray
    seconds: float
    hopeless: bool = False

    @property
    def value(self) -> float:
        """The mean over the dates."""
        return float(self.by_date.mean())

    @property
    def resampled(self) -> FloatArray:
        """The mean over the dates under each resample of people, shape (R,)."""
        return mean_defined(self.replicates, axis=0)


def run_trial(
    number: int,
    settings: Mapping[str, Any],
    estimator: RepeatHarmEstimator,
    judge: Judge,
    default: Trial | None,
) -> Trial:
    """Learn and judge one setting; without a `default` to compare with, the default itself.

    The newest date comes first: it decides how many trees there are (the default keeps its own),
    and whether the other dates are worth their time.
    """
    started = time.perf_counter()
    *older, newest = judge.splits
    trying = clone(estimator).set_params(**settings)
    if default is None:
        fitted = learn(trying, newest.train)
    else:
        fitted = fit_stopped(trying, newest, _first_guess(estimator, trying))
        trying.set_params(n_estimators=fitted.n_estimators)
    measured = [judge.measure(len(older), fitted.decision_function(newest.test.X))]
    hopeless = default is not None and _surely_below(measured[0][1], default.replicates[-1])
    for place, split in enumerate([] if hopeless else older):
        margin = learn(trying, split.train).decision_function(split.test.X)
        measured.insert(place, judge.measure(place, margin))
    return Trial(
        number=number,
        settings={**settings, "n_estimators": trying.n_estimators},
        by_date=np.array([value for value, _ in measured]),
        replicates=np.stack([drawn for _, drawn in measured]),
        seconds=time.perf_counter() - started,
        hopeless=hopeless,
    )


def _surely_below(replicates: FloatArray, default: FloatArray) -> bool:
    return bool(np.nanquantile(replicates - default, _HOPELESS) < 0)


def _first_guess(estimator: RepeatHarmEstimator, trying: RepeatHarmEstimator) -> int:
    """Half the learning rate needs about twice the trees."""
    slower = estimator.learning_rate / trying.learning_rate
    return max(_LOOKS, min(MOST_TREES, round(estimator.n_estimators * slower)))


def fit_stopped(
    estimator: RepeatHarmEstimator, split: InnerSplit, n_estimators: int
) -> RepeatHarmEstimator:
    """Fit on a split's earlier rows with the number of trees that its date asks for.

    Twice as many are grown for as long as the last ones still help.
    """
    outcome = split.test.y.to_numpy()
    while True:
        trying = clone(estimator).set_params(n_estimators=n_estimators)
        fitted = learn(trying, split.train)
        if not fitted.boosters_:  # a blend of logistic curves alone
            return fitted
        found = choose_n_estimators(
            fitted, split.test.X, outcome, step=max(_STEP, n_estimators // _LOOKS)
        )
        if not found.still_falling or n_estimators >= MOST_TREES:
            break
        n_estimators = min(2 * n_estimators, MOST_TREES)
    if found.n_estimators == n_estimators:
        return fitted
    return learn(clone(trying).set_params(n_estimators=found.n_estimators), split.train)


def gains_over(trials: Sequence[Trial]) -> tuple[FloatArray, FloatArray]:
    """Return each trial's gain over the first one, shape (T,), and resampled, shape (T, R)."""
    default = trials[0]
    gains = np.array([trial.value - default.value for trial in trials])
    return gains, np.stack([trial.resampled - default.resampled for trial in trials])
