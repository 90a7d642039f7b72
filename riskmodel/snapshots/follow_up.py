"""What was followed of each date's rows and what cut it short, as counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.histories.time_at_risk import COMPETING

if TYPE_CHECKING:
    from riskmodel.snapshots.table import Snapshots

ALL_DATES = "all dates"


def follow_up_report(snapshots: Snapshots) -> pd.DataFrame:
    """Return the counts that `Snapshots.follow_up_report` documents."""
    rows = _flags(snapshots)
    days, weight = snapshots.follow_up["days_at_risk"], snapshots.weight
    weight = weight.where(snapshots.y.notna(), 0.0)
    parts = []
    for chosen in (snapshots.as_of, np.zeros(len(rows), dtype=np.int8)):
        counts = rows.groupby(chosen).sum()
        sums = {"median_days_at_risk": days.groupby(chosen).median()}
        parts.append(counts.assign(**sums, weights=weight.groupby(chosen).sum()))
    table = pd.concat(parts, ignore_index=True)
    between = pd.concat([snapshots.between, snapshots.between.sum().to_frame().T])
    dates = [*_named(snapshots.dates), ALL_DATES]
    table = table.set_axis(pd.Index(dates, name="as_of"))
    return table.join(between.set_axis(table.index).astype(np.int64))


def _flags(snapshots: Snapshots) -> pd.DataFrame:
    follow_up, known = snapshots.follow_up, snapshots.y.notna()
    weighted = snapshots.task is not None and snapshots.task.outcome.weighted
    flags = {
        "rows": pd.Series(1, index=snapshots.y.index),
        "observed": snapshots.observed,
        "censored": follow_up["censored"],
        "left_out": follow_up["censored"] & ~known,
        "weighted": follow_up["censored"] & known & weighted,
        "outcome": known & ((follow_up["event"] == 1) | (snapshots.serious_count > 0)),
        **{kind: follow_up["competing"] == kind for kind in COMPETING if kind},
    }
    return pd.DataFrame(flags).astype(np.int64)


def _named(dates: pd.DatetimeIndex) -> list[str]:
    """Return the dates as text; with the time of day where one is not a midnight."""
    midnights = (dates == dates.normalize()).all()
    return [str(text) for text in dates.strftime("%Y-%m-%d" if midnights else "%Y-%m-%d %H:%M:%S")]
