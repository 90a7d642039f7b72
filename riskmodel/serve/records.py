"""What a request may hold, as types; and what is said of one that holds something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(max_length=200)]
Id = Text | int


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Event(_Record):
    """A row of the events table."""

    source_id: Id
    person_id: Id | None = None
    event_time: datetime
    recorded_time: datetime
    offence: Id
    victim_id: Id | None = None
    incident_id: Id | None = None
    place: Text | None = None
    evidence: Text | None = None
    origin: Text | None = None


class Update(_Record):
    """A row of the updates table: what became of a record."""

    source_id: Id
    recorded_time: datetime
    evidence: Text


class Spell(_Record):
    """A row of the spells table: custody and other absences."""

    person_id: Id
    start: datetime
    recorded_time: datetime
    end: datetime | None = None
    kind: Text | None = None


class Person(BaseModel):
    """A row of the people table; more columns only where the model reads them."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text | float | bool | None]

    person_id: Id
    birth_date: datetime | None = None
    birth_year: int | None = None
    death_date: datetime | None = None
    left_date: datetime | None = None


class ScoreRequest(_Record):
    """One or more people's records, and what is asked of them.

    Co-accused are counted where the events of the others in an incident are given too; who is
    scored is then said in `person_ids`.
    """

    events: list[Event]
    people: list[Person] = []
    updates: list[Update] = []
    spells: list[Spell] = []
    as_of: datetime
    use: Text
    person_ids: list[Id] | None = None
    data_start: datetime | None = None
    requested_by: Annotated[str, StringConstraints(min_length=1, max_length=100)] = "api"

    @property
    def n_rows(self) -> int:
        """Rows over all tables."""
        parts = (self.events, self.people, self.updates, self.spells, self.person_ids or [])
        return sum(len(part) for part in parts)


def table_of(rows: Sequence[BaseModel]) -> pd.DataFrame | None:
    """Return the rows with the columns that any of them gives; None without rows."""
    if not rows:
        return None
    given = {name for row in rows for name in row.model_fields_set}
    records = [row.model_dump() for row in rows]
    return pd.DataFrame(records, columns=[name for name in records[0] if name in given])


def field_problems(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return where a body breaks its types, and how; never a value, and no name it made up.

    Examples
    --------
    >>> field_problems([{"loc": ("body", "events", 0, "offence"), "type": "missing",
    ...                  "msg": "Field required", "input": {"name": "a person"}}])
    [{'field': 'events[0].offence', 'problem': 'Field required'}]
    """
    return [_problem(error) for error in errors]


def _problem(error: Mapping[str, Any]) -> dict[str, str]:
    place = list(error["loc"][1:])
    if error["type"] == "json_invalid":
        return {"field": "body", "problem": "This is not JSON"}
    if error["type"] == "extra_forbidden":
        return {"field": _path(place[:-1]), "problem": "It has a field that is not allowed here"}
    return {"field": _path(place), "problem": str(error["msg"])}


def _path(place: Sequence[Any]) -> str:
    known = {name for kind in _KINDS for name in kind.model_fields}
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part in known:
            path += f".{part}" if path else part
    return path or "body"


_KINDS: tuple[type[BaseModel], ...] = (ScoreRequest, Event, Update, Spell, Person)
