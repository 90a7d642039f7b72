"""Measures by group: functions of sums by group, so that resampling has only to move the sums.

Most are one sum over another. The slope of calibration and the AUC are not; under resampling they
move by their first-order terms, which are sums over people.

References
----------
DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837-845: the AUC by placement values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riskmodel.statistics.arrays import FloatArray, divide

SLOPE_AT, AUC_AT = "slope_at", "auc_at"
"""Where the slope and the AUC of a group stand: what its sums under resampling move from."""
SLOPE_SUMS = ("score_0", "score_1", "information_00", "information_01", "information_11")
"""First and second derivatives of the likelihood by intercept and slope, at the fitted line."""
AUC_SUMS = ("placed_later", "placed_clear")
"""Shares of the other outcome that people stand above, or below: summed by outcome."""


class Measure(Protocol):
    """Something that can be compared between groups."""

    @property
    def name(self) -> str:
        """Its name in the tables."""

    @property
    def parts(self) -> tuple[str, str]:
        """The quantities that stand beside it as numerator and denominator."""

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The quantities whose counts of people must reach the minimum."""

    @property
    def proportion(self) -> bool:
        """Whether it is a share of its denominator."""

    @property
    def of_all(self) -> bool:
        """Whether the denominator is of all groups together."""

    @property
    def outcome(self) -> bool:
        """Whether a group needs people with and without the outcome to be compared."""

    @property
    def counted_by(self) -> str:
        """The count that a ratio's numerator is a part of, where it is no proportion; or ""."""

    def of(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return the measure by group, NaN where it is not defined; shape of the sums."""

    def bottom(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return the denominator by group, shape of the sums."""


@dataclass(frozen=True)
class Rate:
    """A rate: the sum of one quantity over the sum of another.

    ``of_all`` takes the denominator over all groups (a share of the whole list); ``outcome`` says
    that it needs people with and without the outcome in the group before it is compared;
    ``cell`` is the count that must reach the minimum, if not the denominator.
    """

    name: str
    numerator: str
    denominator: str
    proportion: bool = True
    of_all: bool = False
    outcome: bool = False
    cell: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """Numerator and denominator."""
        return self.numerator, self.denominator

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The quantity whose count a rate rests on."""
        return (self.cell or (self.numerator if self.of_all else self.denominator),)

    @property
    def counted_by(self) -> str:
        """The count that the numerator is a part of, in a ratio such as observed over expected."""
        return "" if self.proportion else self.cell

    def of(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return the rate by group, NaN where the denominator is 0; shape of the sums."""
        return divide(sums[self.numerator], self.bottom(sums))

    def bottom(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return the denominator by group, shape of the sums."""
        bottom = sums[self.denominator]
        if not self.of_all:
            return bottom
        return np.broadcast_to(bottom.sum(axis=-1, keepdims=True), bottom.shape)


@dataclass(frozen=True)
class _OfOutcomes:
    """What needs people with and without the outcome, a minimum of each."""

    name: str
    parts: tuple[str, str] = ("outcome", "observed")
    rests_on: tuple[str, ...] = ("outcome", "clear")
    proportion: bool = False
    of_all: bool = False
    outcome: bool = True
    counted_by: str = ""

    def bottom(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return how many outcomes were observed."""
        return sums["observed"]


@dataclass(frozen=True)
class CalibrationSlope(_OfOutcomes):
    """Slope of the outcome on the log-odds of the probability; 1 when calibrated.

    Under resampling: one step of Newton's method from the slope of all people.
    """

    name: str = "calibration_slope"

    def of(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return the slope by group; NaN without a line, or with one outcome only."""
        score_0, score_1, h00, h01, h11 = (sums[name] for name in SLOPE_SUMS)
        step = divide(h00 * score_1 - h01 * score_0, h00 * h11 - h01**2)
        return _with_both(sums, sums[SLOPE_AT] + step)


@dataclass(frozen=True)
class Auc(_OfOutcomes):
    """Chance that someone who went on to harm has the higher score of two, ties half."""

    name: str = "auc"

    def of(self, sums: Mapping[str, FloatArray]) -> FloatArray:
        """Return the AUC by group; NaN with one outcome only."""
        later = divide(sums["placed_later"], sums["outcome"])
        clear = divide(sums["placed_clear"], sums["clear"])
        return _with_both(sums, np.clip(later + clear - sums[AUC_AT], 0.0, 1.0))


def _with_both(sums: Mapping[str, FloatArray], values: FloatArray) -> FloatArray:
    both = (sums["outcome"] > 0) & (sums["clear"] > 0)
    return np.where(both, values, np.nan)
