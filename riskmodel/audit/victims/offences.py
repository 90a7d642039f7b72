"""The serious offences after each date: whom they hurt, and where their suspects stood.

One offence here is one victim in one incident. A list covers it where any suspect named for it was
on that list as of the date; no list of named suspects covers those with no suspect named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.victims.window_events import (
    observed_dates,
    rows_of_events,
    whole_clusters,
    window_events,
)
from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

LISTED = "on the list"
SCORED = "scored, not listed"
OUTSIDE = "named, not in the cohort"
UNNAMED = "no suspect named"
STANDINGS = (LISTED, SCORED, OUTSIDE, UNNAMED)

_OFFENCE = ["as_of", "incident_id", "victim_id"]


@dataclass(frozen=True, eq=False)
class LaterOffences:
    """Serious offences of each date's outcome window, and which lists cover them.

    Attributes
    ----------
    rows : DataFrame
        One row per (date, incident, victim): as_of, incident_id, victim_id (missing where not
        recorded), cluster (whom to resample whole: the suspect named, or the victim where none
        is), standing without any list (`SCORED`, `OUTSIDE` or `UNNAMED`), harm (days).
    covered : DataFrame of bool
        One column per list, aligned with ``rows``.
    """

    rows: pd.DataFrame
    covered: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def under(self, name: str) -> pd.DataFrame:
        """Return the rows with their standing under one list: one of `STANDINGS`."""
        standing = self.rows["standing"].mask(self.covered[name], LISTED)
        return self.rows.assign(standing=standing)

    def only(self, names: Sequence[str]) -> LaterOffences:
        """Return the same offences with some of the lists."""
        return LaterOffences(self.rows, self.covered[list(names)])

    def subset(self, mask: ArrayLike) -> LaterOffences:
        """Return the offences where `mask` is true."""
        kept = np.asarray(mask, dtype=bool)
        return LaterOffences(
            *(table[kept].reset_index(drop=True) for table in (self.rows, self.covered))
        )


def later_offences(
    snapshots: Snapshots,
    histories: EventHistories,
    task: Task,
    lists: Mapping[str, ArrayLike],
) -> LaterOffences:
    """Return the serious offences of each date's outcome window, and which lists cover them.

    Parameters
    ----------
    snapshots : Snapshots
        The people scored; only dates whose outcome was observed are read.
    histories : EventHistories
    task : Task
        Its outcome says what counts.
    lists : mapping of str to array of bool, shape (n,)
        Who was on each list, row by row. The histories are read once for all of them.

    Raises
    ------
    SchemaError
        A list has another length than the snapshots.
    """
    on_lists = _checked(lists, len(snapshots))
    events = window_events(histories, task, observed_dates(snapshots), snapshots.known_at)
    row = rows_of_events(snapshots, events)
    found = row >= 0
    covered = on_lists.to_numpy(dtype=bool)[row] & found[:, np.newaxis]
    standing = np.where(events["person_id"].isna(), 2, np.where(found, 0, 1))
    return _by_offence(events, standing, pd.DataFrame(covered, columns=on_lists.columns))


def _checked(lists: Mapping[str, ArrayLike], n: int) -> pd.DataFrame:
    arrays = {name: np.asarray(listed, dtype=bool) for name, listed in lists.items()}
    wrong = [
        f"lists[{name!r}]: {len(listed)} rows given, {n} expected"
        for name, listed in arrays.items()
        if listed.shape != (n,)
    ]
    if wrong:
        raise SchemaError(wrong)
    return pd.DataFrame(arrays, index=pd.RangeIndex(n))


def _by_offence(
    events: pd.DataFrame, standing: NDArray[np.int64], covered: pd.DataFrame
) -> LaterOffences:
    # the best placed of co-accused first: the one on most lists, then the one who was scored
    order = np.lexsort((standing, -covered.to_numpy().sum(axis=1)))
    table = events.iloc[order].assign(standing=standing[order]).reset_index(drop=True)
    code = table.groupby(_OFFENCE, dropna=False).ngroup().to_numpy()
    first = table.drop_duplicates(_OFFENCE).assign(code=lambda rows: code[rows.index])
    first = first.sort_values("code", ignore_index=True)
    # co-accused stand in several records of one offence, which hurt its victim once
    harm = table.groupby([code, "offence"])["harm"].max().groupby(level=0).sum()
    rows = pd.DataFrame(
        {
            **{name: first[name] for name in _OFFENCE},
            "cluster": whole_clusters(first),
            "standing": first["standing"].map(dict(enumerate(STANDINGS[1:]))).astype("str"),
            "harm": harm.to_numpy(),
        }
    )
    any_covered = covered.iloc[order].groupby(code).any().reset_index(drop=True)
    return LaterOffences(rows, any_covered.reindex(columns=covered.columns).astype(bool))


def coverage_by_date(offences: pd.DataFrame) -> pd.DataFrame:
    """Return, per date and standing of the suspect, offences, distinct victims and harm in days.

    Parameters
    ----------
    offences : DataFrame
        From `LaterOffences.under`.
    """
    grouped = offences.groupby(["as_of", "standing"])
    table = grouped.agg(
        offences=("incident_id", "size"), victims=("victim_id", "nunique"), harm=("harm", "sum")
    )
    every = pd.MultiIndex.from_product(
        [sorted(offences["as_of"].unique()), STANDINGS], names=["as_of", "standing"]
    )
    return table.reindex(every, fill_value=0).reset_index()
