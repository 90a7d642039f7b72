"""How the list moves: entries, exits and stays, time on it, and removals."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from riskmodel.monitoring.actions import removal_starts

CHANGE_KINDS = {
    "as_of": "datetime64[us]",
    "previous": "datetime64[us]",
    "days": "float64",
    "k": "int64",
    "entered": "int64",
    "left": "int64",
    "stayed": "int64",
    "share_stayed": "float64",
    "same_model": "bool",
    "left_without_estimate": "Int64",
}
REMOVAL_KINDS = {
    "as_of": "datetime64[us]",
    "previous": "datetime64[us]",
    "reason": "str",
    "people": "int64",
    "left": "int64",
}
REMOVED, ENDED = "removal recorded", "action ended"


def list_moves(rows: pd.DataFrame) -> pd.DataFrame:
    """Count who entered, left and stayed, from each list to the next.

    Parameters
    ----------
    rows : DataFrame
        From `riskmodel.monitoring.past_scores.past_scores`.

    Returns
    -------
    DataFrame
        One row a list but the first: as_of; previous, the date of the list before; days between;
        k (people listed); entered, left, stayed; share_stayed, of the list before; same_model;
        left_without_estimate, of those who left (they died, left the cohort ...; missing where
        the scores of the date are of the list alone). entered + stayed is this list, left + stayed
        the one before.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": list("abcabc"), "probability": 0.5, "digest": "",
    ...     "as_of": pd.to_datetime(["2012-01-01"] * 3 + ["2012-02-01"] * 3),
    ...     "listed": [True, True, False, True, False, True]})
    >>> list_moves(rows)[["entered", "left", "stayed", "share_stayed"]].values.tolist()
    [[1.0, 1.0, 1.0, 0.5]]
    """
    table = [_move(*pair) for pair in itertools.pairwise(_dates(rows))]
    return pd.DataFrame(table, columns=list(CHANGE_KINDS)).astype(CHANGE_KINDS)


def time_on_list(rows: pd.DataFrame) -> pd.DataFrame:
    """Count on how many of the dates people were listed.

    Returns
    -------
    DataFrame
        One row a number of dates, of those that anyone has: dates_listed; people who were listed
        on so many dates in all; in_a_row, people whose longest unbroken run has so many; of_dates.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": list("ababab"), "listed": [True, True, False, True, True,
    ...     True], "as_of": pd.to_datetime(["2012", "2012", "2013", "2013", "2014", "2014"])})
    >>> time_on_list(rows).values.tolist()
    [[1, 0, 1, 3], [2, 1, 0, 3], [3, 1, 1, 3]]
    """
    dates = sorted(rows["as_of"].unique())
    listed = rows[rows["listed"]]
    place = listed["as_of"].map({date: i for i, date in enumerate(dates)})
    runs = place.groupby(listed["person_id"]).agg(lambda places: _longest_run(sorted(places)))
    times = listed["person_id"].value_counts()
    lengths = sorted(set(times) | set(runs))
    return pd.DataFrame(
        {
            "dates_listed": lengths,
            "people": [int((times == length).sum()) for length in lengths],
            "in_a_row": [int((runs == length).sum()) for length in lengths],
            "of_dates": len(dates),
        },
        dtype="int64",
    )


def removals(rows: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Count the people of each list of whom a removal, or the end of an action, was recorded.

    Parameters
    ----------
    rows : DataFrame
        From `past_scores`.
    actions : DataFrame
        The table of histories. A removal is an action of a kind such as ``removal``.

    Returns
    -------
    DataFrame
        Two rows a list but the first: as_of, previous, reason (``removal recorded``, ``action
        ended``; in [previous, as_of)), people of the list before, and how many of them left it.
    """
    ended = actions.dropna(subset=["end"])
    moments = {REMOVED: removal_starts(actions), ENDED: ended[["person_id", "end"]]}
    table = []
    for before, after in itertools.pairwise(_dates(rows)):
        was, is_now = _listed(before), _listed(after)
        start, end = before["as_of"].iloc[0], after["as_of"].iloc[0]
        for reason, marks in moments.items():
            when = marks.iloc[:, 1]
            people = was & set(marks.loc[(when >= start) & (when < end), "person_id"])
            table.append((end, start, reason, len(people), len(people - is_now)))
    return pd.DataFrame(table, columns=list(REMOVAL_KINDS)).astype(REMOVAL_KINDS)


def _dates(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    return (of_date for _, of_date in rows.groupby("as_of", sort=True))


def _listed(rows: pd.DataFrame) -> set[str]:
    return set(rows.loc[rows["listed"], "person_id"])


def _move(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, object]:
    was, is_now = _listed(before), _listed(after)
    start, end = before["as_of"].iloc[0], after["as_of"].iloc[0]
    estimated = after[after["probability"].notna()]
    whole = len(estimated) > len(is_now)
    return {
        "as_of": end,
        "previous": start,
        "days": (end - start) / pd.Timedelta(days=1),
        "k": len(is_now),
        "entered": len(is_now - was),
        "left": len(was - is_now),
        "stayed": len(was & is_now),
        "share_stayed": len(was & is_now) / len(was) if was else np.nan,
        "same_model": before["digest"].iloc[0] == after["digest"].iloc[0],
        "left_without_estimate": (
            len(was - is_now - set(estimated["person_id"])) if whole else pd.NA
        ),
    }


def _longest_run(places: list[int]) -> int:
    """Return the length of the longest run of consecutive numbers in a sorted list."""
    runs = itertools.groupby(enumerate(places), key=lambda pair: pair[1] - pair[0])
    return max(len(list(run)) for _, run in runs)
