"""Who is in the cohort at each date, and why the others are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.events import EventHistories
from riskmodel.histories.groups import check_groups
from riskmodel.histories.time_at_risk import known_spells
from riskmodel.schema import NOT_RECORDED
from riskmodel.snapshots import aggregate_kernel as kernel
from riskmodel.snapshots.aggregate import Ints, counted
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import window_us

STATUSES = (
    "scored",
    "no record before as_of",
    "not in the cohort",
    "in custody",
    "died before as_of",
    "left before as_of",
)
"""Why a person has or has not a row, by code; the gravest reason wins."""


def membership(
    histories: EventHistories, task: Task, dates: Ints, groups: pd.DataFrame | None = None
) -> NDArray[np.int8]:
    """Return each person's status at each date, as codes into ``STATUSES``.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    dates : int64 array, microseconds
    groups : DataFrame, optional
        Needed only where the cohort is restricted to one value of a characteristic.

    Returns
    -------
    int8 array, shape (n_dates, n_persons)
    """
    in_window, ever = _incidents_known(histories, task, dates)
    status = np.zeros(ever.shape, dtype=np.int8)
    status[in_window < task.cohort.min_incidents] = 2
    status[ever == 0] = 1
    if task.cohort.only is not None:
        status[:, ~_having(histories, task.cohort.only, groups)] = 2
    if task.cohort.exclude_in_custody:
        status[_in_custody(histories, dates) & (status == 0)] = 3
    for code, column in ((5, "left_date"), (4, "death_date")):
        moment = histories.people[column].to_numpy(dtype="datetime64[us]")
        gone = ~np.isnat(moment)[None, :] & (moment.astype(np.int64)[None, :] < dates[:, None])
        status[gone] = code
    return status


def _incidents_known(histories: EventHistories, task: Task, dates: Ints) -> tuple[Ints, Ints]:
    arrays = histories.arrays
    shape = (dates.size, arrays.person_start.size - 1)
    in_window, ever = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    stamps = np.zeros(int(arrays.incident_local.max(initial=0)) + 1, dtype=np.int64)
    kernel.count_incidents(
        dates, window_us(task.cohort.lookback_days), arrays.person_start, arrays.event_time,
        arrays.recorded_time, arrays.incident_local, arrays.evidence0, arrays.update_start,
        arrays.update_time, arrays.update_evidence, counted(task.feature_evidence), stamps,
        in_window, ever,
    )  # fmt: skip
    return in_window, ever


def _having(
    histories: EventHistories, only: tuple[str, str], groups: pd.DataFrame | None
) -> NDArray[np.bool_]:
    characteristic, wanted = only
    if groups is None or characteristic not in groups.columns:
        raise SchemaError(
            f"the cohort is restricted by {characteristic!r}: "
            "pass groups= with that column to build_snapshots"
        )
    values = check_groups(groups).set_index("person_id")[characteristic]
    text = values.reindex(histories.persons).fillna(NOT_RECORDED).str.lower()
    return (text == wanted.lower()).to_numpy(dtype=bool)


def _in_custody(histories: EventHistories, dates: Ints) -> NDArray[np.bool_]:
    """Return who was in custody at each date by the spells recorded before it."""
    inside = np.zeros((dates.size, histories.persons.size), dtype=bool)
    for k, tick in enumerate(dates):
        spells = known_spells(histories, int(tick))
        custody = spells[(spells["kind"] == "custody").to_numpy()]
        person = person_codes(custody["person_id"], histories.persons)
        start, end = (custody[name].to_numpy(dtype="datetime64[us]") for name in ("start", "end"))
        date = tick.astype("datetime64[us]")
        held = (start < date) & (np.isnat(end) | (end >= date))
        inside[k, person[held]] = True
    return inside
