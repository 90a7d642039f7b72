"""What an entry of a score log says: a table of scores, or single replies, as one line of JSON.

No pandas is imported here: a reply to one person is logged by processes that never load it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from riskmodel.errors import ModelIntegrityError, SchemaError
from riskmodel.scoring.log.key import LogKey

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.scoring.reply import ScoreReply

    Scores: TypeAlias = pd.DataFrame | ScoreReply | Mapping[str, Any] | Sequence[Any]

FORMAT = 1
"""Raised when a reader of older entries would misread new ones; old readers stay."""

OF_TABLE = ("model", "version", "digest", "as_of")
OF_ROWS = ("margin", "probability", "status")
NEEDED = ("person_id", *OF_ROWS, *OF_TABLE)
_FIELDS = {"entry", "time", "who", "use", *OF_TABLE, "missing", "key_id", "rows"}


def entry_content(
    scores: Scores, *, use: str, who: str, key: LogKey, missing: str | None = None
) -> bytes:
    """Return the JSON of an entry that is not yet chained.

    Raises
    ------
    SchemaError
        Columns missing, several models or dates, people without an id, empty `use` or `who`,
        another word for `missing`.
    """
    columns, said = _columns(scores), missing or getattr(scores, "attrs", {}).get("missing")
    _check(columns, use=use, who=who, missing=said)
    answers = zip(*(columns[name] for name in columns if name not in OF_TABLE), strict=True)
    names = ["person", *(name for name in columns if name not in ("person_id", *OF_TABLE))]
    entry = {
        "format": FORMAT,
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),
        "who": who,
        "use": use,
        **{name: _text(columns[name]) for name in OF_TABLE},
        "missing": said,
        "key_id": key.id,
        "rows": [
            dict(zip(names, (key.pseudonym(str(person)), *answer), strict=True))
            for person, *answer in answers
        ],
    }
    return json.dumps(entry, separators=(",", ":"), allow_nan=False).encode("ascii")


def entry_of(line: bytes) -> dict[str, Any]:
    """Return the entry of a line whose place in the chain was checked.

    Raises
    ------
    ModelIntegrityError
        Somebody chained what no ScoreLog writes, or a newer version wrote it.
    """
    try:
        entry: dict[str, Any] = json.loads(line)
        known = entry["format"] == FORMAT and entry.keys() >= _FIELDS
    except (ValueError, KeyError, TypeError, AttributeError):
        known = False
    if not known:
        raise ModelIntegrityError(
            f"an entry of the log is not of format {FORMAT}: this version does not read it"
        )
    return entry


def _columns(scores: Scores) -> dict[str, list[Any]]:
    """Return the columns that are logged, person first; a missing number is None."""
    names = ("person_id", *OF_ROWS, "rank", *OF_TABLE)
    given: Any = scores
    if hasattr(given, "columns"):  # a DataFrame
        return {name: _plain(given[name]) for name in names if name in given.columns}
    one = isinstance(given, Mapping) or hasattr(given, "model_fields_set")
    replies: Sequence[Any] = [given] if one else list(given)
    there = [name for name in names if all(_has(reply, name) for reply in replies)]
    return {name: [reply[name] for reply in replies] for name in there}


def _plain(column: pd.Series) -> list[Any]:
    return column.astype("object").where(column.notna(), None).tolist()


def _has(reply: Any, name: str) -> bool:
    return name in reply if isinstance(reply, Mapping) else hasattr(reply, name)


def _check(columns: Mapping[str, list[Any]], *, use: str, who: str, missing: str | None) -> None:
    if lacking := [name for name in NEEDED if name not in columns]:
        raise SchemaError(f"scores: no columns {', '.join(lacking)}; give a table from score()")
    problems = [
        f"scores.{name}: several in one table; append each on its own"
        for name in OF_TABLE
        if len(set(columns[name])) > 1
    ]
    for name in ("person_id", "status", *OF_TABLE):
        if absent := sum(value is None for value in columns[name]):
            problems.append(f"scores.{name}: missing in {absent} rows")
    for name, text in (("use", use), ("who", who)):
        if not isinstance(text, str) or not text.strip():
            problems.append(f"ScoreLog.append: {name} must be a text that is not empty")
    if missing not in (None, "fallback", "refuse"):
        problems.append("ScoreLog.append: missing must be fallback or refuse, or not said")
    if problems:
        raise SchemaError(problems)


def _text(column: list[Any]) -> str | None:
    """Return the one value of a column, a time in full; None for a table of nobody."""
    if not column:
        return None
    value = column[0]
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
