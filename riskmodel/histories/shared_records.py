"""Records of incidents, or places, that more than one person shares, out of Parquet files.

People who share an incident may stand far apart in the files. One pass over two columns finds the
ids that more than one person has, by hash; a second gathers the few records behind them; the ids
themselves then decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from riskmodel.histories import ids_kernel as kernel
from riskmodel.histories.event_chunks import EventChunk, EventReader
from riskmodel.histories.event_files import Survey, Surveyor, WholePersons, take_rows
from riskmodel.histories.event_rows import Rows
from riskmodel.histories.ids import number_within_persons, read_ids
from riskmodel.histories.ids_kernel import Ids
from riskmodel.histories.in_turn import in_turn
from riskmodel.histories.links import Links, check_pairs, link, no_links
from riskmodel.histories.lookup import entries_of, find_ids, index_ids
from riskmodel.histories.lookup_kernel import Index
from riskmodel.histories.parquet_files import TableFiles

Int64s: TypeAlias = npt.NDArray[np.int64]
Keys: TypeAlias = npt.NDArray[np.uint64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SharedRecords:
    """Records that several persons share, and the links among them.

    Attributes
    ----------
    row : int64, rising
        Row of each in the files.
    links : Links
        Among these records, which are its `others`.
    """

    row: Int64s
    links: Links

    def of(self, chunk: EventChunk, first_row: int) -> Links:
        """Return the links of a chunk's events, whose rows begin at `first_row`."""
        begin, end = np.searchsorted(self.row, [first_row, first_row + chunk.n_rows])
        if begin == end:
            return no_links(chunk.row.size, self.links.others)
        event_of = np.full(chunk.n_rows, -1, dtype=np.int64)
        event_of[chunk.row] = np.arange(chunk.row.size)
        event = event_of[self.row[begin:end] - first_row]
        mine = np.flatnonzero(event >= 0)
        mine = mine[np.argsort(event[mine])]
        start = self.links.start[begin + mine]
        size = self.links.start[begin + mine + 1] - start
        counts = np.zeros(chunk.row.size, dtype=np.int64)
        counts[event[mine]] = size
        entry = entries_of(np.arange(mine.size), start, size)[1]
        return Links(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            self.links.event[entry],
            self.links.person[entry],
            self.links.others,
        )


class Gathered(NamedTuple):
    """Rows of a chunk that may be shared, with their places in the files and their persons."""

    table: Any
    row: Int64s
    person: Int64s


class Repeated(NamedTuple):
    """Keys that more than one person has, and how many have them."""

    key: Keys
    n_persons: Int64s


def look_over(
    files: TableFiles, columns: Sequence[str], n_threads: int
) -> tuple[Survey | None, dict[str, Repeated]]:
    """Pass once over the persons, and find which keys of some columns several of them have.

    8 bytes are held for each distinct id of each person, and each column.

    Returns
    -------
    (survey, repeated)
        None and what was found so far where the rows do not rise by person_id.
    """
    surveyor = Surveyor()
    keys = {column: np.empty(files.n_rows, dtype=np.uint64) for column in columns}
    counts = dict.fromkeys(columns, 0)

    def surveyed() -> Iterator[tuple[Any, Int64s, Mask]]:
        for batch in files.batches(["person_id", *columns], side_by_side=True):
            found = surveyor.add(batch.column("person_id"))
            if found is None:
                raise _FallError
            yield batch, *found

    try:
        for parts in in_turn(lambda found: _distinct_keys(*found, columns), surveyed(), n_threads):
            for column, part in zip(columns, parts, strict=True):
                keys[column][counts[column] : counts[column] + part.size] = part
                counts[column] += part.size
    except _FallError:
        return None, {}
    return surveyor.survey(), {name: _repeated(keys[name][: counts[name]]) for name in columns}


class _FallError(Exception):
    """The ids of persons fall."""


def _distinct_keys(batch: Any, start: Int64s, unnamed: Mask, columns: Sequence[str]) -> list[Keys]:
    """Return the keys of each column that a batch's persons have, once each.

    A person who is in two batches is held twice, and sorted out when the records are gathered.
    """
    row = np.flatnonzero(~unnamed).astype(np.int64)
    person_start = np.searchsorted(row, np.append(start, batch.num_rows)).astype(np.int64)
    parts = []
    for column in columns:
        ids = read_ids(batch.column(column))
        local = number_within_persons(person_start, row, ids, own=False)
        keys = np.empty(row.size, dtype=np.uint64)
        parts.append(keys[: kernel.distinct_keys(person_start, row, local, ids, keys)])
    return parts


def _repeated(keys: Keys) -> Repeated:
    keys.sort()
    again = keys[1:][keys[1:] == keys[:-1]]
    key, extra = np.unique(again, return_counts=True)
    return Repeated(key, extra + 1)


def gather_shared(
    chunks: Iterable[WholePersons],
    reader: EventReader,
    column: str,
    wanted: Repeated,
    *,
    lives: Any,
    n_threads: int,
) -> SharedRecords:
    """Link the records that share a value of `column`.

    Parameters
    ----------
    chunks : iterable of WholePersons
        With the columns that `columns_to_gather` names.
    reader : EventReader
    column : {"incident_id", "place"}
    wanted : Repeated
    lives : callable
        ``lives(chunk)`` returns the `Lives` of a chunk's persons, or None.
    n_threads : int

    Raises
    ------
    SchemaError
        If so many events share one value that their pairs would not fit in memory.
    """
    check_pairs(wanted.n_persons // 2, column)  # a person in two batches is counted twice
    index = index_ids(_as_numbers(wanted.key))

    def gather(chunk: WholePersons) -> Gathered:
        return _gather(chunk, index, reader, column, lives)

    return _linked(list(in_turn(gather, chunks, n_threads)), reader, column)


def columns_to_gather(reader: EventReader, column: str) -> list[str]:
    """Return the columns that `gather_shared` reads: all, where invalid rows are set aside."""
    return list(dict.fromkeys([*(reader.columns if reader.set_aside else RECORD_COLUMNS), column]))


RECORD_COLUMNS = ["source_id", "event_time", "recorded_time", "evidence"]


def _gather(
    chunk: WholePersons, index: Index, reader: EventReader, column: str, lives: Any
) -> Gathered:
    ids = read_ids(chunk.table.column(column))
    _, size = find_ids(_as_numbers(ids.key, ids.missing | chunk.unnamed), index)
    if reader.set_aside:
        size[Rows(reader, chunk.table).invalid(chunk, lives(chunk))] = 0
    row = np.flatnonzero(size)
    person = np.searchsorted(chunk.start, row, side="right") - 1
    names = [*RECORD_COLUMNS, column]
    table = chunk.table.select([name for name in names if name in chunk.table.schema.names])
    return Gathered(take_rows(table, row), chunk.first_row + row, chunk.first_person + person)


def _linked(found: list[Gathered], reader: EventReader, column: str) -> SharedRecords:
    table = pa.concat_tables([part.table for part in found]).combine_chunks()
    everyone = np.arange(table.num_rows)
    records = Rows(reader, table).records(everyone, np.ones(table.num_rows, dtype=bool))
    ids = table.column(column).combine_chunks()
    plain = ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids
    code = np.asarray(plain.dictionary_encode().indices).astype(np.int64)
    person = np.concatenate([part.person for part in found])
    row = np.concatenate([part.row for part in found])
    return SharedRecords(row, link(person, code, records, column))


def _as_numbers(key: Keys, missing: Mask | None = None) -> Ids:
    """Return keys as ids: the ids themselves will decide which of them are the same."""
    text = np.zeros(0, dtype=np.uint8)
    text.flags.writeable = False
    there = np.zeros(key.size, dtype=bool) if missing is None else missing
    return Ids(key, there, np.zeros(0, dtype=np.int64), text)
