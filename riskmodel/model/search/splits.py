"""The inner dates of a search: each one tested by what was known before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.windows import instant

#: Rows of either class without which a date is not searched on.
ENOUGH = 10
N_DATES = 3


@dataclass(frozen=True, eq=False)
class InnerSplit:
    """One inner date: the rows to learn from, as known at that date, and the rows of the date."""

    date: pd.Timestamp
    train: Snapshots
    test: Snapshots


def inner_splits(
    snapshots: Snapshots, dates: Iterable[Any] | None = None, *, n_dates: int = N_DATES
) -> list[InnerSplit]:
    """Split rows at dates inside them, oldest date first.

    Parameters
    ----------
    snapshots : Snapshots
        All that the search may see.
    dates : dates, optional
        Among ``snapshots.dates``; the last `n_dates` that have enough rows to learn from and to
        test on, unless given.

    Raises
    ------
    SchemaError
        No date has enough earlier rows whose window had closed; a date given has not.

    Notes
    -----
    Each training part ends one horizon before its date and has the labels that were known on
    that date (`split_at`). What comes after the newest inner date is not read at all.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(1000, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), late_allowance_days=0,
    ...     as_of=["2018", "2019", "2020", "2021"],
    ... )
    >>> [split.date.year for split in inner_splits(rows)]
    [2020, 2021]
    """
    if dates is not None:
        return [_asked_for(snapshots, instant(date)) for date in sorted(dates)]
    found: list[InnerSplit] = []
    for date in reversed(_with_closed_rows(snapshots)):
        split, problem = _split(snapshots, date)
        if not problem:
            found.append(split)
        if len(found) == n_dates:
            break
    if not found:
        raise SchemaError(
            f"search: none of {len(snapshots.dates)} dates has {ENOUGH} rows with the outcome and "
            f"{ENOUGH} without, on the date and among earlier rows whose window had closed by it",
            advice="Give more or earlier as_of dates, or a shorter horizon.",
        )
    return found[::-1]


def _with_closed_rows(snapshots: Snapshots) -> list[pd.Timestamp]:
    """Return the dates that `split_at` can split at."""
    snapshots.check_any("search()")
    if snapshots.task is None:
        raise SchemaError(
            "search: these rows carry no task, so their dates and labels cannot be told apart",
            advice="Give what build_snapshots returned.",
        )
    gap = pd.Timedelta(days=snapshots.task.outcome.horizon_days + snapshots.late_allowance_days)
    if not len(snapshots):
        return []
    labelled = snapshots.labelled.dates
    return list(labelled[labelled >= snapshots.dates[0] + gap])


def _split(snapshots: Snapshots, date: pd.Timestamp) -> tuple[InnerSplit, str]:
    """Return the split, and why it can't be used (empty where it can)."""
    train, later = split_at(snapshots, date)
    split = InnerSplit(date, train.learnable, later.subset(later.as_of == date).labelled)
    for name, part in (("earlier rows", split.train), ("rows of the date", split.test)):
        positive = int((part.y == 1).sum())
        if min(positive, len(part) - positive) < ENOUGH:
            return split, f"{positive} of {len(part)} {name} have the outcome"
    return split, ""


def _asked_for(snapshots: Snapshots, date: pd.Timestamp) -> InnerSplit:
    if date not in _with_closed_rows(snapshots):
        raise SchemaError(
            f"inner_dates: {date:%Y-%m-%d} is no date of these rows that has labelled rows, and "
            "earlier ones whose window had closed by it"
        )
    split, problem = _split(snapshots, date)
    if problem:
        raise SchemaError(
            f"inner_dates: {date:%Y-%m-%d} has too few rows: {problem}; {ENOUGH} with the outcome "
            f"and {ENOUGH} without are needed on either side"
        )
    return split


def digest_of(splits: Iterable[InnerSplit]) -> str:
    """Return a SHA-256 of all that a search reads of its rows."""
    found = hashlib.sha256()
    for split in splits:
        for part in (split.train, split.test):
            found.update(repr([split.date, *part.X.columns]).encode())
            found.update(np.ascontiguousarray(part.X.to_numpy()).tobytes())
            columns = (part.y, part.weight, part.serious_count, part.harm)
            for column in columns:
                found.update(column.to_numpy(dtype=np.float64).tobytes())
            found.update(part.as_of.to_numpy(dtype="datetime64[us]").tobytes())
            found.update("\0".join(part.person_id).encode())
        found.update(split.test.totals.to_numpy(dtype=np.float64).tobytes())
    return found.hexdigest()
