"""Snapshots of any number of people in bounded memory, some whole persons at a time.

Only features are made here. Labels need the whole of the data, and are `build_snapshots`' business.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.event_files import WholePersons
from riskmodel.histories.events import EventHistories
from riskmodel.histories.in_turn import in_turn
from riskmodel.histories.moments import to_timestamp
from riskmodel.histories.parquet_files import TableFiles
from riskmodel.snapshots.aggregate import Ints, run_pass
from riskmodel.snapshots.build import check_people_columns
from riskmodel.snapshots.passes import RULE_COLUMNS, Pass
from riskmodel.snapshots.stream_chunks import (
    N_THREADS,
    FileChunks,
    PathLike,
    Persons,
    refuse_only,
    slices,
)
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instants

CHUNK_PEOPLE = 50_000
CHUNK_ROWS = 240_000


@dataclass(frozen=True, eq=False)
class SnapshotChunk:
    """Features of some whole persons, by person, then date; one row for each in the cohort.

    Attributes
    ----------
    X : float32 array, shape (n_rows, n_features)
    rules : float64 array, shape (n_rows, n_rules)
    columns : tuple of str
        Names of the columns of `X`.
    person : int32 array, shape (n_rows,)
        Index in `ids`.
    date : int32 array, shape (n_rows,)
        Index in `dates`.
    ids : pyarrow.Array
        Of all persons of the chunk, in the cohort or not.
    dates : DatetimeIndex
    n_events, n_set_aside : int
        Events read; rows of events, people and spells set aside.
    """

    X: NDArray[np.float32]
    rules: NDArray[np.float64]
    columns: tuple[str, ...]
    person: NDArray[np.int32]
    date: NDArray[np.int32]
    ids: Any
    dates: pd.DatetimeIndex
    n_events: int
    n_set_aside: int

    @property
    def person_id(self) -> Any:
        """The person of each row, as the file has them: text or whole numbers (pyarrow.Array)."""
        return self.ids.take(pa.array(self.person))

    @property
    def as_of(self) -> pd.DatetimeIndex:
        """The date of each row."""
        return self.dates[self.date]

    def to_frame(self) -> pd.DataFrame:
        """Return the features as a data frame that shares memory with `X`."""
        return pd.DataFrame(self.X, columns=list(self.columns), copy=False)

    def rules_frame(self) -> pd.DataFrame:
        """Return what the rules in use read, as a data frame that shares memory with `rules`."""
        return pd.DataFrame(self.rules, columns=list(RULE_COLUMNS), copy=False)

    def __len__(self) -> int:
        return len(self.X)


class Buffers:
    """Memory for one chunk after another: taken back when nothing refers to it any more.

    Fresh memory costs as much time as filling it: the system clears each page first.
    """

    def __init__(self) -> None:
        self._free: list[NDArray[Any]] = []
        self._lock = Lock()

    def table(self, n_rows: int, n_columns: int, dtype: type[np.floating]) -> NDArray[Any]:
        """Return a table whose content is whatever was there before."""
        n_bytes = n_rows * n_columns * np.dtype(dtype).itemsize
        memory = self._take(n_bytes)
        lent = np.frombuffer(memory.data, dtype=dtype, count=n_rows * n_columns)
        weakref.finalize(lent, self._free.append, memory)
        return lent.reshape(n_rows, n_columns)

    def _take(self, n_bytes: int) -> NDArray[Any]:
        with self._lock:
            for number, memory in enumerate(self._free):
                if n_bytes <= memory.size <= max(2 * n_bytes, 1 << 20):
                    return self._free.pop(number)
            self._free.clear()
        return np.empty(max(n_bytes + n_bytes // 8, 8), dtype=np.uint8)


def stream_snapshots(
    events: EventHistories | PathLike,
    task: Task,
    *,
    as_of: Any,
    people: PathLike | None = None,
    updates: PathLike | None = None,
    spells: PathLike | None = None,
    data_start: Any = None,
    data_end: Any = None,
    dates_only: bool = False,
    on_invalid: Literal["raise", "set_aside"] = "raise",
    chunk_people: int | None = None,
    folder: PathLike | None = None,
) -> Iterator[SnapshotChunk]:
    """Yield the features of everyone in the cohort at each date, some whole persons at a time.

    The rows are bit-equal to those of `build_snapshots` from the same tables, and stand by person,
    then date. Persons come in the order of their ids: text by its characters, whole numbers by
    their value. Outcomes are not made here.

    Parameters
    ----------
    events : EventHistories, or path of a Parquet file or of a folder of them
        Histories in memory are passed over in slices. Files hold the columns of
        `riskmodel.schema.TABLES`: ids as text or whole numbers, times as timestamps or dates.
    task : Task
    as_of : date-like or several
    people, updates, spells : path, optional
        Parquet tables. They are held in memory, some 40 to 100 bytes a row.
    data_start : date-like
        From when the data are complete. Needed with files: a stream does not know its earliest
        record before it ends.
    data_end : date-like, optional
        With files: what is recorded at or after it is an error.
    dates_only : bool
        With files: must be said when every event_time is a midnight.
    on_invalid : {"raise", "set_aside"}
        With files: what to do with rows that cannot be. That a source_id occurs twice is noticed
        among persons who are read together.
    chunk_people : int, optional
        Persons at a time; by default 50,000, fewer with many dates.
    folder : path, optional
        Where temporary files go, as large as the events, if the rows of events do not rise by
        person_id and have to be sorted first; by default the system's own place.

    Yields
    ------
    SnapshotChunk
        Its memory is used again once nothing refers to it.

    Raises
    ------
    SchemaError
        Tables that break their rules; a cohort restricted by a characteristic; an updates or
        spells table (known at the end only) with rows that belong to no event or person.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(100, seed=1)
    >>> task = Task(offences=world.offences)
    >>> chunks = stream_snapshots(world.histories, task, as_of=["2020", "2021"], chunk_people=60)
    >>> [chunk.X.shape[1] == len(task.feature_names) for chunk in chunks]
    [True, True]
    """
    refuse_only(task)
    dates = instants(as_of)
    n_people = _chunk_people(chunk_people, len(dates))
    if isinstance(events, EventHistories):
        given = (people, updates, spells, data_start, data_end)
        if any(value is not None for value in given):
            raise SchemaError("events are histories already: give no other tables and no span")
        return _stream_histories(events, task, dates, n_people)
    if data_start is None:
        raise SchemaError("data_start: say from when the data in the files are complete")
    if on_invalid not in ("raise", "set_aside"):
        raise SchemaError('on_invalid: give "raise" or "set_aside"')
    start = to_timestamp(data_start, "data_start")
    if dates[0] < start:
        raise SchemaError(f"as_of: {dates[0]:%Y-%m-%d} given, before data_start")
    paths = {"events": events, "people": people, "updates": updates, "spells": spells}
    tables = {name: TableFiles.find(name, path) for name, path in paths.items() if path is not None}
    options = {
        "data_start": start,
        "data_end": None if data_end is None else to_timestamp(data_end, "data_end"),
        "dates_only": dates_only,
        "set_aside": on_invalid == "set_aside",
    }
    return _stream_files(task, dates, tables, options, n_people, folder)


def _chunk_people(given: int | None, n_dates: int) -> int:
    if given is None:
        return max(1_000, min(CHUNK_PEOPLE, CHUNK_ROWS // n_dates))
    if given < 1:
        raise SchemaError("chunk_people: a whole number from 1")
    return given


def _stream_histories(
    histories: EventHistories, task: Task, dates: pd.DatetimeIndex, n_people: int
) -> Iterator[SnapshotChunk]:
    check_people_columns(histories, task)
    if dates[0] < histories.data_start:
        raise SchemaError(f"as_of: {dates[0]:%Y-%m-%d} given, before there are data")
    filler = Filler(task, dates)
    parts = slices(histories, task, filler.ticks, n_people)
    yield from in_turn(filler.fill, parts, N_THREADS)


def _stream_files(
    task: Task,
    dates: pd.DatetimeIndex,
    tables: dict[str, TableFiles],
    options: dict[str, Any],
    n_people: int,
    folder: PathLike | None,
) -> Iterator[SnapshotChunk]:
    filler = Filler(task, dates)
    with TemporaryDirectory(dir=folder) as room:
        source = FileChunks.open(
            task, filler.ticks, tables, chunk_people=n_people, room=Path(room), **options
        )

        def work(chunk: WholePersons) -> SnapshotChunk:
            return filler.fill(source.prepare(chunk))

        yield from in_turn(work, source.chunks(source.reader.columns), N_THREADS)
        source.check_end()


class Filler:
    """Fills tables with the features of persons made ready."""

    def __init__(self, task: Task, dates: pd.DatetimeIndex) -> None:
        self.task, self.dates = task, dates
        self.ticks: Ints = dates.to_numpy(dtype="datetime64[us]").astype(np.int64)
        self._pass = Pass.of(task)
        self._columns = tuple(task.feature_names)
        self._for_features, self._for_rules = Buffers(), Buffers()

    def fill(self, persons: Persons) -> SnapshotChunk:
        """Run the compiled pass over some persons."""
        member = persons.in_cohort.T
        person, date = np.nonzero(member)
        row_of = np.full(member.shape, -1, dtype=np.int64)
        row_of[member] = np.arange(person.size)
        out = self._for_features.table(person.size, len(self._columns), np.float32)
        rules = self._for_rules.table(person.size, len(RULE_COLUMNS), np.float64)
        run_pass(
            self._pass, persons.material, self.task, self.ticks, np.ascontiguousarray(row_of.T),
            out, rules, n_threads=1,
        )  # fmt: skip
        return SnapshotChunk(
            out,
            rules,
            self._columns,
            person.astype(np.int32),
            date.astype(np.int32),
            persons.ids,
            self.dates,
            persons.n_events,
            persons.n_set_aside,
        )
