import sqlite3

import pandas as pd
import pytest
import sqlalchemy

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories


@pytest.fixture
def tables(table):
    return {
        "events": table("""
        source_id person_id event_time       recorded_time    offence
        001       0042      2010-01-01T10:00 2010-01-02T00:00 4.10
        002       .         2010-01-05T10:00 2010-01-05T10:00 8N
        """),
        "people": table("person_id birth_year division\n0042 1980 NA"),
        "updates": table("source_id recorded_time evidence\n001 2010-02-01 charge"),
    }


@pytest.fixture
def digest(tables):
    return EventHistories(**tables).digest()


@pytest.fixture
def database(tmp_path, tables):
    path = tmp_path / "histories.db"
    with sqlite3.connect(path) as connection:
        for name, frame in tables.items():
            frame.to_sql(name, connection, index=False)
    connection.close()
    return f"sqlite:///{path}"


def write_csv(folder, tables, ending=".csv"):
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}{ending}", index=False)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_a_folder_of_csv_files_is_read_with_ids_as_written(tmp_path, tables, digest, ending):
    write_csv(tmp_path, tables, ending)
    histories = EventHistories.from_csv(tmp_path)
    assert histories.persons.tolist() == ["0042"]
    assert histories.events["offence"].tolist() == ["4.10"]
    assert histories.people["division"].tolist() == ["NA"]
    assert histories.digest() == digest


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path, tables, digest):
    write_csv(tmp_path, tables)
    marked = (tmp_path / "events.csv").read_text()
    (tmp_path / "events.csv").write_text(marked, encoding="utf-8-sig")
    assert EventHistories.from_csv(tmp_path).digest() == digest


def test_files_under_other_names_and_options_of_the_class(tmp_path, tables):
    write_csv(tmp_path, tables)
    (tmp_path / "events.csv").rename(tmp_path / "crimes.csv")
    histories = EventHistories.from_csv(
        tmp_path, paths={"events": tmp_path / "crimes.csv"}, data_end="2012-01-01"
    )
    assert histories.data_end == pd.Timestamp("2012-01-01")
    assert len(histories.updates) == 1


def test_parquet_files_are_read(tmp_path, tables, digest):
    for name, frame in tables.items():
        times = [column for column in frame if column.endswith("_time")]
        typed = frame.assign(**{column: pd.to_datetime(frame[column]) for column in times})
        typed.to_parquet(tmp_path / f"{name}.parquet")
    assert EventHistories.from_parquet(tmp_path).digest() == digest


def test_a_database_is_read_by_the_names_of_its_tables(database, digest):
    assert EventHistories.from_sql(database).digest() == digest
    engine = sqlalchemy.create_engine(database)
    assert EventHistories.from_sql(engine).digest() == digest
    engine.dispose()


def test_a_database_is_read_by_selects(database):
    histories = EventHistories.from_sql(
        database,
        queries={
            "events": "SELECT * FROM events WHERE person_id IS NOT NULL",
            "people": "main.people",
        },
    )
    assert len(histories) == 1
    assert len(histories.updates) == 0
    assert histories.people["division"].tolist() == ["NA"]


def test_a_name_of_a_table_is_quoted(database):
    with pytest.raises(SchemaError, match="could not be read"):
        EventHistories.from_sql(database, queries={"events": 'events";DROP'})
    assert len(EventHistories.from_sql(database)) == 2


def test_no_password_is_shown(database, monkeypatch):
    broken = sqlalchemy.create_engine(database.replace("histories.db", "no/such/folder.db"))
    secret = sqlalchemy.make_url("postgresql://user:hunter2@nowhere/db")
    monkeypatch.setattr(broken, "url", secret)
    with pytest.raises(SchemaError, match=r"user:\*\*\*@nowhere") as caught:
        EventHistories.from_sql(broken)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("url", ["no address", "nosuchdriver://user:hunter2@host/db"])
def test_an_address_that_is_none_is_refused_without_showing_it(url):
    with pytest.raises(SchemaError, match="no database address") as caught:
        EventHistories.from_sql(url)
    assert "hunter2" not in str(caught.value)


def test_a_table_or_column_that_is_not_there(database):
    with pytest.raises(SchemaError, match="could not be read"):
        EventHistories.from_sql(database, queries={"events": "crimes"})
    with pytest.raises(SchemaError, match="unknown tables crimes; allowed are events"):
        EventHistories.from_sql(database, queries={"crimes": "events"})


def test_a_database_without_events_is_refused(tmp_path):
    with pytest.raises(SchemaError, match="no such table or view"):
        EventHistories.from_sql(f"sqlite:///{tmp_path / 'empty.db'}")


def test_files_that_are_not_there_are_named_all_at_once(tmp_path):
    with pytest.raises(SchemaError) as caught:
        EventHistories.from_csv(tmp_path, paths={"people": tmp_path / "persons.csv"})
    assert "people: no file persons.csv" in str(caught.value)
    assert "events: no file events.csv or events.csv.gz" in str(caught.value)
    assert str(tmp_path.parent) not in str(caught.value)


def test_two_files_for_one_table_are_refused(tmp_path, tables):
    write_csv(tmp_path, tables)
    write_csv(tmp_path, tables, ".csv.gz")
    with pytest.raises(SchemaError, match=r"both events\.csv and events\.csv\.gz"):
        EventHistories.from_csv(tmp_path)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2,3\n4,5,6,7\n", b"\xff\xfe\x00name"])
def test_what_is_no_csv_is_refused_by_its_name(tmp_path, content):
    (tmp_path / "events.csv").write_bytes(content)
    with pytest.raises(SchemaError, match=r"events\.csv is no readable CSV"):
        EventHistories.from_csv(tmp_path)


def test_what_is_no_parquet_is_refused_by_its_name(tmp_path):
    (tmp_path / "events.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(SchemaError, match=r"events\.parquet is no readable Parquet"):
        EventHistories.from_parquet(tmp_path)


def test_a_file_given_as_the_folder_is_called_a_file(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("source_id\n")
    with pytest.raises(SchemaError, match=r"events\.csv is a file, and a folder is needed"):
        EventHistories.from_csv(path)
    with pytest.raises(SchemaError, match=r"paths=\{'events': \.\.\., ") as caught:
        EventHistories.from_csv()
    assert "was named" in str(caught.value)
