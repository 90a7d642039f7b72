"""Labels with a date: what counts as harm still to come, and what of it was known when."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import LateReportsWarning
from riskmodel.histories.events import EventHistories
from riskmodel.histories.time_at_risk import time_at_risk
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots import aggregate_kernel as kernel
from riskmodel.snapshots.aggregate import Ints, price_events
from riskmodel.snapshots.task import Outcome, Task
from riskmodel.snapshots.windows import DAY_US, instant, instant_us

HARM_CAP_DAYS = 365.0
"""Days that one offence counts for at most in the capped sums."""

TOTAL_COLUMNS = (
    "serious_all",
    "serious_named",
    "harm_all",
    "harm_named",
    "harm_capped_all",
    "harm_capped_named",
    "victims_all",
    "victims_named",
)


@dataclass(frozen=True)
class Labels:
    """Outcome, whether it was observed, and the time at risk; one entry a row."""

    y: pd.Series
    harm: pd.Series
    harm_capped: pd.Series
    serious_count: pd.Series
    observed: pd.Series
    follow_up: pd.DataFrame


def evidence_before(histories: EventHistories, moment: int) -> NDArray[np.int8]:
    """Return each named event's evidence as the last update before `moment` left it."""
    arrays = histories.arrays
    before = arrays.update_time < moment
    known = np.concatenate([[0], np.cumsum(before)])
    n_updates = known[arrays.update_start[1:]] - known[arrays.update_start[:-1]]
    level = arrays.evidence0.copy()
    has = n_updates > 0
    level[has] = arrays.update_evidence[arrays.update_start[:-1][has] + n_updates[has] - 1]
    return level


def counting_events(histories: EventHistories, task: Task, known_at: int) -> NDArray[np.bool_]:
    """Return which named events count in an outcome, by what was recorded before `known_at`."""
    arrays, outcome = histories.arrays, task.outcome
    accepted = np.array([level in outcome.evidence for level in EVIDENCE])
    counts = (arrays.recorded_time < known_at) & accepted[evidence_before(histories, known_at)]
    if not outcome.include_police_generated:
        counts &= arrays.origin == 0
    return np.asarray(counts, dtype=bool)


def is_serious(
    harm: NDArray[np.float64], flag: NDArray[np.bool_], outcome: Outcome
) -> NDArray[np.bool_]:
    """Return which offences are serious by the outcome's own bound, or by the edition's flag."""
    return flag if outcome.min_harm is None else harm >= outcome.min_harm


def label(
    histories: EventHistories,
    task: Task,
    person: Ints,
    as_of: Ints,
    *,
    known_at: pd.Timestamp,
    late_allowance_days: int = 0,
) -> Labels:
    """Label rows with what was recorded before `known_at`; NaN where the window had not closed.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    person, as_of : int64 arrays
        Person code and date in microseconds of each row.
    known_at : Timestamp
    late_allowance_days : int
        A window counts as closed only so many days before `known_at`, or before the end of the
        data where that comes first: what was reported since then cannot be in them.
    """
    horizon = task.outcome.horizon_days * DAY_US
    sums = _sums(histories, task, person, as_of, instant_us(known_at))
    seen_until = min(instant_us(known_at), instant_us(histories.data_end))
    last_close = seen_until - late_allowance_days * DAY_US
    observed = as_of + horizon <= last_close
    sums[~observed] = np.nan
    follow_up = time_at_risk(
        histories, person, as_of, horizon_days=task.outcome.horizon_days, known_at=known_at
    )
    serious = np.where(observed, (sums[:, 0] > 0).astype(float), np.nan)
    return Labels(
        y=pd.Series(serious, name="y"),
        harm=pd.Series(sums[:, 1], name="harm"),
        harm_capped=pd.Series(sums[:, 2], name="harm_capped"),
        serious_count=pd.Series(sums[:, 0], name="serious_count"),
        observed=pd.Series(observed, name="observed"),
        follow_up=follow_up,
    )


def _sums(
    histories: EventHistories, task: Task, person: Ints, as_of: Ints, known_at: int
) -> NDArray[np.float64]:
    arrays, priced = histories.arrays, price_events(histories, task)
    sums = np.zeros((person.size, 3))
    kernel.outcomes(
        person, as_of, task.outcome.horizon_days * DAY_US, HARM_CAP_DAYS, arrays.person_start,
        arrays.event_time, priced.harm, is_serious(priced.harm, priced.serious, task.outcome),
        arrays.incident_local, counting_events(histories, task, known_at),
        np.full(int(arrays.incident_local.max(initial=0)) + 1, -1, dtype=np.int64), sums,
    )  # fmt: skip
    return sums


def outcome_events(
    histories: EventHistories, task: Task, as_of: object, known_at: object
) -> pd.DataFrame:
    """Return every event in the outcome window that counts, whether or not it names a suspect.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of, known_at : date-like
        The window is ``[as_of, as_of + horizon)``; only what was recorded before `known_at` counts.

    Returns
    -------
    DataFrame
        person_id (missing where no suspect is named), incident_id, victim_id, event_time, offence,
        harm (days), serious, evidence.
    """
    start = instant(as_of)
    end = start + pd.Timedelta(days=task.outcome.horizon_days)
    events = all_counting_events(histories, task, instant(known_at))
    inside = (events["event_time"] >= start) & (events["event_time"] < end)
    return events[inside].reset_index(drop=True)


def all_counting_events(
    histories: EventHistories, task: Task, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Return all events that may be outcomes, named or not, as known before `known_at`."""
    named = histories.events.assign(
        evidence=np.array(EVIDENCE)[evidence_before(histories, instant_us(known_at))]
    )[counting_events(histories, task, instant_us(known_at))]
    events = pd.concat([named, _unnamed(histories, task, known_at)], ignore_index=True)
    harm, _, flag = task.offences.lookup(
        events["offence"].to_numpy(dtype=object), unmapped=task.unmapped
    )
    columns = ["person_id", "incident_id", "victim_id", "event_time", "offence", "evidence"]
    return events[columns].assign(harm=harm, serious=is_serious(harm, flag, task.outcome))


def _unnamed(histories: EventHistories, task: Task, known_at: pd.Timestamp) -> pd.DataFrame:
    events = histories.unnamed[histories.unnamed["recorded_time"] < known_at]
    updates = histories.updates[histories.updates["recorded_time"] < known_at]
    latest = updates.drop_duplicates("source_id", keep="last").set_index("source_id")["evidence"]
    level = latest.reindex(events["source_id"]).set_axis(events.index).fillna(events["evidence"])
    keep = level.isin(task.outcome.evidence)
    if not task.outcome.include_police_generated:
        keep &= events["origin"] == "reported"
    return events.assign(evidence=level)[keep]


def totals(
    histories: EventHistories, task: Task, dates: pd.DatetimeIndex, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Return, per date, what all later harm adds up to, in the cohort or not.

    Returns
    -------
    DataFrame
        Indexed by as_of, with ``TOTAL_COLUMNS``. Serious offences count once per person and
        incident, or once per incident where no suspect is named; harm is in days.
    """
    events = all_counting_events(histories, task, known_at)
    horizon = pd.Timedelta(days=task.outcome.horizon_days)
    rows = []
    for date in dates:
        inside = (events["event_time"] >= date) & (events["event_time"] < date + horizon)
        everything = events[inside]
        both = (everything, everything[everything["person_id"].notna()])
        rows.append([total for pair in zip(*map(_total, both), strict=True) for total in pair])
    return pd.DataFrame(rows, index=dates.rename("as_of"), columns=list(TOTAL_COLUMNS), dtype=float)


def _total(events: pd.DataFrame) -> tuple[float, float, float, float]:
    serious = events[events["serious"]]
    incidents = serious[["person_id", "incident_id"]].drop_duplicates()
    capped = events["harm"].clip(upper=HARM_CAP_DAYS)
    victims = serious["victim_id"].dropna().nunique()
    return float(len(incidents)), events["harm"].sum(), capped.sum(), float(victims)


def between(
    histories: EventHistories, task: Task, dates: pd.DatetimeIndex, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Count, per date, what is neither feature nor outcome.

    Returns
    -------
    DataFrame
        Indexed by as_of: ``happened_before_recorded_after`` events, ``..._serious`` of them, and
        ``recorded_too_late`` events of the outcome window, recorded at or after `known_at`.
    """
    arrays, priced = histories.arrays, price_events(histories, task)
    serious = is_serious(priced.harm, priced.serious, task.outcome)
    happened, recorded, known = arrays.event_time, arrays.recorded_time, instant_us(known_at)
    horizon = task.outcome.horizon_days * DAY_US
    rows = []
    for date in (instant_us(date) for date in dates):
        fell = (happened < date) & (recorded >= date) & (recorded < known)
        late = (happened >= date) & (happened < date + horizon) & (recorded >= known)
        rows.append([fell.sum(), (fell & serious).sum(), late.sum()])
    names = ["happened_before_recorded_after", "of_them_serious", "recorded_too_late"]
    return pd.DataFrame(rows, index=dates.rename("as_of"), columns=names, dtype=np.int64)


def late_share(histories: EventHistories, task: Task, allowance_days: int) -> float:
    """Return the share of serious events recorded more than `allowance_days` later."""
    arrays, priced = histories.arrays, price_events(histories, task)
    serious = is_serious(priced.harm, priced.serious, task.outcome)
    lag = (arrays.recorded_time - arrays.event_time)[serious]
    return float((lag > allowance_days * DAY_US).mean()) if lag.size else float("nan")


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
