"""From what was seen in a window to the target of each kind of outcome, with its weight."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from riskmodel.histories.time_at_risk import NEVER
from riskmodel.snapshots.censoring import Floats, Ints, censoring_weights
from riskmodel.snapshots.outcome import MIN_DAYS_AT_RISK, Outcome
from riskmodel.snapshots.windows import DAY_US

YEAR_DAYS = 365.0


class Seen(NamedTuple):
    """What was seen of each row's window, up to the end of follow-up; arrays of shape (n,)."""

    serious_count: Floats
    harm: Floats
    harm_capped: Floats
    first_serious: Ints


def targets(
    outcome: Outcome, seen: Seen, follow_up: pd.DataFrame, as_of: Ints, end: int
) -> tuple[Floats, Floats]:
    """Return (y, weight) of each row; y is NaN where it is not known.

    Weights are 1 unless the outcome asks for them; then they are 0 where y is not known. An
    incident per year at risk needs 30 days at risk at least. Where rows that are cut count in it,
    each weighs its share of a whole window at risk, so that the weighted mean is all incidents
    over all time at risk, whoever was followed for how long: what has to be believed is that a
    row's rate is the same early and late in its window.

    Parameters
    ----------
    outcome : Outcome
    seen : Seen
    follow_up : DataFrame
        From `time_at_risk`.
    as_of : int64 array of microseconds, shape (n,)
    end : int
        The end of follow-up.
    """
    closed = ~follow_up["censored"].to_numpy(dtype=bool)
    days = follow_up["days_at_risk"].to_numpy(dtype=np.float64)
    weight = np.ones(closed.size)
    known = closed
    if outcome.kind == "time_to_first":
        known, y = as_of < end, follow_up["duration_days"].to_numpy(dtype=np.float64).copy()
    elif outcome.kind == "rate":
        known = (days >= MIN_DAYS_AT_RISK) & (closed | outcome.weighted)
        y = np.divide(seen.serious_count * YEAR_DAYS, days, out=np.zeros(days.size), where=known)
        if outcome.weighted:
            weight = np.where(known, days / outcome.horizon_days, 0.0)
    else:
        if outcome.weighted:
            weight = _weights(outcome, seen, as_of, end)
            known = weight > 0
        y = _amount(outcome, seen)
    if not known.all():
        y[~known] = np.nan
    return y, weight


def _amount(outcome: Outcome, seen: Seen) -> Floats:
    if outcome.kind == "any":
        return (seen.serious_count > 0).astype(np.float64)
    return (seen.harm if outcome.kind == "harm" else seen.serious_count).copy()


def _weights(outcome: Outcome, seen: Seen, as_of: Ints, end: int) -> Floats:
    """Return the weights: an offence decides "any" at once, a closed window a sum or a count."""
    horizon = outcome.horizon_days * DAY_US
    decided_after = np.full(as_of.size, horizon)
    if outcome.kind == "any":
        offended = seen.first_serious < NEVER
        decided_after[offended] = (seen.first_serious - as_of)[offended]
    return censoring_weights(end - as_of, decided_after, horizon)
