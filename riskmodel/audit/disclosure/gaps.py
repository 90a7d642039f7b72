"""Gaps as they are published: differences and ratios of published rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, MEASURED
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.group_counts import ALL, key_of
from riskmodel.audit.disclosure.measures import RATE, Measure
from riskmodel.audit.disclosure.rates import STEP
from riskmodel.audit.disclosure.rounding import FINE, WITHHELD, moved_interval, rounded_up
from riskmodel.statistics.arrays import FloatArray, divide

_KEY = ["characteristic", "metric", "group"]
_RATIO_STEP = 0.05


def disclose_gaps(
    gaps: pd.DataFrame,
    rates: pd.DataFrame,
    exact: pd.DataFrame,
    overall: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return gaps worked out again from published rates; none where a rate is withheld.

    Parameters
    ----------
    gaps : DataFrame
        ``GAP_COLUMNS``.
    rates : DataFrame
        Published rates, with the column `STEP`.
    exact : DataFrame
        The rates that they were made from.
    overall : mapping of str to float, optional
        The published rate of everyone by metric, for gaps to everyone.

    Notes
    -----
    Intervals move with the difference, are no narrower than the exact ones, and hold no gap (0)
    wherever the exact ones do.
    """
    columns = [name for name in GAP_COLUMNS if name in gaps.columns]
    if gaps.empty:
        return gaps[columns]
    mine, base, step = _two_sides(gaps, rates, exact, overall or {})
    measured = (gaps["status"] == MEASURED).to_numpy()
    difference = np.where(measured, np.round(mine - base, 6), np.nan)
    numbers: dict[str, Any] = {"difference": difference}
    for name in ("difference", "simultaneous"):
        ends = [gaps.get(f"{name}_{end}") for end in ("low", "high")]
        if ends[0] is not None and ends[1] is not None:
            low, high = moved_interval(
                gaps["difference"], ends[0], ends[1], difference, step, holds=0.0
            )
            numbers |= {f"{name}_low": low, f"{name}_high": high}
    numbers |= _ratios(gaps, np.where(measured, mine, np.nan), base)
    if "detectable" in gaps:
        numbers["detectable"] = np.where(
            np.isnan(difference), np.nan, rounded_up(gaps["detectable"], step)
        )
    hidden = measured & np.isnan(difference)
    return gaps[columns].assign(
        **numbers,
        status=np.where(hidden, WITHHELD, gaps["status"]),
        reason=np.where(hidden, "a count behind it is withheld", gaps["reason"]),
        difference_se=np.nan,
        log_ratio_se=np.nan,
    )


def _two_sides(
    gaps: pd.DataFrame, rates: pd.DataFrame, exact: pd.DataFrame, overall: Mapping[str, float]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the published rate of the group and of what it is compared with, and the step."""
    shown = rates.set_index(_KEY)
    sides = [
        pd.MultiIndex.from_frame(gaps[["characteristic", "metric", side]].astype(str))
        for side in ("group", "reference")
    ]
    mine, base = (shown["value"].reindex(side).to_numpy(dtype=float) for side in sides)
    first, second = (shown[STEP].reindex(side).to_numpy(dtype=float) for side in sides)
    # a reference that is no group is everyone
    whole = np.isnan(second)
    counted = gaps["metric"].map(overall).to_numpy(dtype=float)
    value = exact.set_index(_KEY)["value"].reindex(sides[0]).to_numpy(dtype=float)
    plain = np.round(value - gaps["difference"].to_numpy(dtype=float), 2)
    known = gaps["metric"].isin(overall).to_numpy()
    base = np.where(whole, np.where(known, counted, plain), base)
    return mine, base, np.fmax(first, np.where(whole, FINE, second))


def _ratios(gaps: pd.DataFrame, mine: FloatArray, base: FloatArray) -> dict[str, FloatArray]:
    """Return ratios of published rates; their intervals keep the exact ones' reach in shares."""
    ratio = divide(mine, base)
    exact = gaps["ratio"].to_numpy(dtype=float)
    found = {"ratio": ratio}
    for end, push in (("low", np.floor), ("high", np.ceil)):
        reach = divide(gaps[f"ratio_{end}"].to_numpy(dtype=float), exact)
        found[f"ratio_{end}"] = np.round(ratio * push(reach / _RATIO_STEP) * _RATIO_STEP, 6)
    exact_ends = [gaps[f"ratio_{end}"].to_numpy(dtype=float) for end in ("low", "high")]
    inside = (exact_ends[0] <= 1) & (exact_ends[1] >= 1) & ~np.isnan(ratio)
    found["ratio_low"] = np.where(inside, np.fmin(found["ratio_low"], 1.0), found["ratio_low"])
    found["ratio_high"] = np.where(inside, np.fmax(found["ratio_high"], 1.0), found["ratio_high"])
    return found


def overall_rates(measures: Mapping[str, Measure], root: str, context: Context) -> dict[str, float]:
    """Return the published rate of everyone, by metric."""
    found = {}
    for name, measure in measures.items():
        if measure.kind == RATE:
            top, bottom = (
                context.printed(key_of(root, ALL, ALL, part))
                for part in (measure.top, measure.bottom)
            )
            found[name] = float(divide(top, bottom))
    return found
