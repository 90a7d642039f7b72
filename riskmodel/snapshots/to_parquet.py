"""Streamed snapshots into one Parquet file, whole or absent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskmodel.errors import SchemaError
from riskmodel.files import atomic_file
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.passes import RULE_COLUMNS
from riskmodel.snapshots.stream import SnapshotChunk, stream_snapshots
from riskmodel.snapshots.stream_chunks import PathLike
from riskmodel.snapshots.task import Task

GROUP_ROWS = 100_000
KEYS = ("person_id", "as_of")
ENCODING: dict[str, Any] = {
    # measured: 9 ns a value for a third of the size; no codec is 5 ns, zstd 13 ns for a fifth,
    # dictionaries 15 ns; lz4 is no faster, and older readers lack it
    "compression": "snappy",
    "use_dictionary": list(KEYS),
    "write_statistics": list(KEYS),
}


@dataclass(frozen=True)
class WrittenSnapshots:
    """What `snapshots_to_parquet` read and wrote.

    Attributes
    ----------
    path : Path
    rows : int
        One for each person in the cohort at each date.
    people : int
        Persons with at least one row.
    events : int
        Events of named persons that were read.
    set_aside : int
        Rows of events, people and spells that were left out because they cannot be.
    """

    path: Path
    rows: int
    people: int
    events: int
    set_aside: int


def snapshots_to_parquet(
    events: EventHistories | PathLike,
    task: Task,
    out: PathLike,
    *,
    as_of: Any,
    rules: bool = False,
    **tables: Any,
) -> WrittenSnapshots:
    """Write the features of everyone in the cohort at each date to a Parquet file.

    The file holds person_id, as_of, the features (float32) and, if asked for, what the rules in
    use read (float64, each named ``rule_`` and its column); by person, then date. It appears when
    it is whole. Outcomes are not made here: they are `build_snapshots`' business.

    Parameters
    ----------
    events, task, as_of
        As for `stream_snapshots`.
    out : path
        An older file is replaced.
    rules : bool
        Write the rules' columns as well.
    **tables
        people, updates, spells, data_start ... as for `stream_snapshots`.

    Returns
    -------
    WrittenSnapshots

    Raises
    ------
    SchemaError
        As `stream_snapshots`; nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(100, seed=1)
    >>> out = Path(tempfile.mkdtemp()) / "snapshots.parquet"
    >>> task = Task(offences=world.offences)
    >>> written = snapshots_to_parquet(world.histories, task, out, as_of="2021")
    >>> pq.read_metadata(out).num_rows == written.rows
    True
    """
    chunks = stream_snapshots(events, task, as_of=as_of, **tables)
    rows = people = n_events = set_aside = 0
    with atomic_file(out) as path, _Groups(path) as groups:
        for chunk in chunks:
            groups.add(_as_table(chunk, rules=rules))
            rows += len(chunk)
            people += np.unique(chunk.person).size
            n_events += chunk.n_events
            set_aside += chunk.n_set_aside
        if not rows:
            raise SchemaError(f"nobody is in the cohort ({task.cohort.describe()}) on any date")
    return WrittenSnapshots(Path(out), rows, people, n_events, set_aside)


class _Groups:
    """Writes tables as row groups of a fair size: the first table sets the columns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None
        self._waiting: list[Any] = []

    def __enter__(self) -> _Groups:
        return self

    def add(self, table: Any) -> None:
        """Take a table; write what waits once it is enough for a row group."""
        self._waiting.append(table)
        if sum(waiting.num_rows for waiting in self._waiting) >= GROUP_ROWS:
            self._write()

    def _write(self) -> None:
        table = pa.concat_tables(self._waiting)
        self._waiting.clear()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, **ENCODING)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind is None and self._waiting:
            self._write()
        if self._writer is not None:
            self._writer.close()


def _as_table(chunk: SnapshotChunk, *, rules: bool) -> Any:
    """Return a chunk column by column; each column is copied out of the rows."""
    by_column = np.ascontiguousarray(chunk.X.T)
    columns = {"person_id": chunk.person_id, "as_of": pa.array(chunk.as_of)}
    columns |= dict(zip(chunk.columns, map(pa.array, by_column), strict=True))
    if rules:
        values = np.ascontiguousarray(chunk.rules.T)
        names = [f"rule_{name}" for name in RULE_COLUMNS]
        columns |= dict(zip(names, map(pa.array, values), strict=True))
    return pa.table(columns)
