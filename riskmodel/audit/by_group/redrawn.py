"""Intervals of rates when the list itself is drawn up anew from the people resampled.

Elsewhere the list is held fixed: who is on it is a fact. Another set of people from the same world
would have moved the cut as well; the intervals here count that in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from riskmodel.audit.by_group.draws import People, amounts_of
from riskmodel.audit.by_group.estimates import Estimate, rate_columns, table_of
from riskmodel.audit.by_group.group_metrics import LIST_MEASURES
from riskmodel.audit.by_group.list_rows import CLEAR, LATER, OUTCOMES, ListRows
from riskmodel.audit.by_group.measures import Measure
from riskmodel.audit.by_group.rates import (
    OF_LIST,
    RATE_COLUMNS,
    Settings,
    Sums,
    by_name,
    group_codes,
)
from riskmodel.statistics.arrays import FloatArray, IntArray
from riskmodel.statistics.ranking import descending_order, seeded_order

REDRAWN_COLUMNS = (
    "characteristic", "group", "metric", "value", "low", "high", "redrawn_low", "redrawn_high",
)  # fmt: skip
REDRAWN_MEASURES: tuple[Measure, ...] = tuple(
    measure
    for measure in LIST_MEASURES
    if measure.parts[0].startswith("listed") or measure.parts[0] == "missed"
)
_LIST = "list"


def redrawn_table(
    fixed: pd.DataFrame,
    y: ArrayLike,
    listed: ArrayLike,
    margin: ArrayLike,
    groups: pd.DataFrame,
    *,
    person: ArrayLike,
    as_of: ArrayLike,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return each rate of a list with its interval, the list held fixed and drawn up anew.

    Parameters
    ----------
    fixed : DataFrame
        The rates of this list (``RATE_COLUMNS``), from `list_tables`.
    y : array of float, shape (n,)
        NaN where the outcome was not observed.
    listed : array of bool, shape (n,)
        The highest of each date; their number is the length of that date's list.
    margin : array of float, shape (n,)
    groups : DataFrame of str, shape (n, characteristics)
    person, as_of : array, shape (n,)
        Equal margins are put in order by the person and the seed, as the list was.
    settings : Settings, optional

    Returns
    -------
    DataFrame
        ``REDRAWN_COLUMNS``.

    Examples
    --------
    >>> from riskmodel.audit.by_group.group_metrics import list_tables
    >>> sex = pd.DataFrame({"sex": ["f", "m"] * 40})
    >>> score, y, who = np.arange(80) / 80, np.tile([0, 0, 1, 1], 20), np.arange(80)
    >>> listed, one_day = score >= 0.5, np.zeros(80)
    >>> fixed = list_tables(y, {"k": listed}, score, score, sex, person=who).rates["k"]
    >>> table = redrawn_table(fixed, y, listed, score, sex, person=who, as_of=one_day)
    >>> bool((table["redrawn_low"] <= table["value"]).all())
    True
    """
    chosen = settings or Settings()
    nothing = np.zeros(len(groups))
    rows = ListRows.checked(y, {_LIST: listed}, nothing, margin, groups, person, as_of)
    tops = _tops(rows, np.asarray(as_of), chosen.seed)
    codes = {str(name): group_codes(groups[name]) for name in groups.columns}
    people = _people(rows, [code for code, _ in codes.values()], tops)
    parts: list[Mapping[str, NDArray[np.generic]]] = []
    for name, sums in _sums(rows, codes, people, tops, chosen).items():
        mine = sums.of_list(_LIST)
        for measure in REDRAWN_MEASURES:
            parts.append(rate_columns(name, mine, Estimate.of(measure, mine, chosen), chosen))
    anew = table_of(parts, RATE_COLUMNS)[["characteristic", "group", "metric", "low", "high"]]
    renamed = anew.rename(columns={"low": "redrawn_low", "high": "redrawn_high"})
    both = fixed.merge(renamed, on=["characteristic", "group", "metric"])
    return both[list(REDRAWN_COLUMNS)]


@dataclass(frozen=True)
class _Top:
    """The rows of one date from the highest down, as far as a list of `k` may reach."""

    rows: IntArray
    k: int

    def on_list(self, weights: FloatArray) -> FloatArray:
        """Return how often each is listed, (rows, replicates): from the top until k are.

        Examples
        --------
        >>> _Top(np.arange(3), 2).on_list(np.array([[0.0], [3.0], [1.0]])).ravel().tolist()
        [0.0, 2.0, 0.0]
        """
        before = np.cumsum(weights, axis=0) - weights
        return np.minimum(np.maximum(self.k - before, 0.0), weights)


def _tops(rows: ListRows, as_of: NDArray[np.generic], seed: int) -> list[_Top]:
    found = []
    for date in pd.unique(as_of):
        mine = np.flatnonzero(as_of == date)
        k = int(rows.lists[_LIST][mine].sum())
        ids = np.asarray(rows.person[mine], dtype=object)
        order = mine[descending_order(rows.margin[mine], seeded_order(ids, seed))]
        found.append(_Top(order[: _far_enough(k)], k))
    return found


def _far_enough(k: int) -> int:
    return int(k + 8 * np.sqrt(k) + 64)  # 8 standard deviations of the people drawn


def _people(rows: ListRows, codes: Sequence[IntArray], tops: Sequence[_Top]) -> People:
    """Whoever may be listed is drawn as themselves; the others with those who are alike."""
    if not pd.Series(rows.person).is_unique:
        return People.one_by_one(rows.person)
    own = np.zeros(len(rows.y), dtype=np.int64)
    for top in tops:
        own[top.rows] = top.rows + 1
    return People.alike([*codes, rows.outcome, own])


def _sums(
    rows: ListRows,
    codes: Mapping[str, tuple[IntArray, tuple[str, ...]]],
    people: People,
    tops: Sequence[_Top],
    settings: Settings,
) -> dict[str, Sums]:
    """Return sums by group whose draws count those that the list would hold."""
    counts = rows.counts(slice(None))
    tables = {name: amounts_of(counts, code, people) for name, (code, _) in codes.items()}
    drawn: dict[str, list[dict[str, FloatArray]]] = {name: [] for name in tables}
    for weights in people.draws(settings.n_replicates, settings.seed):
        taken = [(top.rows, top.on_list(weights[people.unit[top.rows]])) for top in tops]
        for name, (code, levels) in codes.items():
            fixed = by_name(tables[name].names, tables[name].under(weights))
            anew = sum(
                _by_outcome(code[mine], rows.outcome[mine], len(levels), each)
                for mine, each in taken
            )
            drawn[name].append(fixed | _quantities(np.asarray(anew), fixed["outcome"]))
    return {
        name: Sums(
            levels,
            by_name(tables[name].names, tables[name].totals()),
            {key: np.concatenate([each[key] for each in drawn[name]]) for key in drawn[name][0]},
            tables[name].behind(),
        )
        for name, (_, levels) in codes.items()
    }


def _by_outcome(code: IntArray, outcome: IntArray, n_groups: int, taken: FloatArray) -> FloatArray:
    """Add up who is listed, (rows, replicates), to (outcomes, replicates, groups)."""
    part = code * len(OUTCOMES) + outcome
    belongs = csr_array(
        (np.ones(len(part)), (part, np.arange(len(part)))),
        shape=(n_groups * len(OUTCOMES), len(part)),
    )
    return np.asarray(belongs @ taken).reshape(n_groups, len(OUTCOMES), -1).transpose(1, 2, 0)


def _quantities(listed: FloatArray, outcome: FloatArray) -> dict[str, FloatArray]:
    """Return what is counted of a list, by who of each outcome is on it."""
    found = {
        "listed": listed.sum(axis=0),
        "listed_observed": listed[CLEAR] + listed[LATER],
        "listed_outcome": listed[LATER],
        "listed_clear": listed[CLEAR],
        "missed": outcome - listed[LATER],
    }
    return {f"{name}{OF_LIST}{_LIST}": sums for name, sums in found.items()}
