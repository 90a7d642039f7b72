"""A score log as a file of JSON lines."""

from __future__ import annotations

import fcntl
import hashlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskmodel.errors import ModelIntegrityError, RiskModelWarning
from riskmodel.files import atomic_write_bytes, sync_folder
from riskmodel.scoring.log.chain import LONGEST_TAIL, START, Head, chained, head_of


class FileStore:
    """Lines in a file; writers take turns by a lock that the system gives back when they die.

    Parameters
    ----------
    path : path
        Made, with its folder, by the first `append`, and readable by its owner alone.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    @property
    def shown(self) -> str:
        """The path."""
        return str(self._path)

    def append(self, content: bytes) -> Head:
        """Write one line, and return when the disk has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as file:
            if aside := self._move_torn_line(file):
                text = (
                    "an unfinished line of the score log, never confirmed, was moved to "
                    f"{aside.name}"
                )
                warnings.warn(text, RiskModelWarning, stacklevel=3)
            last = _last(file, os.fstat(file).st_size)
            line, head = chained(content, last)
            write_line(file, line)
            if not last.entries:
                sync_folder(self._path.parent)
        return head

    def lines(self) -> Iterator[bytes]:
        """Yield the lines there are now; one that is unfinished comes last, without a newline."""
        with self._locked(os.O_RDONLY, fcntl.LOCK_SH) as file:
            end = os.fstat(file).st_size
            whole = end_of_last_whole_line(file, end)
            torn = os.pread(file, end - whole, whole)
            fcntl.flock(file, fcntl.LOCK_UN)  # what is whole stays as it is: no writer need wait
            with open(file, "rb", closefd=False) as log:
                while log.tell() < whole and (line := log.readline()):
                    yield line
        if torn:
            yield torn

    def last(self) -> Head:
        """Return where the last whole line leaves the log."""
        with self._locked(os.O_RDONLY, fcntl.LOCK_SH) as file:
            return _last(file, end_of_last_whole_line(file, os.fstat(file).st_size))

    def recover(self) -> Path | None:
        """Move an unfinished line to a file beside the log, and return that file."""
        with self._locked(os.O_RDWR, fcntl.LOCK_EX) as file:
            return self._move_torn_line(file)

    @contextmanager
    def _locked(self, flags: int, lock: int) -> Iterator[int]:
        try:
            file = os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            raise ModelIntegrityError(
                f"there is no log under {self._path}; append() makes one"
            ) from None
        try:
            fcntl.flock(file, lock)
            yield file
        finally:
            os.close(file)  # gives the lock back

    def _move_torn_line(self, file: int) -> Path | None:
        end = os.fstat(file).st_size
        start = end_of_last_whole_line(file, end)
        if start == end:
            return None
        torn = os.pread(file, end - start, start)
        name = f"{self._path.name}.torn-{start}-{hashlib.sha256(torn).hexdigest()[:8]}"
        aside = atomic_write_bytes(self._path.with_name(name), torn)
        os.ftruncate(file, start)
        os.fsync(file)
        return aside


def end_of_last_whole_line(file: int, end: int, *, block: int = 1 << 16) -> int:
    """Return the length of a file up to its last newline, given its length."""
    while end > 0:
        start = max(0, end - block)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def write_line(file: int, line: bytes) -> None:
    """Append all of `line` or none of it, and wait for the disk."""
    before = os.fstat(file).st_size
    written = 0
    try:
        while written < len(line):
            written += os.write(file, line[written:])
        os.fsync(file)
    except OSError:
        os.ftruncate(file, before)
        raise


def _last(file: int, end: int) -> Head:
    start = max(0, end - LONGEST_TAIL)
    return head_of(os.pread(file, end - start, start)) if end else START
