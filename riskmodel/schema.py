"""The tables as code: their columns, types, units and rules, and the words they may hold.

`riskmodel.histories.checks.check_table` reads these declarations: it coerces what can be coerced
without loss, runs the `pandera_schema` made of them, and gathers the rest as problems, never with
a value. `riskmodel.snapshots.plain_records` reads them for records that come as mappings.

Times are naive, in UTC, to the microsecond: what carries an offset is converted. A date means its
midnight. Ids and texts are text; numbers are ``float64``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "time", "number", "flag"]

EVIDENCE = (
    "allegation",
    "arrest",
    "charge",
    "caution",
    "conviction",
    "acquitted",
    "no_action",
    "support_withdrawn",
    "cancelled",
)
ORIGINS = ("reported", "police_generated")
SPELL_KINDS = ("custody", "abroad", "other")
NOT_RECORDED = "Not recorded"

SCORE_COLUMNS = [
    "person_id",
    "as_of",
    "status",
    "probability",
    "low",
    "high",
    "margin",
    "expected_harm",
    "band",
    "evidence_share",
    "model",
    "version",
    "digest",
    "edition",
    "thresholds_version",
    "warnings",
    "rank",
    "rank_best",
    "rank_worst",
    "near_cut",
]

PROTECTED_NAMES = frozenset(
    {"age", "birthday", "birth_date", "birth_year", "date_of_birth", "dob", "year_of_birth"}
    | {"sex", "gender", "male", "female", "gender_reassignment", "gender_identity", "transgender"}
    | {"ethnicity", "ethnicities", "ethnic", "race", "races", "racial", "skin_colour", "skin_color"}
    | {"nationality", "national_origin", "country_of_birth", "place_of_birth"}
    | {"religion", "religions", "religious", "belief", "sexual_orientation"}
    | {"disability", "disabilities", "disabled", "pregnancy", "pregnant", "maternity"}
    | {"marriage", "married", "marital", "civil_partnership"}
)
_OFFENCE_WORDS = {"offence", "offences", "offense", "offenses", "offender", "crime", "crimes"}


def is_protected(name: object) -> bool:
    """Say whether a column's name is that of a protected characteristic, or holds one.

    Whole words count, in snake case or camel case: ``self_defined_ethnicity`` and
    ``AgeAtRelease`` are protected, ``average_harm`` and ``sex_offences_1y`` are not.

    Examples
    --------
    >>> is_protected("Self-defined ethnicity"), is_protected("AgeAtRelease")
    (True, True)
    >>> is_protected("average_harm"), is_protected("sex_offences_1y")
    (False, False)
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name)).lower()
    words = [word for word in re.split(r"[^a-z]+", spaced) if word]
    for length in (1, 2, 3):
        for start in range(len(words) - length + 1):
            following = words[start + length] if start + length < len(words) else ""
            phrase = "_".join(words[start : start + length])
            if phrase in PROTECTED_NAMES and not (phrase == "sex" and following in _OFFENCE_WORDS):
                return True
    return False


@dataclass(frozen=True)
class Field:
    """One column of a table: its kind, whether it must be there, what may be in it."""

    name: str
    kind: Kind
    required: bool = False
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    default: str | None = None
    low: float = -inf
    high: float = inf

    @property
    def words_rule(self) -> str:
        """What breaks a column that holds only some words."""
        return "not one of " + ", ".join(self.allowed)

    @property
    def range_rule(self) -> str:
        """What breaks a column of numbers in a range."""
        if self.high < inf:
            return f"not between {self.low:g} and {self.high:g}"
        return f"less than {self.low:g}"


@dataclass(frozen=True)
class Table:
    """The columns of a table, and whether others may stand beside them."""

    name: str
    fields: tuple[Field, ...]
    key: str | None = None
    extra: Literal["refused", "free", "not protected"] = "refused"

    @property
    def columns(self) -> list[str]:
        """Names of the declared columns, in order."""
        return [column.name for column in self.fields]


def _needed(name: str, kind: Kind = "text", **rules: Any) -> Field:
    return Field(name, kind, required=True, nullable=False, **rules)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "events",
            (
                _needed("source_id"),
                Field("person_id", "text", required=True),
                _needed("event_time", "time"),
                _needed("recorded_time", "time"),
                _needed("offence"),
                Field("victim_id", "text"),
                Field("incident_id", "text"),
                Field("place", "text"),
                Field("evidence", "text", allowed=EVIDENCE, default="allegation"),
                Field("origin", "text", allowed=ORIGINS, default="reported"),
            ),
            key="source_id",
        ),
        Table(
            "updates",
            (
                _needed("source_id"),
                _needed("recorded_time", "time"),
                _needed("evidence", allowed=EVIDENCE),
            ),
        ),
        Table(
            "people",
            (
                _needed("person_id"),
                Field("birth_date", "time"),
                Field("birth_year", "number", low=1900, high=2100),
                Field("death_date", "time"),
                Field("left_date", "time"),
                Field("recordable_from", "time"),
            ),
            key="person_id",
            extra="not protected",
        ),
        Table(
            "spells",
            (
                _needed("person_id"),
                _needed("start", "time"),
                _needed("recorded_time", "time"),
                Field("end", "time"),
                Field("kind", "text", allowed=SPELL_KINDS, default="custody"),
            ),
        ),
        Table(
            "victims",
            (_needed("victim_id"), Field("person_id", "text")),
            key="victim_id",
            extra="free",
        ),
        Table(
            "actions",
            (
                _needed("person_id"),
                _needed("start", "time"),
                _needed("recorded_time", "time"),
                Field("end", "time"),
                Field("kind", "text"),
                Field("list_version", "text"),
                Field("rank", "number", low=1),
            ),
        ),
        Table("groups", (_needed("person_id"),), key="person_id", extra="free"),
        Table(
            "offences",
            (
                _needed("offence"),
                Field("harm", "number", required=True, low=0),
                Field("group", "text", default="other"),
                Field("serious", "flag"),
            ),
            key="offence",
        ),
    )
}

FIRST_TIME = datetime(1900, 1, 1)
END_OF_TIME = datetime(2101, 1, 1)
YEARS_RULE = "not in the years 1900 to 2100"
