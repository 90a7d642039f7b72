"""Verdicts: what the gaps say about the promises of a policy, and how sure that is.

pass                    every interval of the gap lies inside the tolerance
fail                    an interval lies wholly outside it, at a level held for all comparisons
insufficient evidence   anything between, or nothing to compare
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.gaps import INSUFFICIENT, MEASURED
from riskmodel.audit.policy import Criterion, Policy
from riskmodel.statistics.arrays import FloatArray

PASS = "pass"  # noqa: S105  # a verdict, not a password
FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one criterion comes to for one characteristic.

    ``group``, ``gap``, ``low`` and ``high`` are of the widest gap that was measured; ``compared``
    and ``not_compared`` count groups.
    """

    criterion: str
    metric: str
    characteristic: str
    scale: str
    verdict: str
    reason: str
    compared: int = 0
    not_compared: int = 0
    group: str = ""
    reference: str = ""
    gap: float = np.nan
    low: float = np.nan
    high: float = np.nan

    def to_dict(self) -> dict[str, Any]:
        """Return a plain dict."""
        return asdict(self)


def judge(policy: Policy, gaps: pd.DataFrame, *, trivial: str = "") -> tuple[Verdict, ...]:
    """Return one verdict per criterion and characteristic.

    Parameters
    ----------
    policy : Policy
    gaps : DataFrame
        Gaps of people listed and of victims, one below the other (``GAP_COLUMNS``).
    trivial : str
        Why the list is no list (nobody on it, one score for all); then every criterion fails,
        since a gap of zero says nothing.

    Notes
    -----
    A criterion fails at Holm's level over all of its comparisons: one group in twenty would
    otherwise lie outside by chance. That interval is normal, from the standard error of the
    resampled gap (of the logarithm, for ratios).
    """
    verdicts: list[Verdict] = []
    for criterion in policy.criteria:
        verdicts += _judge_criterion(criterion, gaps, policy.confidence)
    if trivial:
        return tuple(_failed(verdict, trivial) for verdict in verdicts)
    return tuple(verdicts)


def overall(verdicts: Sequence[Verdict]) -> str:
    """Return the verdict on all: fail if any fails, pass if all pass.

    Examples
    --------
    >>> overall([])
    'insufficient evidence'
    """
    found = {verdict.verdict for verdict in verdicts}
    if FAIL in found:
        return FAIL
    return PASS if found == {PASS} else INSUFFICIENT


def trivial_list(listed: ArrayLike, margin: ArrayLike, as_of: ArrayLike) -> str:
    """Return why a list cannot be judged, or "": nobody on it, everybody on it, one score for all.

    Examples
    --------
    >>> trivial_list([False, False], [0.1, 0.2], [0, 0])
    'nobody is listed'
    """
    on_list = np.asarray(listed, dtype=bool)
    if not on_list.any():
        return "nobody is listed"
    if on_list.all():
        return "everybody is listed"
    spread = pd.Series(np.asarray(margin)).groupby(np.asarray(as_of)).nunique()
    return "everybody has the same score" if (spread <= 1).all() else ""


def _failed(verdict: Verdict, reason: str) -> Verdict:
    return Verdict(
        criterion=verdict.criterion,
        metric=verdict.metric,
        characteristic=verdict.characteristic,
        scale=verdict.scale,
        verdict=FAIL,
        reason=f"{reason}: no gap can be read from such a list",
    )


def _judge_criterion(criterion: Criterion, gaps: pd.DataFrame, confidence: float) -> list[Verdict]:
    of_metric = gaps[gaps["metric"] == criterion.metric]
    if criterion.characteristics:
        of_metric = of_metric[of_metric["characteristic"].isin(criterion.characteristics)]
    names = list(criterion.characteristics) or sorted(of_metric["characteristic"].unique())
    measured = of_metric[of_metric["status"] == MEASURED].reset_index(drop=True)
    outside = pd.Series(_wholly_outside(criterion, measured, confidence), index=measured.index)
    return [
        _judge_characteristic(criterion, name, of_metric, measured, outside)
        for name in names or ["all"]
    ]


def _wholly_outside(
    criterion: Criterion, measured: pd.DataFrame, confidence: float
) -> NDArray[np.bool_]:
    gap, low, high, tolerance, error = _on_scale(criterion, measured)
    beyond = (low > tolerance) | (high < -tolerance)
    distance = np.abs(gap) - tolerance
    normal = NormalDist()
    chance = np.array(
        [
            1 - normal.cdf(d / e) if e > 0 else float(d <= 0)
            for d, e in zip(distance, error, strict=True)
        ]
    )
    return beyond & _holm(chance, (1 - confidence) / 2)


def _holm(chance: FloatArray, alpha: float) -> NDArray[np.bool_]:
    """Return which hypotheses Holm's procedure rejects."""
    order = np.argsort(chance, kind="stable")
    bounds = alpha / np.arange(len(chance), 0, -1)
    held = np.cumprod(chance[order] <= bounds).astype(bool)
    rejected = np.zeros(len(chance), dtype=bool)
    rejected[order] = held
    return rejected


def _on_scale(
    criterion: Criterion, rows: pd.DataFrame
) -> tuple[FloatArray, FloatArray, FloatArray, float, FloatArray]:
    """Return gap, low, high, tolerance and standard error; ratios on the logarithm."""
    if criterion.scale == "difference":
        names = ["difference", "difference_low", "difference_high", "difference_se"]
        gap, low, high, error = (rows[name].to_numpy(dtype=float) for name in names)
        return gap, low, high, criterion.tolerance, error
    names = ["ratio", "ratio_low", "ratio_high"]
    with np.errstate(divide="ignore"):
        gap, low, high = (np.log(rows[name].to_numpy(dtype=float)) for name in names)
    error = rows["log_ratio_se"].to_numpy(dtype=float)
    return gap, low, high, -float(np.log1p(-criterion.tolerance)), error


def _judge_characteristic(
    criterion: Criterion,
    name: str,
    of_metric: pd.DataFrame,
    measured: pd.DataFrame,
    outside: pd.Series,
) -> Verdict:
    rows = measured[measured["characteristic"] == name]
    every = of_metric[of_metric["characteristic"] == name]
    reason = "no group could be compared" if len(every) else "not measured in this audit"
    blank = Verdict(
        criterion=criterion.describe(),
        metric=criterion.metric,
        characteristic=name,
        scale=criterion.scale,
        verdict=INSUFFICIENT,
        reason=reason,
        compared=len(rows),
        not_compared=len(every) - len(rows),
    )
    if not len(rows):
        return blank
    gap, low, high, tolerance, _ = _on_scale(criterion, rows)
    failing = outside[rows.index].to_numpy()
    beyond = (low > tolerance) | (high < -tolerance)
    verdict, reason = _decide(failing, (low >= -tolerance) & (high <= tolerance), beyond)
    candidates = np.flatnonzero(failing) if failing.any() else np.arange(len(rows))
    widest = rows.iloc[candidates[np.argmax(np.abs(gap)[candidates])]]
    return replace(
        blank,
        verdict=verdict,
        reason=reason,
        group=str(widest["group"]),
        reference=str(widest["reference"]),
        gap=float(widest[criterion.scale]),
        low=float(widest[f"{criterion.scale}_low"]),
        high=float(widest[f"{criterion.scale}_high"]),
    )


def _decide(
    failing: NDArray[np.bool_], inside: NDArray[np.bool_], beyond: NDArray[np.bool_]
) -> tuple[str, str]:
    if failing.any():
        return FAIL, f"{_comparisons(failing)} the gap lies wholly outside"
    if inside.all():
        return PASS, f"{_comparisons(inside)} the gap lies wholly inside"
    across, doubtful = ~inside & ~beyond, beyond & ~failing
    reasons = []
    if across.any():
        reasons.append(f"{_comparisons(across)} the interval reaches across the edge")
    if doubtful.any():
        reasons.append(
            f"{_comparisons(doubtful)} it lies outside, which may be chance among so many"
        )
    return INSUFFICIENT, "; ".join(reasons)


def _comparisons(chosen: NDArray[np.bool_]) -> str:
    if len(chosen) == 1:
        return "in the one comparison"
    if chosen.all():
        return f"in all {len(chosen)} comparisons"
    return f"in {int(chosen.sum())} of {len(chosen)} comparisons"
