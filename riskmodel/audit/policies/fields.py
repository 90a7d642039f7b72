"""Fields of a spec that people write by hand: what they may be, all mistakes at once, as TOML."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from riskmodel.errors import SchemaError

Spec = TypeVar("Spec")


@dataclass(frozen=True)
class Kind:
    """What a field's value may be, in words and as a check."""

    words: str
    fits: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(part, str) for part in value)


def _is_names(value: object) -> bool:
    return isinstance(value, dict) and _is_texts((*value, *value.values()))


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


TEXT = Kind("text", lambda value: isinstance(value, str))
NUMBER = Kind("a number", _is_number)
NUMBER_OR_NONE = Kind("a number, or left out", lambda value: value is None or _is_number(value))
WHOLE = Kind("a whole number", lambda value: isinstance(value, int) and _is_number(value))
TEXTS = Kind("a list of texts", _is_texts)
NAMES = Kind("a table of texts", _is_names)
DAY = Kind("a date such as 2026-01-31, not its text", _is_day)


def frozen(value: object) -> object:
    """Return a list as a tuple and a mapping as a dict of one's own; other values as they are.

    Examples
    --------
    >>> frozen(["a"]), frozen("a")
    (('a',), 'a')
    """
    if isinstance(value, list):
        return tuple(value)
    return dict(value) if isinstance(value, Mapping) else value


def wrong_kinds(spec: object, kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Return a sentence for each field of `spec` whose value is of another kind, by field."""
    title = type(spec).__name__
    return {
        name: f"{title}.{name}: must be {kind.words}"
        for name, kind in kinds.items()
        if not kind.fits(getattr(spec, name))
    }


def read_spec(cls: type[Spec], content: object, where: str = "") -> tuple[Spec | None, list[str]]:
    """Make a spec of a mapping, or say all that is wrong with it.

    Examples
    --------
    >>> from riskmodel.audit.policies.criteria import Criterion
    >>> read_spec(Criterion, {"metric": "recall", "tolerence": 0.1}, "criteria[1]: ")[1][1]
    "criteria[1]: Criterion: field 'tolerance' is missing"
    """
    problems = _field_problems(cls, content)
    if not problems and isinstance(content, Mapping):
        try:
            return cls(**content), []
        except SchemaError as error:
            problems = error.problems
    return None, [f"{where}{problem}" for problem in problems]


def _field_problems(cls: type, content: object) -> list[str]:
    if not isinstance(content, Mapping):
        return [f"{cls.__name__}: must be a table of its fields"]
    known = {field.name: field for field in fields(cls)}
    allowed = ", ".join(known)
    wanted = [
        name
        for name, field in known.items()
        if field.default is MISSING and field.default_factory is MISSING
    ]
    unknown = [name for name in content if name not in known]
    return [
        *(f"{cls.__name__}: unknown field {name!r}; allowed are {allowed}" for name in unknown),
        *(f"{cls.__name__}: field {name!r} is missing" for name in wanted if name not in content),
    ]


def toml_value(value: object) -> str:
    """Return a value as TOML has it: text, number, date, list, or table on one line.

    Examples
    --------
    >>> toml_value({"ethnicity": "White"}), toml_value(("a", 1)), toml_value(date(2026, 1, 31))
    ('{ "ethnicity" = "White" }', '["a", 1]', '2026-01-31')
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = [f"{toml_value(key)} = {toml_value(part)}" for key, part in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(part) for part in value)}]"
    # a JSON text is a TOML text, but for one control character that JSON leaves alone
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
