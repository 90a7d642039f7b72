"""The chain under `ScoreLog`: lines of JSON, each with the hash of the line before.

A line ends in ``"entry":n,"previous":"...","hash":"..."}``. The hash is the SHA-256 of the line's
bytes before ``,"hash"``, so nothing is parsed, or written anew, to check it; and the end of a file
tells where it stands however long its last line is.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import NamedTuple

from riskmodel.errors import ModelIntegrityError

GENESIS = "0" * 64
"""What the first entry has for ``previous``."""

_TAIL = re.compile(
    rb',"entry":(?P<entry>\d+),"previous":"(?P<previous>[0-9a-f]{64})"'
    rb',"hash":"(?P<hash>[0-9a-f]{64})"}\n\Z'
)
_LONGEST_TAIL = 256


class Head(NamedTuple):
    """Where a log stands: the hash of its last entry, and how many entries there are."""

    digest: str
    entries: int


def chained(content: bytes, last: Head) -> tuple[bytes, Head]:
    """Return the line of an entry after `last`, and the head that it makes."""
    body = content[:-1] + f',"entry":{last.entries + 1},"previous":"{last.digest}"'.encode()
    digest = hashlib.sha256(body).hexdigest()
    return body + f',"hash":"{digest}"}}\n'.encode(), Head(digest, last.entries + 1)


def checked(line: bytes, before: Head) -> Head:
    """Return the head that a line makes after `before`, or raise."""
    number = before.entries + 1
    tail = _TAIL.search(line)
    if tail is None:
        unfinished = not line.endswith(b"\n")
        what = "unfinished: recover() moves it aside" if unfinished else "not an entry of a log"
        raise ModelIntegrityError(f"the log's line {number} is {what}")
    body = line[: tail.start("hash") - len(b',"hash":"')]
    digest = hashlib.sha256(body).hexdigest()
    if digest != tail["hash"].decode():
        raise ModelIntegrityError(f"the log's entry {number} was changed after it was written")
    if tail["previous"].decode() != before.digest or int(tail["entry"]) != number:
        raise ModelIntegrityError(
            f"the log's line {number} holds entry {int(tail['entry'])}, which does not follow the "
            f"line before it: entries were removed, moved or rewritten"
        )
    return Head(digest, number)


def last_entry(file: int) -> Head:
    """Return the head by the last line's end alone; `verify` reads the rest."""
    end = os.fstat(file).st_size
    if not end:
        return Head(GENESIS, 0)
    start = max(0, end - _LONGEST_TAIL)
    tail = _TAIL.search(os.pread(file, end - start, start))
    if tail is None:
        raise ModelIntegrityError("the file's last line is not an entry of a score log")
    return Head(tail["hash"].decode(), int(tail["entry"]))


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
