"""Past scores beside what is known of their outcomes now, and who was on the list of each date."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.ranking import top_k

KEYS = ["person_id", "as_of"]
NEEDED = ("person_id", "as_of", "probability", "margin")


def past_scores(
    scores: pd.DataFrame | Sequence[pd.DataFrame], snapshots: Snapshots, *, k: int, seed: int = 0
) -> pd.DataFrame:
    """Join past scores to outcomes, and mark the list of each date.

    Parameters
    ----------
    scores : DataFrame, or several
        From `riskmodel.scoring.scores.score` or `rank`, of one or several dates.
    snapshots : Snapshots
        Of the same dates, built since.
    k : int
        Length of the list: the first `k` by the table's own ``rank`` where it has ranks, which
        is the list as it was; by margin otherwise, ties by the seed.
    seed : int

    Returns
    -------
    DataFrame
        One row a person and date, by date: person_id, as_of, probability, y (NaN where it is not
        known, or the person has no row in `snapshots`), listed, digest (empty where the scores
        don't say). People without an estimate stay, with NaN.

    Raises
    ------
    SchemaError
        An outcome of another kind than "any"; columns missing, a person twice on a date, scores of
        several models on one date, `k` under 1, more than `k` people ranked up to `k`.

    Examples
    --------
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": [0, 3, 4]}), [0, 1, np.nan])
    >>> scores = pd.DataFrame({"person_id": ["0", "1", "2"], "as_of": pd.Timestamp(0),
    ...                        "probability": [0.2, 0.8, 0.9], "margin": [-1.4, 1.4, 2.2]})
    >>> past_scores(scores, table, k=2)[["person_id", "y", "listed"]].values.tolist()
    [['0', 0.0, False], ['1', 1.0, True], ['2', nan, True]]
    """
    given = _one_table(scores)
    _check(given, k)
    snapshots.check_any("past scores")
    outcome = pd.DataFrame(
        {
            "person_id": snapshots.person_id.astype("str"),
            "as_of": snapshots.as_of,
            "y": snapshots.y.where(snapshots.observed),
        }
    )
    rows = given.merge(outcome, on=KEYS, how="left", validate="one_to_one")
    listed = np.zeros(len(rows), dtype=bool)
    for _, places in sorted(rows.groupby("as_of").indices.items()):
        listed[places] = _list_of(rows.iloc[places], k, seed)
    rows = rows.assign(listed=listed, probability=rows["probability"].where(rows["margin"].notna()))
    kept = rows[[*KEYS, "probability", "y", "listed", "digest"]]
    return kept.sort_values(["as_of", "person_id"]).reset_index(drop=True)


def estimated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of people with an estimate."""
    return rows[rows["probability"].notna()].reset_index(drop=True)


def _one_table(scores: pd.DataFrame | Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the columns that are needed of all tables, one below the other."""
    several = [scores] if isinstance(scores, pd.DataFrame) else list(scores)
    if not any(len(table) for table in several):
        raise SchemaError("scores: no rows were given, at least one is needed")
    for table in several:
        if missing := [name for name in NEEDED if name not in table.columns]:
            raise SchemaError(f"scores: no columns {', '.join(missing)}; give a table from score()")
    parts = [
        pd.DataFrame(
            {
                "person_id": table["person_id"].astype("str").to_numpy(dtype=object),
                "as_of": pd.to_datetime(table["as_of"]).to_numpy(),
                "probability": _numbers(table, "probability"),
                "margin": _numbers(table, "margin"),
                "rank": _numbers(table, "rank"),
                "digest": _texts(table, "digest"),
            }
        )
        for table in several
        if len(table)
    ]
    whole = pd.concat(parts, ignore_index=True)
    return whole.astype({"person_id": "str", "as_of": "datetime64[us]", "digest": "str"})


def _numbers(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in table.columns:
        return np.full(len(table), np.nan)
    return table[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(table: pd.DataFrame, name: str) -> NDArray[np.object_]:
    if name not in table.columns:
        return np.full(len(table), "", dtype=object)
    return np.asarray(table[name].astype("str").fillna(""), dtype=object)


def _check(given: pd.DataFrame, k: int) -> None:
    problems = []
    if twice := int(given.duplicated(KEYS).sum()):
        problems.append(f"scores: {twice} rows repeat a person on the same date")
    if absent := int(given["as_of"].isna().sum()):
        problems.append(f"scores.as_of: missing in {absent} rows")
    several = int((given.groupby("as_of")["digest"].nunique() > 1).sum())
    if several:
        problems.append(
            f"scores: {several} dates have scores of several models; give one list each"
        )
    if isinstance(k, bool) or int(k) != k or k < 1:
        problems.append("k: a whole number from 1 is allowed")
    else:
        crowded = (given["rank"] <= k).groupby(given["as_of"]).sum() > k
        if crowded.any():
            problems.append(f"scores.rank: {int(crowded.sum())} dates rank more than k people to k")
    if problems:
        raise SchemaError(problems)


def _list_of(rows: pd.DataFrame, k: int, seed: int) -> NDArray[np.bool_]:
    """Return who is on the list of one date."""
    rank = rows["rank"].to_numpy()
    if not np.isnan(rank).all():
        return np.asarray(rank <= k)
    return top_k(rows["margin"], rows["person_id"], k, seed)
