"""Turns to write, and what is safe when: in sqlite, and in PostgreSQL where there is a server."""

import os
import sqlite3
import stat

import pytest
import sqlalchemy as sa

from riskmodel.errors import RiskModelError
from riskmodel.scoring.log import databases as log_databases
from riskmodel.scoring.log.databases import TABLE, database_at
from riskmodel.scoring.log.table_store import TableStore

POSTGRESQL = os.environ.get("RISKMODEL_TEST_POSTGRESQL", "")
needs_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="RISKMODEL_TEST_POSTGRESQL is not set")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "deep" / "scores.db"


def test_only_its_owner_reads_it(place):
    store = TableStore(f"sqlite:///{place}")
    store.append(b'{"n":1}')
    for path in place.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_writer_that_gets_no_turn_gives_up_and_leaves_nothing(place, monkeypatch):
    monkeypatch.setattr(log_databases, "WAIT", 0.2)
    store = TableStore(f"sqlite:///{place}")
    head = store.append(b'{"n":1}')
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(RiskModelError, match=r"could not be used .*SQLITE_BUSY") as refused:
        store.append(b'{"n":2}')
    assert '"n"' not in str(refused.value)
    other.execute("rollback")
    other.close()
    assert store.last() == head
    assert store.append(b'{"n":2}').entries == 2


def test_a_commit_in_sqlite_waits_for_the_disk(place):
    database = database_at(f"sqlite:///{place}")
    engine = database.engine()
    with database.writing(engine) as connection:
        pragmas = ("journal_mode", "synchronous")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    engine.dispose()
    assert found == ["wal", 2]


def test_neither_user_nor_password_nor_query_is_shown():
    address = "postgresql+psycopg://me:hunter2@nowhere.invalid:99/scores?connect_timeout=2&a=key"
    assert database_at(address).shown == "postgresql://nowhere.invalid:99/scores"
    pytest.importorskip("psycopg")
    store = TableStore(address.removesuffix("&a=key"))
    for ask in (store.last, lambda: store.append(b'{"n":1}')):
        with pytest.raises(RiskModelError, match="could not be used") as refused:
            ask()
        assert "hunter2" not in f"{refused.value}{store.__dict__}"
        assert refused.value.__suppress_context__
    assert "nowhere.invalid:99/scores" in str(refused.value)


@pytest.fixture
def schema():
    """Yield a function from session settings to an address, in a schema of its own."""
    name = f"riskmodel_databases_{os.getpid()}"
    engine = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")

    def address(settings=""):
        options = {"options": f"-csearch_path={name} {settings}"}
        url = sa.make_url(POSTGRESQL).update_query_dict(options)
        return url.render_as_string(hide_password=False)

    with engine.connect() as server:
        server.execute(sa.text(f"create schema {name}"))
        yield name, address, lambda text: server.execute(sa.text(text))
        server.execute(sa.text(f"drop schema {name} cascade"))
    engine.dispose()


@needs_postgresql
@pytest.mark.parametrize(
    ("given", "kept"), [("off", "on"), ("on", "on"), ("remote_apply", "remote_apply")]
)
def test_a_commit_in_postgresql_waits_for_the_disk_whatever_was_set(given, kept, schema):
    _, address, _ = schema
    settings = f"-csynchronous_commit={given} -cdefault_transaction_isolation=serializable"
    database = database_at(address(settings))
    engine = database.engine()
    with database.writing(engine) as connection:
        names = ("synchronous_commit", "lock_timeout", "transaction_isolation")
        found = [connection.exec_driver_sql(f"show {name}").scalar() for name in names]
    engine.dispose()
    assert found == [kept, f"{log_databases.WAIT}s", "read committed"]


@needs_postgresql
def test_a_writer_in_postgresql_needs_to_insert_and_to_read_and_can_do_no_more(schema):
    name, address, run = schema
    TableStore(address()).append(b'{"n":1}')
    role = f"riskmodel_writer_{os.getpid()}"
    run(f"create role {role}")
    run(f"grant usage on schema {name} to {role}")
    run(f"grant select, insert on {name}.{TABLE} to {role}")
    store = TableStore(address(f"-crole={role}"))
    assert store.append(b'{"n":2}').entries == 2
    assert len(list(store.lines())) == 2
    engine = sa.create_engine(address(f"-crole={role}"))
    for change in (f"update {TABLE} set line = ''", f"delete from {TABLE}"):
        with pytest.raises(sa.exc.ProgrammingError), engine.begin() as connection:
            connection.execute(sa.text(change))
    engine.dispose()
    del store
    run(f"drop owned by {role}")
    run(f"drop role {role}")


@needs_postgresql
def test_a_writer_in_postgresql_that_gets_no_turn_gives_up(schema, monkeypatch):
    _, address, run = schema
    store = TableStore(address())
    head = store.append(b'{"n":1}')
    monkeypatch.setattr(log_databases, "WAIT", 1)
    run(f"select pg_advisory_lock({log_databases.Postgresql.TURN})")
    with pytest.raises(RiskModelError, match=r"could not be used .*55P03"):
        store.append(b'{"n":2}')
    run(f"select pg_advisory_unlock({log_databases.Postgresql.TURN})")
    assert store.last() == head
    assert store.append(b'{"n":2}').entries == 2


@needs_postgresql
def test_a_writer_in_postgresql_that_hangs_loses_its_turn(schema, monkeypatch):
    _, address, _ = schema
    store, database = TableStore(address()), database_at(address())
    engine = database.engine()
    monkeypatch.setattr(log_databases, "WAIT", 1)
    with pytest.raises(sa.exc.DBAPIError), database.writing(engine):
        monkeypatch.setattr(log_databases, "WAIT", 20)
        assert store.append(b'{"n":1}').entries == 1
    engine.dispose()
