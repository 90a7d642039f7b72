"""How writers of a score log take turns in sqlite and in PostgreSQL, and when a row is safe."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from riskmodel.errors import RiskModelError
from riskmodel.files import sync_folder
from riskmodel.late import late

if TYPE_CHECKING:
    import sqlalchemy as sa
else:
    sa = late("sqlalchemy")

TABLE = "riskmodel_score_log"
WAIT = 30
"""Seconds that a writer waits for somebody else's transaction before it gives up."""

_ALLOWED = (
    "a score log is kept in a file, or in a database: give a path, sqlite:///scores.db or "
    "postgresql+psycopg://host/database"
)


class Sqlite:
    """A file of sqlite; ``.turn`` beside it is the lock that writers queue at.

    Sqlite's own lock is asked for again and again with growing pauses: among several writers one
    can come last for many seconds. The newest rows may still stand in ``-wal`` beside the file:
    whoever copies it copies both, and neither belongs on a network drive.
    """

    def __init__(self, url: sa.URL) -> None:
        name = url.database or ""
        if not name or name.startswith((":", "file:")):
            raise RiskModelError("a score log in sqlite needs a file, such as sqlite:///scores.db")
        self._url, self._file = url, Path(name)

    @property
    def shown(self) -> str:
        """The address without its query."""
        return f"sqlite:///{self._file}"

    @property
    def may_exist(self) -> bool:
        """Whether to connect makes nothing."""
        return self._file.exists()

    def engine(self) -> sa.Engine:
        """Return an engine that begins no transaction by itself."""
        options: dict[str, Any] = {"timeout": WAIT}
        return sa.create_engine(self._url, isolation_level="AUTOCOMMIT", connect_args=options)

    def bytes_of(self, column: Any) -> Any:
        """Return a text as its bytes, whatever somebody may have put there."""
        return sa.cast(column, sa.LargeBinary)

    @contextmanager
    def writing(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """Hold the one turn to write; at the end commit to the disk."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self._file.exists()
        with self._turn(), engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")  # one wait for the disk, not 5
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.exec_driver_sql("COMMIT")
        if is_new:
            sync_folder(self._file.parent)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = os.open(f"{self._file}.turn", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # sqlite would make a file that everyone may read
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
            yield
        finally:
            os.close(lock)  # gives the turn to the next


class Postgresql:
    """A database of a PostgreSQL server, whose lock on a number is the turn to write.

    A lock on the table would ask for the right to change its rows.
    """

    may_exist = True
    TURN = int.from_bytes(hashlib.sha256(TABLE.encode()).digest()[:8], "big", signed=True)
    _SETTINGS = """
        select set_config('lock_timeout', :wait, true),
               set_config('idle_in_transaction_session_timeout', :wait, true),
               set_config('synchronous_commit', case current_setting('synchronous_commit')
                   when 'off' then 'on' else current_setting('synchronous_commit') end, true)
    """

    def __init__(self, url: sa.URL) -> None:
        self._url = url

    @property
    def shown(self) -> str:
        """The address without user, password and query."""
        port = f":{self._url.port}" if self._url.port else ""
        return f"postgresql://{self._url.host or ''}{port}/{self._url.database or ''}"

    def engine(self) -> sa.Engine:
        """Return an engine whose statements see what was committed before each."""
        return sa.create_engine(
            self._url, isolation_level="READ COMMITTED", pool_pre_ping=True, hide_parameters=True
        )

    def bytes_of(self, column: Any) -> Any:
        """Return a text as its bytes."""
        return sa.func.convert_to(column, "UTF8", type_=sa.LargeBinary)

    @contextmanager
    def writing(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """Hold the one turn to write; at the end commit to the disk."""
        with engine.begin() as connection:
            connection.execute(sa.text(self._SETTINGS), {"wait": f"{WAIT}s"})
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self.TURN)))
            yield connection


Database: TypeAlias = Sqlite | Postgresql


def database_at(address: str) -> Database:
    """Return the database of an address.

    Raises
    ------
    RiskModelError
        It is none, or of another kind; the address, which may hold a password, is not repeated.
    """
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):  # the latter of a port that is none
        raise RiskModelError(_ALLOWED) from None
    kinds: dict[str, type[Database]] = {"sqlite": Sqlite, "postgresql": Postgresql}
    kind = kinds.get(url.get_backend_name())
    if kind is None:
        raise RiskModelError(_ALLOWED)
    return kind(url)
