"""Build snapshots: cohort, features and labels for each date, from what was recorded by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.aggregate import Ints, aggregate
from riskmodel.snapshots.cohort import STATUSES
from riskmodel.snapshots.late_reports import warn_of_late_reports
from riskmodel.snapshots.membership import membership
from riskmodel.snapshots.outcomes import label
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.totals import between, totals
from riskmodel.snapshots.windows import instant, instants


def build_snapshots(
    histories: EventHistories,
    task: Task,
    *,
    as_of: Any,
    known_at: Any = None,
    groups: pd.DataFrame | None = None,
    late_allowance_days: int | None = None,
    dtype: type[np.floating] = np.float32,
) -> Snapshots:
    """Build one row for each cohort member at each date.

    Features use only what was recorded before the row's date; outcomes are what happened from that
    date on, as far as it was recorded before `known_at`. No event is in both.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of : date-like or several
        The dates; see `every`.
    known_at : date-like, optional
        Labels use only what was recorded before. Default, and at the latest: the end of the data.
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.
    late_allowance_days : int, optional
        A window counts as closed only so many days before `known_at`. Not stating it means 0 and
        a warning that tells what share of serious events comes in late.
    dtype : numpy dtype, default float32
        Of the features.

    Returns
    -------
    Snapshots
        Sorted by date, then person.

    Raises
    ------
    SchemaError
        If an offence is unmapped, a column is missing, the allowance is below 0, a date is before
        the data begin, or no one is in the cohort.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(100, seed=1)
    >>> task = Task(offences=world.offences)
    >>> rows = build_snapshots(
    ...     world.histories, task, as_of=["2020", "2021"], known_at="2024", late_allowance_days=0
    ... )
    >>> [f"{date:%Y-%m-%d}" for date in rows.dates], bool(rows.observed.all())
    (['2020-01-01', '2021-01-01'], True)
    """
    dates = instants(as_of)
    if dates[0] < histories.data_start:
        raise SchemaError(
            f"as_of: {dates[0]:%Y-%m-%d} given, before there are data; the data run from "
            f"{histories.data_start:%Y-%m-%d} to {histories.data_end:%Y-%m-%d}"
        )
    moment = histories.data_end if known_at is None else instant(known_at)
    moment = min(moment, histories.data_end)  # nothing is known of what comes after
    allowance = _allowance(histories, task, late_allowance_days)
    check_people_columns(histories, task)
    ticks = dates.to_numpy(dtype="datetime64[us]").astype(np.int64)
    row_of = _rows(membership(histories, task, ticks, groups) == 0)
    k, person = np.nonzero(row_of >= 0)
    if not k.size:
        raise SchemaError(
            f"nobody is in the cohort ({task.cohort.describe()}) on any of {len(dates)} dates; "
            f"the data run from {histories.data_start:%Y-%m-%d} to {histories.data_end:%Y-%m-%d}"
        )
    at = ticks[k]
    X, rules = aggregate(histories, task, ticks, row_of, dtype=dtype)
    labels = label(histories, task, person, at, known_at=moment, late_allowance_days=allowance)
    return Snapshots(
        X=X,
        **vars(labels),
        person_id=pd.Series(histories.people.index.take(person), name="person_id"),
        as_of=pd.Series(dates.take(k), name="as_of", copy=False),
        rules=rules,
        totals=totals(histories, task, dates, moment),
        between=between(histories, task, dates, moment),
        task=task,
        known_at=moment,
        late_allowance_days=allowance,
        _histories=histories,
    )


def _allowance(histories: EventHistories, task: Task, days: int | None) -> int:
    """Return the allowance for late reports; not stating one is 0 and a warning."""
    if days is None:
        warn_of_late_reports(histories, task)
        return 0
    if days < 0:
        raise SchemaError(
            f"late_allowance_days: {days} given, 0 or more is allowed: windows that are still open "
            "would be labelled by what is known of their beginning"
        )
    return days


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features as of one date, for scoring: everyone known, with the cohort's rows worked out.

    Attributes
    ----------
    X, rules : DataFrame
        One row for each cohort member.
    person_id : array of str
        Everyone known to the histories.
    status : array of str
        For everyone: ``scored``, or why not.
    """

    X: pd.DataFrame
    rules: pd.DataFrame
    person_id: np.ndarray[Any, Any]
    status: np.ndarray[Any, Any]

    @property
    def scored(self) -> np.ndarray[Any, Any]:
        """Whether each person has a row."""
        return np.asarray(self.status == STATUSES[0])


def features_at(
    histories: EventHistories,
    task: Task,
    as_of: Any,
    *,
    groups: pd.DataFrame | None = None,
    require_people: bool = True,
) -> FeatureTable:
    """Compute the features as of one date for everyone in the cohort, with no outcome.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of : date-like
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic.
    require_people : bool, default True
        Refuse people tables that lack a column, or hold no date of birth at all; else what is read
        from them is missing.

    Returns
    -------
    FeatureTable
        Bit-equal to the rows that `build_snapshots` makes for the same date.
    """
    if require_people:
        check_people_columns(histories, task)
    ticks = instants(as_of).to_numpy(dtype="datetime64[us]").astype(np.int64)
    if ticks.size != 1:
        raise SchemaError("one as_of date is expected; build_snapshots takes several")
    status = membership(histories, task, ticks, groups)
    row_of = _rows(status == 0)
    X, rules = aggregate(histories, task, ticks, row_of)
    return FeatureTable(X, rules, histories.persons, np.array(STATUSES)[status[0]])


def check_people_columns(histories: EventHistories, task: Task) -> None:
    """Refuse histories whose people table lacks a column that a feature reads.

    Raises
    ------
    ModelMismatchError
        Naming the columns.
    """
    people = histories.people
    refuse_missing(task, people.columns, any_born=_any_born(people))


def absent_columns(histories: EventHistories, task: Task) -> list[str]:
    """Return the columns that features read and that the people table has not, for anyone."""
    people = histories.people
    return _absent(task, people.columns, any_born=_any_born(people))


def _any_born(people: pd.DataFrame) -> bool:
    return bool(people["birth_date"].notna().any())


def refuse_missing(task: Task, columns: Iterable[str], *, any_born: bool) -> None:
    """Refuse a people table that has not these columns, or no date of birth where age is read."""
    if missing := _absent(task, columns, any_born=any_born):
        raise ModelMismatchError(
            f"the people table has no values in: {', '.join(missing)}, which the task's features "
            "read. Add them, or leave those features out of the task, age with "
            "default_features(age=False)"
        )


def _absent(task: Task, columns: Iterable[str], *, any_born: bool) -> list[str]:
    leaves = [leaf for column in task.columns for leaf in column.leaves]
    wanted = {leaf.column for leaf in leaves if leaf.column}
    reads_age = any(leaf.measure == "age" for leaf in leaves)
    return sorted(wanted - set(columns)) + ["birth_date"] * (reads_age and not any_born)


def _rows(member: np.ndarray[Any, Any]) -> Ints:
    rows = np.full(member.shape, -1, dtype=np.int64)
    rows[member] = np.arange(member.sum())
    return rows
