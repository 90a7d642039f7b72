"""Which actions removed people from a list, and which people were worked after a date."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

REMOVAL_KINDS = ("removal", "removed", "remove")
"""Kinds of action, in any case of letters, that take someone off a list rather than work them."""


def is_removal(actions: pd.DataFrame) -> pd.Series[bool]:
    """Say which actions take someone off a list.

    Examples
    --------
    >>> is_removal(pd.DataFrame({"kind": ["visit", "Removal", None]})).tolist()
    [False, True, False]
    """
    return actions["kind"].astype("str").str.strip().str.lower().isin(REMOVAL_KINDS)


def removal_starts(actions: pd.DataFrame) -> pd.DataFrame:
    """Return person_id and start of the removals."""
    return actions.loc[is_removal(actions), ["person_id", "start"]]


def worked(
    rows: pd.DataFrame, actions: pd.DataFrame, *, within_days: int, horizon_days: int | None = None
) -> NDArray[np.bool_]:
    """Say who was worked after each list: an action was under way in its first days.

    Under way means that it began before ``as_of + within_days`` and had not ended by ``as_of``;
    removals are no work. It must have been recorded before the outcome window closed: what is
    written down once the outcome is known is not counted.

    Parameters
    ----------
    rows : DataFrame, shape (n, ...)
        With person_id and as_of.
    actions : DataFrame
        The table of histories: who was worked because of a list.
    within_days : int
        Few, so that what follows an offence is not counted as what came before it.
    horizon_days : int, optional
        Length of the outcome window.

    Returns
    -------
    bool array, shape (n,)

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": ["a", "b", "c"], "as_of": pd.Timestamp("2012-01-01")})
    >>> actions = pd.DataFrame({"person_id": ["a", "b", "c"], "kind": "visit", "end": pd.NaT,
    ...     "start": pd.to_datetime(["2012-01-09", "2011-12-01", "2012-03-01"])})
    >>> actions["recorded_time"] = actions["start"]
    >>> worked(rows, actions, within_days=30).tolist()
    [True, True, False]
    """
    work = actions.loc[~is_removal(actions), ["person_id", "start", "end", "recorded_time"]]
    keys = rows[["person_id", "as_of"]].assign(row=np.arange(len(rows)))
    pairs = keys.merge(work, on="person_id", how="inner")
    begun = pairs["start"] < pairs["as_of"] + pd.Timedelta(days=within_days)
    going = pairs["end"].isna() | (pairs["end"] > pairs["as_of"])
    counts = begun & going
    if horizon_days is not None:
        counts &= pairs["recorded_time"] < pairs["as_of"] + pd.Timedelta(days=horizon_days)
    found = np.zeros(len(rows), dtype=bool)
    found[pairs.loc[counts, "row"].to_numpy(dtype=np.int64)] = True
    return found
