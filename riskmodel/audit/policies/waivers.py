"""Waivers: a named person's signed, short exception to a verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from riskmodel.audit.policies.fields import DAY, TEXT, wrong_kinds
from riskmodel.errors import SchemaError

LONGEST_WAIVER_DAYS = 90
_KINDS = {
    "name": TEXT,
    "reason": TEXT,
    "expires": DAY,
    "model_digest": TEXT,
    "role": TEXT,
    "signed": DAY,
}


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A named person's signed, short exception to a verdict for one model.

    Parameters
    ----------
    name, reason : str
        Who answers for it, and why.
    expires : date
        At most 90 days after `signed`.
    model_digest : str
        The very model that it is for.
    role : str, optional
    signed : date, default today

    Examples
    --------
    >>> waiver = Waiver(name="A. Owner", reason="Re-audit booked", model_digest="0" * 64,
    ...                 signed=date(2026, 1, 1), expires=date(2026, 3, 1))
    >>> waiver.covers("0" * 64, today=date(2026, 2, 1))
    True
    """

    name: str
    reason: str
    expires: date
    model_digest: str
    role: str = ""
    signed: date = field(default_factory=date.today)

    def __post_init__(self) -> None:
        wrong = wrong_kinds(self, _KINDS)
        problems = list(wrong.values())
        problems += [
            f"Waiver.{part}: not given"
            for part in ("name", "reason", "model_digest")
            if part not in wrong and not getattr(self, part).strip()
        ]
        if not {"signed", "expires"} & set(wrong):
            problems += self._day_problems()
        if problems:
            raise SchemaError(problems)

    def _day_problems(self) -> list[str]:
        if self.expires <= self.signed:
            return ["Waiver.expires: must be after the day it is signed"]
        if (self.expires - self.signed) > timedelta(days=LONGEST_WAIVER_DAYS):
            return [f"Waiver.expires: at most {LONGEST_WAIVER_DAYS} days after signing"]
        return []

    def covers(self, model_digest: str, *, today: date | None = None) -> bool:
        """Return whether it is for this model and in force on `today`."""
        day = today or date.today()
        return self.model_digest == model_digest and self.signed <= day < self.expires

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        content = asdict(self)
        return {**content, "expires": str(self.expires), "signed": str(self.signed)}
