"""Who entered the list and who left it, from one ranking to the next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError

ENTERED, LEFT, STAYED = "entered", "left", "stayed"
COLUMNS = (
    "person_id",
    "change",
    "rank_before",
    "rank_after",
    "rank_change",
    "margin_before",
    "margin_after",
    "margin_change",
    "status_after",
    "same_model",
)
_NEEDED = ("person_id", "rank", "margin", "status", "digest")


def list_changes(before: pd.DataFrame, after: pd.DataFrame, k: int | None = None) -> pd.DataFrame:
    """Compare the first k of two rankings.

    Margins of two models are on two scales: where `same_model` is false, their difference is
    given as missing. `compare` says why someone moved.

    Parameters
    ----------
    before, after : DataFrame
        From `riskmodel.scoring.scores.rank`, best of everyone (``rank(scores)``): of a table
        that was cut at k, the other table's people have no rank.
    k : int, optional
        Length of the list; without it, everyone ranked in a table is on its list.

    Returns
    -------
    DataFrame
        One row for each person on either list: person_id, change (entered, left, stayed),
        rank_before, rank_after (missing without a rank there), rank_change (up is positive),
        margin_before, margin_after, margin_change (in log-odds), status_after (why someone has
        no estimate any more; missing where the table has no such person), same_model.
        Those who entered come first, by rank, then those who left, then those who stayed.

    Raises
    ------
    SchemaError
        Tables without ranks, people twice in a table, k under 1.

    Examples
    --------
    >>> ranked = pd.DataFrame({"person_id": ["a", "b"], "rank": [1, 2], "margin": [0.5, 0.1],
    ...                        "status": "scored", "digest": "0" * 64})
    >>> later = ranked.assign(person_id=["b", "a"])
    >>> list_changes(ranked, later, k=1)[["person_id", "change", "rank_before", "rank_after"]]
      person_id   change  rank_before  rank_after
    0         b  entered            2           1
    1         a     left            1           2
    """
    _check(before, after, k)
    columns = list(_NEEDED)
    joined = before[columns].merge(
        after[columns], on="person_id", how="outer", suffixes=("_before", "_after")
    )
    ranks = joined[["rank_before", "rank_after"]].astype("Int64")
    listed = (ranks <= k).fillna(False).astype(bool) if k is not None else ranks.notna()
    same = pd.concat([before["digest"], after["digest"]]).nunique() <= 1
    moved = joined["margin_after"] - joined["margin_before"]
    table = joined.assign(
        **ranks,
        change=_change(listed["rank_before"], listed["rank_after"]),
        rank_change=ranks["rank_before"] - ranks["rank_after"],
        margin_change=moved if same else np.nan,
        same_model=same,
    )[listed.any(axis=1)]
    return _in_order(table)[list(COLUMNS)]


def _change(was: pd.Series, is_now: pd.Series) -> pd.Series:
    words = pd.Series(STAYED, index=was.index, dtype="str")
    return words.mask(~was & is_now, ENTERED).mask(was & ~is_now, LEFT)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    group = table["change"].map({ENTERED: 0, LEFT: 1, STAYED: 2})
    place = table["rank_after"].where(table["change"] != LEFT, table["rank_before"])
    keys = pd.DataFrame({"group": group, "place": place, "person_id": table["person_id"]})
    return table.loc[keys.sort_values(["group", "place", "person_id"]).index].reset_index(drop=True)


def _check(before: pd.DataFrame, after: pd.DataFrame, k: int | None) -> None:
    problems = []
    for name, table in (("before", before), ("after", after)):
        if missing := [column for column in _NEEDED if column not in table.columns]:
            problems.append(f"{name}: no columns {', '.join(missing)}; give a table from rank()")
            continue
        if twice := int(table["person_id"].duplicated().sum()):
            problems.append(f"{name}.person_id: {twice} rows repeat a person")
        if table["digest"].nunique(dropna=False) > 1:
            problems.append(f"{name}.digest: several models in one table")
    if k is not None and (isinstance(k, bool) or int(k) != k or k < 1):
        problems.append("k: a whole number from 1 is allowed")
    if problems:
        raise SchemaError(problems)
