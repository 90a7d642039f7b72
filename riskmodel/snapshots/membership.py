"""Who is in the cohort at each date, and why the others are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.arrays import EventArrays
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.groups import check_groups
from riskmodel.histories.tables import HistoryTables
from riskmodel.histories.time_at_risk import known_spells
from riskmodel.schema import NOT_RECORDED
from riskmodel.snapshots import members_kernel as kernel
from riskmodel.snapshots.aggregate import Ints
from riskmodel.snapshots.passes import counted
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import window_us

STATUS_OF_FOUND = np.array([1, 2, 0], dtype=np.int8)


def membership(
    histories: HistoryTables, task: Task, dates: Ints, groups: pd.DataFrame | None = None
) -> NDArray[np.int8]:
    """Return each person's status at each date, as codes into ``cohort.STATUSES``.

    Parameters
    ----------
    histories : EventHistories, or those of some persons
    task : Task
    dates : int64 array, microseconds
    groups : DataFrame, optional
        Needed only where the cohort is restricted to one value of a characteristic.

    Returns
    -------
    int8 array, shape (n_dates, n_persons)
    """
    found = members(histories.arrays, task, dates)
    status = STATUS_OF_FOUND.take(found)
    if task.cohort.only is not None:
        status[:, ~_having(histories, task.cohort.only, groups)] = 2
    if task.cohort.exclude_in_custody:
        status[_in_custody(histories, dates) & (status == 0)] = 3
    for code, column in ((5, "left_date"), (4, "death_date")):
        moment = histories.people[column].to_numpy(dtype="datetime64[us]")
        gone = ~np.isnat(moment)[None, :] & (moment.astype(np.int64)[None, :] < dates[:, None])
        status[gone] = code
    return status


def members(arrays: EventArrays, task: Task, dates: Ints) -> NDArray[np.int8]:
    """Return, at each date, whether each person has enough incidents, too few, or no record.

    Returns
    -------
    int8 array, shape (n_dates, n_persons)
        NO_RECORD, TOO_FEW or ENOUGH of `members_kernel`.
    """
    found = np.zeros((dates.size, arrays.person_start.size - 1), dtype=np.int8)
    kernel.find_members(
        dates, window_us(task.cohort.lookback_days), task.cohort.min_incidents,
        arrays.person_start, arrays.records, arrays.incident_local,
        counted(task.feature_evidence),
        np.zeros(int(arrays.incident_local.max(initial=0)) + 1, dtype=np.int64), found,
    )  # fmt: skip
    return found


def _having(
    histories: HistoryTables, only: tuple[str, str], groups: pd.DataFrame | None
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


def _in_custody(histories: HistoryTables, dates: Ints) -> NDArray[np.bool_]:
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
