"""Plain records (one mapping each) as the arrays that the compiled pass reads, with no table."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from riskmodel.errors import SchemaError
from riskmodel.histories.coercion import to_timestamp
from riskmodel.histories.links import Links, Records
from riskmodel.schema import EVIDENCE, ORIGINS

MISSING_TIME = np.iinfo(np.int64).min
_EPOCH = datetime.datetime(1970, 1, 1)
_LEVEL = {level: code for code, level in enumerate(EVIDENCE)}
_ORIGIN = {origin: code for code, origin in enumerate(ORIGINS)}
_NEEDED = ("source_id", "event_time", "recorded_time", "offence")


Updates = dict[str, list[tuple[int, int]]]
"""Moment and evidence of each update of a record, by source_id."""


class Record(NamedTuple):
    """One record, read: times in microseconds, evidence and origin as codes, ids as text."""

    event_time: int
    recorded_time: int
    source_id: str
    person_id: object
    offence: str
    victim: object
    incident: object
    place: object
    evidence: int
    origin: int


def read_record(record: Mapping[str, Any]) -> Record:
    """Read and check one record of the events table.

    Raises
    ------
    SchemaError
        If a field is missing or cannot be; no value is shown.
    """
    try:
        source, happened, recorded, offence = (record[name] for name in _NEEDED)
    except KeyError as error:
        raise SchemaError(
            f"records: {error.args[0]} is missing in one; each needs {_NEEDED}"
        ) from None
    event_time, recorded_time = (
        read_moment(happened, "event_time"),
        read_moment(recorded, "recorded_time"),
    )
    if recorded_time < event_time:
        raise SchemaError("records: one was recorded before it happened; correct or leave it out")
    get = record.get
    incident = _id(get("incident_id"))
    return Record(
        event_time,
        recorded_time,
        str(source),
        _id(get("person_id")),
        str(offence),
        _id(get("victim_id")),
        ("\x00", source) if incident is None else incident,
        _id(get("place")),
        _code(_LEVEL, get("evidence"), "evidence"),
        _code(_ORIGIN, get("origin"), "origin"),
    )


def _is_missing(value: Any) -> bool:
    return value is None or bool(value != value)  # noqa: PLR0124 - NaN and NaT, without pandas


def _id(value: object) -> object:
    """Return an id as text; what is missing in any of pandas' ways is None."""
    if _is_missing(value):
        return None
    return value if type(value) is str else str(value)


def _code(codes: dict[str, int], value: Any, name: str) -> int:
    if _is_missing(value):
        return 0
    if value not in codes:
        raise SchemaError(f"{name}: one of {', '.join(codes)} is expected")
    return codes[value]


def read_moment(value: Any, name: str) -> int:
    """Return a moment in microseconds since 1970, in UTC."""
    if type(value) is str:
        with contextlib.suppress(ValueError):  # what is written otherwise, pandas may still read
            value = datetime.datetime.fromisoformat(value)
    if type(value) is datetime.datetime and value.tzinfo is None:
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return int(to_timestamp(value, name).to_datetime64().astype("datetime64[us]").astype(np.int64))


def read_date(person: Mapping[str, Any], name: str) -> int:
    """Return a date of the people table; a year of birth is held as its 1 July."""
    value = person.get(name)
    if value is None and name == "birth_date" and person.get("birth_year") is not None:
        value = f"{int(person['birth_year'])}-07-01"
    if _is_missing(value):
        return int(MISSING_TIME)
    return read_moment(value, name)


def read_number(value: Any) -> float:
    """Return a number of the people table; missing is NaN."""
    return float("nan") if value is None else float(value)


def asked_for(known: list[Record], person_id: object) -> object:
    """Return whose row is wanted: who is said, or the only one named."""
    if person_id is not None:
        return str(person_id)
    named = {record.person_id for record in known}
    if len(named) > 1:
        raise SchemaError(f"records: they name {len(named)} people; say who with person_id=")
    return next(iter(named), None)


def read_updates(updates: Iterable[Mapping[str, Any]]) -> Updates:
    """Return what became of each record, by time; of two at one time the later level is last."""
    found: Updates = {}
    for update in updates:
        source = str(update["source_id"])
        moment = read_moment(update["recorded_time"], "updates.recorded_time")
        found.setdefault(source, []).append((moment, _code(_LEVEL, update["evidence"], "evidence")))
    for steps in found.values():
        steps.sort()
    return found


def as_records(rows: list[Record], later: Updates) -> Records:
    """Return the arrays of some records with what became of each."""
    steps = [later.get(row.source_id, ()) for row in rows]
    times = np.array([(row.event_time, row.recorded_time) for row in rows], dtype=np.int64)
    times = np.ascontiguousarray(times.reshape(-1, 2).T)
    flat = [step for of_one in steps for step in of_one]
    start = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(of_one) for of_one in steps], out=start[1:])
    return Records(
        times[0],
        times[1],
        np.array([row.evidence for row in rows], dtype=np.int8),
        start,
        np.array([moment for moment, _ in flat], dtype=np.int64),
        np.array([level for _, level in flat], dtype=np.int8),
    )


def number_distinct(values: list[object]) -> list[int]:
    """Return numbers of distinct values in the order they appear; None is -1."""
    codes: dict[object, int] = {}
    return [-1 if v is None else codes.setdefault(v, len(codes)) for v in values]


def join_others(own: list[Record], others: list[Record], records: Records, shared: str) -> Links:
    """Return, for each own record, those of other people with the same incident or place."""
    by_value: dict[object, list[int]] = {}
    for row, other in enumerate(others):
        if other.person_id is not None and (value := getattr(other, shared)) is not None:
            by_value.setdefault(value, []).append(row)
    rows = [by_value.get(getattr(record, shared), []) for record in own]
    flat = [row for of_one in rows for row in of_one]
    start = np.zeros(len(own) + 1, dtype=np.int64)
    np.cumsum([len(of_one) for of_one in rows], out=start[1:])
    people = number_distinct([others[row].person_id for row in flat])
    return Links(start, np.array(flat, dtype=np.int64), np.array(people, dtype=np.int32), records)
