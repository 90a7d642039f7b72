"""Parquet files of one table: found, held against the declared columns, read batch by batch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from riskmodel.errors import SchemaError
from riskmodel.histories.coercion import MIXED_RULE
from riskmodel.histories.ids import check_id_type
from riskmodel.histories.problems import TIME_RULE
from riskmodel.schema import END_OF_TIME, FIRST_TIME, TABLES, is_protected

Int64s: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

BATCH_ROWS = 1 << 16
BUFFER_BYTES = 1 << 20
CODED = ("offence", "evidence", "origin", "kind")
NO_TIME = np.iinfo(np.int64).min
PROTECTED_RULE = (
    "a protected characteristic: it belongs in the groups table, which no feature reads"
)
YEARS_RULE = "not in the years 1900 to 2100"
EARLIEST, LATEST = (
    int(np.datetime64(moment, "us").astype(np.int64)) for moment in (FIRST_TIME, END_OF_TIME)
)


@dataclass(frozen=True)
class TableFiles:
    """The Parquet files of one table, in the order in which they are read.

    Parameters
    ----------
    name : str
        One of `riskmodel.schema.TABLES`.
    paths : tuple of Path
    """

    name: str
    paths: tuple[Path, ...]

    @classmethod
    def find(cls, name: str, path: str | os.PathLike[str]) -> TableFiles:
        """Find the files of a table: one file, or all that lie in a folder, by name.

        Raises
        ------
        SchemaError
            No such file, no Parquet, or columns missing or of a wrong type; all at once.
        """
        place = Path(path)
        paths = tuple(sorted(place.rglob("*.parquet"))) if place.is_dir() else (place,)
        if not paths or not paths[0].is_file():
            raise SchemaError(f"{name}: no Parquet file at {place.name}")
        files = cls(name, paths)
        files._check()
        return files

    @cached_property
    def schema(self) -> Any:
        """Columns of the first file; the others have the same."""
        return self._schema_of(self.paths[0])

    @cached_property
    def n_rows(self) -> int:
        """Rows in all files."""
        return sum(pq.read_metadata(path).num_rows for path in self.paths)

    def has(self, column: str) -> bool:
        """Return whether there is a column."""
        return column in self.schema.names

    def type_of(self, column: str) -> Any:
        """Return a column's Arrow type."""
        return self.schema.field(column).type

    def batches(
        self, columns: Sequence[str], *, batch_rows: int = BATCH_ROWS, side_by_side: bool = False
    ) -> Iterator[Any]:
        """Yield record batches of some columns, in order; columns that are not there are left out.

        Codes come as dictionaries, whatever they are stored as.

        Parameters
        ----------
        columns : sequence of str
        batch_rows : int
        side_by_side : bool
            Decode columns at once: where decoding is most of the work, rather than a part of it.
        """
        wanted = [name for name in columns if self.has(name)]
        for path in self.paths:
            with self._open(path) as file:
                yield from file.iter_batches(batch_rows, columns=wanted, use_threads=side_by_side)

    def read(self, columns: Sequence[str]) -> Any:
        """Return some columns as one table."""
        wanted = [name for name in columns if self.has(name)]
        batches = list(self.batches(wanted))
        return pa.Table.from_batches(batches, None if batches else self._empty(wanted))

    def _empty(self, columns: Sequence[str]) -> Any:
        return pa.schema([self.schema.field(name) for name in columns])

    def _open(self, path: Path) -> Any:
        coded = [name for name in CODED if self.has(name) and _is_text(self.type_of(name))]
        return pq.ParquetFile(path, buffer_size=BUFFER_BYTES, read_dictionary=coded)

    def _schema_of(self, path: Path) -> Any:
        try:
            return pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise SchemaError(
                f"{self.name}: {path.name} is no readable Parquet file ({type(error).__name__})"
            ) from None

    def _check(self) -> None:
        declared = TABLES[self.name]
        problems = [
            f"{self.name}.{column.name}: the column is missing"
            for column in declared.fields
            if column.required and not self.has(column.name)
        ]
        if declared.extra == "not protected":
            problems += [
                f"{self.name}.{name}: {PROTECTED_RULE}"
                for name in self.schema.names
                if name not in declared.columns and is_protected(name)
            ]
        if declared.extra == "refused":
            unknown = [name for name in self.schema.names if name not in declared.columns]
            if unknown:
                allowed = ", ".join(declared.columns)
                problems.append(
                    f"{self.name}: unknown columns {', '.join(unknown)}; allowed are {allowed}"
                )
        for column in declared.fields:
            if self.has(column.name):
                problems += self._type_problems(column.name, column.kind)
        problems += [
            f"{self.name}: {path.name} has other columns than {self.paths[0].name}"
            for path in self.paths[1:]
            if not _alike(self._schema_of(path), self.schema)
        ]
        if problems:
            raise SchemaError(problems)

    def _type_problems(self, column: str, kind: str) -> list[str]:
        given = self.type_of(column)
        if kind == "time" and not _is_time(given):
            return [f"{self.name}.{column}: a timestamp or date column is needed, not {given}"]
        if kind == "text":
            try:
                check_id_type(f"{self.name}.{column}", given)
            except SchemaError as error:
                return error.problems
        return []


def check_offsets(tables: Sequence[TableFiles]) -> None:
    """Refuse a mix of times with an offset from UTC and without, over all tables.

    Raises
    ------
    SchemaError
    """
    aware = {
        pa.types.is_timestamp(field.type) and field.type.tz is not None
        for files in tables
        for field in files.schema
        if files.name != "people" and _is_time(field.type)
    }
    if len(aware) > 1:
        raise SchemaError(f"events: {MIXED_RULE}")


def _alike(one: Any, other: Any) -> bool:
    return set(one.names) == set(other.names) and all(
        _value_type(one.field(name).type) == _value_type(other.field(name).type)
        for name in one.names
    )


def _value_type(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_time(kind: Any) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_null(kind))


def read_times(column: Any) -> tuple[Int64s, dict[str, Mask]]:
    """Return microseconds since 1970, `NO_TIME` where missing; and the rows that break a rule."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    naive = array.cast(pa.timestamp(array.type.unit)) if _has_zone(array.type) else array
    coarse = naive.cast(pa.timestamp("us"), safe=False)
    times = np.array(pc.fill_null(coarse.cast(pa.int64()), NO_TIME))
    broken = {}
    if _is_finer(naive.type):
        lossy = np.asarray(pc.fill_null(pc.not_equal(coarse.cast(naive.type), naive), False))
        broken[TIME_RULE] = lossy
    broken[YEARS_RULE] = (times != NO_TIME) & ((times < EARLIEST) | (times >= LATEST))
    return times, broken


def _has_zone(kind: Any) -> bool:
    return bool(pa.types.is_timestamp(kind) and kind.tz is not None)


def _is_finer(kind: Any) -> bool:
    return bool(pa.types.is_timestamp(kind) and kind.unit == "ns")


class Vocabulary:
    """Words and their codes; new words get the next code, unless the words are fixed."""

    def __init__(self, words: Sequence[str] = (), *, fixed: bool = False) -> None:
        self._codes = {word: code for code, word in enumerate(words)}
        self._fixed = fixed
        self._lock = Lock()

    UNKNOWN = -2

    @property
    def words(self) -> tuple[str, ...]:
        """All words, by code."""
        with self._lock:
            return tuple(self._codes)

    def read(self, column: Any) -> npt.NDArray[np.int32]:
        """Return the code of each row of an Arrow column: -1 missing, `UNKNOWN` in a fixed one."""
        array = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        parts = [self._read_chunk(chunk) for chunk in array.chunks]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)

    def _read_chunk(self, chunk: Any) -> npt.NDArray[np.int32]:
        coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        with self._lock:
            words = [self._code(word) for word in coded.dictionary.to_pylist()]
        index = coded.indices
        if index.null_count:
            index = pc.fill_null(index.cast(pa.int64()), len(words))
        return np.asarray(np.array([*words, -1], dtype=np.int32)[np.asarray(index)])

    def _code(self, word: Any) -> int:
        text = "" if word is None else str(word)
        if not text.strip():
            return -1
        if self._fixed:
            return self._codes.get(text, self.UNKNOWN)
        return self._codes.setdefault(text, len(self._codes))
