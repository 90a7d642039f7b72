"""Ids as columns: the same answers as Python's own dicts and sorted lists give."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories import ids_kernel
from riskmodel.histories.ids import (
    check_id_type,
    number_within_persons,
    read_ids,
)
from riskmodel.histories.lookup import entries_of, find_ids, index_ids

texts = st.one_of(st.none(), st.text("ab é", max_size=9), st.sampled_from(["x" * 8, "x" * 16]))
numbers = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 3))
columns = st.one_of(st.lists(texts, max_size=60), st.lists(numbers, max_size=60))


def array_of(values):
    is_text = any(isinstance(value, str) for value in values)
    return pa.array(values, pa.string() if is_text else pa.int64())


def is_missing(value):
    return value is None or (isinstance(value, str) and not value.strip())


@given(columns)
def test_blanks_and_nulls_are_missing(values):
    assert read_ids(array_of(values)).missing.tolist() == [is_missing(value) for value in values]


@settings(max_examples=60)
@given(st.lists(columns.filter(len), min_size=1, max_size=5), st.booleans(), st.booleans())
def test_numbers_within_persons_are_those_of_a_dict(persons, own, collide):
    as_text = any(isinstance(value, str) for values in persons for value in values)
    values = [
        None if value is None else (str(value) if as_text else value)
        for values in persons
        for value in values
    ]
    column = read_ids(pa.array(values, pa.string() if as_text else pa.int64()))
    if collide and as_text:
        column.key[:] = 3
    start = np.cumsum([0, *map(len, persons)])
    local = number_within_persons(start, np.arange(len(values)), column, own=own)
    for first, last in pairwise(start):
        known, n = {}, 0
        for row in range(first, last):
            if is_missing(values[row]):
                assert local[row] == (n if own else -1)
                n += own
                continue
            if values[row] not in known:
                known[values[row]] = n
                n += 1
            assert local[row] == known[values[row]]


@settings(max_examples=60)
@given(columns, columns, st.booleans())
def test_ids_are_found_where_they_are(held, wanted, collide):
    as_text = any(isinstance(value, str) for value in [*held, *wanted])
    held, wanted = (
        [None if value is None else (str(value) if as_text else value) for value in values]
        for values in (held, wanted)
    )
    kind = pa.string() if as_text else pa.int64()
    one, two = read_ids(pa.array(held, kind)), read_ids(pa.array(wanted, kind))
    if collide and as_text:
        one.key[:], two.key[:] = 5, 5
    order = np.arange(len(held))[::-1].copy()
    index = index_ids(one, order)
    start, entry = entries_of(np.arange(len(wanted)), *find_ids(two, index))
    for row, value in enumerate(wanted):
        rows = index.row[entry[start[row] : start[row + 1]]].tolist()
        there = [] if is_missing(value) else [i for i, other in enumerate(held) if other == value]
        assert rows == there[::-1]


@given(st.lists(st.text("ab\u00e9\u20ac\U0001f600", min_size=1, max_size=6), max_size=30))
def test_texts_compare_by_their_characters(values):
    column = read_ids(pa.array(values, pa.string()))
    for row in range(1, len(values)):
        before, after = values[row - 1], values[row]
        assert ids_kernel.compare(column, row - 1, row) == (before > after) - (before < after)


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_every_kind_of_text_reads_alike(kind):
    values = ["b", None, "a", "b", " "]
    plain, other = read_ids(pa.array(values)), read_ids(pa.array(values, pa.string()).cast(kind))
    assert plain.key[[0, 2, 3]].tolist() == other.key[[0, 2, 3]].tolist()
    assert plain.missing.tolist() == other.missing.tolist()


def test_a_slice_reads_its_own_rows():
    column = pa.array(["a", "bb", None, "ccc", "bb"])
    part, alone = read_ids(column[1:4]), read_ids(pa.array(["bb", None, "ccc"]))
    assert part.key[[0, 2]].tolist() == alone.key[[0, 2]].tolist()
    assert part.missing.tolist() == alone.missing.tolist()


def test_numbers_as_text_are_their_digits():
    assert read_ids(pa.array([12]), as_text=True).key == read_ids(pa.array(["12"])).key


def test_what_is_no_id_is_refused():
    with pytest.raises(SchemaError, match="null character"):
        read_ids(pa.array(["a\x00"]))
    with pytest.raises(SchemaError, match=r"events.person_id: not text or a whole number"):
        check_id_type("events.person_id", pa.float64())
