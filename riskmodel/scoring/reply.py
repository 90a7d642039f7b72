"""What a score says, as types: the one definition of a reply, and of its JSON schema.

A table from `score` has columns of the same names; there a missing number is NaN, here None.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

NOTICE = (
    "An estimate for putting limited attention in order: not a finding about a person, and never "
    "a decision."
)


class Reason(BaseModel):
    """A feature that moves the margin, in words, and the records that its value rests on.

    Examples
    --------
    >>> reason = Reason(order=1, feature="count_1y", sentence="2 reported offences",
    ...     value=2.0, contribution=0.31, source_ids=("r1", "r2"),
    ...     evidence=("allegation", "charge"))
    >>> dict(zip(reason.source_ids, reason.evidence))
    {'r1': 'allegation', 'r2': 'charge'}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: int = Field(ge=1, description="1 is the largest contribution, up or down")
    feature: str
    sentence: str = Field(description="The feature with its value, in plain English")
    value: float | None = Field(description="In the feature's unit; null where it is not known")
    contribution: float = Field(
        description="Log-odds that it adds to the margin: above 0 is associated with a higher "
        "estimate, and need not be a cause of anything"
    )
    source_ids: tuple[str, ...] = Field(description="Records that the value was counted from")
    evidence: tuple[str, ...] = Field(
        description="What each of these records was, as known before as_of; in the same order"
    )


class ScoreReply(BaseModel):
    """The answer for one person, with what made it.

    Examples
    --------
    >>> sorted(ScoreReply.model_json_schema()["properties"])[:3]
    ['as_of', 'band', 'digest']
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_id: str
    as_of: datetime
    status: str = Field(description="scored, fallback, or why there is no estimate")
    probability: float | None = Field(
        ge=0, le=1, description="Of at least one serious offence in the outcome window, calibrated"
    )
    low: float | None = Field(ge=0, le=1, description="Of the 95 % interval of the estimate")
    high: float | None = Field(ge=0, le=1, description="Of the 95 % interval of the estimate")
    margin: float | None = Field(description="Log-odds before calibration: what a list sorts by")
    expected_harm: float | None = Field(
        description="Summed harm in the window, in the index's days"
    )
    band: str | None = Field(description="From the model's thresholds, by probability")
    evidence_share: float | None = Field(
        description="Of the last year's harm, the share resting on allegations; null without harm"
    )
    model: str
    version: str
    digest: str = Field(description="SHA-256 of the manifest of the model's bundle")
    edition: str = Field(description="Of the harm index")
    thresholds_version: str
    warnings: tuple[str, ...] = Field(description="What to know before this number is used")
    reasons: tuple[Reason, ...] = Field(description="Largest contributions first")

    def __getitem__(self, name: str) -> Any:
        """Return a field by name, as from a row of a table of scores."""
        if name not in type(self).model_fields:
            raise KeyError(name)
        return getattr(self, name)
