"""ScoreLog: who scored whom, when and for what; append-only, each entry chained to the one before.

One line of JSON an entry (`riskmodel.scoring.log_chain`). A change in any entry, a missing one or
another order shows. What a chain alone can't show is that its *last* entries were cut off, or that
all of it was written anew: note elsewhere the head that `append` returns, and give it to `verify`.

People stand in it under a keyed hash (HMAC-SHA256). The key is the caller's and is never stored.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.errors import ModelIntegrityError, RiskModelError, RiskModelWarning, SchemaError
from riskmodel.files import atomic_write_bytes, sync_folder
from riskmodel.scoring.log_chain import (
    GENESIS,
    Head,
    chained,
    checked,
    end_of_last_whole_line,
    last_entry,
    write_line,
)

_SHORTEST_KEY = 16
_OF_ROWS = ("margin", "probability", "status")
_OF_TABLE = ("model", "version", "digest", "as_of")


class ScoreLog:
    """An append-only log of scores; several processes may write to one file.

    Parameters
    ----------
    path : path
        Made, with its folder, by the first `append`.
    key : bytes, optional
        At least 16 bytes, secret. Needed to append and to look people up, not to verify.

    Examples
    --------
    >>> import tempfile
    >>> log = ScoreLog(tempfile.mkdtemp() + "/scores.jsonl", key=b"a secret of the force")
    >>> scores = pd.DataFrame({"person_id": ["a"], "margin": [-2.2], "probability": [0.1],
    ...     "status": "scored", "model": "m", "version": "1", "digest": "0" * 64,
    ...     "as_of": pd.Timestamp("2012-01-01")})
    >>> head = log.append(scores, use="prioritise", who="analyst 7")
    >>> log.verify(head) == head, head.entries
    (True, 1)
    >>> [entry["use"] for entry in log.entries_for("a")]
    ['prioritise']
    """

    def __init__(self, path: str | os.PathLike[str], *, key: bytes | None = None) -> None:
        if key is not None and (not isinstance(key, bytes) or len(key) < _SHORTEST_KEY):
            raise RiskModelError(f"ScoreLog: key must be at least {_SHORTEST_KEY} bytes, secret")
        self.path = Path(path)
        self._key = key

    def append(self, scores: pd.DataFrame, *, use: str, who: str) -> Head:
        """Write one entry for a table of scores, and return when the disk has it.

        Parameters
        ----------
        scores : DataFrame
            From `score` or `rank`: of one model and one date.
        use, who : str
            What the scores are for, and who asked.

        Returns
        -------
        Head
            To be noted elsewhere: `verify` then also finds entries cut off at the end.

        Raises
        ------
        SchemaError
            Columns missing, several models or dates, empty `use` or `who`.
        ModelIntegrityError
            The file's last line is no entry of a log.

        Warns
        -----
        RiskModelWarning
            A line that an earlier writer left unfinished was moved to a file beside the log.
        """
        content = self._content(scores, use, who)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as file:
            self._move_torn_line(file)
            last = last_entry(file)
            line, head = chained(content, last)
            write_line(file, line)
            if not last.entries:
                sync_folder(self.path.parent)
        return head

    def verify(self, head: Head | None = None) -> Head:
        """Read every entry and return where the log stands.

        Parameters
        ----------
        head : Head, optional
            What `append` or `verify` once returned: it must still be in the chain.

        Raises
        ------
        ModelIntegrityError
            An entry was changed, removed or moved, or a line is unfinished; it says which.
        """
        at = Head(GENESIS, 0)
        met = head is None or head == at
        for line in self._lines():
            at = checked(line, at)
            met = met or at == head
        if not met:
            raise ModelIntegrityError(
                f"the log has {at.entries} entries, and none leaves it where the noted head says: "
                "entries were cut off or rewritten"
            )
        return at

    def entries_for(self, person_id: str) -> list[dict[str, Any]]:
        """Return the entries that hold a person, with only that person's rows.

        Raises
        ------
        ModelIntegrityError
            The log is not intact.
        RiskModelError
            No key was given, or the log's entries were all written with others.
        """
        person, key_id = self._hashed(str(person_id)), self._key_id()
        at, keys, found = Head(GENESIS, 0), set(), []
        for line in self._lines():
            at = checked(line, at)
            entry = json.loads(line)
            keys.add(entry["key_id"])
            rows = [row for row in entry["rows"] if row["person"] == person]
            if rows:
                found.append({**entry, "rows": rows})
        if keys and key_id not in keys:
            raise RiskModelError("ScoreLog: no entry was written with this key; give the log's own")
        return found

    def recover(self) -> Path | None:
        """Move a line that a killed writer left unfinished to a file beside the log.

        Returns
        -------
        Path or None
            The file; None if every line is whole. `append` does the same.
        """
        with self._locked(os.O_RDWR, fcntl.LOCK_EX) as file:
            return self._move_torn_line(file, warn=False)

    def _content(self, scores: pd.DataFrame, use: str, who: str) -> bytes:
        _check(scores, use, who)
        columns = [*_OF_ROWS, *(["rank"] if "rank" in scores.columns else [])]
        frame = scores[columns].astype(object)
        rows = frame.where(scores[columns].notna(), None).to_dict("records")
        people = scores["person_id"].tolist()
        about = {name: str(scores[name].iloc[0]) for name in _OF_TABLE if len(scores)}
        entry = {
            **about,
            "time": datetime.now(UTC).isoformat(timespec="microseconds"),
            "use": use,
            "who": who,
            "key_id": self._key_id(),
            "rows": [
                {"person": self._hashed(str(person)), **row}
                for person, row in zip(people, rows, strict=True)
            ],
        }
        return json.dumps(entry, separators=(",", ":"), allow_nan=False).encode("ascii")

    def _hashed(self, text: str) -> str:
        if self._key is None:
            raise RiskModelError("ScoreLog: give key=, the secret that people are hashed with")
        return hmac.digest(self._key, text.encode("utf-8"), "sha256").hex()

    def _key_id(self) -> str:
        """Return what tells keys apart without giving one away; no id starts with a NUL."""
        return self._hashed("\x00which key")[:16]

    @contextmanager
    def _locked(self, flags: int, lock: int) -> Iterator[int]:
        file = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(file, lock)
            yield file
        finally:
            os.close(file)  # gives the lock back

    def _lines(self) -> Iterator[bytes]:
        if not self.path.exists():
            raise ModelIntegrityError("there is no log under this path; append() makes one")
        with (
            self._locked(os.O_RDONLY, fcntl.LOCK_SH) as file,
            open(file, "rb", closefd=False) as log,
        ):
            yield from log

    def _move_torn_line(self, file: int, *, warn: bool = True) -> Path | None:
        end = os.fstat(file).st_size
        start = end_of_last_whole_line(file, end)
        if start == end:
            return None
        torn = os.pread(file, end - start, start)
        name = f"{self.path.name}.torn-{start}-{hashlib.sha256(torn).hexdigest()[:8]}"
        aside = atomic_write_bytes(self.path.with_name(name), torn)
        os.ftruncate(file, start)
        os.fsync(file)
        if warn:
            text = f"an unfinished line of the score log, never confirmed, was moved to {name}"
            warnings.warn(text, RiskModelWarning, stacklevel=3)
        return aside


def _check(scores: pd.DataFrame, use: str, who: str) -> None:
    needed = ("person_id", *_OF_ROWS, *_OF_TABLE)
    if missing := [name for name in needed if name not in scores.columns]:
        raise SchemaError(f"scores: no columns {', '.join(missing)}; give a table from score()")
    problems = [
        f"scores.{name}: several in one table; append each on its own"
        for name in _OF_TABLE
        if scores[name].nunique(dropna=False) > 1
    ]
    for name, text in (("use", use), ("who", who)):
        if not isinstance(text, str) or not text.strip():
            problems.append(f"ScoreLog.append: {name} must be a text that is not empty")
    if problems:
        raise SchemaError(problems)
