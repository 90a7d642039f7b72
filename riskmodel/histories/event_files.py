"""Events out of Parquet files, some whole persons at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.errors import SchemaError
from riskmodel.histories import ids_kernel as kernel
from riskmodel.histories.ids import read_ids
from riskmodel.histories.parquet_files import TableFiles

Int64s: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

CHUNK_ROWS = 2_000_000
MIDNIGHT_RULE = (
    "every time is a midnight: if they are dates, say dates_only=True "
    "(an event on a day is then not known as of that day)"
)


class WholePersons(NamedTuple):
    """Rows of some persons, all that there are of each.

    Attributes
    ----------
    table : pyarrow.Table
    start : int64, shape (n_persons,)
        Row of `table` where each person begins.
    unnamed : bool, shape (n_rows,)
        Rows without a person, which may stand anywhere.
    first_row, first_person : int
        How many rows and persons came before.
    """

    table: Any
    start: Int64s
    unnamed: Mask
    first_row: int
    first_person: int


def take_rows(table: Any, rows: Int64s) -> Any:
    """Return some rows, which rise, of a table of many batches, none of which is copied."""
    parts, first = [], 0
    for batch in table.to_batches():
        begin, end = np.searchsorted(rows, [first, first + batch.num_rows])
        if begin < end:
            parts.append(batch.take(pa.array(rows[begin:end] - first)))
        first += batch.num_rows
    return pa.Table.from_batches(parts, table.schema)


@dataclass(frozen=True)
class Survey:
    """Where the persons stand in files of events whose rows rise by person_id.

    Attributes
    ----------
    start : int64, shape (n_persons,)
        Row where each person begins: 8 bytes a person.
    unnamed : int64
        Rows without a person.
    n_rows : int
    """

    start: Int64s
    unnamed: Int64s
    n_rows: int

    def chunks(
        self,
        files: TableFiles,
        columns: Sequence[str],
        *,
        chunk_people: int,
        chunk_rows: int = CHUNK_ROWS,
        side_by_side: bool = False,
    ) -> Iterator[WholePersons]:
        """Yield `chunk_people` persons after another, fewer where they have many rows.

        Parameters
        ----------
        files : TableFiles
            Those that were surveyed.
        columns : sequence of str
        chunk_people, chunk_rows : int
            A chunk has no more of both, unless one person alone has more rows.
        side_by_side : bool
            As for `TableFiles.batches`.
        """
        batches = files.batches(columns, side_by_side=side_by_side)
        waiting: list[Any] = []
        held = row = 0
        for first, last in self._cuts(chunk_people, chunk_rows):
            end = self.n_rows if last == self.start.size else int(self.start[last])
            while held < end - row:
                waiting.append(next(batches))
                held += waiting[-1].num_rows
            table = pa.Table.from_batches(waiting)
            waiting = table.slice(end - row).to_batches()
            held -= end - row
            unnamed = np.zeros(end - row, dtype=bool)
            begin, stop = np.searchsorted(self.unnamed, [row, end])
            unnamed[self.unnamed[begin:stop] - row] = True
            yield WholePersons(
                table.slice(0, end - row), self.start[first:last] - row, unnamed, row, first
            )
            row = end

    def _cuts(self, chunk_people: int, chunk_rows: int) -> Iterator[tuple[int, int]]:
        """Yield the first person of each chunk, and the one after its last."""
        first = 0
        while first < self.start.size:
            row = 0 if first == 0 else int(self.start[first])
            fitting = int(np.searchsorted(self.start, row + chunk_rows, side="right")) - 1
            last = min(first + chunk_people, self.start.size)
            if self.n_rows - row > chunk_rows:
                last = min(last, max(first + 1, fitting))
            yield first, last
            first = last


class Surveyor:
    """Finds where persons begin in batches that follow each other."""

    def __init__(self) -> None:
        self._last: Any = None
        self._start: list[Int64s] = []
        self._unnamed: list[Int64s] = []
        self._n_rows = 0

    def add(self, column: Any) -> tuple[Int64s, Mask] | None:
        """Take the next batch's person_id; None if the ids do not rise.

        Returns
        -------
        (start, unnamed)
            Rows of the batch where a person begins or goes on, and which rows name nobody.
        """
        ids = read_ids(column)
        start = np.empty(len(column), dtype=np.int64)
        n, last = kernel.person_starts(ids, start)
        if n < 0:
            return None
        start = start[:n]
        fresh = start
        if n:
            first, before = column[int(start[0])].as_py(), self._last
            self._last = column[int(last)].as_py()
            if before is not None and first < before:
                return None
            fresh = start[1:] if first == before else start
        self._start.append(fresh + self._n_rows)
        self._unnamed.append(np.flatnonzero(ids.missing) + self._n_rows)
        self._n_rows += len(column)
        return start, ids.missing

    def survey(self) -> Survey:
        """Return what was found."""
        none = np.zeros(0, dtype=np.int64)
        return Survey(
            np.concatenate([none, *self._start]),
            np.concatenate([none, *self._unnamed]),
            self._n_rows,
        )


def check_dates_only(files: TableFiles, *, dates_only: bool) -> None:
    """Refuse events that all happened at midnight, unless that is said; stops at the first other.

    Raises
    ------
    SchemaError
    """
    if dates_only:
        return
    there = False
    for batch in files.batches(["event_time"]):
        times = batch.column("event_time").drop_null()
        if pa.types.is_timestamp(times.type):
            local = times.cast(pa.timestamp(times.type.unit))
            if not pc.all(pc.equal(local, pc.floor_temporal(local, unit="day"))).as_py():
                return
        there = there or len(times) > 0
    if there:
        raise SchemaError(f"events.event_time: {MIDNIGHT_RULE}")
