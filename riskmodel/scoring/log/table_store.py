"""A score log as a table of a database: one row an entry, with the bytes that a file would have.

SQLAlchemy is imported when the first log of this kind is opened. A role that only writes needs
INSERT and SELECT on the table, nothing else; the first `append` makes the table, which needs more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.late import late
from riskmodel.scoring.log.chain import START, Head, chained, head_of
from riskmodel.scoring.log.databases import TABLE, Database, database_at

if TYPE_CHECKING:
    import sqlalchemy as sa
else:
    sa = late("sqlalchemy")

_BATCH = 200
_BEFORE_ALL = -(2**63)
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class TableStore:
    """Lines in a table; writers take turns.

    Parameters
    ----------
    address : str
        ``sqlite:///scores.db`` or ``postgresql+psycopg://user:password@host/database``. User and
        password are in no message.

    Raises
    ------
    RiskModelError
        Another kind of address, or the driver is not installed.
    """

    def __init__(self, address: str) -> None:
        self._database = database_at(address)
        self._table = _table()
        self._is_made = False
        self._engine = self._engine_of_this_process()

    @property
    def shown(self) -> str:
        """The address without user, password and query."""
        return self._database.shown

    def append(self, content: bytes) -> Head:
        """Insert one row, and return when the database has committed it to the disk."""
        with self._errors(), self._database.writing(self._connected()) as connection:
            if not self._is_made:
                self._table.create(connection, checkfirst=True)
            line, head = chained(content, self._last(connection))
            row = {"entry": head.entries, "line": line[:-1].decode("ascii")}
            connection.execute(self._table.insert(), row)
        self._is_made = True
        return head

    def lines(self) -> Iterator[bytes]:
        """Yield the lines there are now, by number; raise where a number is missing."""
        at, after, number = 0, _BEFORE_ALL, self._table.c.entry
        ((end,),) = self._read(sa.select(sa.func.coalesce(sa.func.max(number), 0)))
        rows = sa.select(number, self._bytes).where(number <= end).order_by(number).limit(_BATCH)
        while batch := self._read(rows.where(number > after)):
            for after, line in batch:
                if after != at + 1:
                    raise ModelIntegrityError(
                        f"after entry {at} the log's table goes on with row {after}: entries were "
                        "removed, moved or added"
                    )
                yield _line(line)
                at = after

    def last(self) -> Head:
        """Return where the last row leaves the log."""
        self._must_exist()
        with self._errors(), self._connected().connect() as connection:
            return self._last(connection)

    def recover(self) -> Path | None:
        """Return None: the database leaves no row unfinished."""
        self._must_exist()
        return None

    @property
    def _bytes(self) -> Any:
        return self._database.bytes_of(self._table.c.line)

    def _last(self, connection: sa.Connection) -> Head:
        number = self._table.c.entry
        newest = sa.select(number, self._bytes).order_by(number.desc()).limit(1)
        row = connection.execute(newest).first()
        if row is None:
            return START
        head = head_of(_line(row[1]))
        if head.entries != row[0]:
            raise ModelIntegrityError(
                f"the last row of the log's table has number {row[0]} and holds another entry"
            )
        return head

    def _read(self, query: Any) -> list[Any]:
        self._must_exist()
        with self._errors(), self._connected().connect() as connection:
            return list(connection.execute(query))

    def _must_exist(self) -> None:
        if self._database.may_exist and not self._is_made:
            with self._errors(), self._connected().connect() as connection:
                self._is_made = sa.inspect(connection).has_table(TABLE)
        if not (self._database.may_exist and self._is_made):
            raise ModelIntegrityError(f"there is no log under {self.shown}; append() makes one")

    def _connected(self) -> sa.Engine:
        if self._process != os.getpid():  # a fork must not speak on its parent's connections
            self._engine = self._engine_of_this_process()
        return self._engine

    def _engine_of_this_process(self) -> sa.Engine:
        engine, self._process = _engine(self._database), os.getpid()
        finalize(self, _close, engine, self._process)
        return engine

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            cause = getattr(error, "orig", None)
            name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
            said = f"{type(error).__name__}{f', {name}' if name else ''}"
            if name and name.startswith(_DAMAGED):
                text = f"{self.shown} is damaged, or is no database ({said})"
                raise ModelIntegrityError(text) from None
            raise RiskModelError(
                f"the score log {self.shown} could not be used ({said}): check the address, the "
                "rights, the disk, and whether another process holds it"
            ) from None


def _line(stored: Any) -> bytes:
    return bytes(stored or b"") + b"\n"


def _engine(database: Database) -> sa.Engine:
    try:
        return database.engine()
    except (ImportError, sa.exc.SQLAlchemyError) as error:
        raise RiskModelError(
            f"the score log {database.shown} cannot be reached ({type(error).__name__}): install "
            "the driver, for PostgreSQL psycopg[binary], and name it: postgresql+psycopg://"
        ) from None


def _close(engine: sa.Engine, process: int) -> None:
    engine.dispose(close=process == os.getpid())


def _table() -> sa.Table:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # there the key of the row itself
    return sa.Table(
        TABLE,
        sa.MetaData(),
        sa.Column("entry", number, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, nullable=False),
    )
