"""rank(): a table of scores in order, with what ties and intervals leave open."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.model.lists.near_cut import interval_ranks
from riskmodel.schema import SCORE_COLUMNS
from riskmodel.statistics.ranking import Ranks, rank_descending

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

RANK_COLUMNS = SCORE_COLUMNS[-4:]
_NEEDED = ["person_id", "as_of", "digest", "probability", "low", "high", "margin", "expected_harm"]


def rank(
    scores: pd.DataFrame,
    k: int | None = None,
    *,
    by: Literal["margin", "expected_harm"] = "margin",
    seed: int = 0,
) -> pd.DataFrame:
    """Put a table of scores in order, the highest estimate first.

    Parameters
    ----------
    scores : DataFrame of n rows
        From `score`: one date, one model, each person once.
    k : int, optional
        Return only the first `k`, and fill ``near_cut``.
    by : {"margin", "expected_harm"}
        The margin does not tie as calibrated probabilities do; expected harm is in days.
    seed : int
        Of the order among equals, a hash of person_id; stored in ``attrs["tie_seed"]``.

    Returns
    -------
    DataFrame
        The columns given, and: ``rank`` from 1; ``rank_best`` and ``rank_worst``, which the row
        could have had under another order among its equals; ``near_cut``, whether the row's rank
        spans `k` (missing without `k`). By margin that span comes from the intervals of the
        estimates: best is one more than the people whose ``low`` is above this row's ``high``,
        worst the number of those whose ``high`` reaches this row's ``low``. Expected harm has no
        interval, so there the span is that of the ties only. Rows without an estimate have no
        rank and come last, as they were; with `k` they are left out.

    Raises
    ------
    SchemaError
        Columns missing, people twice, `k` or `by` not as allowed.
    ModelMismatchError
        Scores of several dates or models, or no expected harm to rank by.

    Examples
    --------
    >>> scores = pd.DataFrame({"person_id": ["a", "b", "c"], "as_of": pd.Timestamp("2012-01-01"),
    ...     "digest": "", "probability": [0.1, 0.3, None], "low": [0.05, 0.2, None],
    ...     "high": [0.15, 0.4, None], "margin": [-2.2, -0.8, None], "expected_harm": None})
    >>> rank(scores)[["person_id", "rank"]].values.tolist()
    [['b', 1], ['a', 2], ['c', <NA>]]
    >>> rank(scores, k=1)["near_cut"].tolist()
    [False]
    """
    _check(scores, k, by)
    ranks = rank_descending(_numbers(scores, by), scores["person_id"].to_numpy(dtype=object), seed)
    n_ranked = int((ranks.rank > 0).sum())
    order = np.argsort(np.where(ranks.rank > 0, ranks.rank, len(scores) + 1), kind="stable")
    kept = order if k is None else order[: min(k, n_ranked)]
    without = np.arange(len(kept)) >= n_ranked
    columns: dict[str, Any] = {
        name: pd.arrays.IntegerArray(values[kept], without)
        for name, values in zip(RANK_COLUMNS[:3], ranks, strict=True)
    }
    near_cut = (
        np.zeros(len(kept), dtype=bool) if k is None else _near_cut(scores, ranks, kept, k, by)
    )
    columns["near_cut"] = pd.arrays.BooleanArray(near_cut, np.full(len(kept), k is None))
    table = scores.drop(columns=RANK_COLUMNS, errors="ignore").take(kept).reset_index(drop=True)
    table = table.assign(**columns)
    table.attrs = {**scores.attrs, "tie_seed": int(seed), "ranked_by": by}
    return table


def _check(scores: pd.DataFrame, k: int | None, by: str) -> None:
    if missing := [name for name in _NEEDED if name not in scores.columns]:
        raise SchemaError(f"scores: no columns {', '.join(missing)}; give a table from score()")
    problems = []
    if by not in ("margin", "expected_harm"):
        problems.append(f"rank: by={by!r} given, 'margin' and 'expected_harm' are allowed")
    if k is not None and (isinstance(k, bool) or int(k) != k or k < 1):
        problems.append("rank: k must be a whole number from 1, or None for all")
    if twice := int(scores["person_id"].duplicated().sum()):
        problems.append(f"scores.person_id: {twice} rows repeat a person; one row each is ranked")
    if problems:
        raise SchemaError(problems)
    for name in ("as_of", "digest"):
        if scores[name].nunique(dropna=False) > 1:
            raise ModelMismatchError(
                f"scores.{name}: several in one table; estimates of different dates or models "
                "are not in one order. Rank each on its own"
            )
    without = np.isnan(_numbers(scores, by)) & ~np.isnan(_numbers(scores, "margin"))
    if without.any():
        raise ModelMismatchError(
            f"{by}: missing in {int(without.sum())} scored rows: the fallback, or a model that was "
            "trained without harm, answered for these people and expects none. Rank by margin, or "
            "score with missing='refuse'"
        )


def _numbers(scores: pd.DataFrame, column: str) -> Floats:
    return scores[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _near_cut(scores: pd.DataFrame, ranks: Ranks, rows: Rows, k: int, by: str) -> Flags:
    """Return whether the rank of each of `rows` spans `k`."""
    best, worst = ranks.best[rows], ranks.worst[rows]
    if by == "margin":
        scored = scores[ranks.rank > 0]
        low, high = _bound(scored, "low"), _bound(scored, "high")
        place = (np.cumsum(ranks.rank > 0) - 1)[rows]
        best, worst = interval_ranks(low, high, place)
    near: Flags = (best <= k) & (worst > k)
    return near


def _bound(scores: pd.DataFrame, name: str) -> Floats:
    """Return a bound of the interval; the estimate itself where it has none."""
    bound, estimate = _numbers(scores, name), _numbers(scores, "probability")
    return np.where(np.isnan(bound), estimate, bound)
