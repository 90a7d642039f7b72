"""The columns with this library: one compiled pass over each person's events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from columns import declare_columns
from data import START, offence_table

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.aggregate import aggregate
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.membership import membership
from riskmodel.snapshots.pairs import feature_from_dict
from riskmodel.snapshots.task import Task

PARTS = ("features", "arrays and features", "features and outcomes")


def make_task(columns: list[dict[str, Any]] | None = None) -> Task:
    """Return the task: everyone with a known record, and these columns."""
    features = declare_columns()
    if columns is not None:
        features = tuple(
            feature_from_dict({key: value for key, value in column.items() if key != "name"})
            for column in columns
        )
    table = OffenceTable.from_frame(offence_table(), edition="made-up", source="made up")
    return Task(offences=table, cohort=Cohort(lookback_days=None), features=features)


def prepare(
    folder: Path,
    columns: list[dict[str, Any]],
    dates: np.ndarray,
    *,
    part: str = PARTS[0],
) -> Any:
    """Read the tables into histories, and make their arrays unless those are timed too."""
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("events", "updates")}
    histories = EventHistories(**tables, data_start=START)
    assert histories.arrays is not None  # made here, once
    return histories, make_task(columns), pd.DatetimeIndex(dates), part


def run(state: Any) -> Any:
    """Return who has a row at each date, and the matrix as a frame."""
    histories, task, dates, part = state
    if part == PARTS[1]:
        vars(histories).pop("arrays", None)
    if part == PARTS[2]:
        return None, build_snapshots(histories, task, as_of=dates, late_allowance_days=0).X
    ticks = dates.to_numpy(dtype="datetime64[us]").astype(np.int64)
    member = membership(histories, task, ticks) == 0
    row_of = np.full(member.shape, -1, dtype=np.int64)
    row_of[member] = np.arange(member.sum())
    matrix, _ = aggregate(histories, task, ticks, row_of)
    return member, matrix


def as_matrix(state: Any, found: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys (date, person's number) and the float32 matrix."""
    histories, task, dates, _ = state
    ticks = dates.to_numpy(dtype="datetime64[us]").astype(np.int64)
    member, matrix = found
    if member is None:
        member = membership(histories, task, ticks) == 0
    k, person = np.nonzero(member)
    numbers = np.char.lstrip(histories.persons[person], "p").astype(np.int64)
    return np.stack([ticks[k], numbers], axis=1), matrix.to_numpy()
