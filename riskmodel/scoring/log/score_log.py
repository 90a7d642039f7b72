"""ScoreLog: who scored whom, when and for what; append-only, each entry chained to the one before.

One line of JSON an entry (`riskmodel.scoring.log.chain`), in a file or in a table of a database:
the same bytes in both. A change in any entry, a missing one or another order shows. What a chain
alone can't show is that its *last* entries were cut off, or that all of it was written anew: keep
the head that `append` returns elsewhere, and give it to `verify`.

People stand in it under a keyed hash (HMAC-SHA256). The key is the caller's and is never stored.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmodel.errors import RiskModelError
from riskmodel.scoring.log.chain import START, Head, checked_lines
from riskmodel.scoring.log.entry import entry_content, entry_of
from riskmodel.scoring.log.key import LogKey
from riskmodel.scoring.log.store import store_at

if TYPE_CHECKING:
    from riskmodel.scoring.log.entry import Scores


class ScoreLog:
    """An append-only log of scores; several processes may write to one.

    Parameters
    ----------
    address : path or str
        A file of JSON lines, ``sqlite:///scores.db``, or ``postgresql+psycopg://...``. A file is
        made, with its folder, by the first `append`; a table too.
    key : bytes, optional
        At least 16 bytes, secret. Needed to append and to look people up, not to verify.

    Examples
    --------
    >>> import tempfile
    >>> log = ScoreLog(tempfile.mkdtemp() + "/scores.jsonl", key=b"a secret of the force")
    >>> reply = {"person_id": "a", "margin": -2.2, "probability": 0.1, "status": "scored",
    ...     "model": "m", "version": "1", "digest": "0" * 64, "as_of": "2012-01-01"}
    >>> head = log.append(reply, use="prioritise", who="analyst 7")
    >>> log.verify(head) == head, head.entries
    (True, 1)
    >>> [entry["use"] for entry in log.entries_for("a")]
    ['prioritise']
    """

    def __init__(self, address: str | os.PathLike[str], *, key: bytes | None = None) -> None:
        self._key = None if key is None else LogKey(key)
        self._store = store_at(address)

    def __repr__(self) -> str:
        return f"ScoreLog({self.shown!r})"

    @property
    def shown(self) -> str:
        """Where the log is kept, without user and password."""
        return self._store.shown

    @property
    def key(self) -> LogKey:
        """What turns ids of people into pseudonyms.

        Raises
        ------
        RiskModelError
            No key was given.
        """
        if self._key is None:
            raise RiskModelError("ScoreLog: give key=, the secret that people are hashed with")
        return self._key

    def append(self, scores: Scores, *, use: str, who: str, missing: str | None = None) -> Head:
        """Write one entry, and return when it would outlast a loss of power.

        Parameters
        ----------
        scores : DataFrame from `score` or `rank`, a reply of `score_person`, or a list of replies
            Of one model and one date. Margin, probability, status and rank are kept: no reasons,
            no records.
        use, who : str
            What the scores are for, and who asked.
        missing : {"fallback", "refuse"}, optional
            What `score` was told to do about people who lack what the model needs; a table from
            `score` says so itself.

        Returns
        -------
        Head
            To be kept elsewhere: `verify` then also finds entries cut off at the end.

        Raises
        ------
        SchemaError
            Columns missing, several models or dates, empty `use` or `who`.
        ModelIntegrityError
            What is there is no log.
        RiskModelError, OSError
            The database or the disk did not take it: the scores must not be used. Only where the
            connection broke in the middle can the entry be there all the same.

        Warns
        -----
        RiskModelWarning
            A line that an earlier writer left unfinished was moved to a file beside the log.
        """
        content = entry_content(scores, use=use, who=who, key=self.key, missing=missing)
        return self._store.append(content)

    def head(self) -> Head:
        """Return where the log stands by its last entry's own word; `verify` reads them all."""
        return self._store.last()

    def lines(self, head: Head | None = None) -> Iterator[bytes]:
        """Yield each entry as it was written, checked as by `verify`."""
        return (line for line, _ in checked_lines(self._store.lines(), head))

    def entries(self, head: Head | None = None) -> Iterator[dict[str, Any]]:
        """Yield each entry, checked as by `verify`."""
        return (entry_of(line) for line in self.lines(head))

    def verify(self, head: Head | None = None) -> Head:
        """Read every entry and return where the log stands.

        Parameters
        ----------
        head : Head, optional
            What `append`, `head` or `verify` once returned: the log must still go on from it.

        Raises
        ------
        ModelIntegrityError
            An entry was changed, removed, moved or added, or a line is unfinished; it says which.
        """
        stands = deque(checked_lines(self._store.lines(), head), maxlen=1)
        return stands[0][1] if stands else START

    def entries_for(self, person_id: str) -> list[dict[str, Any]]:
        """Return the entries that hold a person, with only that person's rows.

        Raises
        ------
        ModelIntegrityError
            The log is not intact.
        RiskModelError
            No key was given, or the log's entries were all written with others.
        """
        person, keys, found = self.key.pseudonym(str(person_id)), set(), []
        for entry in self.entries():
            keys.add(entry["key_id"])
            rows = [row for row in entry["rows"] if row["person"] == person]
            if rows:
                found.append({**entry, "rows": rows})
        if keys and self.key.id not in keys:
            raise RiskModelError("ScoreLog: no entry was written with this key; give the log's own")
        return found

    def recover(self) -> Path | None:
        """Move a line that a killed writer left unfinished to a file beside the log.

        Returns
        -------
        Path or None
            The file; None if every line is whole. `append` does the same. A database does this
            for itself.
        """
        return self._store.recover()
