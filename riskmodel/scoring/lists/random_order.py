"""A random order among near-equals at the cut, written down, so that a list's effect can be seen.

Those who are listed differ from those who are not: that is why they are listed. What being listed
does can only be learnt where chance decided, and the only place where chance may decide is among
people whose estimates do not tell them apart. It is off unless somebody calls this, and deciding
to is for the owner of the list, after consultation, not for an analyst.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.files import atomic_write_text
from riskmodel.model.lists.near_cut import interval_ranks
from riskmodel.statistics.ranking import seeded_order

LISTED, NOT_LISTED = "listed", "not listed"
"""The two arms."""

LOG_KINDS = {
    "person_id": "str",
    "as_of": "datetime64[us]",
    "arm": "str",
    "listed_probability": "float64",
    "rank_estimated": "int64",
    "rank": "int64",
    "k": "int64",
    "width": "int64",
    "seed": "int64",
    "digest": "str",
}
"""Columns of the log and their types: one row for each person whose place was drawn."""

_NEEDED = ("person_id", "as_of", "digest", "rank", "probability", "low", "high")


def randomise_near_cut(
    ranked: pd.DataFrame,
    k: int,
    *,
    width: int,
    seed: int,
    log_path: str | os.PathLike[str],
) -> pd.DataFrame:
    """Draw the order of the near-equals at the cut, and write down who was drawn where.

    Near-equals are those at most `width` places from the cut whose interval of the rank spans it
    (``near_cut`` of `rank`). They draw lots for the places that they hold between them; everyone
    else stays where they are. Each of them is then listed with the same probability, which the
    log holds, so that `riskmodel.monitoring.effect.effect_of_listing` can compare the two arms.

    Parameters
    ----------
    ranked : DataFrame
        A whole ranking, ``rank(scores)``: one date, one model.
    k : int
        Length of the list.
    width : int
        The most places above, and below, the cut: a narrow one moves fewer people.
    seed : int
        Fix one in writing before the first draw: whoever tries seeds chooses people. The draw
        depends on the date and the ids too, so the same does for all dates.
    log_path : path
        CSV to add to, made if absent. It names people: keep it as the scores are kept.

    Returns
    -------
    DataFrame
        As given, ordered by the new ``rank``; ``rank_estimated`` is the rank before; ``arm``
        (``listed``, ``not listed``; missing for those whose place was not drawn) and
        ``listed_probability`` (1 above the draw, 0 below it).

    Raises
    ------
    SchemaError
        Columns missing, several dates or models, a ranking that was cut, `k` or `width` under 1.
    RiskModelError
        The log holds a draw for this date already: drawing again until it suits is no lottery.

    Examples
    --------
    >>> import tempfile
    >>> ranked = pd.DataFrame({"person_id": list("abcd"), "as_of": pd.Timestamp("2012-01-01"),
    ...     "digest": "0" * 64, "rank": [1, 2, 3, 4], "probability": [0.9, 0.5, 0.49, 0.1],
    ...     "low": [0.8, 0.4, 0.4, 0.05], "high": [0.95, 0.6, 0.6, 0.2]})
    >>> log = tempfile.mkdtemp() + "/drawn.csv"
    >>> drawn = randomise_near_cut(ranked, 2, width=1, seed=0, log_path=log)
    >>> drawn["listed_probability"].tolist(), len(read_random_log(log))
    ([1.0, 0.5, 0.5, 0.0], 2)
    """
    _check(ranked, k, width)
    log = read_random_log(log_path) if Path(log_path).exists() else _empty_log()
    as_of = pd.Timestamp(ranked["as_of"].iloc[0])
    if (log["as_of"] == as_of).any():
        raise RiskModelError(
            f"the log has a draw as of {as_of:%Y-%m-%d} already: one date is drawn once. Use what "
            "was drawn, or name another log if this is another list"
        )
    drawn = _drawn(ranked, k, width, seed)
    zone = drawn[drawn["arm"].notna()].assign(k=k, width=width, seed=seed)
    added = zone[list(LOG_KINDS)].astype(LOG_KINDS)
    whole = pd.concat([log, added], ignore_index=True) if len(log) else added
    atomic_write_text(log_path, whole.to_csv(index=False))
    drawn.attrs = {**ranked.attrs, "random_order": {"k": k, "width": width, "seed": seed}}
    return drawn


def read_random_log(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read the log of `randomise_near_cut`.

    Raises
    ------
    RiskModelError
        The file is no such log.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = path.write_text("person_id,arm")
    >>> read_random_log(path)
    Traceback (most recent call last):
    ...
    riskmodel.errors.RiskModelError: log.csv is no log of a random order: it needs the columns ...
    """
    try:
        table = pd.read_csv(path, dtype={"person_id": "str", "digest": "str"})
        log: pd.DataFrame = table[list(LOG_KINDS)].astype(LOG_KINDS)
    except (KeyError, ValueError, TypeError) as error:
        raise RiskModelError(
            f"{Path(path).name} is no log of a random order: it needs the columns "
            f"{', '.join(LOG_KINDS)}, all filled"
        ) from error
    return log


def _empty_log() -> pd.DataFrame:
    return pd.DataFrame(columns=list(LOG_KINDS)).astype(LOG_KINDS)


def _check(ranked: pd.DataFrame, k: int, width: int) -> None:
    if missing := [name for name in _NEEDED if name not in ranked.columns]:
        raise SchemaError(f"ranked: no columns {', '.join(missing)}; give a table from rank()")
    problems = [
        f"{name}: a whole number from 1 is allowed"
        for name, value in (("k", k), ("width", width))
        if isinstance(value, bool) or int(value) != value or value < 1
    ]
    problems += [
        f"ranked.{name}: several in one table; draw for each on its own"
        for name in ("as_of", "digest")
        if ranked[name].nunique(dropna=False) > 1
    ]
    ranks = ranked["rank"].dropna().astype("int64")
    if sorted(ranks) != list(range(1, len(ranks) + 1)):
        problems.append("ranked.rank: not 1, 2, 3 ... with each rank once")
    elif not problems and len(ranks) <= k:
        problems.append(
            f"ranked: nobody below the cut at {k}; give the whole ranking, rank(scores)"
        )
    if problems:
        raise SchemaError(problems)


def _drawn(ranked: pd.DataFrame, k: int, width: int, seed: int) -> pd.DataFrame:
    """Return the ranking after the draw, with arms and probabilities."""
    table = ranked[ranked["rank"].notna()].reset_index(drop=True)
    place = table["rank"].to_numpy(dtype=np.int64)
    zone = np.flatnonzero(_near_equals(table, place, k, width))
    places = np.sort(place[zone])
    after = place.copy()
    after[zone[_lots(table.iloc[zone], seed)]] = places
    chance = np.where(place <= k, 1.0, 0.0)
    chance[zone] = float((places <= k).mean()) if len(zone) else 0.0
    drawn = pd.Series(np.isin(np.arange(len(table)), zone), index=table.index)
    arm = pd.Series(np.where(after <= k, LISTED, NOT_LISTED), index=table.index, dtype="str")
    table = table.assign(
        rank_estimated=table["rank"], rank=pd.array(after, "Int64"), arm=arm.where(drawn),
        listed_probability=chance,
    )  # fmt: skip
    without = ranked[ranked["rank"].isna()]
    parts = [table.sort_values("rank"), without] if len(without) else [table.sort_values("rank")]
    return pd.concat(parts, ignore_index=True)


def _near_equals(
    table: pd.DataFrame, place: NDArray[np.int64], k: int, width: int
) -> NDArray[np.bool_]:
    """Return whose interval of the rank spans the cut, of those within `width` places of it.

    Where all of them stand on one side of the cut there is nothing to draw.
    """
    estimate = table["probability"].to_numpy(dtype=np.float64)
    low, high = (
        np.where(np.isnan(bound), estimate, bound)
        for bound in (table[name].to_numpy(dtype=np.float64) for name in ("low", "high"))
    )
    best, worst = interval_ranks(low, high)
    near: NDArray[np.bool_] = (best <= k) & (worst > k) & (place > k - width) & (place <= k + width)
    both = (near & (place <= k)).any() and (near & (place > k)).any()
    return near if both else np.zeros(len(near), dtype=bool)


def _lots(people: pd.DataFrame, seed: int) -> NDArray[Any]:
    """Return the order in which people were drawn: by a keyed hash of date and id."""
    dates = pd.to_datetime(people["as_of"]).dt.strftime("%Y-%m-%dT%H:%M:%S")
    tickets = (dates + "|" + people["person_id"].astype("str")).to_numpy(dtype=object)
    return np.argsort(seeded_order(tickets, seed), kind="stable")
