"""What a policy promises, laid beside what was measured: the comparisons of each criterion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.gaps import MEASURED
from riskmodel.audit.policies.criteria import VICTIM_METRICS, Criterion
from riskmodel.audit.policies.multiple_comparisons import Gaps
from riskmodel.audit.policies.policy import Policy

_POOL = {False: "share_of_pool", True: "share_of_offences"}
"""Which rate counts the people of each group; True: of victims."""


@dataclass(frozen=True)
class Promise:
    """One criterion and one characteristic, and the gaps that were measured for them.

    Parameters
    ----------
    measured : DataFrame
        The rows of ``GAP_COLUMNS`` that have numbers.
    not_compared : int
        Groups that have none.
    share_left_out : float
        Their share of the people; infinite where it is not known.
    obstacle : str
        Why nothing can be said, or "".
    """

    criterion: Criterion
    characteristic: str
    measured: pd.DataFrame
    not_compared: int
    share_left_out: float
    obstacle: str = ""

    @property
    def gaps(self) -> Gaps:
        """The gaps on the scale of the criterion: ratios as logarithms."""
        scale, tolerance = self.criterion.scale, self.criterion.tolerance
        names = [scale, f"{scale}_low", f"{scale}_high"]
        gap, low, high = (self.measured[name].to_numpy(dtype=float) for name in names)
        if scale == "ratio":
            with np.errstate(divide="ignore"):
                gap, low, high = np.log(gap), np.log(low), np.log(high)
            tolerance = -float(np.log1p(-tolerance))
        return Gaps(gap, low, high, np.full(len(gap), tolerance))


def promises(policy: Policy, gaps: pd.DataFrame, rates: pd.DataFrame | None) -> list[Promise]:
    """Return every criterion with each of its characteristics; "all" where none was measured.

    A characteristic that the rates know and the gaps do not has one group only.
    """
    return [
        _promise(policy, criterion, name, gaps, rates)
        for criterion in policy.criteria
        for name in _characteristics(criterion, gaps, rates)
    ]


def _characteristics(
    criterion: Criterion, gaps: pd.DataFrame, rates: pd.DataFrame | None
) -> list[str]:
    if criterion.characteristics:
        return list(criterion.characteristics)
    named = set(gaps.loc[gaps["metric"] == criterion.metric, "characteristic"])
    if rates is not None:
        named |= set(rates.loc[rates["metric"] == criterion.metric, "characteristic"])
    return sorted(named) or ["all"]


def _promise(
    policy: Policy, criterion: Criterion, name: str, gaps: pd.DataFrame, rates: pd.DataFrame | None
) -> Promise:
    rows = gaps[(gaps["metric"] == criterion.metric) & (gaps["characteristic"] == name)]
    if criterion.groups:
        rows = rows[rows["group"].isin(criterion.groups)]
    # a gap without limits says nothing, whatever its status
    limits = rows[[f"{criterion.scale}_low", f"{criterion.scale}_high"]].notna().all(axis=1)
    compared = (rows["status"] == MEASURED) & limits
    left_out = rows.loc[~compared, "group"]
    return Promise(
        criterion=criterion,
        characteristic=name,
        measured=rows[compared],
        not_compared=len(left_out),
        share_left_out=_share(criterion, name, list(left_out), rates),
        obstacle="; ".join(_obstacles(policy, criterion, name, rows, rates)),
    )


def _obstacles(
    policy: Policy,
    criterion: Criterion,
    name: str,
    rows: pd.DataFrame,
    rates: pd.DataFrame | None,
) -> Iterator[str]:
    if not len(rows):
        known = rates is not None and _of_metric(rates, criterion.metric, name).any()
        yield "there is no second group to compare" if known else "not measured in this audit"
        return
    absent = [group for group in criterion.groups if group not in set(rows["group"])]
    if absent:
        yield f"not measured in this audit: {', '.join(absent)}"
    wanted = policy.reference_groups.get(name)
    if wanted is not None and set(rows["reference"]) != {wanted}:
        yield f"not compared with {wanted!r}, as the policy asks: no such group was measured"


def _share(criterion: Criterion, name: str, groups: list[str], rates: pd.DataFrame | None) -> float:
    """Return which share of the people is in `groups`."""
    if not groups:
        return 0.0
    if rates is None:
        return np.inf
    pool = rates[_of_metric(rates, _POOL[criterion.metric in VICTIM_METRICS], name)]
    people = pool.set_index("group")["numerator"].astype(float)
    if not set(groups) <= set(people.index) or not people.sum() > 0:
        return np.inf
    return float(people[groups].sum() / people.sum())


def _of_metric(rates: pd.DataFrame, metric: str, characteristic: str) -> pd.Series:
    return (rates["metric"] == metric) & (rates["characteristic"] == characteristic)
