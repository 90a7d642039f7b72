"""Who was worked because of a list, who was taken off it, and results with and without them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.monitoring.shares import share_of_people

ALL, WORKED, NOT_WORKED = "all", "worked", "not worked"
WITHIN_DAYS = 30
KINDS = {
    "who": "str",
    "listed": "int64",
    "people": "int64",
    "listed_observed": "int64",
    "expected": "float64",
    "observed": "float64",
    "observed_over_expected": "float64",
    "precision": "float64",
    "low": "float64",
    "high": "float64",
}
NO_EFFECT = (
    "Whoever is worked was not chosen by lot, so the difference between those who were and those "
    "who were not is no effect of the work. Nor is a fall after listing: people are listed at "
    "their worst, and would on average have come back from it by themselves (regression to the "
    "mean). And work makes records: those who were worked may have more of them for that reason."
)
"""To be read with every table of actions."""
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


def worked_and_not(
    rows: pd.DataFrame,
    actions: pd.DataFrame,
    *,
    within_days: int = WITHIN_DAYS,
    horizon_days: int | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the results of the lists with and without those who were worked.

    `NO_EFFECT` says what this table does not show. What it is for: a model judged by outcomes that
    its own list has changed is misjudged, and the row ``not worked`` is of those left alone.

    Parameters
    ----------
    rows : DataFrame
        From `riskmodel.monitoring.past_scores.past_scores`.
    actions : DataFrame
        The table of histories.
    within_days, horizon_days : int
        What counts as worked; see `worked`.
    level : float

    Returns
    -------
    DataFrame
        Rows all, worked, not worked: places listed over all dates, different people in them,
        listed_observed (places whose outcome is known); of these expected (sum of probabilities),
        observed, their ratio, and precision with an interval that counts each person once.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": ["a", "b"], "as_of": pd.Timestamp("2012-01-01"),
    ...     "listed": True, "probability": [0.5, 0.5], "y": [0.0, 1.0]})
    >>> visited = pd.to_datetime(["2012-01-09"])
    >>> actions = pd.DataFrame({"person_id": ["a"], "kind": ["visit"], "end": [pd.NaT],
    ...     "start": visited, "recorded_time": visited})
    >>> worked_and_not(rows, actions)[["who", "listed", "precision"]].values.tolist()
    [['all', 2, 0.5], ['worked', 1, 0.0], ['not worked', 1, 1.0]]
    """
    listed = rows[rows["listed"]].reset_index(drop=True)
    at_work = worked(listed, actions, within_days=within_days, horizon_days=horizon_days)
    parts: Mapping[str, NDArray[np.bool_]] = {
        ALL: np.ones(len(listed), dtype=bool), WORKED: at_work, NOT_WORKED: ~at_work,
    }  # fmt: skip
    table = [{"who": who, **_results(listed[part], level)} for who, part in parts.items()]
    return pd.DataFrame(table, columns=list(KINDS)).astype(KINDS)


def _results(listed: pd.DataFrame, level: float) -> dict[str, float]:
    seen = listed[listed["y"].notna()]
    expected, observed = float(seen["probability"].sum()), float(seen["y"].sum())
    low, high = share_of_people(seen["y"], seen["person_id"], level)
    return {
        "listed": len(listed),
        "people": listed["person_id"].nunique(),
        "listed_observed": len(seen),
        "expected": expected if len(seen) else np.nan,
        "observed": observed if len(seen) else np.nan,
        "observed_over_expected": observed / expected if expected > 0 else np.nan,
        "precision": seen["y"].mean(),
        "low": low,
        "high": high,
    }
