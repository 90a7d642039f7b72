"""The serious events of each date's outcome window, read once for all dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.outcomes import all_counting_events
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task


def window_events(
    histories: EventHistories, task: Task, dates: pd.DatetimeIndex, known_at: pd.Timestamp
) -> pd.DataFrame:
    """Return the serious events that count in the window of each date, named or not.

    Parameters
    ----------
    histories : EventHistories
    task : Task
        Its outcome says what counts.
    dates : DatetimeIndex
        Windows may overlap: an event is then there once for each.
    known_at : Timestamp
        Only what was recorded before it counts.

    Returns
    -------
    DataFrame
        The columns of `all_counting_events`, and as_of; by date, then in their order there.
    """
    events = all_counting_events(histories, task, known_at)
    events = events[events["serious"]].reset_index(drop=True)
    time = events["event_time"].to_numpy()
    horizon = np.timedelta64(task.outcome.horizon_days, "D")
    starts = dates.to_numpy()
    inside = [np.flatnonzero((time >= start) & (time < start + horizon)) for start in starts]
    taken = np.concatenate([np.empty(0, dtype=np.int64), *inside])
    as_of = dates.repeat([len(rows) for rows in inside])
    return events.take(taken).reset_index(drop=True).assign(as_of=as_of)


def observed_dates(snapshots: Snapshots) -> pd.DatetimeIndex:
    """Return the dates whose outcome was observed, in order."""
    return pd.DatetimeIndex(snapshots.as_of[snapshots.observed].drop_duplicates().sort_values())


def whole_clusters(offences: pd.DataFrame) -> pd.Series[str]:
    """Return whom to resample whole: the suspect named, the victim, or else the incident.

    Parameters
    ----------
    offences : DataFrame, shape (n, ...)
        person_id, victim_id, incident_id; the first two may be missing.

    Examples
    --------
    >>> named = {"person_id": ["p", None, None], "victim_id": ["v", "v", None]}
    >>> whole_clusters(pd.DataFrame(named).assign(incident_id="i")).tolist()
    ['person p', 'victim v', 'victim i']
    """
    own = offences["victim_id"].fillna(offences["incident_id"])
    return ("person " + offences["person_id"].astype("str")).fillna("victim " + own)


def rows_of_events(snapshots: Snapshots, events: pd.DataFrame) -> NDArray[np.int64]:
    """Return the row of the snapshots that each event's suspect has at its date; -1 without one."""
    keys = ["as_of", "person_id"]
    rows = pd.DataFrame({name: getattr(snapshots, name) for name in keys})
    found = events[keys].merge(rows.assign(row=np.arange(len(rows))), on=keys, how="left")
    return np.asarray(found["row"].fillna(-1).to_numpy(), dtype=np.int64)
