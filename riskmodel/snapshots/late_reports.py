"""The lag between an event and its record, measured from the data, beside the allowance stated."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from riskmodel.errors import LateReportsWarning
from riskmodel.histories.events import EventHistories
from riskmodel.histories.summaries import LAG_QUANTILES
from riskmodel.snapshots.aggregate import Ints, price_events
from riskmodel.snapshots.outcomes import is_serious
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.totals import everyone
from riskmodel.snapshots.windows import DAY_US, instant_us

LATE_DAYS = (0, 30, 90, 365)
LONG_AGO_DAYS = 365


def late_share(histories: EventHistories, task: Task, allowance_days: int) -> float:
    """Return the share of serious events recorded more than `allowance_days` later."""
    arrays, priced = histories.arrays, price_events(histories, task)
    serious = is_serious(priced.harm, priced.serious, task.outcome)
    return _share_over((arrays.recorded_time - arrays.event_time)[serious], allowance_days)


def _share_over(lag: Ints, days: int) -> float:
    return float((lag > days * DAY_US).mean()) if lag.size else float("nan")


def warn_of_late_reports(histories: EventHistories, task: Task) -> None:
    """Warn that no allowance for late reports was stated, with what that leaves out."""
    shares = {days: late_share(histories, task, days) for days in (0, 30, 365)}
    if shares[0] > 0:
        warnings.warn(
            "no allowance for late reports was stated, so 0 days is taken: "
            f"{shares[0]:.1%} of serious events were recorded after the moment they happened, "
            f"{shares[30]:.1%} more than 30 days and {shares[365]:.1%} more than a year after. "
            "State late_allowance_days= (0 is a choice too) to silence this",
            LateReportsWarning,
            stacklevel=4,
        )


def serious_lag(
    histories: EventHistories, task: Task, known_at: pd.Timestamp, allowance_days: int
) -> pd.DataFrame:
    """Return how much later serious events were recorded, as far as was known at `known_at`.

    What has yet to be recorded cannot be measured, so of recent events only the quick reports are
    seen. The second row holds those that happened over a year before `known_at`: nearer the truth,
    though older.

    Returns
    -------
    DataFrame
        Rows ``all`` and ``over a year before known_at``; columns n, the quantiles in days
        (median, p75 ... longest), the share recorded more than 0, 30, 90 and 365 days later
        (``over_0d`` ...), and beside them allowance_days and the share over it, over_allowance.
    """
    known = instant_us(known_at)
    events = everyone(histories, task, known)
    lag = (events.recorded_time - events.event_time)[events.serious]
    old = events.event_time[events.serious] < known - LONG_AGO_DAYS * DAY_US
    rows = {"all": lag, "over a year before known_at": lag[old]}
    table = {name: _lag_row(lags, allowance_days) for name, lags in rows.items()}
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("happened")


def _lag_row(lag: Ints, allowance_days: int) -> dict[str, float]:
    days = pd.Series(lag / DAY_US, dtype=np.float64)
    return {
        "n": len(days),
        **{name: days.quantile(level) for name, level in LAG_QUANTILES.items()},
        **{f"over_{late}d": _share_over(lag, late) for late in LATE_DAYS},
        "allowance_days": allowance_days,
        "over_allowance": _share_over(lag, allowance_days),
    }
