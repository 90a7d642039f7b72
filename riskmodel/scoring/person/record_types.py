"""What the rows of one person's tables may hold, as types: columns, words and years as declared.

The declarations are those of `riskmodel.schema`. One definition serves plain dicts and requests
over HTTP, whose JSON schema is made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from riskmodel.schema import EVIDENCE, ORIGINS, SPELL_KINDS
from riskmodel.scoring.person.plain_values import (
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST,
    MISSING,
    ReadWord,
    read_moment,
    read_text,
    read_year,
)


class Reads:
    """Says how a field is read, and how its JSON schema tells of it; for ``Annotated``."""

    def __init__(
        self, read: Callable[[Any], Any], described: dict[str, Any], *, or_none: bool = False
    ) -> None:
        self.read = _or_none(read) if or_none else read
        self.or_none = or_none
        null: list[dict[str, Any]] = [{"type": "null"}] if or_none else []
        choices = [*described.get("anyOf", [described]), *null]
        self.described = {"anyOf": choices} if len(choices) > 1 else described

    def __get_pydantic_core_schema__(self, *_: Any) -> core_schema.CoreSchema:
        """Tell pydantic how to read a value."""
        plain = core_schema.no_info_plain_validator_function(self.read)
        return core_schema.nullable_schema(plain) if self.or_none else plain

    def __get_pydantic_json_schema__(self, *_: Any) -> dict[str, Any]:
        """Tell pydantic how JSON holds one."""
        return dict(self.described)


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_or_none(value: Any) -> Any:
        try:
            return read(value)
        except PydanticCustomError as error:
            if error.type == MISSING:
                return None
            raise

    return read_or_none


def _words(allowed: tuple[str, ...]) -> tuple[ReadWord, dict[str, Any]]:
    return ReadWord(allowed), {"type": "string", "enum": list(allowed)}


_TEXT: dict[str, Any] = {
    "anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST}, {"type": "integer"}]
}
_MOMENT: dict[str, Any] = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
}
_YEAR: dict[str, Any] = {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}

Text = Annotated[str, Reads(read_text, _TEXT)]
Moment = Annotated[datetime, Reads(read_moment, _MOMENT)]
Evidence = Annotated[str, Reads(*_words(EVIDENCE))]
MaybeText = Annotated[str | None, Reads(read_text, _TEXT, or_none=True)]
MaybeMoment = Annotated[datetime | None, Reads(read_moment, _MOMENT, or_none=True)]
MaybeYear = Annotated[int | None, Reads(read_year, _YEAR, or_none=True)]
MaybeEvidence = Annotated[str | None, Reads(*_words(EVIDENCE), or_none=True)]
MaybeOrigin = Annotated[str | None, Reads(*_words(ORIGINS), or_none=True)]
MaybeKind = Annotated[str | None, Reads(*_words(SPELL_KINDS), or_none=True)]

_CLOSED = ConfigDict(extra="forbid")


class Event(TypedDict):
    """A record: a row of the events table. Without `evidence` it is an allegation."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    source_id: Text
    person_id: NotRequired[MaybeText]
    event_time: Moment
    recorded_time: Moment
    offence: Text
    victim_id: NotRequired[MaybeText]
    incident_id: NotRequired[MaybeText]
    place: NotRequired[MaybeText]
    evidence: NotRequired[MaybeEvidence]
    origin: NotRequired[MaybeOrigin]


class Update(TypedDict):
    """What became of a record: a row of the updates table."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    source_id: Text
    recorded_time: Moment
    evidence: Evidence


class Spell(TypedDict):
    """Custody or another absence: a row of the spells table. Without an `end` it goes on."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]

    person_id: Text
    start: Moment
    recorded_time: Moment
    end: NotRequired[MaybeMoment]
    kind: NotRequired[MaybeKind]


FURTHER = {"additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
"""How a JSON schema tells that an object may have more than its named fields."""


class Person(TypedDict):
    """A person's dates; more columns only where a feature of the model reads them."""

    __pydantic_config__ = ConfigDict(extra="allow", json_schema_extra=FURTHER)  # type: ignore[misc]

    birth_date: NotRequired[MaybeMoment]
    birth_year: NotRequired[MaybeYear]
    death_date: NotRequired[MaybeMoment]
    left_date: NotRequired[MaybeMoment]
    recordable_from: NotRequired[MaybeMoment]


class PersonRow(Person):
    """A row of the people table; more columns only where a feature of the model reads them."""

    __pydantic_config__ = ConfigDict(extra="allow", json_schema_extra=FURTHER)  # type: ignore[misc]

    person_id: Text
