"""What a deployment promises about fairness: criteria, tolerances, and signed exceptions.

A policy is chosen before the figures are seen, by the owner, and travels with the audit.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from riskmodel.audit.rates import SMALLEST_CELL
from riskmodel.errors import SchemaError

SUSPECT_METRICS = (
    "selection_rate",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "observed_over_expected",
)
VICTIM_METRICS = ("coverage", "victim_coverage", "harm_coverage")
METRICS = SUSPECT_METRICS + VICTIM_METRICS
SCALES = ("difference", "ratio")
PROTECTIVE_USES = ("protect", "safeguard", "support")
LONGEST_WAIVER_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One promise: the gap in `metric` between each group and the reference stays small.

    Parameters
    ----------
    metric : str
        One of `METRICS`: rates of people listed, or coverage of victims.
    tolerance : float
        On ``scale="difference"``, the largest absolute difference, as a share (0.1 is ten points).
        On ``scale="ratio"``, the largest relative one: 0.2 allows 0.8 to 1.25.
    characteristics : tuple of str
        The columns that it speaks of; empty means all that the audit covers.
    scale : {"difference", "ratio"}

    Examples
    --------
    >>> Criterion(metric="precision", tolerance=0.1).describe()
    'precision: within 10 points of the reference group'
    """

    metric: str
    tolerance: float
    characteristics: tuple[str, ...] = ()
    scale: str = "difference"

    def __post_init__(self) -> None:
        object.__setattr__(self, "characteristics", tuple(self.characteristics))
        problems = []
        if self.metric not in METRICS:
            problems.append(f"Criterion.metric: {self.metric!r} given, allowed are {METRICS}")
        if self.scale not in SCALES:
            problems.append(f"Criterion.scale: {self.scale!r} given, allowed are {SCALES}")
        if not 0 < self.tolerance < 1:
            problems.append("Criterion.tolerance: a share above 0 and below 1")
        if problems:
            raise SchemaError(problems)

    def describe(self) -> str:
        """Return the promise as one line."""
        name = self.metric.replace("_", " ")
        if self.scale == "difference":
            share = self.metric != "observed_over_expected"
            within = f"{100 * self.tolerance:g} points" if share else f"{self.tolerance:g}"
            return f"{name}: within {within} of the reference group"
        low, high = 1 - self.tolerance, 1 / (1 - self.tolerance)
        return f"{name}: {low:.3g} to {high:.3g} times the reference group"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The criteria of one deployment and how sure their verdicts must be.

    Parameters
    ----------
    name : str
    use : str
        What the list is for; see `Policy.default`.
    criteria : tuple of Criterion
    minimum_cell : int, default 8
        Rates on fewer people than this are withheld; counts of 7 or fewer never leave.
    confidence : float, default 0.95
    reference : str, default "largest"
        ``"largest"`` recorded group of each characteristic; or ``reference_groups`` by name.
    reference_groups : dict of str to str
        Characteristic -> group to compare with, in place of the largest.

    Examples
    --------
    >>> Policy.from_dict(Policy.default("prioritise").to_dict()) == Policy.default("prioritise")
    True
    """

    name: str
    use: str
    criteria: tuple[Criterion, ...]
    minimum_cell: int = SMALLEST_CELL
    confidence: float = 0.95
    reference: str = "largest"
    reference_groups: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "criteria", tuple(self.criteria))
        object.__setattr__(self, "reference_groups", dict(self.reference_groups))
        problems = [
            f"Policy.{name}: not given" for name in ("name", "use") if not getattr(self, name)
        ]
        if not self.criteria:
            problems.append("Policy.criteria: declare at least one")
        if self.minimum_cell < SMALLEST_CELL:
            problems.append(f"Policy.minimum_cell: a whole number from {SMALLEST_CELL}")
        if not 0.5 < self.confidence < 1:
            problems.append("Policy.confidence: above 0.5 and below 1")
        if self.reference != "largest":
            problems.append("Policy.reference: 'largest'; name others in reference_groups")
        if problems:
            raise SchemaError(problems)

    @classmethod
    def default(cls, use: str = "prioritise") -> Policy:
        """Return the starting policy of a use; the owner should argue with it.

        A list with consequences for the people on it promises like precision: nobody is
        listed on weaker grounds. A list that protects (`PROTECTIVE_USES`) promises like recall
        and like coverage of victims: nobody is left out. Any other use counts as having
        consequences. Tolerance: ten points.

        Examples
        --------
        >>> [criterion.metric for criterion in Policy.default("protect").criteria]
        ['recall', 'coverage']
        """
        protective = use in PROTECTIVE_USES
        metrics = ("recall", "coverage") if protective else ("precision",)
        kind = "protection" if protective else "consequences"
        criteria = tuple(Criterion(metric=metric, tolerance=0.10) for metric in metrics)
        return cls(name=f"default for a list with {kind}", use=use, criteria=criteria)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Policy:
        """Return the policy that `to_dict` wrote."""
        criteria = [_criterion(entry) for entry in content.get("criteria", [])]
        return cls(**_known(cls, {**content, "criteria": criteria}))

    @classmethod
    def from_toml(cls, path: str | Path) -> Policy:
        """Read a policy from a TOML file with the fields of this class.

        ::

            name = "Force policy, June"
            use = "prioritise"

            [[criteria]]
            metric = "precision"
            tolerance = 0.1
            characteristics = ["ethnicity", "sex"]
        """
        return cls.from_dict(tomllib.loads(Path(path).read_text(encoding="utf-8")))

    def with_minimum_cell(self, minimum_cell: int | None) -> Policy:
        """Return the policy with another minimum cell; None keeps it."""
        return self if minimum_cell is None else replace(self, minimum_cell=minimum_cell)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        content = asdict(self)
        content["criteria"] = [
            {**entry, "characteristics": list(entry["characteristics"])}
            for entry in content["criteria"]
        ]
        return content

    def digest(self) -> str:
        """Return the SHA-256 of the policy's JSON."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()


def _criterion(content: dict[str, Any]) -> Criterion:
    return Criterion(**_known(Criterion, content))


def _known(cls: type, content: dict[str, Any]) -> dict[str, Any]:
    fields = list(cls.__dataclass_fields__)  # type: ignore[attr-defined]
    unknown = sorted(set(content) - set(fields))
    missing = [name for name in _required(cls) if name not in content]
    problems = [f"{cls.__name__}: unknown field {name!r}" for name in unknown]
    problems += [f"{cls.__name__}: field {name!r} is missing" for name in missing]
    if problems:
        raise SchemaError(problems, advice=f"Allowed are {', '.join(fields)}.")
    return content


def _required(cls: type) -> Sequence[str]:
    return {"Policy": ("name", "use", "criteria"), "Criterion": ("metric", "tolerance")}[
        cls.__name__
    ]


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
        problems = [
            f"Waiver.{part}: not given"
            for part in ("name", "reason", "model_digest")
            if not getattr(self, part).strip()
        ]
        if self.expires <= self.signed:
            problems.append("Waiver.expires: must be after the day it is signed")
        if self.expires > self.signed + timedelta(days=LONGEST_WAIVER_DAYS):
            problems.append(f"Waiver.expires: at most {LONGEST_WAIVER_DAYS} days after signing")
        if problems:
            raise SchemaError(problems)

    def covers(self, model_digest: str, *, today: date | None = None) -> bool:
        """Return whether it is for this model and in force on `today`."""
        day = today or date.today()
        return self.model_digest == model_digest and self.signed <= day < self.expires

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        content = asdict(self)
        return {**content, "expires": str(self.expires), "signed": str(self.signed)}
