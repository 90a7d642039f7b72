"""What `what_if` answers: the estimate as it stands and without a record, then and now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from riskmodel.late import late

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = late("pandas")

NOT_RETRAINED = (
    "The model was not retrained: a record left out is perhaps among those that it learnt from, "
    "and what it learnt there stays in it."
)
NO_CAUSE = (
    "A difference says how far the estimate rests on the records left out or added. Differences "
    "of several incidents do not add up, and none is a cause of anything."
)
_COMPARED = {"probability": 4, "margin": 4, "expected_harm": 1}  # and digits shown
_AT_MOST = 12
_PLAIN = ConfigDict(frozen=True, extra="forbid")


class Estimate(BaseModel):
    """The numbers of a score, or why there are none."""

    model_config = _PLAIN

    status: str = Field(description="scored, fallback, or why there is no estimate")
    probability: float | None = Field(ge=0, le=1)
    low: float | None = Field(ge=0, le=1)
    high: float | None = Field(ge=0, le=1)
    margin: float | None = Field(description="Log-odds before calibration")
    expected_harm: float | None = Field(description="In the index's days")
    band: str | None


class FeatureChange(BaseModel):
    """A feature whose value is another without, or with, the records."""

    model_config = _PLAIN

    feature: str
    before: str = Field(description="With its value, in plain English, as it stands")
    after: str
    value_before: float | None = Field(description="Null where it is not known")
    value_after: float | None


class Effect(BaseModel):
    """The estimate as it stands, and as it would be; differences are after less before."""

    model_config = _PLAIN

    before: Estimate
    after: Estimate
    probability_change: float | None = Field(description="Null where one of the two is missing")
    margin_change: float | None
    expected_harm_change: float | None
    features: tuple[FeatureChange, ...] = Field(description="In the order of the task")

    @classmethod
    def of(cls, before: Estimate, after: Estimate, features: tuple[FeatureChange, ...]) -> Effect:
        """Return the effect of one estimate becoming another."""
        return cls(
            before=before,
            after=after,
            probability_change=_less(after.probability, before.probability),
            margin_change=_less(after.margin, before.margin),
            expected_harm_change=_less(after.expected_harm, before.expected_harm),
            features=features,
        )


class LeftOutRecord(BaseModel):
    """A record that was left out, and what it stood as."""

    model_config = _PLAIN

    source_id: str
    incident_id: str | None = Field(description="Null where it is an incident of its own")
    of_person: bool = Field(description="False: of someone else in the same incident")
    event_time: datetime
    recorded_time: datetime
    offence: str
    evidence_then: str | None = Field(description="As known before as_of; null: not known then")
    evidence_now: str = Field(description="After its last update")


class WhatIfReply(BaseModel):
    """One person's estimate as it stands, and without some incidents or with more records.

    ``str(reply)`` is a page for people, `to_frame` the numbers as a table.

    Examples
    --------
    >>> sorted(WhatIfReply.model_fields)[:3]
    ['added', 'as_of', 'digest']
    """

    model_config = _PLAIN

    person_id: str
    as_of: datetime
    model: str
    version: str
    digest: str
    edition: str = Field(description="Of the harm index")
    thresholds_version: str
    known_then: Effect = Field(description="By what was recorded before as_of")
    known_now: Effect = Field(
        description="By all in the records that happened before as_of, with its last evidence, "
        "read as if it had been recorded in time"
    )
    left_out: tuple[LeftOutRecord, ...]
    added: tuple[str, ...] = Field(description="source_ids of the records added")
    notes: tuple[str, ...] = Field(description="What has to be read with the numbers")
    warnings: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers as a table.

        Returns
        -------
        DataFrame of 6 rows
            known (then, now); which (as it stands, changed, difference); the estimate's fields.
        """
        rows = [*_rows("then", self.known_then), *_rows("now", self.known_now)]
        return pd.DataFrame(rows, columns=["known", "which", *Estimate.model_fields])

    def __str__(self) -> str:
        """Return a page of plain text."""
        return "\n".join(_page(self))


def counted(number: int, what: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> counted(1, "record"), counted(2, "record")
    ('1 record', '2 records')
    """
    return f"{number} {what}{'s' * (number != 1)}"


def _less(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def _rows(known: str, effect: Effect) -> list[dict[str, Any]]:
    changes = {name: getattr(effect, f"{name}_change") for name in _COMPARED}
    return [
        {"known": known, "which": "as it stands", **effect.before.model_dump()},
        {"known": known, "which": "changed", **effect.after.model_dump()},
        {"known": known, "which": "difference", **changes},
    ]


def _page(reply: WhatIfReply) -> Iterator[str]:
    yield (
        f"What if, for {reply.person_id} as of {reply.as_of:%Y-%m-%d} "
        f"(model {reply.model}, version {reply.version}, digest {reply.digest[:12]})"
    )
    yield from _records(reply)
    for title, effect in (
        (f"As known then: by what was recorded before {reply.as_of:%Y-%m-%d}", reply.known_then),
        ("As known now: with what was recorded since of that time", reply.known_now),
    ):
        yield f"\n{title}"
        yield from _numbers(effect)
        yield from _features(effect)
    yield ""
    yield from (f"* {note}" for note in (*reply.notes, *reply.warnings))


def _records(reply: WhatIfReply) -> Iterator[str]:
    yield f"Left out: {counted(len(reply.left_out), 'record')}; added: {len(reply.added)}"
    for record in reply.left_out:
        then = record.evidence_then or "not known"
        whose = "" if record.of_person else ", of another person in the incident"
        yield (
            f"  {record.source_id} of {record.event_time:%Y-%m-%d}, offence {record.offence}: "
            f"{then} then, {record.evidence_now} now{whose}"
        )


def _numbers(effect: Effect) -> Iterator[str]:
    yield f"  {'':<16}{'as it stands':>20}{'changed':>20}{'difference':>14}"
    before, after = effect.before, effect.after
    for name, digits in _COMPARED.items():
        cells = [_number(getattr(one, name), digits) for one in (before, after)]
        change = _number(getattr(effect, f"{name}_change"), digits, sign="+")
        yield f"  {name.replace('_', ' '):<16}{cells[0]:>20}{cells[1]:>20}{change:>14}"
    spans = [f"{_number(one.low, 4)} to {_number(one.high, 4)}" for one in (before, after)]
    yield f"  {'95 % interval':<16}{spans[0]:>20}{spans[1]:>20}"
    for name in ("band", "status"):
        cells = [getattr(one, name) or "-" for one in (before, after)]
        yield f"  {name:<16}{cells[0]:>20}{cells[1]:>20}"


def _features(effect: Effect) -> Iterator[str]:
    if not effect.features:
        yield "  No feature changes."
        return
    shown = effect.features[:_AT_MOST]
    yield from (f"  {change.before} -> {change.after}" for change in shown)
    if left := len(effect.features) - len(shown):
        yield f"  ... and {left} more features: see `features`"


def _number(value: float | None, digits: int, *, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign},.{digits}f}"
