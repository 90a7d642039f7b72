"""Past and future apart: training windows close before the test date, and labels with them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.windows import instant


def split_at(snapshots: Snapshots, date: Any) -> tuple[Snapshots, Snapshots]:
    """Split into rows whose outcome window closed before `date`, and rows from `date` on.

    The training labels are those that were known at `date`: an offence recorded later does not
    reach them, though the test labels may hold it. Rows in between, whose window crosses `date`,
    are in neither part: that is the gap of one horizon. Where the outcome weights rows that are
    cut, or is a duration, such rows are learnt from too, cut at `date`.

    Parameters
    ----------
    snapshots : Snapshots
        From `build_snapshots`; `Snapshots.from_table` has no dates to split at.
    date : date-like

    Returns
    -------
    (train, test) : pair of Snapshots

    Raises
    ------
    SchemaError
        If either part is empty.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(100, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), late_allowance_days=0,
    ...     as_of=["2018", "2019", "2020", "2021"],
    ... )
    >>> train, test = split_at(rows, "2020-01-01")
    >>> [date.year for date in train.dates], [date.year for date in test.dates]
    ([2018], [2020, 2021])
    """
    moment = instant(date)
    if snapshots.task is None:
        raise SchemaError("these snapshots carry no task: split_at needs build_snapshots' result")
    horizon = pd.Timedelta(days=snapshots.task.outcome.horizon_days)
    gap = pd.Timedelta(days=snapshots.late_allowance_days)
    if not snapshots.task.outcome.uses_open_windows:
        gap += horizon
    train = snapshots.subset(snapshots.as_of + gap <= moment)
    test = snapshots.subset((snapshots.as_of >= moment) & snapshots.observed)
    if not len(train) or not len(test):
        raise SchemaError(
            f"split_at {moment:%Y-%m-%d}: {len(train)} rows before and {len(test)} labelled rows "
            f"from then on; as_of dates run from {snapshots.dates[0]:%Y-%m-%d} to "
            f"{snapshots.dates[-1]:%Y-%m-%d} and a horizon of {horizon.days} days must fit twice"
        )
    return train.relabelled(min(moment, snapshots.known_at)), test


def temporal_folds(snapshots: Snapshots, *, min_train_dates: int = 1) -> list[tuple[Any, Any]]:
    """Return positions of (train, test) for each date that has closed windows before it.

    For scikit-learn's ``cv=``: each test part is one ``as_of`` date, its train part all rows whose
    outcome window, with the allowance for late reports, closed by then. Positions carry no labels:
    those of the train parts are as known at ``snapshots.known_at``, later than a model of that
    date could know them. The allowance narrows the difference; `split_at` has none.

    Returns
    -------
    list of (int array, int array)

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(100, seed=1)
    >>> rows = build_snapshots(
    ...     world.histories, Task(offences=world.offences), late_allowance_days=0,
    ...     as_of=["2017", "2018", "2019", "2020"],
    ... )
    >>> folds = temporal_folds(rows)
    >>> [rows.as_of[test].dt.year.unique().tolist() for _, test in folds]
    [[2019], [2020]]
    """
    if snapshots.task is None:
        raise SchemaError("these snapshots carry no task: temporal folds need as_of dates")
    gap = pd.Timedelta(days=snapshots.task.outcome.horizon_days + snapshots.late_allowance_days)
    folds = []
    for date in snapshots.dates:
        earlier = ((snapshots.as_of + gap <= date) & snapshots.observed).to_numpy()
        now = ((snapshots.as_of == date) & snapshots.observed).to_numpy()
        if now.any() and snapshots.as_of[earlier].nunique() >= min_train_dates:
            folds.append((earlier.nonzero()[0], now.nonzero()[0]))
    return folds
