"""What a request may hold, as types; and what is said of one that holds something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from riskmodel.errors import SchemaError
from riskmodel.scoring.person.record_types import (
    FURTHER,
    Event,
    MaybeMoment,
    Moment,
    PersonRow,
    Spell,
    Text,
    Update,
)
from riskmodel.serve.failures import BadRequestError, FieldProblem
from riskmodel.serve.strict_json import NotJsonError, read_json

_MOST_NAMED = 50

Use = Annotated[str, Field(min_length=1, max_length=200)]


class GroupRow(TypedDict):
    """A row of the groups table."""

    __pydantic_config__ = ConfigDict(extra="allow", json_schema_extra=FURTHER)  # type: ignore[misc]

    person_id: Text


class TablesRequest(BaseModel):
    """Records of one or more people, and what is asked of them."""

    model_config = ConfigDict(extra="forbid")

    events: list[Event] = Field(
        min_length=1,
        description="The people's records, and those of others in the same incidents or places",
    )
    people: list[PersonRow] = Field(
        default=[], description="What the people table has of them, such as birth_year"
    )
    updates: list[Update] = Field(default=[], description="What became of the records")
    spells: list[Spell] = Field(default=[], description="Custody and other absences")
    groups: list[GroupRow] = Field(
        default=[],
        description="Only for a cohort that a published rule restricts by a characteristic; "
        "no feature reads it",
    )
    as_of: Moment = Field(description="Records from before it count")
    use: Use = Field(description="One of the model's permitted uses")
    data_start: MaybeMoment = Field(
        default=None, description="From when the records are complete; else as in training"
    )
    missing: Literal["fallback", "refuse"] = Field(
        default="fallback", description="What to do where a person lacks what the full model reads"
    )
    requested_by: Text = Field(default="api", description="Who asked, for the log of scores")


class ScoreRequest(TablesRequest):
    """Who is to be scored, with their records."""

    person_ids: list[Text] | None = Field(
        default=None, description="Who is scored; else everyone named in events and people"
    )


class ExplainRequest(ScoreRequest):
    """Who is to be scored, with reasons."""

    top: int = Field(default=5, ge=1, le=50, strict=True, description="Reasons at most, each")


class WhatIfRequest(TablesRequest):
    """Whose estimate is asked for, and which records are left out or added."""

    person_id: Text
    without: list[Text] = Field(
        default=[], description="Ids of records or of incidents; the whole incident goes"
    )
    add: list[Event] = Field(default=[], description="Records that are not among the events")


Asked = TypeVar("Asked", bound=TablesRequest)


def read_request(kind: type[Asked], body: bytes, *, max_rows: int, max_people: int) -> Asked:
    """Return the request in a body.

    Raises
    ------
    BadRequestError
        Names what is wrong with which field.
    SchemaError
        More rows or people than a request may have.
    """
    try:
        given = read_json(body)
    except NotJsonError as error:
        raise BadRequestError([FieldProblem(field="body", problem=str(error))]) from None
    _check_size(given, max_rows, max_people)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise BadRequestError(field_problems(kind, found)) from None


def _check_size(given: Any, max_rows: int, max_people: int) -> None:
    """Count before anything is read: too many rows are not looked at."""
    if not isinstance(given, Mapping):
        return
    rows = sum(len(part) for part in given.values() if isinstance(part, list))
    if rows > max_rows:
        raise SchemaError(f"{rows:,} rows were given, at most {max_rows:,} are allowed")
    people = given.get("person_ids")
    if isinstance(people, list) and len(people) > max_people:
        raise SchemaError(too_many_people(len(people), max_people))


def too_many_people(count: int, allowed: int) -> str:
    """Return what is said where a request asks for too many."""
    return f"{count:,} people were asked for, at most {allowed:,} are allowed at once"


def field_problems(
    kind: type[BaseModel], errors: Sequence[Mapping[str, Any]]
) -> list[FieldProblem]:
    """Return where a body breaks its types, and how; never a value, and no name it made up.

    Examples
    --------
    >>> field_problems(ScoreRequest, [{"loc": ("events", 0, "offence"), "type": "missing",
    ...                "msg": "Field required"}])
    [FieldProblem(field='events[0].offence', problem='Field required')]
    """
    known = _field_names(kind)
    said = [_problem(error, known) for error in errors[:_MOST_NAMED]]
    if more := len(errors) - len(said):
        said.append(FieldProblem(field="body", problem=f"{more:,} more problems"))
    return said


def _field_names(kind: type[BaseModel]) -> set[str]:
    rows = (Event, Update, Spell, PersonRow)
    return set(kind.model_fields).union(*(row.__annotations__ for row in rows))


def _problem(error: Mapping[str, Any], known: set[str]) -> FieldProblem:
    place = error["loc"]
    if error["type"] == "extra_forbidden":
        where = _path(place[:-1], known)
        return FieldProblem(field=where, problem="It has a field that is not allowed here")
    return FieldProblem(field=_path(place, known), problem=str(error["msg"]))


def _path(place: Iterable[Any], known: set[str]) -> str:
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part in known:
            path += f".{part}" if path else part
    return path or "body"
