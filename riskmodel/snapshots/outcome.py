"""What is to be foreseen, as one value: which events, over how long, and how they are counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from riskmodel.errors import SchemaError
from riskmodel.schema import EVIDENCE

STANDING = EVIDENCE[:-1]
"""Every evidence level but ``cancelled``, which alone makes a record gone."""

KINDS = {
    "any": "at least one {what}",
    "harm": "summed harm of all offences",
    "count": "number of incidents with {a} {what}",
    "rate": "number of incidents with {a} {what}, per year at risk,",
    "time_to_first": "days to the first {what}, death, leaving or custody for something else",
}
"""What the target can be, each in plain words."""

CENSORED = ("left_out", "weighted")

MIN_DAYS_AT_RISK = 30
"""Under so many days at risk a rate per year is missing: one incident would make it 12 or more."""


@dataclass(frozen=True)
class Outcome:
    """What is to be foreseen: serious harm that happens in ``[as_of, as_of + horizon_days)``.

    Parameters
    ----------
    horizon_days : int, default 730
        Length of the outcome window, by event time.
    kind : {"any", "harm", "count", "rate", "time_to_first"}
        The target. At least one serious offence (1 or 0); the harm in days of all offences that
        count, serious or not; the number of incidents with a serious offence; that number per
        year at risk; or the days to the first serious offence, competing event or end of
        follow-up, for survival models (see `Snapshots.survival`). `train` learns "any".
    censored : {"left_out", "weighted"}
        What becomes of rows whose window the end of the data cuts: left out, or weighted (see
        `riskmodel.snapshots.censoring`). The durations of "time_to_first" need neither.
    evidence : tuple of str
        Evidence levels, as last known before ``known_at``, that count; by default all
        but cancelled.
    include_police_generated : bool, default False
        Count records found by proactive policing, which harm indices leave out.
    min_harm : float or None
        An offence of at least this many days is serious; None takes the offence table's flag.

    Raises
    ------
    SchemaError
        With every mistake at once.

    Examples
    --------
    >>> Outcome(horizon_days=365).describe()
    'at least one serious offence in 365 days'
    >>> Outcome(kind="rate", min_harm=100).describe()
    'number of incidents with an offence of 100 days, per year at risk, in 730 days'
    """

    horizon_days: int = 730
    kind: str = "any"
    censored: str = "left_out"
    evidence: tuple[str, ...] = STANDING
    include_police_generated: bool = False
    min_harm: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", tuple(self.evidence))
        problems = []
        shortest = MIN_DAYS_AT_RISK if self.kind == "rate" else 1
        if not isinstance(self.horizon_days, int) or self.horizon_days < shortest:
            problems.append(f"Outcome.horizon_days: a whole number of days from {shortest}")
        if self.kind not in KINDS:
            problems.append(f"Outcome.kind: {self.kind!r} given, allowed are {', '.join(KINDS)}")
        if self.censored not in CENSORED:
            allowed = ", ".join(CENSORED)
            problems.append(f"Outcome.censored: {self.censored!r} given, allowed are {allowed}")
        if self.kind == "time_to_first" and self.weighted:
            problems.append(
                "Outcome.censored: a time to the first event needs no weights: rows that are cut "
                "keep their duration, with event 0"
            )
        problems += evidence_problems("Outcome.evidence", self.evidence)
        if self.min_harm is not None and not self.min_harm > 0:
            problems.append("Outcome.min_harm: days above 0, or None for the offence table's flag")
        if problems:
            raise SchemaError(problems)

    @property
    def weighted(self) -> bool:
        """Whether rows that the end of the data cuts are weighted rather than left out."""
        return self.censored == "weighted"

    @property
    def uses_open_windows(self) -> bool:
        """Whether a row can have a target before its window has closed."""
        return self.weighted or self.kind == "time_to_first"

    def describe(self) -> str:
        """Return the outcome as one plain sentence part."""
        a, what = "a", "serious offence"
        if self.min_harm is not None:
            a, what = "an", f"offence of {self.min_harm:g} days"
        text = f"{KINDS[self.kind].format(a=a, what=what)} in {self.horizon_days} days"
        left_out = [level for level in STANDING if level not in self.evidence]
        text += f", leaving out {', '.join(left_out)}" if left_out else ""
        return text + ("; windows cut by the end of the data are weighted" if self.weighted else "")

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        return {**asdict(self), "evidence": list(self.evidence)}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Outcome:
        """Return the outcome that `to_dict` wrote; what an older one lacks is the default."""
        return cls(**content)


def evidence_problems(name: str, levels: tuple[str, ...]) -> list[str]:
    """Return what is wrong with a declared set of evidence levels."""
    if not levels:
        return [f"{name}: name at least one level"]
    if unknown := [level for level in levels if level not in STANDING]:
        return [f"{name}: {unknown} given, allowed are {', '.join(STANDING)}"]
    return []
