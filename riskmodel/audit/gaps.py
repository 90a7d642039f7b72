"""Gaps between groups: difference and ratio to a reference group, or why there is none."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.audit.rates import (
    RATE_COLUMNS,
    Estimate,
    Rate,
    Settings,
    Sums,
    is_blank,
    rate_draws,
    rate_rows,
)
from riskmodel.errors import SmallGroupWarning
from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.bootstrap import interval, undefined_count

MEASURED = "measured"
INSUFFICIENT = "insufficient evidence"
GAP_COLUMNS = (
    "characteristic", "group", "reference", "metric", "status", "reason",
    "difference", "difference_low", "difference_high", "difference_se",
    "ratio", "ratio_low", "ratio_high", "log_ratio_se",
)  # fmt: skip


@dataclass(frozen=True)
class GroupTables:
    """Rates by group (``RATE_COLUMNS``) and gaps to the reference group (``GAP_COLUMNS``)."""

    rates: pd.DataFrame
    gaps: pd.DataFrame


def reference_group(sums: Sums, size: str, chosen: str | None = None) -> str | None:
    """Return the group that others are compared with: as chosen, or the largest recorded one."""
    if chosen is not None and chosen in sums.levels:
        return chosen
    sizes = sums.point[size]
    recorded = [g for g, level in enumerate(sums.levels) if not is_blank(level)]
    return sums.levels[max(recorded, key=lambda g: sizes[g])] if recorded else None


def gap_rows(
    characteristic: str,
    sums: Sums,
    estimate: Estimate,
    reference: str,
    settings: Settings,
) -> pd.DataFrame:
    """Return one row per group but the reference: difference and ratio with intervals.

    A group that cannot be compared stays in the table as insufficient evidence, with the reason
    and without numbers.
    """
    base = sums.levels.index(reference)
    rate, value, draws = estimate.rate, estimate.value, estimate.draws
    blocked = obstacles(sums, rate, settings.minimum_cell)
    rows = []
    for g, group in enumerate(sums.levels):
        if g == base:
            continue
        reason = blocked[g] or (blocked[base] and f"reference group: {blocked[base]}")
        numbers: dict[str, float] = {}
        if not reason:
            numbers = _gap(value[g], value[base], draws[:, g], draws[:, base], settings.level)
            reason = "" if numbers else "undefined in most resamples"
        names = (characteristic, group, reference, rate.name)
        status = (INSUFFICIENT if reason else MEASURED, reason)
        rows.append(dict(zip(GAP_COLUMNS, names + status, strict=False)) | numbers)
    return pd.DataFrame(rows).reindex(columns=list(GAP_COLUMNS))


def _gap(
    value: float, base: float, draws: FloatArray, base_draws: FloatArray, level: float
) -> dict[str, float]:
    apart = draws - base_draws
    if undefined_count(apart) > len(apart) / 2:
        return {}
    ratios = divide(draws, base_draws)
    low, high = interval(apart, level)
    ratio_low, ratio_high = interval(ratios, level)
    positive = ratios[np.isfinite(ratios) & (ratios > 0)]
    return {
        "difference": value - base,
        "difference_low": float(low),
        "difference_high": float(high),
        "difference_se": float(np.nanstd(apart)),
        "ratio": float(divide(value, base)),
        "ratio_low": float(ratio_low),
        "ratio_high": float(ratio_high),
        "log_ratio_se": float(np.std(np.log(positive))) if len(positive) else np.nan,
    }


def obstacles(sums: Sums, rate: Rate, minimum_cell: int) -> list[str]:
    """Return, for each group, why its rate is not compared; "" where it is."""
    found = []
    count = sums.people(rate.counted)
    for g in range(len(sums.levels)):
        if count[g] < minimum_cell:
            found.append(f"fewer than {minimum_cell} {_UNITS[rate.counted]}")
        elif rate.outcome and not (sums.point["outcome"][g] and sums.point["clear"][g]):
            found.append("all or none in it went on to serious harm")
        else:
            found.append("")
    return found


_UNITS = {
    "people": "people",
    "listed": "people listed",
    "listed_observed": "people listed with a known outcome",
    "outcome": "people who went on to serious harm",
    "clear": "people without later serious harm",
    "observed": "people with a known outcome",
    "offences": "suspects or victims behind its offences",
    "victims": "suspects or victims behind its offences",
}


def rate_tables(
    characteristic: str,
    sums: Sums,
    rates: Sequence[Rate],
    settings: Settings,
    *,
    size: str,
    values: Mapping[str, FloatArray] | None = None,
) -> GroupTables:
    """Return the rates and gaps of one characteristic.

    Parameters
    ----------
    size : str
        The quantity whose largest sum makes the reference group.
    values : mapping, optional
        The point estimates by rate, where something else than the sums has made them.
    """
    reference = reference_group(sums, size, settings.reference_groups.get(characteristic))
    tables, gaps = [], []
    for rate in rates:
        value = rate.of(sums.point) if values is None else values[rate.name]
        estimate = Estimate(rate, value, rate_draws(sums, rate, settings.seed))
        tables.append(rate_rows(characteristic, sums, estimate, settings))
        if reference is not None and not rate.of_all:
            gaps.append(gap_rows(characteristic, sums, estimate, reference, settings))
    return GroupTables(stacked(tables, RATE_COLUMNS), stacked(gaps, GAP_COLUMNS))


def stacked(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Return the tables one below the other, without the empty ones."""
    filled = [table.dropna(axis=1, how="all") for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True).reindex(columns=list(columns))


def joined(parts: Sequence[GroupTables]) -> GroupTables:
    """Return the tables of several characteristics as one pair."""
    return GroupTables(
        stacked([part.rates for part in parts], RATE_COLUMNS),
        stacked([part.gaps for part in parts], GAP_COLUMNS),
    )


def warn_withheld(table: pd.DataFrame, minimum_cell: int) -> None:
    """Warn once where rates are withheld, with how many and in which characteristics."""
    withheld = table[table["withheld"]]
    if len(withheld):
        where = ", ".join(sorted(withheld["characteristic"].unique()))
        warnings.warn(
            f"{len(withheld)} rates rest on fewer than {minimum_cell} people and are withheld, "
            f"in: {where}. Join small groups, or pool more dates, to see them",
            SmallGroupWarning,
            stacklevel=3,
        )
