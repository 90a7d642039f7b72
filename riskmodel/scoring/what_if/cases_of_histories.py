"""From histories to the cases of some people: their records, and those that others share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import NotScorableError
from riskmodel.histories.assembly import person_codes
from riskmodel.histories.cross_checks import is_among
from riskmodel.histories.events import EventHistories
from riskmodel.scoring.person.asked import PlainRow
from riskmodel.scoring.what_if.person_case import PersonCase

RowsBy = dict[Any, list[int]]


def cases_of(
    histories: EventHistories,
    people: Sequence[str],
    *,
    shared: Sequence[str] = ("incident_id", "place"),
    beside: Iterable[PlainRow] = (),
) -> list[PersonCase]:
    """Return the cases of some people, in their order.

    Parameters
    ----------
    histories : EventHistories
    people : sequence of str
    shared : sequence of str
        Columns by which records of other people are wanted too: their incidents, their places.
    beside : iterable of mapping
        Records that are not in the histories: what shares their incidents and places is wanted.

    Raises
    ------
    NotScorableError
        People that the histories don't know; it counts them.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> histories = make_histories(50, seed=1).histories
    >>> case, = cases_of(histories, ["P000007"])
    >>> bool(len(case.own) == (histories.events["person_id"] == "P000007").sum())
    True
    """
    ids = pd.Series(list(people), dtype="str")
    code = person_codes(ids, histories.persons)
    if unknown := int((code < 0).sum()):
        raise NotScorableError(
            f"{unknown} of {len(code)} people are in no row of these histories' events or people"
        )
    more = {name: {row[name] for row in beside if row.get(name) is not None} for name in shared}
    events = _bearing_on(histories, code, more)
    rows = _plain(_with_open_incidents(events))
    rows_by = {name: _rows_by(events[name]) for name in ("person_id", *shared)}
    updates = _grouped(histories.updates, "source_id", events["source_id"])
    spells = _grouped(histories.spells, "person_id", ids)
    about = [_of_life(row) for row in _plain(histories.people.iloc[code])]
    cases = []
    for person, columns in zip(ids, about, strict=True):
        records = [rows[row] for row in _bearing_on_one(person, events, rows_by, more)]
        steps = tuple(step for row in records for step in updates.get(row["source_id"], ()))
        cases.append(
            PersonCase(person, tuple(records), columns, steps, tuple(spells.get(person, ())))
        )
    return cases


def _bearing_on(histories: EventHistories, code: Any, more: dict[str, set[Any]]) -> pd.DataFrame:
    """Return the events of some people, and what other people's share with them."""
    events = histories.events
    person = events["person_code"].to_numpy()
    asked = np.zeros(len(histories.persons), dtype=bool)
    asked[code] = True
    wanted = asked[person]
    own = np.flatnonzero(wanted)
    for name, values in more.items():
        column = events[name]
        there = pd.concat([column.iloc[own].dropna(), pd.Series(list(values), dtype="str")])
        wanted |= is_among(column, there)
    bearing: pd.DataFrame = events[wanted].reset_index(drop=True)
    return bearing


def _bearing_on_one(
    person: str, events: pd.DataFrame, rows_by: dict[str, RowsBy], more: dict[str, set[Any]]
) -> list[int]:
    own = rows_by["person_id"].get(person, [])
    rows = set(own)
    for name, values in more.items():
        for value in {*events[name].iloc[own].dropna(), *values}:
            rows.update(rows_by[name].get(value, ()))
    return sorted(rows)


def _with_open_incidents(events: pd.DataFrame) -> pd.DataFrame:
    """Return events as they came in: a record without an incident was given one of its own."""
    alone = events["incident_id"].str.startswith("\x00")
    return events.drop(columns="person_code").assign(incident_id=events["incident_id"].mask(alone))


def _of_life(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person's row with a 1 July as the year that it perhaps stands for.

    It is the same date of birth, but the year began before it, and so may records.
    """
    born = person["birth_date"]
    if born is None or (born.month, born.day) != (7, 1):
        return person
    return {**person, "birth_date": None, "birth_year": born.year}


def _rows_by(column: Any) -> RowsBy:
    found: RowsBy = {}
    for row, value in enumerate(column):
        found.setdefault(value, []).append(row)
    return found


def _grouped(table: pd.DataFrame, key: str, wanted: Any) -> dict[str, list[PlainRow]]:
    """Return the rows of a table by one of its columns, where that is wanted."""
    found: dict[str, list[PlainRow]] = {}
    for row in _plain(table[is_among(table[key], wanted)]):
        found.setdefault(row[key], []).append(row)
    return found


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows of plain values; what is missing is None."""
    columns = [_values(table[name]) for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: Any) -> list[Any]:
    if column.dtype.kind == "M":
        moments: list[Any] = column.to_numpy(dtype="datetime64[us]").tolist()
        return moments
    values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return values
