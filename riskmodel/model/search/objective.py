"""What a search maximises: one figure a date, on the rows as they are and on people resampled.

Only these figures leave a trial: no margin of a person is kept, in memory or in a file. All
trials are judged under the same resamples, so that their differences are paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.search.early_stopping import calibrated_chance
from riskmodel.model.search.splits import InnerSplit
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray
from riskmodel.statistics.bootstrap import person_weights
from riskmodel.statistics.calibration import log_loss
from riskmodel.statistics.discrimination import auc, mean_captured

OBJECTIVES = ("mean_captured", "log_loss", "auc")
_CHUNK = 100  # replicates at once: each sorts and hashes the rows anew


@dataclass(frozen=True, eq=False)
class Judge:
    """Measures margins on the inner dates.

    Parameters
    ----------
    splits : sequence of InnerSplit
        Oldest date first.
    objective : str
        ``mean_captured``, ``auc``, or ``log_loss`` of the calibrated margin with its sign turned:
        of each, more is better.
    n_replicates, seed : int
        Resamples of people; the seed also breaks ties.

    Raises
    ------
    SchemaError
        Another objective, or fewer than two resamples.
    """

    splits: Sequence[InnerSplit]
    objective: str
    n_replicates: int
    seed: int

    def __post_init__(self) -> None:
        problems = []
        if self.objective not in OBJECTIVES:
            allowed = ", ".join(OBJECTIVES)
            problems.append(f"objective: {self.objective!r} given, one of {allowed} is allowed")
        if self.n_replicates < 2:
            problems.append("n_replicates: 2 or more is allowed")
        if problems:
            raise SchemaError(problems)

    def measure(self, place: int, margin: FloatArray) -> tuple[float, FloatArray]:
        """Return the figure of one date, and under each resample of people, shape (R,).

        Parameters
        ----------
        place : int
            Of the date among `splits`.
        margin : array (n,)
            Of the rows of that date.
        """
        test = self.splits[place].test
        point = self._values(test, margin, np.ones((1, len(test))))
        people = pd.concat([split.test.person_id for split in self.splits])
        start = sum(len(split.test) for split in self.splits[:place])
        rows = slice(start, start + len(test))
        blocks = person_weights(
            pd.factorize(people, sort=True)[0], self.n_replicates, self.seed, chunk=_CHUNK
        )
        drawn = [self._values(test, margin, block[:, rows].astype(np.float64)) for block in blocks]
        return float(point[0]), np.concatenate(drawn)

    def _values(self, test: Snapshots, margin: FloatArray, weight: FloatArray) -> FloatArray:
        outcome = test.y.to_numpy(dtype=np.float64)
        if self.objective == "auc":
            return np.asarray(auc(outcome, margin, weight))
        if self.objective == "log_loss":
            return -np.asarray(log_loss(outcome, calibrated_chance(margin, outcome), weight))
        captured = mean_captured(
            test.serious_count.to_numpy(dtype=np.float64),
            margin,
            test.person_id.to_numpy(dtype=object),
            total=float(test.totals["serious_named"].iloc[0]),
            seed=self.seed,
            weight=weight,
        )
        return np.asarray(captured)


def simultaneous_interval(
    gains: FloatArray, replicates: FloatArray, *, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return (low, high) around many paired gains that hold for all of them at once.

    The best of forty settings that are all equally good looks better than the first by chance
    alone. An interval that covers every gain at once covers that of whichever was picked.

    Parameters
    ----------
    gains : array (T,)
    replicates : array (T, R)
        The same gains under resamples; a replicate that is NaN is left out.
    level : float

    Notes
    -----
    The sup-t band: each gain, plus and minus its standard error times the quantile of the largest
    standardised deviation among all. White (2000), "A reality check for data snooping",
    Econometrica 68; studentised as in Romano & Wolf (2005), Econometrica 73.

    Examples
    --------
    >>> drawn = np.random.default_rng(0).normal(size=(40, 2000))
    >>> (low_of_one, _), (low_of_many, _) = (
    ...     simultaneous_interval(np.zeros(len(some)), some, level=0.95)
    ...     for some in (drawn[:1], drawn)
    ... )
    >>> low_of_one.round(1)[0], low_of_many.round(1)[0]
    (np.float64(-1.9), np.float64(-3.2))
    """
    defined = replicates[:, ~np.isnan(replicates).any(axis=0)]
    spread = defined.std(axis=1)
    moves = spread > 0
    if not moves.any():
        return gains, gains
    centred = np.abs(defined[moves] - defined[moves].mean(axis=1, keepdims=True))
    reach = np.quantile((centred / spread[moves, np.newaxis]).max(axis=0), level)
    return gains - reach * spread, gains + reach * spread
