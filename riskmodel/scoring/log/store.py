"""Where the lines of a score log are kept: in a file, or in a table of a database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from riskmodel.scoring.log.chain import Head
from riskmodel.scoring.log.file_store import FileStore
from riskmodel.scoring.log.table_store import TableStore


class LogStore(Protocol):
    """Keeps lines in the order of their chain, for several writing processes."""

    @property
    def shown(self) -> str:
        """Where it is, without user and password."""

    def append(self, content: bytes) -> Head:
        """Chain an entry to the last one; return when it would outlast a loss of power."""

    def lines(self) -> Iterator[bytes]:
        """Yield every line, with its newline; no writer waits meanwhile."""

    def last(self) -> Head:
        """Return where the log stands, by its last line's end alone."""

    def recover(self) -> Path | None:
        """Move aside what a killed writer left unfinished; None where nothing was."""


def store_at(address: str | os.PathLike[str]) -> LogStore:
    """Return the store of an address: what has a scheme is a database, anything else a file.

    Raises
    ------
    RiskModelError
        The scheme is not that of a database that can hold a log.

    Examples
    --------
    >>> store_at("scores.jsonl").shown, store_at("sqlite:///scores.db").shown
    ('scores.jsonl', 'sqlite:///scores.db')
    """
    if isinstance(address, str) and "://" in address:
        return TableStore(address)
    return FileStore(address)
