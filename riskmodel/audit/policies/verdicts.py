"""Verdicts: what the gaps say about the promises of a policy, and how sure that is.

pass                    every interval of the gap lies inside the tolerance, and all but a
                        hundredth of the people are in groups that could be compared
fail                    an interval lies wholly outside it, at a level held for all comparisons
insufficient evidence   anything between, or nothing to compare
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.by_group.gaps import INSUFFICIENT
from riskmodel.audit.policies.multiple_comparisons import Flags, Gaps
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.promised import Promise, promises

PASS = "pass"  # noqa: S105  # a verdict, not a password
FAIL = "fail"
MOST_LEFT_OUT = 0.01
"""Share of a characteristic's people whose groups may go without comparison in a pass.

People are those of the pool, or the victims of later offences. With more, a small group could be
wronged in plain sight, and cutting groups small would be a way to pass."""


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


def judge(
    policy: Policy,
    gaps: pd.DataFrame,
    *,
    rates: pd.DataFrame | None = None,
    trivial: str = "",
) -> tuple[Verdict, ...]:
    """Return one verdict per criterion and characteristic.

    Parameters
    ----------
    policy : Policy
    gaps : DataFrame
        Gaps of people listed and of victims, one below the other (``GAP_COLUMNS``).
    rates : DataFrame, optional
        Rates of the same lists (``RATE_COLUMNS``): how many people are in groups that could not
        be compared. Without them, any such group is too many.
    trivial : str
        Why the list is no list (nobody on it, one score for all); then every criterion fails,
        since a gap of zero says nothing.

    Notes
    -----
    *Fail*: the interval lies wholly outside, and Holm's procedure over every comparison of the
    whole policy, all criteria and characteristics together, rejects that the true gap is within
    the tolerance. The chance of any false fail in an audit is then at most ``1 - confidence``,
    however the comparisons depend on each other. Holm rather than max-t: the gaps of people
    listed and of victims are resampled apart, so no joint distribution covers both; and whoever
    has the tables can work Holm out again.

    *Pass*: all intervals lie inside. For that to happen by mistake, every comparison whose true
    gap is outside must err at once, so no allowance is made for their number: the chance is at
    most that of the widest one, half of ``1 - confidence``.

    Examples
    --------
    >>> row = {"characteristic": "sex", "group": "f", "reference": "m", "metric": "precision",
    ...        "status": "measured", "difference": 0.01, "difference_low": -0.05,
    ...        "difference_high": 0.07}
    >>> (verdict,) = judge(Policy.default(), pd.DataFrame([row]))
    >>> verdict.verdict, verdict.reason
    ('pass', 'in the one comparison the gap lies wholly inside')
    """
    promised = promises(policy, gaps, rates)
    every = Gaps.joined([promise.gaps for promise in promised])
    outside = np.split(
        every.outside(policy.confidence),
        np.cumsum([len(promise.measured) for promise in promised])[:-1],
    )
    found = [_verdict(*pair) for pair in zip(promised, outside, strict=True)]
    return tuple(_failed(verdict, trivial) if trivial else verdict for verdict in found)


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


def _verdict(promise: Promise, outside: Flags) -> Verdict:
    blank = Verdict(
        criterion=promise.criterion.describe(),
        metric=promise.criterion.metric,
        characteristic=promise.characteristic,
        scale=promise.criterion.scale,
        verdict=INSUFFICIENT,
        reason=promise.obstacle or "no group could be compared",
        compared=len(promise.measured),
        not_compared=promise.not_compared,
    )
    if promise.obstacle or not len(promise.measured):
        return blank
    verdict, reason = _decide(promise, outside)
    return replace(blank, verdict=verdict, reason=reason, **_widest(promise, outside))


def _decide(promise: Promise, outside: Flags) -> tuple[str, str]:
    if outside.any():
        return FAIL, f"{_comparisons(outside)} the gap lies wholly outside"
    inside, beyond = promise.gaps.inside, promise.gaps.beyond
    small = promise.share_left_out <= MOST_LEFT_OUT and not promise.criterion.groups
    left_out = _left_out(promise.not_compared, small) if promise.not_compared else ""
    if inside.all() and (small or not left_out):
        return PASS, "; ".join(
            filter(None, [f"{_comparisons(inside)} the gap lies wholly inside", left_out])
        )
    return INSUFFICIENT, "; ".join(_doubts(inside, beyond, "" if small else left_out))


def _doubts(inside: Flags, beyond: Flags, left_out: str) -> Iterator[str]:
    across = ~inside & ~beyond
    if across.any():
        yield f"{_comparisons(across)} the interval reaches across the edge"
    if beyond.any():
        yield f"{_comparisons(beyond)} it lies outside, which may be chance among so many"
    if left_out:
        yield left_out


def _left_out(count: int, small: bool) -> str:
    groups = "1 group" if count == 1 else f"{count} groups"
    share = f"{'at most' if small else 'more than'} {100 * MOST_LEFT_OUT:g} %"
    return f"{groups}, with {share} of the people, could not be compared"


def _comparisons(chosen: Flags) -> str:
    if len(chosen) == 1:
        return "in the one comparison"
    if chosen.all():
        return f"in all {len(chosen)} comparisons"
    return f"in {int(chosen.sum())} of {len(chosen)} comparisons"


def _widest(promise: Promise, outside: Flags) -> dict[str, Any]:
    """Return the widest gap, or the widest of those that fail."""
    candidates = np.flatnonzero(outside) if outside.any() else np.arange(len(promise.measured))
    row = promise.measured.iloc[candidates[np.argmax(np.abs(promise.gaps.gap)[candidates])]]
    scale = promise.criterion.scale
    return {
        "group": str(row["group"]),
        "reference": str(row["reference"]),
        "gap": float(row[scale]),
        "low": float(row[f"{scale}_low"]),
        "high": float(row[f"{scale}_high"]),
    }
