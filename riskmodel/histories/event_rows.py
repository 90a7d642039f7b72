"""Rows of events as Arrow has them: held against the rules, then read into `EventArrays`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.errors import SchemaError
from riskmodel.histories import order_kernel
from riskmodel.histories.arrays import EventArrays
from riskmodel.histories.event_files import WholePersons
from riskmodel.histories.ids import number_within_persons, read_ids
from riskmodel.histories.ids_kernel import Ids
from riskmodel.histories.links import Records
from riskmodel.histories.parquet_files import NO_TIME, Vocabulary, read_times
from riskmodel.histories.problems import AGAIN_RULE, DEAD_RULE, EARLY_RULE, UNBORN_RULE, Problem
from riskmodel.histories.update_files import Updates
from riskmodel.schema import EVIDENCE, ORIGINS

Int64s: TypeAlias = npt.NDArray[np.int64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Mask: TypeAlias = npt.NDArray[np.bool_]
Rule: TypeAlias = tuple[str, str]
"""A column, and what is wrong with it."""

MISSING = "missing"
LATE_RULE = "at or after data_end"
OTHER_PLACE = "\x00"
"""Stands for all places that no feature names: no text holds this character."""


class Lives(NamedTuple):
    """From when until before when each person of a chunk can have done anything (microseconds)."""

    born: Int64s
    ended: Int64s


@dataclass(frozen=True)
class Reading:
    """What chunks of one events table have in common.

    Parameters
    ----------
    updates : Updates
    places : tuple of str
        Places that a feature names.
    reads_places : bool
        Whether any feature asks for places.
    data_end : int or None
        Microseconds.
    set_aside : bool
        Leave invalid rows out rather than raise.
    offences, evidence, origin : Vocabulary
    """

    updates: Updates
    places: tuple[str, ...] = ()
    reads_places: bool = True
    data_end: int | None = None
    set_aside: bool = False
    offences: Vocabulary = field(default_factory=Vocabulary)
    evidence: Vocabulary = field(default_factory=lambda: Vocabulary(EVIDENCE, fixed=True))
    origin: Vocabulary = field(default_factory=lambda: Vocabulary(ORIGINS, fixed=True))

    @property
    def columns(self) -> list[str]:
        """Columns to read."""
        needed = [
            "person_id",
            "source_id",
            "event_time",
            "recorded_time",
            "offence",
            "evidence",
            "origin",
        ]
        return [*needed, "victim_id", "incident_id", *(["place"] if self.reads_places else [])]


class Rows:
    """The columns of some rows of events, each read when first asked for."""

    def __init__(self, reader: Reading, table: Any) -> None:
        self.reader, self.table = reader, table
        self.n = table.num_rows

    @cached_property
    def source(self) -> Ids:
        """Ids of the rows, as updates have them."""
        return read_ids(self.table.column("source_id"), as_text=self.reader.updates.as_text)

    @cached_property
    def happened(self) -> tuple[Int64s, dict[str, Mask]]:
        """Times of the events, and the rows where they break a rule."""
        return read_times(self.table.column("event_time"))

    @cached_property
    def recorded(self) -> tuple[Int64s, dict[str, Mask]]:
        """Times when events became known, and the rows where they break a rule."""
        return read_times(self.table.column("recorded_time"))

    @cached_property
    def offence(self) -> Int32s:
        """Codes in the reader's vocabulary, -1 missing."""
        return self.reader.offences.read(self.table.column("offence"))

    @cached_property
    def evidence(self) -> Int32s:
        """Indices in `EVIDENCE`, negative where the word is another."""
        return self._codes(self.reader.evidence, "evidence")

    @cached_property
    def origin(self) -> Int32s:
        """Indices in `ORIGINS`, negative where the word is another."""
        return self._codes(self.reader.origin, "origin")

    @cached_property
    def place(self) -> Ids:
        """Where, if there is such a column."""
        return read_ids(self.table.column("place"))

    def _codes(self, words: Vocabulary, name: str) -> Int32s:
        """Return codes; what is missing is the first word, which is the default."""
        if name not in self.table.schema.names:
            return np.zeros(self.n, dtype=np.int32)
        codes = words.read(self.table.column(name))
        codes[codes == -1] = 0
        return codes

    def invalid(self, chunk: WholePersons, lives: Lives | None) -> Mask:
        """Return the rows that break a rule, unless that is refused."""
        problems = self.problems(chunk, lives)
        if problems and not self.reader.set_aside:
            _refuse(problems, chunk)
        return _any_of(problems, self.n)

    def problems(self, chunk: WholePersons, lives: Lives | None) -> dict[Rule, Mask]:
        """Return the rows that break each rule, where any does."""
        found = {rule: mask for rule, mask in self._own_problems().items() if mask.any()}
        found["source_id", AGAIN_RULE] = _repeated(self, _any_of(found, self.n))
        if self.reader.data_end is not None:
            found["recorded_time", LATE_RULE] = self.recorded[0] >= self.reader.data_end
        if lives is not None:
            found |= self._beyond_life(chunk, lives)
        return {rule: mask for rule, mask in found.items() if mask.any()}

    def _own_problems(self) -> dict[Rule, Mask]:
        (happened, beyond_time), (recorded, beyond_record) = self.happened, self.recorded
        return {
            ("source_id", MISSING): self.source.missing,
            ("event_time", MISSING): happened == NO_TIME,
            ("recorded_time", MISSING): recorded == NO_TIME,
            ("offence", MISSING): self.offence == -1,
            ("evidence", "not one of " + ", ".join(EVIDENCE)): self.evidence < 0,
            ("origin", "not one of " + ", ".join(ORIGINS)): self.origin < 0,
            ("recorded_time", EARLY_RULE): (recorded < happened) & (recorded != NO_TIME),
            **{("event_time", rule): mask for rule, mask in beyond_time.items()},
            **{("recorded_time", rule): mask for rule, mask in beyond_record.items()},
        }

    def _beyond_life(self, chunk: WholePersons, lives: Lives) -> dict[Rule, Mask]:
        person = np.searchsorted(chunk.start, np.arange(self.n), side="right") - 1
        times = self.happened[0]
        known = ~chunk.unnamed & (times != NO_TIME)
        early = known & (times < lives.born[person])
        late = known & (times >= lives.ended[person])
        return {
            ("event_time", UNBORN_RULE): early,
            ("event_time", DEAD_RULE): late,
        }

    def records(self, row: Int64s, valid: Mask) -> Records:
        """Return the records of some rows, and what became of them."""
        happened = self.happened[0]
        updates = self.reader.updates.of(self.source, happened, row, valid)
        level = self.evidence[row].astype(np.int8)
        return Records(happened[row], self.recorded[0][row], level, *updates)

    def arrays(self, row: Int64s, person_start: Int64s, valid: Mask) -> EventArrays:
        """Return the arrays of some rows, which are put in order in place."""
        self._put_in_order(row, person_start)
        records = self.records(row, valid)
        places, code = self._places()
        missing = np.broadcast_to(np.int32(-1), row.size)
        return EventArrays(
            person_start=person_start,
            records=records,
            offences=self.reader.offences.words,
            places=places,
            offence_code=self.offence[row].astype(np.int32),
            place_code=missing if code is None else code[row],
            victim_local=self._local("victim_id", person_start, row),
            incident_local=self._local("incident_id", person_start, row, own=True),
            place_local=self._local("place", person_start, row),
            incident_code=np.broadcast_to(np.int64(-1), row.size),  # partners come from elsewhere
            origin=self.origin[row].astype(np.int8),
        )

    def _put_in_order(self, row: Int64s, person_start: Int64s) -> None:
        happened, recorded = self.happened[0], self.recorded[0]
        if order_kernel.in_order(person_start, row, happened, recorded):
            return
        source = self.source
        if not source.offset.size:  # numbers: ids are text, and stand as text does
            source = read_ids(self.table.column("source_id"), as_text=True)
        room = np.empty(row.size, dtype=np.int64)
        order_kernel.sort_rows(person_start, row, happened, recorded, source, room)

    def _local(self, name: str, person_start: Int64s, row: Int64s, *, own: bool = False) -> Int32s:
        """Return the numbers of a column's ids within each person."""
        if name not in self.table.schema.names:
            alone = np.arange(row.size) - np.repeat(person_start[:-1], np.diff(person_start))
            return (alone if own else np.full(row.size, -1)).astype(np.int32)
        ids = self.place if name == "place" else read_ids(self.table.column(name))
        return number_within_persons(person_start, row, ids, own=own)

    def _places(self) -> tuple[tuple[str, ...], Int32s | None]:
        """Return the named places and one for all others, and each row's code."""
        if "place" not in self.table.schema.names:
            return (), None
        column = self.table.column("place")
        places = (*self.reader.places, OTHER_PLACE)
        code = np.full(self.n, len(places) - 1, dtype=np.int32)
        if self.reader.places:
            text = column.cast(pa.string())
            named = pc.index_in(text, pa.array(self.reader.places, pa.string()))
            there = np.asarray(pc.fill_null(named.combine_chunks(), -1))
            code[there >= 0] = there[there >= 0]
        code[self.place.missing] = -1
        return places, code


def _any_of(masks: dict[Rule, Mask], n: int) -> Mask:
    found = np.zeros(n, dtype=bool)
    for mask in masks.values():
        found |= mask
    return found


def _repeated(rows: Rows, invalid: Mask) -> Mask:
    """Return the valid rows whose source_id occurs in the chunk before, recorded no later."""
    mask = np.zeros(rows.n, dtype=bool)
    key = np.sort(rows.source.key[~invalid] if invalid.any() else rows.source.key)
    again = key[1:][key[1:] == key[:-1]]
    if not again.size:
        return mask
    suspects = np.flatnonzero(np.isin(rows.source.key, again) & ~invalid)
    found = rows.table.take(suspects).to_pandas()
    text = {name: "str" for name in found.columns if not name.endswith("time")}
    frame = found.astype(text).assign(row=suspects)
    order = ["recorded_time", *(name for name in _KEY_ORDER if name in frame.columns)]
    later = frame.sort_values(order)[["source_id", "row"]]
    mask[later.loc[later["source_id"].duplicated(), "row"].to_numpy()] = True
    return mask


_KEY_ORDER: Sequence[str] = (
    "person_id", "event_time", "offence", "victim_id", "incident_id", "place", "evidence", "origin",
)  # fmt: skip


def _refuse(problems: dict[Rule, Mask], chunk: WholePersons) -> None:
    found = [
        str(Problem("events", column, rule, int(mask.sum())))
        for (column, rule), mask in problems.items()
    ]
    raise SchemaError(
        [f"{text} of rows {chunk.first_row + 1:,} to {chunk.first_row + chunk.table.num_rows:,}"
         for text in found],
        advice='Correct the rows, or set them aside with on_invalid="set_aside". '
        "Later rows were not read.",
    )  # fmt: skip
