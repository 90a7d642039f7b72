"""The tables of a request, taken apart: what bears on each person that it asks for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from riskmodel.errors import SchemaError
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.person.record_types import Event, PersonRow, Spell, Update
from riskmodel.scoring.person.records import checked_person
from riskmodel.serve.requests import ScoreRequest, TablesRequest, too_many_people


class OnePerson(NamedTuple):
    """What a request says of one person, and of others in the same incidents and places."""

    person_id: str
    records: list[Event]
    updates: list[Update]
    spells: list[Spell]
    person: dict[str, Any] | None
    having: dict[str, Any] | None


class People:
    """The people of a request.

    Raises
    ------
    SchemaError
        Rows that do not fit together: a source_id twice, updates of no record; it counts them.
    """

    def __init__(self, request: TablesRequest) -> None:
        problems = [*_link_problems(request), *_column_problems(request.people)]
        if problems:
            raise SchemaError(problems)
        self._own = _by(request.events, "person_id")
        self._shared = {name: _by(request.events, name) for name in ("incident_id", "place")}
        self._updates = _by(request.updates, "source_id")
        self._spells = _by(request.spells, "person_id")
        self._people = {row["person_id"]: row for row in request.people}
        self._groups = {row["person_id"]: row for row in request.groups}

    @property
    def named(self) -> list[str]:
        """Everyone in events and people, sorted."""
        return sorted({*self._own, *self._people})

    def one(self, person_id: str) -> OnePerson:
        """Return what bears on one person; without records for a person nobody named."""
        own = self._own.get(person_id, [])
        found = {row["source_id"]: row for row in own}
        for name, groups in self._shared.items():
            for value in {row.get(name) for row in own} - {None}:
                found |= {row["source_id"]: row for row in groups[value]}
        return OnePerson(
            person_id,
            list(found.values()),
            [update for source in found for update in self._updates.get(source, ())],
            self._spells.get(person_id, []),
            _without_id(self._people.get(person_id)),
            _without_id(self._groups.get(person_id)),
        )

    def status_without_records(self, person_id: str) -> str:
        """Say why nobody can score a person of whom there is no record."""
        return "no record before as_of" if person_id in self._people else "unknown person"


def asked_people(request: ScoreRequest, people: People, *, at_most: int) -> list[str]:
    """Return who is to be scored.

    Raises
    ------
    SchemaError
        One of them twice, or too many.
    """
    if request.person_ids is None:
        if (count := len(people.named)) > at_most:
            raise SchemaError(too_many_people(count, at_most))
        return people.named
    if twice := len(request.person_ids) - len(set(request.person_ids)):
        raise SchemaError(f"person_ids: listed more than once, in {_rows(twice)}")
    return request.person_ids


def check_offences(model: RiskModel, events: Iterable[Event]) -> None:
    """Count what the edition lacks: the library's own error lists the codes as they were given."""
    task = model.required_task
    if task.unmapped is not None:
        return
    lacking, known = 0, {}
    for event in events:
        offence = event["offence"]
        if offence not in known:
            known[offence] = _has_value(task.offences, offence)
        lacking += not known[offence]
    if lacking:
        raise SchemaError(
            f"events.offence: a code that the edition {model.edition} gives no harm for, "
            f"in {_rows(lacking)}"
        )


def _has_value(offences: Any, offence: str) -> bool:
    try:
        offences.lookup([offence])
    except SchemaError:
        return False
    return True


def _by(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if (value := row.get(name)) is not None:
            groups[value].append(row)
    return dict(groups)


def _without_id(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: row[name] for name in row if name != "person_id"}


def _link_problems(request: TablesRequest) -> list[str]:
    sources = {row["source_id"] for row in request.events}
    people = {row["person_id"] for row in request.people}
    persons = people | {row.get("person_id") for row in request.events}
    found = {
        "events.source_id: occurs before": len(request.events) - len(sources),
        "people.person_id: occurs before": len(request.people) - len(people),
        "groups.person_id: occurs before": len(request.groups)
        - len({row["person_id"] for row in request.groups}),
        "updates.source_id: in no row of events": _strangers(request.updates, "source_id", sources),
        "spells.person_id: in no row of events or people": _strangers(
            request.spells, "person_id", persons
        ),
    }
    return [f"{rule}, in {_rows(count)}" for rule, count in found.items() if count]


def _column_problems(people: Iterable[PersonRow]) -> list[str]:
    """Say which further columns of the people table cannot be; of those not asked for, too."""
    found: Counter[str] = Counter()
    for row in people:
        try:
            checked_person(_without_id(row))
        except SchemaError as error:
            found.update(error.problems)
    return [
        f"people{rule.removeprefix('person')}, in {_rows(count)}" for rule, count in found.items()
    ]


def _strangers(rows: Iterable[Mapping[str, Any]], name: str, known: set[Any]) -> int:
    return sum(row[name] not in known for row in rows)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"
