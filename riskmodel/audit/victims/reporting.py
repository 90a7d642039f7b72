"""What hangs on who reports: how the offences against each group of victims came to be records.

A list learns from records. Where one group's harm is reported later, withdrawn more often, or
ends without a suspect named, the list can cover less of it whatever its method.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.estimates import Estimate, rate_rows
from riskmodel.audit.by_group.gaps import stacked
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import RATE_COLUMNS, Settings, Sums, sums_by_groups
from riskmodel.audit.victims.window_events import (
    observed_dates,
    whole_clusters,
    window_events,
)
from riskmodel.audit.why.label_evidence import READINGS, levels_held
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.outcome import STANDING
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.statistics.arrays import FloatArray
from riskmodel.statistics.bootstrap import Interval, interval, person_weights
from riskmodel.statistics.few_people import widened

LATE_DAYS = 30
SECONDS_A_DAY = 86_400
WITHDRAWN = "support_withdrawn"
CHARGED = frozenset(READINGS["charged, cautioned or convicted"] or ())
REPORTING_RATES = (
    Rate("share_of_offences", "offences", "offences", of_all=True),
    Rate("recorded_late", "late", "offences"),
    Rate("support_withdrawn", "withdrawn", "offences"),
    Rate("no_suspect_named", "unnamed", "offences"),
    Rate("charged_or_later", "charged", "offences"),
)
LAG_QUANTILES = {"lag_median_days": 0.5, "lag_90_days": 0.9}
"""Days from event to record that half, and nine tenths, of the offences took at most."""

_LAG_RATES = tuple(Rate(name, "offences", "offences", proportion=False) for name in LAG_QUANTILES)
_OFFENCE = ["incident_id", "victim_id"]


def reported_offences(snapshots: Snapshots, histories: EventHistories, task: Task) -> pd.DataFrame:
    """Return the serious offences of all outcome windows, once each, and how they were recorded.

    Parameters
    ----------
    snapshots : Snapshots
        Only dates whose outcome was observed are read.
    histories : EventHistories
    task : Task
        Its outcome says what is serious; here every level of evidence but cancelled counts.

    Returns
    -------
    DataFrame
        One row per (incident, victim): incident_id, victim_id, cluster (whom to resample whole:
        the suspect named, or the victim), lag_days (from the event to its first record), and 1 or
        0: late (after `LATE_DAYS`), withdrawn (support, and no charge), unnamed, charged (charge,
        caution or conviction). Evidence is as last known before the labels' date. What took
        longer to be recorded than the data go on is not there: the latest dates look quickest.
    """
    every = replace(task, outcome=replace(task.outcome, evidence=STANDING))
    events = window_events(histories, every, observed_dates(snapshots), snapshots.known_at)
    lag = (events["recorded_time"] - events["event_time"]).dt.total_seconds() / SECONDS_A_DAY
    records = pd.DataFrame(
        {
            **{name: events[name] for name in _OFFENCE},
            "person_id": events["person_id"],
            "lag_days": lag,
            "withdrawn": events["evidence"] == WITHDRAWN,
            "charged": events["evidence"].isin(CHARGED),
        }
    )
    grouped = records.groupby(_OFFENCE, dropna=False)
    table = grouped.agg(
        person_id=("person_id", "first"),
        lag_days=("lag_days", "min"),
        withdrawn=("withdrawn", "any"),
        charged=("charged", "any"),
    ).reset_index()
    flags = {
        "late": table["lag_days"] > LATE_DAYS,
        "withdrawn": table["withdrawn"].eq(True) & table["charged"].eq(False),
        "unnamed": table["person_id"].isna(),
        "charged": table["charged"],
    }
    return table[[*_OFFENCE, "lag_days"]].assign(
        cluster=whole_clusters(table),
        **{name: values.astype(float) for name, values in flags.items()},
    )


def unsaid(reported: pd.DataFrame, histories: EventHistories) -> dict[str, str]:
    """Return the metrics that these histories cannot say anything about, and why.

    Nobody's support is withdrawn in records that never hold the word: that is no 0 %.
    """
    held = levels_held(histories)
    found: dict[str, str] = {}
    if not (reported["lag_days"] > 0).any():
        why = "every record carries the time of its event as the time of recording"
        found |= dict.fromkeys(("recorded_late", *LAG_QUANTILES), why)
    if WITHDRAWN not in held:
        found["support_withdrawn"] = "no record says that support was withdrawn"
    if not held & CHARGED:
        found["charged_or_later"] = "no record says that anybody was charged"
    if not len(histories.unnamed):
        found["no_suspect_named"] = "the histories hold no record without a suspect"
    return found


def reporting_table(
    reported: pd.DataFrame,
    groups: pd.DataFrame,
    settings: Settings | None = None,
    *,
    without: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Return how the offences against each group of victims were recorded.

    Parameters
    ----------
    reported : DataFrame
        From `reported_offences`.
    groups : DataFrame of str
        Characteristics of the victims, aligned with it; "Not recorded" is a group.
    settings : Settings, optional
    without : set of str
        Metrics left out: those that the records are silent about (`unsaid`).

    Returns
    -------
    DataFrame
        ``RATE_COLUMNS``: the metrics of `REPORTING_RATES`, and of `LAG_QUANTILES` in days.
    """
    chosen = settings or Settings()
    if not (len(reported) and len(groups.columns)):
        return pd.DataFrame(columns=list(RATE_COLUMNS))
    quantities = reported[["late", "withdrawn", "unnamed", "charged"]].assign(offences=1.0)
    drawn = sums_by_groups(quantities, groups, reported["cluster"], chosen)
    parts = []
    for column, sums in drawn.items():
        estimates = [Estimate.of(rate, sums, chosen) for rate in REPORTING_RATES]
        estimates += _lags(reported, groups[column], sums, chosen)
        parts += [
            rate_rows(column, sums, estimate, chosen)
            for estimate in estimates
            if estimate.measure.name not in without
        ]
    return stacked(parts, RATE_COLUMNS)


def _lags(
    reported: pd.DataFrame, group: pd.Series[str], sums: Sums, settings: Settings
) -> list[Estimate]:
    """Return the quantiles of the lag by group, and under resampling of the same clusters."""
    code = pd.Index(sums.levels).get_indexer(pd.Index(group))
    lag = reported["lag_days"].to_numpy(dtype=float)
    order = np.lexsort((lag, code))
    edges = np.searchsorted(code[order], np.arange(len(sums.levels) + 1))
    point = _quantiles(np.ones((1, len(lag))), lag[order], edges)[0]
    weights = person_weights(
        pd.factorize(reported["cluster"])[0], settings.n_replicates, settings.seed
    )
    draws = np.concatenate([_quantiles(block[:, order], lag[order], edges) for block in weights])
    return [
        _estimate(rate, point[:, i], draws[:, :, i], sums, settings.level)
        for i, rate in enumerate(_LAG_RATES)
    ]


def _estimate(
    rate: Rate, value: FloatArray, draws: FloatArray, sums: Sums, level: float
) -> Estimate:
    spread = Interval(*map(np.asarray, interval(draws, level)))
    return Estimate(rate, value, draws, widened(value, spread, sums.people_of(rate), level))


def _quantiles(
    weights: NDArray[np.generic], lag: FloatArray, edges: NDArray[np.int64]
) -> FloatArray:
    """Return weighted quantiles of each group's sorted lags: (replicates, groups, quantiles)."""
    found = np.full((len(weights), len(edges) - 1, len(LAG_QUANTILES)), np.nan)
    for g, (low, high) in enumerate(itertools.pairwise(edges)):
        running = np.cumsum(weights[:, low:high], axis=1, dtype=np.float64)
        total = running[:, -1]
        for i, quantile in enumerate(LAG_QUANTILES.values()):
            place = (running < quantile * total[:, np.newaxis]).sum(axis=1)
            at = np.minimum(place, high - low - 1)
            found[:, g, i] = np.where(total > 0, lag[low:high][at], np.nan)
    return found
