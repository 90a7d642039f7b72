"""Thresholds of monitoring: what a figure may come to before somebody has to act, and how."""

from __future__ import annotations

import math
from dataclasses import dataclass

from riskmodel.audit.policies.criteria import METRICS, Criterion
from riskmodel.audit.policies.fields import NUMBER_OR_NONE, TEXT, wrong_kinds
from riskmodel.errors import SchemaError

RETEST, RETRAIN, ETHICS_REFERRAL = "retest", "retrain", "ethics referral"
CONSEQUENCES = (RETEST, RETRAIN, ETHICS_REFERRAL)
GAP = "gap:"
"""Begins the measure of a gap between groups: ``gap:precision``."""
MEASURES = (
    "psi",
    "observed_over_expected",
    "precision",
    "share_stayed",
    "override_share",
    *(f"{GAP}{metric}" for metric in METRICS),
)
_KINDS = {
    "measure": TEXT,
    "above": NUMBER_OR_NONE,
    "below": NUMBER_OR_NONE,
    "consequence": TEXT,
}


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A figure that is watched, the values that call for action, and which action.

    Parameters
    ----------
    measure : str
        One of `MEASURES`. ``gap:`` and a metric is the size of the largest difference between a
        group and its reference, whichever way it points.
    above, below : float, optional
        Action is due above the one or below the other; at least one is given.
    consequence : {"retest", "retrain", "ethics referral"}

    Examples
    --------
    >>> drift = Threshold(measure="psi", above=0.25)
    >>> drift.is_crossed(0.3), drift.is_crossed(float("nan")), drift.describe()
    (True, False, 'psi above 0.25: retest')
    """

    measure: str
    above: float | None = None
    below: float | None = None
    consequence: str = RETEST

    def __post_init__(self) -> None:
        wrong = wrong_kinds(self, _KINDS)
        problems = list(wrong.values())
        if "measure" not in wrong and self.measure not in MEASURES:
            problems.append(f"Threshold.measure: {self.measure!r} given, allowed are {MEASURES}")
        if "consequence" not in wrong and self.consequence not in CONSEQUENCES:
            problems.append(
                f"Threshold.consequence: {self.consequence!r} given, allowed are {CONSEQUENCES}"
            )
        if not {"above", "below"} & set(wrong):
            problems += self._limit_problems()
        if problems:
            raise SchemaError(problems)

    def _limit_problems(self) -> list[str]:
        limits = [limit for limit in (self.below, self.above) if limit is not None]
        if not limits:
            return ["Threshold: give above, below or both"]
        if not all(math.isfinite(limit) for limit in limits):
            return ["Threshold: above and below must be finite"]
        if limits != sorted(set(limits)):
            return ["Threshold.below: must be smaller than above"]
        return []

    def is_crossed(self, value: float) -> bool:
        """Return whether `value` calls for the consequence; undefined does not.

        What a figure is known to is left to the caller: an interval's nearer end asks whether
        the crossing could be chance.
        """
        size = abs(value) if self.measure.startswith(GAP) else value
        return bool(
            (self.above is not None and size > self.above)
            or (self.below is not None and size < self.below)
        )

    def describe(self) -> str:
        """Return the threshold as one line."""
        name = self.measure.replace(GAP, "gap in ").replace("_", " ")
        limits = [
            f"{word} {limit:g}"
            for word, limit in (("below", self.below), ("above", self.above))
            if limit is not None
        ]
        return f"{name} {' or '.join(limits)}: {self.consequence}"


USUAL_THRESHOLDS = (
    # a common rule of thumb for a population that is no longer the one learnt from
    Threshold(measure="psi", above=0.25, consequence=RETEST),
    # the four-fifths band: estimates a quarter off are no longer worth reading as chances
    Threshold(measure="observed_over_expected", above=1.25, below=0.8, consequence=RETRAIN),
    # nine of ten people listed without later serious harm: whether to list at all is the question
    Threshold(measure="precision", below=0.1, consequence=ETHICS_REFERRAL),
    # most of the list changed between two dates: it follows noise, or the world has moved
    Threshold(measure="share_stayed", below=0.5, consequence=RETEST),
    # people who never disagree don't decide, people who often do know what the model doesn't
    Threshold(measure="override_share", below=0.02, consequence=ETHICS_REFERRAL),
    Threshold(measure="override_share", above=0.3, consequence=RETEST),
)
"""Thresholds to begin with; the owner of a deployment should argue with them."""


def gap_thresholds(criteria: tuple[Criterion, ...]) -> tuple[Threshold, ...]:
    """Return, for each promised difference, the threshold that refers its breach.

    Examples
    --------
    >>> gap_thresholds((Criterion(metric="recall", tolerance=0.1),))[0].describe()
    'gap in recall above 0.1: ethics referral'
    """
    return tuple(
        Threshold(
            measure=f"{GAP}{criterion.metric}",
            above=criterion.tolerance,
            consequence=ETHICS_REFERRAL,
        )
        for criterion in criteria
        if criterion.scale == "difference"
    )
