"""One person's records, as plain dicts from anywhere: read and checked at once.

What is missing comes back as None; what was not said at all stays unsaid. Errors name fields and
count rows: a `SchemaError` holds all of them, and no value.
"""

from __future__ import annotations

import math
import numbers
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from riskmodel.errors import SchemaError
from riskmodel.schema import PROTECTED_NAMES, is_protected
from riskmodel.scoring.person.plain_values import MISSING, is_missing, read_moment
from riskmodel.scoring.person.record_types import Event, Person, Spell, Update

MIXED_RULE = "mixes times with an offset from UTC and times without: give one or the other"
PROTECTED_RULE = (
    "a protected characteristic: it belongs in the groups table, which no feature reads"
)
VALUE_RULE = "not a text, a number, a time, or true or false"


class PersonTables(NamedTuple):
    """One person's records, checked: each a list of plain dicts, with datetimes for moments."""

    events: list[dict[str, Any]]
    updates: list[dict[str, Any]]
    spells: list[dict[str, Any]]
    person: dict[str, Any]


class _Rows:
    """Checks the rows of one table at once."""

    def __init__(self, name: str, kind: Any, times: tuple[str, ...]) -> None:
        self.name = name
        self.fields = list(kind.__annotations__)
        self.times = times
        self.adapter: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[kind])

    def check(self, rows: Any, problems: list[str]) -> list[dict[str, Any]]:
        """Return the rows as read; what they break goes to `problems`."""
        try:
            return self.adapter.validate_python(_listed(rows, self.name))
        except ValidationError as error:
            problems += self._said_of(error)
            return []

    def _said_of(self, error: ValidationError) -> list[str]:
        found = Counter(
            (str(place["loc"][1]) if len(place["loc"]) > 1 else "", place["type"], place["msg"])
            for place in error.errors(include_url=False, include_input=False, include_context=False)
        )
        unknown = sum(count for (_, kind, _), count in found.items() if kind == "extra_forbidden")
        said = [
            f"{self.name}{f'.{field}' if field else ''}: {_rule(kind, message)}, in {_rows(count)}"
            for (field, kind, message), count in found.items()
            if kind != "extra_forbidden"
        ]
        if unknown:
            said.append(f"{self.name}: unknown columns; allowed are {', '.join(self.fields)}")
        return said


def _rule(kind: str, message: str) -> str:
    if kind == MISSING:
        return "missing"
    return message if kind == "rule" else "not a record (a mapping of fields)"


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"


def _listed(rows: Any, name: str) -> list[Any]:
    """Return rows as a list: a table gives its own, one mapping is one row, None is none."""
    if rows is None:
        return []
    if hasattr(rows, "columns") and hasattr(rows, "to_dict"):
        return list(rows.to_dict("records"))
    if isinstance(rows, Mapping):
        return [rows]
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise SchemaError(f"{name}: a list of records, one mapping each, is expected")
    return list(rows)


_EVENTS = _Rows("events", Event, ("event_time", "recorded_time"))
_UPDATES = _Rows("updates", Update, ("recorded_time",))
_SPELLS = _Rows("spells", Spell, ("start", "recorded_time", "end"))
_PERSON: TypeAdapter[Any] = TypeAdapter(Person)


def checked_tables(
    records: Any, *, updates: Any = (), spells: Any = (), person: Mapping[str, Any] | None = None
) -> PersonTables:
    """Read all that is known of a person; every mistake of every part is in one error.

    Parameters
    ----------
    records, updates, spells : iterable of mapping, DataFrame, or None
        Rows of the events, updates and spells tables.
    person : mapping, optional
        Columns of the people table.

    Raises
    ------
    SchemaError
        Fields missing, unknown or not what they should be; times with and without an offset.

    Examples
    --------
    >>> report = {"source_id": 1, "person_id": "p1", "event_time": "2011-03-01T10:00",
    ...           "recorded_time": "2011-03-05", "offence": "105A"}
    >>> checked_tables([report]).events[0]["source_id"]
    '1'
    >>> checked_tables([report | {"offence": None}])
    Traceback (most recent call last):
    riskmodel.errors.SchemaError: 1 problem:
      - events.offence: missing, in 1 row
    """
    problems: list[str] = []
    tables = PersonTables(
        _EVENTS.check(records, problems),
        _UPDATES.check(updates, problems),
        _SPELLS.check(spells, problems),
        _check_person(person, problems),
    )
    _check_offsets(tables, problems)
    if problems:
        raise SchemaError(problems)
    return tables


def checked_records(records: Any) -> list[dict[str, Any]]:
    """Return rows of the events table as read; see `checked_tables`."""
    return checked_tables(records).events


def checked_updates(updates: Any) -> list[dict[str, Any]]:
    """Return rows of the updates table as read; see `checked_tables`."""
    return checked_tables((), updates=updates).updates


def checked_spells(spells: Any) -> list[dict[str, Any]]:
    """Return rows of the spells table as read; see `checked_tables`."""
    return checked_tables((), spells=spells).spells


def checked_person(person: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the columns of the people table as read; see `checked_tables`."""
    return checked_tables((), person=person).person


def _check_offsets(tables: PersonTables, problems: list[str]) -> None:
    """Refuse a mix; the dates of a person are days of a calendar and take no part."""
    parts = ((_EVENTS, tables.events), (_UPDATES, tables.updates), (_SPELLS, tables.spells))
    kinds = {
        moment.tzinfo is None
        for kind, rows in parts
        for name in kind.times
        for row in rows
        if (moment := row.get(name)) is not None
    }
    if len(kinds) > 1:
        problems.append(f"{', '.join(kind.name for kind, rows in parts if rows)}: {MIXED_RULE}")


def _check_person(person: Mapping[str, Any] | None, problems: list[str]) -> dict[str, Any]:
    if person is None:
        return {}
    if not isinstance(person, Mapping):
        problems.append("person: a mapping of columns of the people table is expected")
        return {}
    declared = {name: person[name] for name in person if name in Person.__annotations__}
    further = {
        name: _covariate(name, person[name], problems) for name in person if name not in declared
    }
    try:
        return {**_PERSON.validate_python(declared), **further}
    except ValidationError as error:
        for place in error.errors(include_url=False, include_input=False, include_context=False):
            problems.append(f"person.{place['loc'][0]}: {_rule(place['type'], place['msg'])}")
        return {}


def _covariate(name: object, value: Any, problems: list[str]) -> Any:
    """Return a further column's value; its name is shown only where it is no one's own word."""
    if not isinstance(name, str) or is_protected(name):
        known = isinstance(name, str) and name.lower() in PROTECTED_NAMES
        where = f"person.{name}" if known else "person"
        problems.append(f"{where}: {PROTECTED_RULE}")
        return None
    if is_missing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | str | datetime):
        return value
    if isinstance(value, numbers.Real) and math.isfinite(value):
        return value
    with suppress(PydanticCustomError):
        return read_moment(value)
    problems.append(f"person: {VALUE_RULE}, in a column of its own")
    return None
