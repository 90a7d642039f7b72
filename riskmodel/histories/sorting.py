"""An external sort: events in any order into files of whole persons, in the order of their ids.

Rows are first dealt into parts by ranges of person_id, which a sample of the ids sets, and then
sorted part by part; a part fits in memory. Nothing but the temporary files is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from riskmodel.histories import order_kernel
from riskmodel.histories.ids import read_ids
from riskmodel.histories.parquet_files import TableFiles

Int64s: TypeAlias = npt.NDArray[np.int64]

PART_ROWS = 2_000_000
DEALT_ROWS = 1 << 18
SAMPLE_ROWS = 200_000
COLUMN = "person_id"


def sort_by_person(events: TableFiles, folder: Path, *, part_rows: int = PART_ROWS) -> TableFiles:
    """Write the named rows of events, sorted by person_id, into files in a folder.

    Rows without a person stand at the end. The order within a person is left as it comes.

    Parameters
    ----------
    events : TableFiles
    folder : Path
        Temporary: the caller deletes it.
    part_rows : int
        About how many rows are in memory at once.

    Returns
    -------
    TableFiles
        Rising by person_id: text by its characters, whole numbers by their value.
    """
    edges = _edges(events, max(1, events.n_rows // part_rows))
    dealt = _deal(events, edges, folder)
    return TableFiles(events.name, tuple(_sort(path) for path in dealt))


def _edges(events: TableFiles, n_parts: int) -> Any:
    """Return the ids at which parts begin, from a sample that reaches over the files."""
    step = max(1, events.n_rows // SAMPLE_ROWS)
    sample = [
        batch.column(COLUMN)[::step] if step < batch.num_rows else batch.column(COLUMN)[:1]
        for batch in events.batches([COLUMN])
    ]
    ids = _plain(pa.chunked_array(sample, type=events.type_of(COLUMN))).drop_null()
    if not len(ids):
        return ids
    rising = ids.take(pc.sort_indices(ids))
    places = (np.arange(1, n_parts) * len(rising)) // n_parts
    return rising.take(pa.array(places)).unique()


def _plain(column: Any) -> Any:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _deal(events: TableFiles, edges: Any, folder: Path) -> list[Path]:
    """Write every row to the file of its part; those without a person to the last."""
    paths = [folder / f"dealt-{number:05}.arrow" for number in range(len(edges) + 2)]
    writers: list[Any] = [None] * len(paths)
    try:
        for batch in events.batches(events.schema.names, batch_rows=DEALT_ROWS):
            part = _parts(_plain(batch.column(COLUMN)), edges)
            order = np.argsort(part.astype(np.int16), kind="stable")  # few parts: by radix
            cuts = np.searchsorted(part[order], np.arange(len(paths) + 1))
            plain = pa.RecordBatch.from_arrays(
                [_plain(column) for column in batch.columns], names=batch.schema.names
            ).take(pa.array(order))
            for number in np.flatnonzero(np.diff(cuts)).tolist():
                if writers[number] is None:
                    writers[number] = pa.ipc.new_file(paths[number], plain.schema, options=_LZ4)
                begin, end = cuts[number], cuts[number + 1]
                writers[number].write_batch(plain.slice(begin, end - begin))
    finally:
        for writer in writers:
            if writer is not None:
                writer.close()
    return [path for path in paths if path.exists()]


_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")


def _parts(ids: Any, edges: Any) -> Int64s:
    """Return which part each id belongs to; a missing one to the last."""
    both = read_ids(pa.concat_arrays([edges.cast(ids.type), ids]))
    number = np.empty(len(ids), dtype=np.int64)
    order_kernel.deal(both, len(edges), number)
    return number


def _sort(path: Path) -> Path:
    """Sort one part into a Parquet file, and delete the unsorted one."""
    with pa.ipc.open_file(path) as reader:
        table = reader.read_all()
    ordered = table.take(pa.array(_order(table.column(COLUMN))))
    target = path.with_suffix(".parquet")
    pq.write_table(ordered, target, compression="lz4", use_dictionary=_coded(ordered))
    path.unlink()
    return target


def _order(column: Any) -> Int64s:
    """Return the order of a column of ids, each of which occurs many times; missing ones last."""
    coded = column.combine_chunks().dictionary_encode()
    distinct = len(coded.dictionary)
    rank = np.full(distinct + 1, distinct, dtype=np.int64)
    rank[np.asarray(pc.sort_indices(coded.dictionary))] = np.arange(distinct)
    index = np.asarray(pc.fill_null(coded.indices.cast(pa.int64()), distinct))
    return np.argsort(rank[index], kind="stable")


def _coded(table: Any) -> list[str]:
    return [
        name for name in ("offence", "evidence", "origin", "place") if name in table.schema.names
    ]
