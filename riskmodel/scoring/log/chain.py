"""The chain under `ScoreLog`: lines of JSON, each with the hash of the line before.

A line ends in ``"entry":n,"previous":"...","hash":"..."}``. The hash is the SHA-256 of the line's
bytes before ``,"hash"``, so nothing is parsed, or written anew, to check it; and the end of a line
tells where the log stands however long the line is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.files import atomic_write_text

GENESIS = "0" * 64
"""What the first entry has for ``previous``."""

LONGEST_TAIL = 256
"""No line's end is longer, in bytes."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TAIL = re.compile(
    rb',"entry":(?P<entry>\d+),"previous":"(?P<previous>[0-9a-f]{64})"'
    rb',"hash":"(?P<hash>[0-9a-f]{64})"}\n\Z'
)


class Head(NamedTuple):
    """Where a log stands: the hash of its last entry, and how many entries there are.

    Kept where the log's writers can't reach it, it shows whether the log is still the one it was.

    Examples
    --------
    >>> import tempfile
    >>> path = Head("ab" * 32, 7).save(tempfile.mkdtemp() + "/head.json")
    >>> Head.read(path) == Head("ab" * 32, 7)
    True
    """

    digest: str
    entries: int

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the head as a small JSON file, whole or not at all."""
        return atomic_write_text(path, json.dumps(self._asdict()) + "\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Head:
        """Read what `save` wrote.

        Raises
        ------
        RiskModelError
            The file holds no head.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            head = cls(**content)
            whole = isinstance(head.entries, int) and head.entries >= 0
            good = whole and _DIGEST.fullmatch(head.digest) is not None
        except (ValueError, TypeError):
            good = False
        if not good:
            raise RiskModelError(
                f"{Path(path).name} holds no head of a score log: a digest and a count of entries"
            )
        return head


START = Head(GENESIS, 0)
"""Where an empty log stands."""


def chained(content: bytes, last: Head) -> tuple[bytes, Head]:
    """Return the line of an entry after `last`, and the head that it makes."""
    body = content[:-1] + f',"entry":{last.entries + 1},"previous":"{last.digest}"'.encode()
    digest = hashlib.sha256(body).hexdigest()
    return body + f',"hash":"{digest}"}}\n'.encode(), Head(digest, last.entries + 1)


def checked(line: bytes, before: Head) -> Head:
    """Return the head that a line makes after `before`, or raise."""
    number = before.entries + 1
    tail = _TAIL.search(line, max(0, len(line) - LONGEST_TAIL))
    if tail is None:
        unfinished = not line.endswith(b"\n")
        what = "unfinished: recover moves it aside" if unfinished else "not an entry of a log"
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


def checked_lines(lines: Iterable[bytes], noted: Head | None) -> Iterator[tuple[bytes, Head]]:
    """Yield each line with the head that it makes; raise where the chain breaks.

    Raises
    ------
    ModelIntegrityError
        It says which entry was changed, removed or moved; or that the log, whole in itself, is
        not one that goes on from `noted`.
    """
    at = START
    _hold_against(noted, at)
    for line in lines:
        at = checked(line, at)
        _hold_against(noted, at)
        yield line, at
    if noted is not None and at.entries < noted.entries:
        raise ModelIntegrityError(
            f"the log has {at.entries} entries and the noted head {noted.entries}: entries from "
            f"{at.entries + 1} on were cut off"
        )


def _hold_against(noted: Head | None, at: Head) -> None:
    if noted is not None and noted.entries == at.entries and noted.digest != at.digest:
        raise ModelIntegrityError(
            f"the log's entry {at.entries} is not the one of the noted head: it, or one before "
            "it, was rewritten, and the chain made anew"
        )


def head_of(line: bytes) -> Head:
    """Return the head that a log's last line claims, by its end alone; `checked` reads it all."""
    tail = _TAIL.search(line, max(0, len(line) - LONGEST_TAIL))
    if tail is None:
        raise ModelIntegrityError("the last line is not an entry of a score log")
    return Head(tail["hash"].decode(), int(tail["entry"]))
