"""The task file: one TOML file that says what a model is trained on and asked.

::

    [histories]                      # where the tables are, relative to this file
    folder = "tables"                # events.csv (or .parquet), people.csv, updates.csv, ...
    data_end = 2012-01-01

    [cohort]
    lookback_days = 365              # or "ever"

    [outcome]
    horizon_days = 730

    [offences]
    edition = "ashby-2017"           # or csv = "offences.csv" with an edition's name

    [train]
    first = 2003-01-01               # one snapshot every six months ...
    last = 2010-01-01
    every = "6MS"
    test_from = 2010-01-01           # ... those from here on are held back for the test
    known_at = 2012-01-01

All mistakes are raised at once, and an unknown key names the keys that are allowed.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from riskmodel.audit.policies.fields import NUMBER, TEXT, WHOLE, Kind
from riskmodel.errors import RiskModelError

EVER = "ever"
"""How a task file says "no limit": TOML has no empty value."""


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def _is_windows(value: object) -> bool:
    return isinstance(value, list) and all(WHOLE.fits(part) or part == EVER for part in value)


SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
DATE = Kind("a date such as 2012-01-01", lambda value: isinstance(value, (date, datetime)))
TEXTS = Kind("a list of texts", _is_texts)
DAYS = Kind('a whole number of days, or "ever"', lambda value: WHOLE.fits(value) or value == EVER)
WINDOWS = Kind('a list of days, with "ever" for no limit', _is_windows)
TABLE = Kind("a table of keys", lambda value: isinstance(value, dict))
SEVERAL = Kind("a list of tables", _is_tables)

TABLES = ("events", "people", "updates", "spells", "victims", "actions")

KEYS: dict[str, dict[str, Kind]] = {
    "histories": {
        "folder": TEXT,
        "url": TEXT,
        **dict.fromkeys(TABLES, TEXT),
        "dates_only": SWITCH,
        "recorded_time": TEXT,
        "data_start": DATE,
        "data_end": DATE,
        "on_invalid": TEXT,
    },
    "cohort": {
        "lookback_days": DAYS,
        "min_incidents": WHOLE,
        "exclude_in_custody": SWITCH,
        "only": TEXTS,
        "refresh": TEXT,
    },
    "outcome": {
        "horizon_days": WHOLE,
        "kind": TEXT,
        "censored": TEXT,
        "evidence": TEXTS,
        "include_police_generated": SWITCH,
        "min_harm": NUMBER,
    },
    "offences": {
        "edition": TEXT,
        "csv": TEXT,
        "source": TEXT,
        "serious_at": NUMBER,
        "unmapped": TABLE,
    },
    "features": {
        "windows": WINDOWS,
        "age": SWITCH,
        "age_justification": TEXT,
        "co_accused": SWITCH,
        "evidence": TEXTS,
        "also": SEVERAL,
    },
    "train": {
        "first": DATE,
        "last": DATE,
        "every": TEXT,
        "test_from": DATE,
        "known_at": DATE,
        "late_allowance_days": WHOLE,
        "name": TEXT,
        "permitted_uses": TEXTS,
        "expires": DATE,
        "seed": WHOLE,
    },
}
"""Sections and keys of a task file, with the kind of value that each takes."""

UNMAPPED_KEYS = {"harm": NUMBER, "group": TEXT, "serious": SWITCH}
REQUIRED = {"train": ("first", "last", "known_at")}


@dataclass(frozen=True)
class TaskFile:
    """A task file, read and checked.

    Parameters
    ----------
    path : Path
        Paths in the file are relative to its folder.
    sections : dict
        The content, section by section; those that are absent are empty.

    Raises
    ------
    RiskModelError
        For unknown sections and keys, values of the wrong kind and missing keys; all at once.

    Examples
    --------
    >>> TaskFile(Path("riskmodel.toml"), {"outcome": {"horizont_days": 730}})
    Traceback (most recent call last):
    riskmodel.errors.RiskModelError: riskmodel.toml cannot be used:
      - [outcome] horizont_days: no such key; did you mean horizon_days? Allowed are ...
    """

    path: Path
    sections: dict[str, dict[str, Any]]

    def __post_init__(self) -> None:
        problems = list(_problems(self.sections))
        if problems:
            raise unusable(self.path, problems)

    @classmethod
    def read(cls, path: str | Path) -> TaskFile:
        """Read a task file; a file that is no TOML names the line."""
        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise unusable(path, [f"it is not a TOML file: {error}"]) from error
        return cls(Path(path), content)

    def section(self, name: str) -> dict[str, Any]:
        """Return one section's keys and values; empty where it is absent."""
        return self.sections.get(name, {})

    def require(self, section: str) -> dict[str, Any]:
        """Return a section with all of its required keys, or raise naming the missing ones."""
        given = self.section(section)
        missing = [key for key in REQUIRED[section] if key not in given]
        if missing:
            raise unusable(self.path, [f"[{section}] {key}: is missing" for key in missing])
        return given

    def resolve(self, name: str) -> Path:
        """Return a path of the file, relative to the file's own folder."""
        return self.path.parent / name


def unusable(path: str | Path, problems: list[str]) -> RiskModelError:
    """Return the error that lists everything wrong with a task file."""
    lines = "\n".join(f"  - {problem}" for problem in problems)
    return RiskModelError(f"{Path(path).name} cannot be used:\n{lines}")


def _problems(sections: dict[str, Any]) -> Iterator[str]:
    for name, content in sections.items():
        if name not in KEYS:
            yield f"[{name}]: {_unknown('section', name, KEYS)}"
        elif not isinstance(content, dict):
            yield f"{name}: is a section; write [{name}] on a line of its own"
        else:
            yield from key_problems(name, content, KEYS[name])
            if isinstance(content.get("unmapped"), dict):
                yield from key_problems(f"{name}.unmapped", content["unmapped"], UNMAPPED_KEYS)
    yield from _offence_problems(sections.get("offences"))


def key_problems(section: str, content: dict[str, Any], kinds: dict[str, Kind]) -> Iterator[str]:
    """Yield a sentence for each key that is not known or whose value is of the wrong kind."""
    for key, value in content.items():
        if key not in kinds:
            yield f"[{section}] {key}: {_unknown('key', key, kinds)}"
        elif not kinds[key].fits(value):
            yield f"[{section}] {key}: must be {kinds[key].words}"


def _offence_problems(offences: object) -> Iterator[str]:
    if isinstance(offences, dict) and "edition" not in offences:
        yield "[offences] edition: is missing; name a published edition, or the edition of the csv"


def _unknown(what: str, given: str, allowed: dict[str, Any]) -> str:
    near = difflib.get_close_matches(given, allowed, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"no such {what}{hint} Allowed are {', '.join(allowed)}"
