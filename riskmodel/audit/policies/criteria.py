"""Criteria: what a policy promises of the gap between each group and the reference."""

from __future__ import annotations

from dataclasses import dataclass

from riskmodel.audit.policies.fields import NUMBER, TEXT, TEXTS, frozen, wrong_kinds
from riskmodel.errors import SchemaError

SUSPECT_METRICS = (
    "selection_rate",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "observed_over_expected",
    "mean_probability_later",
    "mean_probability_clear",
)
VICTIM_METRICS = ("coverage", "victim_coverage", "harm_coverage")
METRICS = SUSPECT_METRICS + VICTIM_METRICS
SCALES = ("difference", "ratio")
PROTECTIVE_USES = ("protect", "safeguard", "support")
CANNOT_ALL_HOLD = (
    "Where groups differ in how many of their people go on to serious harm, equal precision, equal "
    "recall and equal false-positive rates cannot all hold, unless everyone listed goes on to it "
    "(Chouldechova 2017; of scores, Kleinberg, Mullainathan and Raghavan 2016): to promise one is "
    "to give up another."
)
_TOLERANCE = 0.10
_WHY_PRECISION = (
    "This list has consequences for the people on it, so equal precision is promised: whichever "
    "group someone is of, being listed rests on the same share of people who went on to serious "
    "harm. False-positive rates are not promised: with few people listed they are close to 0 in "
    "every group, and would agree whatever the list did."
)
_WHY_RECALL = (
    "This list protects, so equal recall and equal coverage of victims are promised: of the "
    "people who go on to serious harm, and of the later offences against each group of victims, "
    "the list reaches the same share. Precision is not promised: being listed brings support."
)
_KINDS = {
    "metric": TEXT,
    "tolerance": NUMBER,
    "characteristics": TEXTS,
    "groups": TEXTS,
    "scale": TEXT,
    "reference": TEXT,
}


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
    groups : tuple of str
        The groups that are compared; empty means all. They belong to one characteristic, which
        is then named.
    scale : {"difference", "ratio"}
    reference : str
        The group of the one characteristic named that the others are compared with; empty means
        the policy's.

    Examples
    --------
    >>> Criterion(metric="precision", tolerance=0.1).describe()
    'precision: within 10 points of the reference group'
    """

    metric: str
    tolerance: float
    characteristics: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    scale: str = "difference"
    reference: str = ""

    def __post_init__(self) -> None:
        for name in ("characteristics", "groups"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        wrong = wrong_kinds(self, _KINDS)
        problems = list(wrong.values())
        if "metric" not in wrong and self.metric not in METRICS:
            problems.append(f"Criterion.metric: {self.metric!r} given, allowed are {METRICS}")
        if "scale" not in wrong and self.scale not in SCALES:
            problems.append(f"Criterion.scale: {self.scale!r} given, allowed are {SCALES}")
        if "tolerance" not in wrong and not 0 < self.tolerance < 1:
            problems.append("Criterion.tolerance: a share above 0 and below 1")
        if not wrong:
            problems += self._group_problems()
        if problems:
            raise SchemaError(problems)

    def _group_problems(self) -> list[str]:
        problems = []
        if (self.groups or self.reference) and len(self.characteristics) != 1:
            problems.append(
                "Criterion.characteristics: name the one that the groups or the reference are of"
            )
        if self.reference in self.groups:
            problems.append("Criterion.groups: the reference is not compared with itself")
        return problems

    def describe(self) -> str:
        """Return the promise as one line."""
        name = self.metric.replace("_", " ")
        base = f"“{self.reference}”" if self.reference else "the reference group"
        only = f" ({', '.join(self.groups)})" if self.groups else ""
        if self.scale == "difference":
            share = self.metric != "observed_over_expected"
            within = f"{100 * self.tolerance:g} points" if share else f"{self.tolerance:g}"
            return f"{name}{only}: within {within} of {base}"
        low, high = 1 - self.tolerance, 1 / (1 - self.tolerance)
        return f"{name}{only}: {low:.3g} to {high:.3g} times {base}"


def usual_criteria(use: str) -> tuple[tuple[Criterion, ...], str]:
    """Return the criteria that a use starts with, and why these and not others.

    Examples
    --------
    >>> [criterion.metric for criterion in usual_criteria("prioritise")[0]]
    ['precision']
    """
    protective = use in PROTECTIVE_USES
    metrics = ("recall", "coverage") if protective else ("precision",)
    criteria = tuple(Criterion(metric=metric, tolerance=_TOLERANCE) for metric in metrics)
    return criteria, _WHY_RECALL if protective else _WHY_PRECISION
