"""How far a base rate has moved before, over the distance that a statement carries it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

from riskmodel.snapshots.table import Snapshots

Floats = NDArray[np.float64]

#: What is believed before any movement was seen: a base rate moves by a factor of about 1.16 on
#: the odds in a year (one standard deviation), and that is worth two movements. With none seen, an
#: 80 % interval around 0.20 at two years' distance runs from 0.14 to 0.27.
PRIOR_YEARLY_SPREAD = 0.15
PRIOR_MOVES = 2.0
_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Moves:
    """How wrong carrying forward was before; m movements, on the log-odds.

    Attributes
    ----------
    error : float array of shape (m,)
    variance : float array of shape (m,)
        The part of ``error ** 2`` that sampling people explains.
    lag, when : float arrays of shape (m,)
        Days carried, and the date forecast in days.
    """

    error: Floats
    variance: Floats
    lag: Floats
    when: Floats


def rates_by_date(rows: Snapshots) -> pd.DataFrame:
    """Return, by date: n, rate, log_odds (half a person more on each side) and its variance."""
    by_date = rows.y.groupby(rows.as_of).agg(["size", "sum"])
    n, positive = by_date["size"], by_date["sum"]
    steadied = (positive + 0.5) / (n + 1)
    return pd.DataFrame(
        {
            "n": n,
            "rate": positive / n,
            "log_odds": logit(steadied),
            "variance": 1 / (n * steadied * (1 - steadied)),
        }
    )


def past_moves(closed: Snapshots, rates: pd.DataFrame, window: pd.Timedelta) -> Moves:
    """Return the error that each earlier statement would have had, from what was known then."""
    rows = []
    for target in rates.index:
        known = rates.index[rates.index <= target - window]
        if not len(known):
            continue
        origin = closed.subset(closed.as_of == known[-1]).relabelled(target).labelled
        if not len(origin):
            continue
        then = rates_by_date(origin).iloc[-1]
        rows.append(
            (
                rates.loc[target, "log_odds"] - then["log_odds"],
                rates.loc[target, "variance"] + then["variance"],
                (target - known[-1]) / pd.Timedelta(days=1),
                (target - pd.Timestamp(0)) / pd.Timedelta(days=1),
            )
        )
    return Moves(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)


def movement(moves: Moves, lag: float) -> tuple[float, float, int]:
    """Return (spread over `lag` days, effective number of movements, their number)."""
    prior = PRIOR_YEARLY_SPREAD**2 * lag / _YEAR
    n_moves = len(moves.error)
    if not n_moves:
        return float(np.sqrt(prior)), 0.0, 0
    weight = 0.5 ** ((moves.when.max() - moves.when) / lag)
    worth = _effective(weight, moves)
    scaled = (moves.error**2 - moves.variance) * lag / moves.lag
    seen = max(float(np.average(scaled, weights=weight)), 0.0)
    variance = (PRIOR_MOVES * prior + worth * seen) / (PRIOR_MOVES + worth)
    return float(np.sqrt(variance)), worth, n_moves


def interval_around(
    log_odds: float, sampling: float, *, spread: float, worth: float, level: float
) -> tuple[float, float]:
    """Return (low, high) of the share to be observed: Student's interval on the log-odds.

    `sampling` is the variance of `log_odds`. It counts twice, since what will be observed is a
    sample too: of a cohort that is taken to be about as large.
    """
    reach = float(stdtrit(PRIOR_MOVES + worth, 0.5 + level / 2))
    width = reach * float(np.sqrt(spread**2 + 2 * sampling))
    return float(expit(log_odds - width)), float(expit(log_odds + width))


def _effective(weight: Floats, moves: Moves) -> float:
    """Return what weighted movements are worth if they go together by the time that they share."""
    apart = np.abs(moves.when[:, np.newaxis] - moves.when)
    shared = np.clip(1 - apart / np.minimum.outer(moves.lag, moves.lag), 0.0, 1.0)
    return float(weight.sum() ** 2 / (weight[:, np.newaxis] * shared * weight).sum())
