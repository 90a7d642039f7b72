"""Ids as they lie in Arrow columns, without a Python object a row."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskmodel.errors import SchemaError
from riskmodel.histories import ids_kernel as kernel
from riskmodel.histories.coercion import TEXT_RULE
from riskmodel.histories.ids_kernel import Ids

Int64s: TypeAlias = npt.NDArray[np.int64]


def is_number(kind: Any) -> bool:
    """Say whether an Arrow type holds whole numbers that fit in int64; others go as text."""
    return bool(pa.types.is_integer(kind) and not pa.types.is_uint64(kind))


def check_id_type(name: str, kind: Any) -> None:
    """Refuse a column of ids that holds neither text nor whole numbers.

    Raises
    ------
    SchemaError
        Naming the column and its type.
    """
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    text = pa.types.is_string(plain) or pa.types.is_large_string(plain)
    if not (text or pa.types.is_string_view(plain) or pa.types.is_integer(plain)
            or pa.types.is_null(plain)):  # fmt: skip
        raise SchemaError(f"{name}: {TEXT_RULE}, but {plain}")


def read_ids(column: Any, *, as_text: bool = False) -> Ids:
    """Return the ids of an Arrow column; blanks are missing, as in `EventHistories`.

    Parameters
    ----------
    column : pyarrow.Array or ChunkedArray
    as_text : bool
        Whole numbers become their digits.

    Raises
    ------
    SchemaError
        A null character in a text.
    """
    array = _plain(column, as_text)
    missing = np.asarray(array.is_null())
    if is_number(array.type):
        key = np.array(pc.fill_null(array, 0).cast(pa.int64())).view(np.uint64)
        return Ids(key, missing, np.zeros(0, dtype=np.int64), _frozen(np.zeros(0, dtype=np.uint8)))
    offset, data = _buffers(array)
    key = np.empty(len(array), dtype=np.uint64)
    suspects = kernel.hash_text(offset, data, key)
    text = data[offset[0] : offset[-1]]
    if not text.all():
        raise SchemaError(f"an id: {TEXT_RULE} (a null character)")
    if suspects > np.count_nonzero(missing):
        missing = missing | np.asarray(_is_blank(array))
    return Ids(key, missing, offset, data)


def _plain(column: Any, as_text: bool) -> Any:
    """Return one array of int64 or of text with 32-bit or 64-bit offsets."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return array
    if is_number(array.type) and not as_text:
        return array
    return array.cast(pa.string())


def _buffers(array: Any) -> tuple[Int64s, npt.NDArray[np.uint8]]:
    _, starts, text = array.buffers()
    wide = np.int64 if pa.types.is_large_string(array.type) else np.int32
    offset = np.zeros(len(array) + 1, dtype=np.int64)
    if len(array):
        given = np.frombuffer(starts, dtype=wide)
        offset[:] = given[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(text, dtype=np.uint8) if text is not None else np.zeros(0, dtype=np.uint8)
    return offset, _frozen(data)


def _frozen(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a view that cannot be written: one type, so one compiled pass, for all buffers."""
    view = data[:]
    view.flags.writeable = False
    return view


def _is_blank(array: Any) -> Any:
    blank = pc.equal(pc.utf8_trim_whitespace(array), "")
    return pc.fill_null(blank, True)


def number_within_persons(
    person_start: Int64s, row: Int64s, ids: Ids, *, own: bool
) -> npt.NDArray[np.int32]:
    """Give the distinct ids of each person the numbers 0, 1, ...

    Parameters
    ----------
    person_start : int64, shape (n_persons + 1,)
    row : int64, shape (n,)
        The rows of person p are ``row[person_start[p]:person_start[p + 1]]``.
    ids : Ids
    own : bool
        A missing id is one of its own; otherwise it is -1.
    """
    local = np.empty(row.size, dtype=np.int32)
    longest = int(np.diff(person_start).max(initial=1))
    table = np.empty(1 << (2 * longest).bit_length(), dtype=np.int64)
    distinct = np.empty(longest, dtype=np.int64)
    kernel.number_ids(person_start, row, ids, own, local, distinct, table)
    return local
