"""The records behind a feature: which reports a number was counted from, as they stood then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import EventArrays, microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.aggregate import counted, price_events
from riskmodel.snapshots.features import COLUMNS, WINDOWED, Feature
from riskmodel.snapshots.outcomes import evidence_before
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant, instant_us, window_us

RECORD_COLUMNS = ["source_id", "person_id", "event_time", "offence", "evidence", "harm", "serious"]


def known_records(
    histories: EventHistories, task: Task, as_of: Any, people: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return the records that count as of a date, with the evidence they had then.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of : date-like
    people : iterable of str, optional
        Only these person ids.

    Returns
    -------
    DataFrame
        source_id, person_id, event_time, offence, evidence, harm (days), serious, group,
        with_others (whether known records of other people are in the same incident), victim_id,
        incident_id, origin; newest last within a person.
    """
    moment = instant_us(as_of)
    arrays, priced = histories.arrays, price_events(histories, task)
    level = evidence_before(histories, moment)
    known = (arrays.event_time < moment) & (arrays.recorded_time < moment)
    known &= counted(task.feature_evidence)[level]
    known_of_anyone = known
    if people is not None:
        known = known & histories.events["person_id"].isin(list(people)).to_numpy()
    rows = np.flatnonzero(known)
    with_others = _with_others(arrays, known_of_anyone)
    return (
        histories.events.iloc[rows]
        .assign(
            evidence=np.array(EVIDENCE)[level[rows]],
            harm=priced.harm[rows],
            serious=priced.serious[rows],
            group=np.array(task.groups)[priced.group[rows]],
            with_others=with_others[rows],
        )
        .reset_index(drop=True)
    )


def _with_others(arrays: EventArrays, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which events have a known event of another person in their incident."""
    so_far = np.concatenate([[0], np.cumsum(known[arrays.partner_event])])
    shared: NDArray[np.bool_] = so_far[arrays.partner_start[1:]] > so_far[arrays.partner_start[:-1]]
    return shared


def behind(feature: Feature, records: pd.DataFrame, as_of: Any) -> pd.DataFrame:
    """Return those of `records` that a feature's value rests on.

    Parameters
    ----------
    feature : Feature
    records : DataFrame
        From `known_records`.
    as_of : date-like

    Returns
    -------
    DataFrame
        A part of `records`; empty for a feature that is read from the people table.
    """
    if feature.measure in COLUMNS:
        return records.iloc[:0]
    if feature.measure in WINDOWED:
        return _in_window(feature, records, as_of)
    if feature.measure == "days_since_last_serious":
        records = records[records["serious"]]
    if feature.measure == "repeat_victims":
        incidents = records.groupby(["person_id", "victim_id"])["incident_id"].transform("nunique")
        return records[incidents >= 2]
    if feature.measure.startswith("escalation"):
        return records[records["event_time"] >= instant(as_of) - pd.Timedelta(days=1825)]
    edge: Literal["first", "last"] = "first" if feature.measure.endswith("first") else "last"
    by_time = records.sort_values("event_time", kind="stable")
    return by_time.drop_duplicates("person_id", keep=edge)


def _in_window(feature: Feature, records: pd.DataFrame, as_of: Any) -> pd.DataFrame:
    happened = microseconds(records["event_time"])
    age = instant_us(as_of) - happened
    keep = age <= window_us(feature.window_days)
    if feature.group:
        keep &= (records["group"] == feature.group).to_numpy()
    if feature.evidence:
        keep &= (records["evidence"] == feature.evidence).to_numpy()
    if feature.measure == "serious":
        keep &= records["serious"].to_numpy()
    if feature.measure == "co_accused":
        keep &= records["with_others"].to_numpy()
    if feature.measure == "victims":
        keep &= records["victim_id"].notna().to_numpy()
    found = records[keep]
    if feature.measure == "harm_max":
        return found[found["harm"] == found.groupby("person_id")["harm"].transform("max")]
    return found
