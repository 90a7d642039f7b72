"""The external sort: the same rows, in the order of persons, in parts that fit in memory."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.histories.parquet_files import TableFiles
from riskmodel.histories.sorting import sort_by_person

ids = st.one_of(
    st.lists(st.one_of(st.none(), st.text("abé", min_size=1, max_size=3)), min_size=1, max_size=80),
    st.lists(st.one_of(st.none(), st.integers(-30, 300)), min_size=1, max_size=80),
)


def rows_of(paths):
    tables = [pq.read_table(path) for path in paths]
    return [row for table in tables for row in table.to_pylist()], [t.num_rows for t in tables]


@settings(max_examples=60)
@given(ids, st.integers(1, 30), st.booleans())
def test_rows_come_back_whole_and_in_order(tmp_path_factory, persons, part_rows, coded):
    folder = tmp_path_factory.mktemp("sorting")
    column = pa.array(persons)
    if coded and pa.types.is_string(column.type):
        column = column.dictionary_encode()
    table = pa.table({"person_id": column, "source_id": list(range(len(persons)))})
    pq.write_table(table, folder / "events.parquet", row_group_size=7)
    files = TableFiles("events", (folder / "events.parquet",))
    room = folder / "room"
    room.mkdir()
    ordered = sort_by_person(files, room, part_rows=part_rows)
    rows, _ = rows_of(ordered.paths)
    assert sorted(row["source_id"] for row in rows) == list(range(len(persons)))
    assert all(persons[row["source_id"]] == row["person_id"] for row in rows)
    found = [row["person_id"] for row in rows]
    named = sorted(name for name in persons if name is not None)
    assert found == named + [None] * (len(persons) - len(named))
    assert sorted(room.iterdir()) == sorted(ordered.paths)


def test_parts_are_about_as_large_as_was_asked_for(tmp_path):
    n = 5_000
    persons = [f"p{(number * 7919) % n:05}" for number in range(n)]
    table = pa.table({"person_id": persons, "source_id": list(range(n))})
    pq.write_table(table, tmp_path / "events.parquet", row_group_size=100)
    room = tmp_path / "room"
    room.mkdir()
    files = TableFiles("events", (tmp_path / "events.parquet",))
    _, sizes = rows_of(sort_by_person(files, room, part_rows=500).paths)
    assert len(sizes) == 10
    assert max(sizes) < 700


def test_a_failure_midway_closes_the_files(tmp_path, monkeypatch):
    table = pa.table({"person_id": ["b", "a"], "source_id": [1, 2]})
    pq.write_table(table, tmp_path / "events.parquet")
    files = TableFiles("events", (tmp_path / "events.parquet",))

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("riskmodel.histories.sorting._parts", fail)
    with pytest.raises(OSError, match="full"):
        sort_by_person(files, tmp_path)
    assert pq.read_table(tmp_path / "events.parquet").equals(table)
