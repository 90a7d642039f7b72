"""The tables of one history against each other: persons known, events found, data in their span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.checks import CheckedTable, check_table
from riskmodel.histories.coercion import Mask, Values
from riskmodel.histories.problems import (
    DEAD_RULE,
    NO_EVENT_RULE,
    NOBODY_RULE,
    TOO_SOON_RULE,
    UNBORN_RULE,
)

HISTORY_TABLES = ("people", "events", "updates", "spells", "victims", "actions")
TIMED_TABLES = ("events", "updates", "spells", "actions")
ONE_DAY = pd.Timedelta(days=1)


def check_histories(
    tables: Mapping[str, Any],
    *,
    recorded_time: str | None,
    dates_only: bool,
    data_end: pd.Timestamp | None,
    cascade: bool,
) -> dict[str, CheckedTable]:
    """Check each table on its own, then against the others.

    Parameters
    ----------
    tables : mapping
        `HISTORY_TABLES` as they came; None for a table that is not there.
    recorded_time, dates_only, data_end
        As in `riskmodel.histories.events.EventHistories`.
    cascade : bool
        Whether rows that hang on an invalid row (its updates, for one) are flagged as well:
        when rows are set aside, not when they are only reported.

    Returns
    -------
    dict of str to CheckedTable
    """
    events, recorded_fault = _with_recorded_time(tables["events"], recorded_time)
    checked = {
        name: check_table(name, events if name == "events" else tables.get(name))
        for name in HISTORY_TABLES
    }
    if recorded_fault:
        checked["events"].refuse("recorded_time", recorded_fault)
    _check_dates_only(checked["events"], dates_only)
    _check_awareness(checked)
    _check_lives(checked["events"], checked["people"])
    for name in TIMED_TABLES:
        if data_end is not None:
            late = checked[name].frame["recorded_time"] >= data_end
            checked[name].flag("recorded_time", "at or after data_end", late)
    _check_updates(checked["updates"], checked["events"], cascade)
    _check_persons(checked, cascade)
    return checked


def _with_recorded_time(events: Any, recorded_time: str | None) -> tuple[Any, str]:
    if recorded_time is None:
        return events, ""
    if recorded_time != "event_time":
        raise SchemaError(f"recorded_time={recorded_time!r}: only 'event_time' can be said")
    if hasattr(events, "to_pandas") and not isinstance(events, pd.DataFrame):
        events = events.to_pandas()
    if not isinstance(events, pd.DataFrame) or "event_time" not in events.columns:
        return events, ""
    if "recorded_time" in events.columns:
        return events, "the column is there: leave out recorded_time='event_time'"
    return events.assign(recorded_time=events["event_time"]), ""


def _check_dates_only(events: CheckedTable, dates_only: bool) -> None:
    times = events.frame["event_time"].dropna()
    if not dates_only and len(times) and bool((times == times.dt.normalize()).all()):
        events.refuse(
            "event_time",
            "every time is a midnight: if they are dates, say dates_only=True "
            "(an event on a day is then not known as of that day)",
        )


def _check_awareness(checked: dict[str, CheckedTable]) -> None:
    """Refuse a mix; the dates in people are days of a calendar and take no part."""
    columns = {
        f"{name}.{column}": aware
        for name in TIMED_TABLES
        for column, aware in checked[name].aware.items()
    }
    if len(set(columns.values())) > 1:
        with_offset = ", ".join(name for name, aware in columns.items() if aware)
        without = ", ".join(name for name, aware in columns.items() if not aware)
        checked["events"].refuse(
            "",
            f"times with an offset from UTC in {with_offset}, without one in {without}: one kind",
        )


def _check_lives(events: CheckedTable, people: CheckedTable) -> None:
    """Flag events before their person's birth or after the day of their death."""
    lives = people.kept().dropna(subset="person_id")
    if lives.empty:
        return
    position = pd.Index(lives["person_id"]).get_indexer(events.frame["person_id"])
    born = _at(earliest_birth(lives), position)
    died = _at(lives["death_date"].dt.normalize() + ONE_DAY, position)
    times = events.frame["event_time"].to_numpy()
    events.flag("event_time", UNBORN_RULE, times < born)
    events.flag("event_time", DEAD_RULE, times >= died)


def earliest_birth(people: pd.DataFrame) -> Values:
    """Return the first moment at which each person can have been born."""
    year = people["birth_year"].where(people["birth_year"] % 1 == 0)
    return people["birth_date"].fillna(year_start(year))


def year_start(years: Values) -> Values:
    """Return 1 January of each year; missing stays missing."""
    text = years.astype("Int64").astype("str") + "-01-01"
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")


def _at(times: Values, position: Any) -> Any:
    """Take `times` at positions, where -1 is NaT."""
    padded = np.append(times.to_numpy(dtype="datetime64[us]"), np.datetime64("NaT"))
    return padded[position]


def _check_updates(updates: CheckedTable, events: CheckedTable, cascade: bool) -> None:
    if updates.frame.empty:
        return
    given = events.frame["source_id"]
    wanted = updates.frame["source_id"]
    unknown = wanted.notna().to_numpy() & ~is_among(wanted, given)
    updates.flag("source_id", NO_EVENT_RULE, unknown)
    valid = events.frame[~events.invalid & given.notna().to_numpy()]
    index: Any = pd.Index(valid["source_id"])
    position = index.get_indexer(wanted)
    happened = _at(valid["event_time"], position)
    recorded = updates.frame["recorded_time"].to_numpy()
    updates.flag("recorded_time", TOO_SOON_RULE, recorded < happened)
    if cascade:
        lost = wanted.notna().to_numpy() & ~unknown & (position < 0)
        updates.flag("source_id", "its event is set aside", lost)


def _check_persons(checked: dict[str, CheckedTable], cascade: bool) -> None:
    """Flag spells and actions of persons of whom there is no event and no row in people."""
    tables = [checked[name] for name in ("events", "people")]
    everyone = pd.concat([table.frame["person_id"] for table in tables])
    for name in ("spells", "actions"):
        persons = checked[name].frame["person_id"]
        if persons.empty:
            continue
        unknown = persons.notna().to_numpy() & ~is_among(persons, everyone)
        checked[name].flag("person_id", NOBODY_RULE, unknown)
        if cascade:
            valid = pd.concat([table.frame.loc[~table.invalid, "person_id"] for table in tables])
            lost = persons.notna().to_numpy() & ~is_among(persons, valid) & ~unknown
            checked[name].flag("person_id", "the person's other rows are set aside", lost)


def is_among(values: Values, ids: Values) -> Mask:
    """Say which values are in `ids` (a hash join: `Series.isin` on Arrow text is far slower)."""
    index: Any = pd.Index(ids.dropna().drop_duplicates())
    return np.asarray(index.get_indexer(values) >= 0)


def raise_or_set_aside(
    checked: Mapping[str, CheckedTable], *, set_aside: bool
) -> dict[str, pd.DataFrame]:
    """Raise every problem at once, or return the rows set aside, table by table.

    Raises
    ------
    SchemaError
        On any problem, or with `set_aside` on a mistake of a table's structure.
    """
    tables = [checked[name] for name in sorted(checked, key=_reading_order)]
    problems = [problem for table in tables for problem in table.problems]
    structural = [problem for table in tables for problem in table.structural]
    rows = len(problems) > len(structural)
    if structural or (problems and not set_aside):
        advice = 'Correct the rows, or set them aside with on_invalid="set_aside".' if rows else ""
        raise SchemaError([str(problem) for problem in problems], advice=advice)
    return {table.name: table.set_aside() for table in tables}


def _reading_order(name: str) -> int:
    return ("events", "updates", "people", "spells", "victims", "actions").index(name)
