"""How differently harm would have to be recorded for a verdict to turn.

Every rate that reads the outcome trusts that a group's later harm comes on record as often as the
reference's. Suppose it is recorded ``r`` times as often: by the reference's standard there were
``1 / r`` as many people with later harm as the records show. The rates are worked out again from
such counts, and the first ``r`` on either side of 1 at which the comparison turns is reported.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.gaps import INSUFFICIENT
from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.multiple_comparisons import Gaps
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.promised import promises
from riskmodel.audit.policies.verdicts import FAIL, PASS, judge
from riskmodel.audit.why.recorded_counts import (
    ASSUMPTIONS,
    Counts,
    counts_by_group,
    rate_of,
    sampling_variance,
)
from riskmodel.statistics.arrays import FloatArray

RECORDING_COLUMNS = (
    "characteristic", "group", "reference", "metric", "scale", "verdict", "factor", "direction",
    "assumption", "overturns", "note",
)  # fmt: skip
LARGEST_FACTOR = 10.0
MORE, LESS = "more often", "less often"
NO_FACTOR = (
    f"no factor from 1/{LARGEST_FACTOR:g} to {LARGEST_FACTOR:g} that the number of people allows "
    "turns it"
)
UNMOVED = "it stays as it is, however often the harm is recorded"
NO_COUNTS = "not worked out for this metric: it needs more than counts"
_STEPS = 921  # half a per cent from one factor to the next; 1 is the middle one
_FACTORS = np.exp(np.linspace(-np.log(LARGEST_FACTOR), np.log(LARGEST_FACTOR), _STEPS))


def recording_table(policy: Policy, rates: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Return, for each comparison that a verdict rests on, the factor at which it would turn.

    Parameters
    ----------
    policy : Policy
    rates, gaps : DataFrame
        Rates and gaps that the verdicts read, those of people listed and of victims one below
        the other (``RATE_COLUMNS``, ``GAP_COLUMNS``).

    Returns
    -------
    DataFrame
        ``RECORDING_COLUMNS``, a row per criterion, measured comparison and assumption.
        ``verdict`` is of the one comparison. ``factor`` is how many times as often as the
        reference's the group's harm would have to be recorded (``direction``: more or less
        often) for a pass to be no pass, a fail to be no fail, and insufficient evidence to be a
        fail; NaN where none does, with a ``note``. ``overturns`` says that the verdict on the
        whole characteristic would turn with it: where several groups fail, no single one of them
        does that. What counts as wholly outside is Holm's rule over all comparisons, as for the
        verdicts; the others stay as they are.

    Notes
    -----
    Two assumptions, side by side. ``ALIKE``: harm is recorded so much more or less often whether
    somebody is listed or not; recall then cannot move, precision does. ``LISTED_ONLY``: only the
    harm by those listed is (whoever is watched is caught); then recall moves as well. That only
    the harm by those who are not listed is recorded ``r`` times as often gives the same recall as
    the second with ``1 / r``. People are neither listed nor scored anew. A factor by which more
    people would have gone on to harm than there are is left out. The interval moves with the gap
    and is as wide as the new counts make it: approximations, good to judge whether 1.1 is enough
    or 3 is needed.

    Examples
    --------
    >>> recording_table(Policy.default(), pd.DataFrame(), pd.DataFrame()).empty
    True
    """
    if rates.empty or gaps.empty:
        return pd.DataFrame(columns=list(RECORDING_COLUMNS))
    promised = promises(policy, gaps, rates)
    every = Gaps.joined([promise.gaps for promise in promised])
    bounds = _bounds(every.chance_within(policy.confidence), 1 - policy.confidence)
    verdicts = np.where(every.outside(policy.confidence), FAIL, _inside_or_not(every))
    counts = counts_by_group(rates)
    rows, place = [], 0
    for promise, whole in zip(promised, judge(policy, gaps, rates=rates), strict=True):
        mine = slice(place, place + len(promise.measured))
        of_each, place = list(verdicts[mine]), mine.stop
        for i, (_, gap) in enumerate(promise.measured.iterrows()):
            now = _Comparison(promise.criterion, gap, promise.gaps, i, of_each[i], bounds[mine][i])
            decides = of_each[i] == whole.verdict and of_each.count(FAIL) <= 1
            rows += [now.row(counts, how, policy.confidence, decides) for how in ASSUMPTIONS]
    return pd.DataFrame(rows, columns=list(RECORDING_COLUMNS))


def _inside_or_not(gaps: Gaps) -> NDArray[np.str_]:
    return np.where(gaps.inside, PASS, INSUFFICIENT)


def _bounds(chance: FloatArray, alpha: float) -> FloatArray:
    """Return, for each hypothesis, the largest chance at which Holm's procedure would reject it.

    The others stay as they are: those that are rejected in a row before it leave it more room.

    Examples
    --------
    >>> _bounds(np.array([0.9, 0.001]), 0.05)
    array([0.05 , 0.025])
    """
    n = len(chance)
    stages = alpha / np.arange(n, 0, -1)
    bounds = np.empty(n)
    for i in range(n):
        others = np.sort(np.delete(chance, i))
        bounds[i] = stages[int(np.cumprod(others <= stages[:-1]).sum())]
    return bounds


class _Comparison(NamedTuple):
    """One group beside its reference, as the verdict sees it."""

    criterion: Criterion
    gap: pd.Series
    promised: Gaps
    place: int
    verdict: str
    bound: float  # of the chance at which Holm's procedure names it outside

    def row(
        self, counts: dict[tuple[str, str], Counts], how: str, level: float, decides: bool
    ) -> dict[str, Any]:
        names = {name: self.gap[name] for name in ("characteristic", "group", "reference")}
        factor, note = self._turning_point(counts, how, level)
        return {
            **names,
            "metric": self.criterion.metric,
            "scale": self.criterion.scale,
            "verdict": self.verdict,
            "factor": factor,
            "direction": "" if note else (MORE if factor > 1 else LESS),
            "assumption": how,
            "overturns": decides and not note,
            "note": note,
        }

    def _turning_point(
        self, counts: dict[tuple[str, str], Counts], how: str, level: float
    ) -> tuple[float, str]:
        moved = self._moved(counts, how)
        if moved is None:
            return np.nan, NO_COUNTS
        by, wider = moved
        possible = np.isfinite(by)
        if np.allclose(by[possible], 0.0, atol=1e-12):
            return np.nan, UNMOVED
        turned = np.flatnonzero(self._turned(by, wider, level) & possible)
        if not len(turned):
            return np.nan, NO_FACTOR
        nearest = turned[np.argmin(np.abs(np.log(_FACTORS[turned])))]
        return float(_FACTORS[nearest]), ""

    def _moved(
        self, counts: dict[tuple[str, str], Counts], how: str
    ) -> tuple[FloatArray, FloatArray] | None:
        """Return by how much the gap moves and how much wider it gets, at each factor."""
        group = counts.get((self.gap["characteristic"], self.gap["group"]))
        base = counts.get((self.gap["characteristic"], self.gap["reference"]))
        if group is None or base is None:
            return None
        after = group.recorded(_FACTORS, how)
        # of everyone, the group is a part
        whole = base.with_part(group, after) if base.holds_all else base
        parts = (group, base, after, whole)
        rates = [rate for part in parts if (rate := rate_of(self.criterion.metric, part))]
        if len(rates) < len(parts):
            return None
        log = self.criterion.scale == "ratio"
        now, base_now, then, base_then = (rate.value(log=log) for rate in rates)
        spread = [sampling_variance(rate, log=log) for rate in rates]
        wider = np.sqrt((spread[2] + spread[3]) / (spread[0] + spread[1]))
        return (then - now) - (base_then - base_now), wider

    def _turned(self, by: FloatArray, wider: FloatArray, level: float) -> NDArray[np.bool_]:
        """Return at which factors the verdict no longer holds; insufficient: where it is a fail."""
        here = (self.promised.gap, self.promised.low, self.promised.high, self.promised.tolerance)
        gap, low, high, tolerance = (values[self.place] for values in here)
        middle = gap + by
        moved = Gaps(
            middle,
            middle - (gap - low) * wider,
            middle + (high - gap) * wider,
            np.full(len(by), tolerance),
        )
        if self.verdict == PASS:
            return ~moved.inside
        outside = moved.beyond & (moved.chance_within(level) <= self.bound)
        return ~outside if self.verdict == FAIL else outside
