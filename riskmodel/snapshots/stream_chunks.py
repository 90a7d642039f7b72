"""Where streamed persons come from: histories in memory, in slices, or Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.arrays import EventArrays
from riskmodel.histories.event_chunks import EventReader
from riskmodel.histories.event_files import Survey, WholePersons, check_dates_only, take_rows
from riskmodel.histories.events import EventHistories
from riskmodel.histories.links import Links
from riskmodel.histories.parquet_files import TableFiles, check_offsets
from riskmodel.histories.people_files import PeopleReader
from riskmodel.histories.shared_records import (
    Repeated,
    SharedRecords,
    columns_to_gather,
    gather_shared,
    look_over,
)
from riskmodel.histories.sorting import sort_by_person
from riskmodel.histories.update_files import Updates
from riskmodel.snapshots.build import refuse_missing
from riskmodel.snapshots.material import Ints, Material
from riskmodel.snapshots.membership import membership
from riskmodel.snapshots.passes import Pass
from riskmodel.snapshots.plan import Plan
from riskmodel.snapshots.programme import declared_places
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us

PathLike = str | os.PathLike[str]

N_THREADS = 2


@dataclass(frozen=True)
class Persons:
    """Some persons made ready for the compiled pass.

    Attributes
    ----------
    material : Material
    in_cohort : bool, shape (n_dates, n_persons)
    ids : pyarrow.Array
    n_events, n_set_aside : int
    """

    material: Material
    in_cohort: NDArray[np.bool_]
    ids: Any
    n_events: int
    n_set_aside: int = 0


@dataclass(frozen=True)
class HistoriesOfChunk:
    """What membership and `Material` read of histories, for the persons of one chunk."""

    arrays: EventArrays
    persons: NDArray[np.str_]
    people: pd.DataFrame
    spells: pd.DataFrame
    data_start: pd.Timestamp


def slices(
    histories: EventHistories, task: Task, dates: Ints, chunk_people: int
) -> Iterator[Persons]:
    """Yield the persons of histories in memory, slice by slice; no events are copied."""
    plan = Pass.of(task).plan
    everyone = Material.of(histories, plan, dates)
    in_cohort = membership(histories, task, dates) == 0
    partners, neighbours = everyone.links(plan)
    for first in range(0, histories.persons.size, chunk_people):
        last = min(first + chunk_people, histories.persons.size)
        begin, end = everyone.arrays.person_start[[first, last]].tolist()
        persons = slice(first, last)
        yield Persons(
            Material(
                _sliced(everyone.arrays, persons, slice(begin, end)),
                everyone.reach[persons],
                everyone.dates[:, persons].copy(),
                everyone.numbers[:, persons].copy(),
                everyone.custody[..., persons].copy(),
                _sliced_links(partners, begin, end),
                _sliced_links(neighbours, begin, end),
            ),
            in_cohort[:, persons],
            pa.array(histories.persons[persons]),
            end - begin,
        )


def _sliced(arrays: EventArrays, persons: slice, events: slice) -> EventArrays:
    records, begin = arrays.records, events.start
    per_event = ("offence_code", "place_code", "victim_local", "incident_local", "place_local",
                 "incident_code", "origin")  # fmt: skip
    return replace(
        arrays,
        person_start=arrays.person_start[persons.start : persons.stop + 1] - begin,
        records=records._replace(
            event_time=records.event_time[events],
            recorded_time=records.recorded_time[events],
            evidence0=records.evidence0[events],
            update_start=records.update_start[begin : events.stop + 1],
        ),
        **{name: getattr(arrays, name)[events] for name in per_event},
    )


def _sliced_links(links: Links, begin: int, end: int) -> Links:
    return links._replace(start=links.start[begin : end + 1])


@dataclass(frozen=True)
class FileChunks:
    """Histories in Parquet files, as chunks of whole persons.

    Make one with `open`.
    """

    task: Task
    dates: Ints
    events: TableFiles
    survey: Survey
    reader: EventReader
    people: PeopleReader
    data_start: pd.Timestamp
    chunk_people: int
    shared: dict[str, SharedRecords]

    @classmethod
    def open(
        cls,
        task: Task,
        dates: Ints,
        tables: dict[str, TableFiles],
        *,
        data_start: pd.Timestamp,
        data_end: pd.Timestamp | None,
        dates_only: bool,
        set_aside: bool,
        chunk_people: int,
        room: Path,
    ) -> FileChunks:
        """Check the files, sort the events if need be, read all tables but them.

        Parameters
        ----------
        tables : dict of str to TableFiles
        chunk_people : int
        room : Path
            A folder for temporary files.
        """
        check_offsets(list(tables.values()))
        events, plan = tables["events"], Pass.of(task).plan
        check_dates_only(events, dates_only=dates_only)
        people = PeopleReader.open(
            tables.get("people"),
            tables.get("spells"),
            events,
            covariates=_people_columns(plan),
            data_end=data_end,
            set_aside=set_aside,
        )
        _check_people(task, people)
        end = None if data_end is None else instant_us(data_end)
        rules: dict[str, Any] = {"data_end": end, "set_aside": set_aside}
        with ThreadPoolExecutor(1) as beside:
            updates = beside.submit(Updates.read, tables.get("updates"), events, **rules)
            events, survey, repeated = _in_order(events, _shared_columns(plan, events), room)
        reader = EventReader(
            updates.result(), declared_places(plan), reads_places=_reads_places(plan), **rules
        )
        source = cls(task, dates, events, survey, reader, people, data_start, chunk_people, {})
        return replace(
            source, shared={name: source._gather(name, keys) for name, keys in repeated.items()}
        )

    def _gather(self, column: str, wanted: Repeated) -> SharedRecords:
        columns = columns_to_gather(self.reader, column)
        return gather_shared(
            self.chunks(columns, side_by_side=True),
            self.reader,
            column,
            wanted,
            lives=lambda chunk: self.people.of(_ids(chunk)).lives,
            n_threads=N_THREADS,
        )

    def chunks(self, columns: list[str], *, side_by_side: bool = False) -> Iterator[WholePersons]:
        """Yield the rows of some persons after another, cut alike each time."""
        return self.survey.chunks(
            self.events, columns, chunk_people=self.chunk_people, side_by_side=side_by_side
        )

    def prepare(self, chunk: WholePersons) -> Persons:
        """Make the rows of some persons ready for the compiled pass."""
        ids = _ids(chunk)
        about = self.people.of(ids)
        events = self.reader.read(chunk, about.lives)
        histories = HistoriesOfChunk(
            events.arrays, about.persons, about.people, about.spells, self.data_start
        )
        material = Material.of(histories, Pass.of(self.task).plan, self.dates)
        partners, neighbours = (
            self.shared[column].of(events, chunk.first_row) if column in self.shared else None
            for column in ("incident_id", "place")
        )
        material = replace(material, partners=partners, neighbours=neighbours)
        return Persons(
            material,
            membership(histories, self.task, self.dates) == 0,
            ids,
            events.row.size,
            events.n_set_aside + about.n_set_aside,
        )

    def check_end(self) -> None:
        """Refuse updates and spells that belong to nothing that was read."""
        self.reader.updates.check_met()
        self.people.check_met()


def _in_order(
    events: TableFiles, shared: list[str], room: Path
) -> tuple[TableFiles, Survey, dict[str, Repeated]]:
    """Return the events in the order of persons, sorted if they were not, and what was found."""
    survey, repeated = look_over(events, shared, N_THREADS)
    if survey is None:
        events = sort_by_person(events, room)
        survey, repeated = look_over(events, shared, N_THREADS)
    if survey is None or not survey.start.size:
        raise SchemaError("events.person_id: no row names a person")
    return events, survey, repeated


def _shared_columns(plan: Plan, events: TableFiles) -> list[str]:
    """Return the columns by which persons reach each other in what the plan counts."""
    return [
        column
        for measure, column in (("co_accused", "incident_id"), ("neighbours", "place"))
        if plan.reads(measure) and events.has(column)
    ]


def _ids(chunk: WholePersons) -> Any:
    ids = take_rows(chunk.table.select(["person_id"]), chunk.start).column(0).combine_chunks()
    return ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids


def _reads_places(plan: Plan) -> bool:
    measures = ("places", "repeat_places", "neighbours")
    return any(plan.reads(measure) for measure in measures) or any(
        leaf.place is not None for leaf in plan.leaves
    )


def _people_columns(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*plan.person_dates, *plan.person_numbers]))


def _check_people(task: Task, reader: PeopleReader) -> None:
    """Refuse a people table that lacks a column which a feature reads, or any date of birth."""
    table = None if reader.people is None else reader.people.table
    names = [] if table is None else table.schema.names
    born = [name for name in ("birth_date", "birth_year") if name in names]
    any_born = table is not None and any(
        table.column(name).null_count < len(table) for name in born
    )
    refuse_missing(task, names, any_born=any_born)


def refuse_only(task: Task) -> None:
    """Refuse a cohort restricted by a characteristic, which needs the groups table."""
    if task.cohort.only is not None:
        raise SchemaError(
            f"the cohort is restricted by {task.cohort.only[0]!r}: streamed snapshots read no "
            "groups table; use build_snapshots with groups="
        )
