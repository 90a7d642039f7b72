"""Plain records, one mapping each, read and checked against each other with no table between."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from riskmodel.errors import NotScorableError, SchemaError
from riskmodel.histories.moments import to_microseconds
from riskmodel.histories.problems import (
    AGAIN_RULE,
    EARLY_RULE,
    MISSING_COLUMN_RULE,
    MISSING_RULE,
    NO_EVENT_RULE,
    TIME_RULE,
    TOO_SOON_RULE,
    Problems,
)
from riskmodel.schema import EVIDENCE, ORIGINS, TABLES

MISSING_TIME: int = np.iinfo(np.int64).min
_EPOCH = datetime.datetime(1970, 1, 1)
_LEVEL = {level: code for code, level in enumerate(EVIDENCE)}
_ORIGIN = {origin: code for code, origin in enumerate(ORIGINS)}
_EVENT_FIELDS = frozenset(TABLES["events"].columns)

Row = Mapping[str, Any]
Updates = dict[str, list[tuple[int, int]]]
"""Moment and evidence of each update of a record, by source_id; by time, then by evidence."""


class Record(NamedTuple):
    """One record, read: times in microseconds, evidence and origin as codes, ids as text.

    A record without an incident is one of its own: its `incident` is then no text.
    """

    event_time: int
    recorded_time: int
    source_id: str
    person_id: str | None
    offence: str
    victim: str | None
    incident: object
    place: str | None
    evidence: int
    origin: int


def read_records(rows: Iterable[Row], problems: Problems) -> list[Record]:
    """Read records of the events table and check each source_id to occur once.

    Raises
    ------
    NotScorableError
        If there is none at all.
    """
    given = list(rows)
    if not given:
        raise NotScorableError("no record was given: there is no history to estimate from")
    records = [_read_record(row, problems) for row in given]
    if again := len(records) - len({record.source_id for record in records}):
        problems.add("events", "source_id", AGAIN_RULE, again)
    if not any("person_id" in row for row in given):
        problems.add("events", "person_id", MISSING_COLUMN_RULE, 0)
    return records


def _read_record(row: Row, problems: Problems) -> Record:
    get = row.get
    if not row.keys() <= _EVENT_FIELDS:
        problems.add(
            "events", "", f"unknown columns; allowed are {', '.join(TABLES['events'].columns)}"
        )
    happened = read_time(get("event_time"), "events", "event_time", problems, needed=True)
    recorded = read_time(get("recorded_time"), "events", "recorded_time", problems, needed=True)
    if MISSING_TIME != recorded < happened:
        problems.add("events", "recorded_time", EARLY_RULE)
    source = _needed_text(get("source_id"), "events", "source_id", problems)
    incident = read_text(get("incident_id"))
    return Record(
        happened,
        recorded,
        source,
        read_text(get("person_id")),
        _needed_text(get("offence"), "events", "offence", problems),
        read_text(get("victim_id")),
        (source,) if incident is None else incident,
        read_text(get("place")),
        _code(_LEVEL, get("evidence"), "events", "evidence", problems),
        _code(_ORIGIN, get("origin"), "events", "origin", problems),
    )


def is_missing(value: Any) -> bool:
    """Say whether a value is missing, in any of pandas' ways too: None, NaN, NaT, blank text.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), " ", 0, "a")]
    [True, True, True, False, False]
    """
    if value is None:
        return True
    if type(value) is str:
        return not value or value.isspace()
    return type(value).__name__ == "NAType" or bool(value != value)  # noqa: PLR0124 - NaN, NaT


def read_text(value: Any) -> str | None:
    """Return an id or a code as text; None where it is missing."""
    if type(value) is str and value.isalnum():
        return value
    if is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of whole numbers with one missing comes as these
    return str(value)


def _needed_text(value: Any, table: str, column: str, problems: Problems) -> str:
    text = read_text(value)
    if text is None:
        problems.add(table, column, MISSING_RULE)
        return ""
    return text


def _code(codes: dict[str, int], value: Any, table: str, column: str, problems: Problems) -> int:
    """Return a word's code; that of the first where it is missing."""
    code = codes.get(value) if type(value) is str else None
    if code is not None:
        return code
    if not is_missing(value):
        problems.add(table, column, "not one of " + ", ".join(codes))
    return 0


def read_time(
    value: Any, table: str, column: str, problems: Problems, *, needed: bool = False
) -> int:
    """Return a moment in microseconds since 1970, in UTC; `MISSING_TIME` where there is none."""
    if type(value) is datetime.datetime and value.tzinfo is None:
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if is_missing(value):
        if needed:
            problems.add(table, column, MISSING_RULE)
        return MISSING_TIME
    try:
        return to_microseconds(value, column)
    except SchemaError:
        problems.add(table, column, TIME_RULE)
        return MISSING_TIME


def read_updates(rows: Iterable[Row], records: Sequence[Record], problems: Problems) -> Updates:
    """Return what became of each record; of two updates at one time the later level is last."""
    found: Updates = {}
    happened: dict[str, int] = {}
    for row in rows:
        happened = happened or {record.source_id: record.event_time for record in records}
        source = _needed_text(row.get("source_id"), "updates", "source_id", problems)
        moment = read_time(
            row.get("recorded_time"), "updates", "recorded_time", problems, needed=True
        )
        level = row.get("evidence")
        if is_missing(level):
            problems.add("updates", "evidence", MISSING_RULE)
        if source and source not in happened:
            problems.add("updates", "source_id", NO_EVENT_RULE)
        elif MISSING_TIME != moment < happened.get(source, MISSING_TIME):
            problems.add("updates", "recorded_time", TOO_SOON_RULE)
        code = _code(_LEVEL, level, "updates", "evidence", problems)
        found.setdefault(source, []).append((moment, code))
    for steps in found.values():
        steps.sort()
    return found


def level_before(record: Record, later: Updates, t: int) -> int:
    """Return a record's evidence as the last update before `t` left it."""
    level = record.evidence
    for moment, changed in later.get(record.source_id, ()):
        if moment >= t:
            break
        level = changed
    return level


def asked_for(known: Sequence[Record], person_id: object) -> str:
    """Return whose row is wanted: who is said, or the only one named.

    Raises
    ------
    SchemaError
        If several people are named and none is said.
    NotScorableError
        If no record names the person.
    """
    named = {record.person_id for record in known} - {None}
    if person_id is None and len(named) > 1:
        raise SchemaError(f"records: they name {len(named)} people; say who with person_id=")
    asked = next(iter(named), None) if person_id is None else read_text(person_id)
    if asked is None or asked not in named:
        raise NotScorableError("none of the records names the person asked for")
    return asked


def number_distinct(values: Iterable[object]) -> list[int]:
    """Return numbers of distinct values in the order they appear; None is -1.

    Examples
    --------
    >>> number_distinct(["b", None, "a", "b"])
    [0, -1, 1, 0]
    """
    codes: dict[object, int] = {}
    return [-1 if v is None else codes.setdefault(v, len(codes)) for v in values]


def people_beside(
    values: Iterable[object], others: Iterable[tuple[object, object]]
) -> list[list[int]]:
    """Return, for each value, the other people who share it, as numbers.

    Parameters
    ----------
    values : iterable
        Incident, or place, of each of the person's records; None is shared with nobody.
    others : iterable of (value, person)
        Those of other people.

    Examples
    --------
    >>> people_beside(["i1", None, "i2"], [("i2", "b"), ("i2", "c"), ("i2", "b"), ("i1", "c")])
    [[1], [], [0, 1]]
    """
    number: dict[object, int] = {}
    sharing: dict[object, set[int]] = {}
    for value, person in others:
        if value is not None:
            sharing.setdefault(value, set()).add(number.setdefault(person, len(number)))
    return [sorted(sharing.get(value, ())) for value in values]
