"""One person's row of the people table, and spells, read from mappings with no table between."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from riskmodel.histories.moments import to_microseconds
from riskmodel.histories.problems import (
    DEAD_RULE,
    MISSING_RULE,
    NOBODY_RULE,
    NUMBER_RULE,
    UNBORN_RULE,
    WHOLE_RULE,
    YEAR_RULE,
    Problems,
)
from riskmodel.schema import SPELL_KINDS, TABLES
from riskmodel.snapshots.plain_records import (
    MISSING_TIME,
    Record,
    Row,
    is_missing,
    read_text,
    read_time,
)
from riskmodel.snapshots.windows import DAY_US

_YEAR_OF_BIRTH = next(field for field in TABLES["people"].fields if field.name == "birth_year")


class Life(NamedTuple):
    """Dates of a person's life in microseconds; `MISSING_TIME` where one is not known.

    A year of birth is held as its 1 July; `not_before` is the first moment of it.
    """

    born: int
    not_before: int
    died: int
    left: int
    recordable_from: int


class Spell(NamedTuple):
    """An absence as it was last told, in microseconds; `end` is None while it is open."""

    start: int
    end: int | None
    kind: str


def read_life(person: Row, problems: Problems) -> Life:
    """Read and check the dates of the people table."""
    birth, died, left, recordable = (
        read_time(person.get(name), "people", name, problems)
        for name in ("birth_date", "death_date", "left_date", "recordable_from")
    )
    year = _read_year(person.get("birth_year"), problems)
    born = not_before = birth
    if year is not None:
        if birth == MISSING_TIME:
            born, not_before = (to_microseconds(f"{year}-{day}") for day in ("07-01", "01-01"))
        elif not _new_year(year) <= birth < _new_year(year + 1):
            problems.add("people", "birth_year", YEAR_RULE)
    dates = {"death_date": died, "left_date": left, "recordable_from": recordable}
    for name, moment in dates.items():
        if MISSING_TIME != moment < birth:
            problems.add("people", name, "before birth_date")
    return Life(born, not_before, died, left, recordable)


def _new_year(year: int) -> int:
    return to_microseconds(f"{year}-01-01")


def _read_year(value: Any, problems: Problems) -> int | None:
    if is_missing(value):
        return None
    year = read_number(value, "birth_year", problems)
    if math.isnan(year):
        return None
    if not _YEAR_OF_BIRTH.low <= year <= _YEAR_OF_BIRTH.high:
        problems.add("people", "birth_year", _YEAR_OF_BIRTH.range_rule)
    elif year % 1:
        problems.add("people", "birth_year", WHOLE_RULE)
    else:
        return int(year)
    return None


def read_number(value: Any, column: str, problems: Problems) -> float:
    """Return a number of the people table; missing is NaN."""
    if is_missing(value):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        problems.add("people", column, NUMBER_RULE)
        return math.nan


def check_life(own: Iterable[Record], life: Life, problems: Problems) -> None:
    """Note records from before the person's birth, or from after the day of the death."""
    over = life.died // DAY_US * DAY_US + DAY_US
    for record in own:
        if MISSING_TIME != record.event_time < life.not_before:
            problems.add("events", "event_time", UNBORN_RULE)
        if life.died != MISSING_TIME and record.event_time >= over:
            problems.add("events", "event_time", DEAD_RULE)


def read_spells(
    rows: Iterable[Row], named: Iterable[object], asked: str, t: int, problems: Problems
) -> list[Spell]:
    """Return the spells of a person that were recorded before `t`, each as it was last told.

    Told again (the same start and kind), as when an open one has ended, a spell replaces what was
    told of it before; of two told at one moment the later end counts.
    """
    told: dict[tuple[int, str], tuple[int, int]] = {}
    people = {*named, asked}
    for row in rows:
        who = read_text(row.get("person_id"))
        start = read_time(row.get("start"), "spells", "start", problems, needed=True)
        recorded = read_time(
            row.get("recorded_time"), "spells", "recorded_time", problems, needed=True
        )
        end = read_time(row.get("end"), "spells", "end", problems)
        kind = _kind(row.get("kind"), problems)
        if who is None:
            problems.add("spells", "person_id", MISSING_RULE)
        elif who not in people:
            problems.add("spells", "person_id", NOBODY_RULE)
        if MISSING_TIME != end < start:
            problems.add("spells", "end", "before start")
        if who == asked and recorded < t:
            told[start, kind] = max(told.get((start, kind), (recorded, end)), (recorded, end))
    return [
        Spell(start, None if end == MISSING_TIME else end, kind)
        for (start, kind), (_, end) in told.items()
    ]


def _kind(value: Any, problems: Problems) -> str:
    if is_missing(value):
        return "custody"
    if value not in SPELL_KINDS:
        problems.add("spells", "kind", "not one of " + ", ".join(SPELL_KINDS))
    return str(value)


def in_custody(spells: Iterable[Spell], t: int) -> bool:
    """Say whether the person is in custody at `t`, by spells known then."""
    return any(
        spell.kind == "custody" and spell.start < t and (spell.end is None or spell.end >= t)
        for spell in spells
    )


def time_in_custody(spells: Iterable[Spell], begins: Iterable[int], t: int) -> list[int]:
    """Return the time in custody from each beginning to `t`, by spells known then."""
    held = sorted(
        (spell.start, t if spell.end is None else min(spell.end, t))
        for spell in spells
        if spell.kind == "custody" and spell.start < t
    )
    return [_covered(held, begin) for begin in begins]


def _covered(held: list[tuple[int, int]], begin: int) -> int:
    """Return how much of the time from `begin` on is in any of the spells, which are in order."""
    total, until = 0, begin
    for start, end in held:
        if end > until:
            total += end - max(start, until)
            until = end
    return total


def lacking_columns(wanted: Mapping[str, tuple[str, ...]], person: Row) -> tuple[str, ...]:
    """Return which columns that a task reads are not said at all, not even as None.

    Parameters
    ----------
    wanted : mapping
        What each is called, and the columns of which one has to be said.
    person : mapping
    """
    return tuple(label for label, names in wanted.items() if not any(n in person for n in names))
