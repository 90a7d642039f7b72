"""PersonCase: all that bears on one person's score, as plain records, and how else it could stand.

Every change makes a new case: a record left out or added, what was known at another time. The row
that a case gives is the same as from the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from riskmodel.errors import SchemaError
from riskmodel.histories.moments import to_datetime, to_microseconds
from riskmodel.schema import EVIDENCE, SPELL_KINDS
from riskmodel.scoring.person.asked import PlainRow


@dataclass(frozen=True)
class PersonCase:
    """One person's records, and those of other people that the person's features count.

    Attributes
    ----------
    person_id : str
    records : tuple of mapping
        Events of the person and of other people in the same incidents or places.
    person : mapping
        The person's row of the people table.
    updates, spells : tuple of mapping
        What became of the records; the person's custody and other absences.
    """

    person_id: str
    records: tuple[PlainRow, ...]
    person: PlainRow
    updates: tuple[PlainRow, ...] = ()
    spells: tuple[PlainRow, ...] = ()

    @property
    def own(self) -> list[PlainRow]:
        """The records that name the person."""
        return [record for record in self.records if record.get("person_id") == self.person_id]

    def known(self, as_of: int) -> list[PlainRow]:
        """Return the person's records that had happened and were recorded before a moment."""
        names = ("event_time", "recorded_time")
        return [row for row in self.own if all(_when(row, name) < as_of for name in names)]

    def without(self, incidents: Iterable[str]) -> PersonCase:
        """Return the case without some incidents: all their records, of whomever."""
        gone = set(incidents)
        return self._of([row for row in self.records if incident_of(row) not in gone])

    def with_added(self, records: Iterable[PlainRow]) -> PersonCase:
        """Return the case with more records; what names nobody is of this person.

        Raises
        ------
        SchemaError
            A source_id that is there already.
        """
        added = [
            {**record, "person_id": self.person_id} if record.get("person_id") is None else record
            for record in records
        ]
        sources = [str(record.get("source_id")) for record in [*self.records, *added]]
        if twice := len(sources) - len(set(sources)):
            raise SchemaError(
                f"add: {twice} records have a source_id that is there already; give each its own, "
                "or leave the record that is there out with without="
            )
        return replace(self, records=(*self.records, *added))

    def recorded_before(self, moment: int, *, updates_before: int | None = None) -> PersonCase:
        """Return the case with what was recorded before one moment, updates before another."""
        until = moment if updates_before is None else updates_before
        known = self._of([row for row in self.records if _when(row, "recorded_time") < moment])
        return replace(
            known,
            updates=tuple(row for row in known.updates if _when(row, "recorded_time") < until),
            spells=tuple(row for row in self.spells if _when(row, "recorded_time") < moment),
        )

    def as_known_now(self, as_of: int) -> PersonCase:
        """Return the case as if all that had happened before `as_of` had been recorded by then.

        Records that happened before it, what they stand as after their last update, spells begun
        before it as they were last told.
        """
        happened = self._of([row for row in self.records if _when(row, "event_time") < as_of])
        begun = [row for row in self.spells if _when(row, "start") < as_of]
        return replace(
            happened,
            records=tuple(_in_time(row, as_of) for row in happened.records),
            updates=_last_said(happened.updates, lambda row: str(row["source_id"]), as_of),
            spells=_last_said(begun, _spell, as_of),
        )

    def evidence(self, record: PlainRow, before: int | None = None) -> str:
        """Return what a record stood as: after its last update, or the last before a moment."""
        said = (
            (_when(row, "recorded_time"), EVIDENCE.index(row["evidence"]))
            for row in self.updates
            if str(row["source_id"]) == str(record["source_id"])
        )
        known = [step for step in said if before is None or step[0] < before]
        return EVIDENCE[max(known)[1]] if known else str(record.get("evidence") or EVIDENCE[0])

    def _of(self, records: list[PlainRow]) -> PersonCase:
        """Return the case with these records and what became of them."""
        kept = {str(record["source_id"]) for record in records}
        updates = tuple(row for row in self.updates if str(row["source_id"]) in kept)
        return replace(self, records=tuple(records), updates=updates)


def incident_of(record: PlainRow) -> str:
    """Return what stands for a record's incident: without an id, a record is one of its own.

    Examples
    --------
    >>> incident_of({"source_id": "r1", "incident_id": "i7"})
    'i7'
    """
    incident = record.get("incident_id")
    return "\x00" + str(record["source_id"]) if incident is None else str(incident)


def incidents_named(records: Iterable[PlainRow], ids: Iterable[Any]) -> list[str]:
    """Return the incidents that ids of records or of incidents stand for, each once.

    Raises
    ------
    SchemaError
        Counting the ids that are neither.

    Examples
    --------
    >>> records = [{"source_id": "r1", "incident_id": "i7"}, {"source_id": "r2"}]
    >>> incidents_named(records, ["r1", "i7"])
    ['i7']
    """
    of_record = {str(record["source_id"]): incident_of(record) for record in records}
    known = {**{incident: incident for incident in of_record.values()}, **of_record}
    asked = [str(name) for name in ids]
    if unknown := sum(name not in known for name in asked):
        raise SchemaError(
            f"without: {unknown} of {len(asked)} ids are no source_id and no incident_id of a "
            "record that bears on this person: of the person, or of other people in the same "
            "incidents or places"
        )
    return list(dict.fromkeys(known[name] for name in asked))


def _when(row: PlainRow, name: str) -> int:
    return to_microseconds(row[name], name)


def _in_time(row: PlainRow, as_of: int) -> PlainRow:
    """Return a row as if it had been recorded before `as_of` at the latest."""
    if _when(row, "recorded_time") < as_of:
        return row
    return {**row, "recorded_time": to_datetime(as_of - 1)}


def _spell(row: PlainRow) -> tuple[Any, int, Any]:
    return row.get("person_id"), _when(row, "start"), row.get("kind") or SPELL_KINDS[0]


def _last_said(
    rows: Iterable[PlainRow], subject: Callable[[PlainRow], Any], as_of: int
) -> tuple[PlainRow, ...]:
    """Return what was said last of each subject; all of it, where several were at one moment."""
    last: dict[Any, list[PlainRow]] = {}
    for row in sorted(rows, key=lambda row: _when(row, "recorded_time")):
        said = last.setdefault(subject(row), [])
        if said and _when(said[-1], "recorded_time") < _when(row, "recorded_time"):
            said.clear()
        said.append(row)
    return tuple(_in_time(row, as_of) for said in last.values() for row in said)
