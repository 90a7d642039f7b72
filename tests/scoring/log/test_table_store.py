"""A log as a table: what a database can add to what can go wrong."""

import sqlite3

import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.scoring.log import table_store as log_table_store
from riskmodel.scoring.log.chain import START
from riskmodel.scoring.log.databases import TABLE
from riskmodel.scoring.log.table_store import TableStore


@pytest.fixture
def place(tmp_path):
    return tmp_path / "deep" / "scores.db"


@pytest.fixture
def store(place, monkeypatch):
    monkeypatch.setattr(log_table_store, "_BATCH", 5)
    log = TableStore(f"sqlite:///{place}")
    for number in range(12):  # more than are read at once
        log.append(b'{"n":%d}' % number)
    return log


def change(place, statement, *values):
    with sqlite3.connect(place) as database:
        database.execute(statement, values)
    database.close()


def test_rows_are_the_lines_by_number(store, place):
    lines = list(store.lines())
    assert len(lines) == 12
    with sqlite3.connect(place) as database:
        rows = database.execute(f"select entry, line from {TABLE} order by entry").fetchall()
    database.close()
    assert [(number, line + "\n") for number, line in rows] == [
        (number, line.decode()) for number, line in enumerate(lines, start=1)
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"delete from {TABLE} where entry = 7", "after entry 6 .* goes on with row 8"),
        (f"delete from {TABLE} where entry = 1", "after entry 0 .* goes on with row 2"),
        (f"update {TABLE} set entry = 900 where entry = 12", "after entry 11 .* row 900"),
        (f"insert into {TABLE} values (-3, 'a row')", "after entry 0 .* row -3"),
    ],
)
def test_a_row_of_another_number_is_found(store, place, statement, said):
    change(place, statement)
    with pytest.raises(ModelIntegrityError, match=said):
        list(store.lines())


@pytest.mark.parametrize("value", ["", 7, 2.5, b"\xff\xfe", "\x00", "é"])
def test_whatever_stands_in_a_row_is_read_as_bytes(store, place, value):
    from riskmodel.scoring.log.chain import checked_lines

    change(place, f"update {TABLE} set line = ? where entry = 9", value)
    with pytest.raises(ModelIntegrityError, match="line 9 is not an entry"):
        list(checked_lines(store.lines(), None))


def test_nothing_is_appended_to_a_last_row_that_is_none(store, place):
    change(place, f"update {TABLE} set entry = 900 where entry = 12")
    with pytest.raises(ModelIntegrityError, match="number 900 and holds another entry"):
        store.append(b'{"n":1}')
    change(place, f"update {TABLE} set line = 'a row' where entry = 900")
    with pytest.raises(ModelIntegrityError, match="not an entry"):
        store.append(b'{"n":1}')
    change(place, f"delete from {TABLE}")
    assert store.last() == START


def test_what_is_no_database_is_damaged_and_stays_as_it_is(place):
    place.parent.mkdir()
    place.write_text("my notes\n" * 500)
    store = TableStore(f"sqlite:///{place}")
    for ask in (store.last, lambda: store.append(b'{"n":1}')):
        with pytest.raises(ModelIntegrityError, match="damaged, or is no database"):
            ask()
    assert place.read_text() == "my notes\n" * 500


def test_a_database_of_something_else_is_no_log_until_one_is_made(place):
    place.parent.mkdir()
    change(place, "create table other (a int)")
    store = TableStore(f"sqlite:///{place}")
    with pytest.raises(ModelIntegrityError, match="there is no log"):
        store.last()
    assert store.append(b'{"n":1}').entries == 1
    with sqlite3.connect(place) as database:
        assert database.execute("select count(*) from other").fetchone() == (0,)
    database.close()
