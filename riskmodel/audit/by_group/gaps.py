"""Gaps between groups: difference and ratio to a reference, or why there is none.

Where few people are behind a gap, the percentiles of a bootstrap are too narrow. Each interval
here is the wider of those and of one that is put together from the limits of the two groups
(`riskmodel.statistics.few_people`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.estimates import (
    Estimate,
    obstacles,
    rate_columns,
    spread_of,
    table_of,
)
from riskmodel.audit.by_group.measures import Measure
from riskmodel.audit.by_group.rates import EVERYONE, OVERALL, RATE_COLUMNS, Settings, Sums, is_blank
from riskmodel.errors import SmallGroupWarning
from riskmodel.statistics.arrays import FloatArray, divide, mean_defined
from riskmodel.statistics.bootstrap import Interval, interval, undefined_count
from riskmodel.statistics.few_people import difference_limits, normal_quantile, wider_of

MEASURED = "measured"
INSUFFICIENT = "insufficient evidence"
POWER = 0.8
"""The chance with which the smallest detectable gap would be found."""
GAP_COLUMNS = (
    "characteristic", "group", "reference", "metric", "status", "reason",
    "difference", "difference_low", "difference_high", "difference_se",
    "ratio", "ratio_low", "ratio_high", "log_ratio_se",
    "simultaneous_low", "simultaneous_high", "detectable",
)  # fmt: skip


@dataclass(frozen=True)
class GroupTables:
    """Rates by group (``RATE_COLUMNS``) and gaps to the reference (``GAP_COLUMNS``).

    ``widest`` holds, for each metric, the largest of all deviations of a replicate, in standard
    errors, shape (replicates,): what simultaneous intervals are made of.
    """

    rates: pd.DataFrame
    gaps: pd.DataFrame
    widest: Mapping[str, FloatArray] = field(default_factory=dict)
    level: float = 0.95


def reference_group(sums: Sums, size: str, chosen: str | None = None) -> str | None:
    """Return the group that others are compared with: as chosen, or the largest recorded one."""
    if chosen is not None and chosen in sums.levels:
        return chosen
    sizes = sums.point[size]
    recorded = [g for g, level in enumerate(sums.levels) if not is_blank(level)]
    return sums.levels[max(recorded, key=lambda g: sizes[g])] if recorded else None


@dataclass(frozen=True)
class Reference:
    """What the groups of a characteristic are compared with: one column of sums."""

    name: str
    sums: Sums
    place: int

    @classmethod
    def choose(
        cls, characteristic: str, sums: Sums, everyone: Sums | None, settings: Settings, size: str
    ) -> Reference | None:
        """Choose by the settings; None where no group is recorded."""
        named = settings.reference_groups.get(characteristic)
        if settings.reference == OVERALL and named not in sums.levels:
            return cls(EVERYONE, everyone or sums.together(), 0)
        group = reference_group(sums, size, named)
        return None if group is None else cls(group, sums, sums.levels.index(group))


def rate_tables(
    characteristic: str,
    sums: Sums,
    measures: Sequence[Measure],
    settings: Settings,
    *,
    size: str,
    everyone: Sums | None = None,
) -> GroupTables:
    """Return the rates and gaps of one characteristic.

    Parameters
    ----------
    characteristic : str
    sums : Sums
    measures : sequence of Measure
    settings : Settings
    size : str
        The quantity whose largest sum makes the reference group.
    everyone : Sums, optional
        Of all people as one group, drawn with the others; by default the groups' sums together.
    """
    reference = Reference.choose(characteristic, sums, everyone, settings, size)
    rates, gaps, widest = [], [], {}
    for measure in measures:
        estimate = Estimate.of(measure, sums, settings)
        rates.append(rate_columns(characteristic, sums, estimate, settings))
        if reference is not None and not measure.of_all:
            base = estimate
            if reference.sums is not sums:
                base = Estimate.of(measure, reference.sums, settings)
            rows, widest[measure.name] = _gap_columns(sums, estimate, reference, base, settings)
            gaps.append(rows)
    found = table_of(gaps, [name for name in GAP_COLUMNS if name not in _ADDED])
    named = found.assign(characteristic=characteristic).reindex(columns=list(GAP_COLUMNS))
    one = GroupTables(table_of(rates, RATE_COLUMNS), named, widest, settings.level)
    return joined([one])


_ADDED = ("characteristic", "simultaneous_low", "simultaneous_high")


def _gap_columns(
    sums: Sums, estimate: Estimate, reference: Reference, base: Estimate, settings: Settings
) -> tuple[dict[str, NDArray[Any]], FloatArray]:
    """Return one row per group but the reference, and the widest deviation of each replicate.

    A group that cannot be compared stays in the table as insufficient evidence, with the reason
    and without numbers.
    """
    own = sums is reference.sums
    others = [g for g in range(len(sums.levels)) if not (own and g == reference.place)]
    numbers, deviations = _compare(estimate, base, reference.place, others, settings.level)
    measure = estimate.measure
    no_base = obstacles(reference.sums, measure, settings.minimum_cell)[reference.place]
    blocked = obstacles(sums, measure, settings.minimum_cell)
    unclear = undefined_count(deviations) > len(deviations) / 2
    reasons = [
        blocked[g]
        or (no_base and f"reference group: {no_base}")
        or ("undefined in most resamples" if unclear[i] else "")
        for i, g in enumerate(others)
    ]
    measured = np.array([not reason for reason in reasons], dtype=bool)
    columns = {
        "group": [sums.levels[g] for g in others],
        "reference": [reference.name] * len(others),
        "metric": [measure.name] * len(others),
        "status": [INSUFFICIENT if reason else MEASURED for reason in reasons],
        "reason": reasons,
    }
    rows = {
        **{name: np.array(texts, dtype=object) for name, texts in columns.items()},
        **{name: np.where(measured, values, np.nan) for name, values in numbers.items()},
    }
    return rows, np.fmax.reduce(np.abs(deviations[:, measured]), axis=1, initial=0.0)


def _compare(
    estimate: Estimate, base: Estimate, place: int, others: Sequence[int], level: float
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Return differences and ratios of groups to the base, and the draws' standard deviations."""
    value, draws = estimate.value[others], estimate.draws[:, others]
    at, base_draws = base.value[place], base.draws[:, [place]]
    limits = Interval(*(np.asarray(end)[others] for end in estimate.limits))
    base_limits = Interval(*(np.asarray(end)[place] for end in base.limits))
    shared, z = _correlation(draws, base_draws), normal_quantile(level)
    apart = draws - base_draws
    low, high = wider_of(
        interval(apart, level), difference_limits(value, limits, at, base_limits, shared)
    )
    difference, spread = value - at, spread_of(apart)
    low, high = np.fmin(low, difference), np.fmax(high, difference)
    error = np.fmax(spread, (high - low) / (2 * z))
    numbers = {
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "difference_se": error,
        **_ratios(value, limits, draws, at, base_limits, base_draws, shared, level),
        "detectable": (z + NormalDist().inv_cdf(POWER)) * error,
    }
    return numbers, divide(apart - mean_defined(apart, axis=0), spread)


def _ratios(
    value: FloatArray,
    limits: Interval,
    draws: FloatArray,
    at: FloatArray,
    base_limits: Interval,
    base_draws: FloatArray,
    shared: FloatArray,
    level: float,
) -> dict[str, FloatArray]:
    ratios = divide(draws, base_draws)
    logs = _logarithm(ratios)
    ends = [Interval(_logarithm(one.low), _logarithm(one.high)) for one in (limits, base_limits)]
    own = difference_limits(_logarithm(value), ends[0], _logarithm(at), ends[1], shared)
    low, high = wider_of(interval(ratios, level), Interval(np.exp(own.low), np.exp(own.high)))
    half = (np.asarray(own.high) - np.asarray(own.low)) / (2 * normal_quantile(level))
    ratio = divide(value, np.broadcast_to(at, value.shape))
    known = ~np.isnan(ratio)
    return {
        "ratio": ratio,
        "ratio_low": np.where(known, np.fmin(low, ratio), np.nan),
        "ratio_high": np.where(known, np.fmax(high, ratio), np.nan),
        "log_ratio_se": np.where(known, np.fmax(spread_of(logs), half), np.nan),
    }


def _logarithm(values: FloatArray | float) -> FloatArray:
    """Return the logarithm; NaN at 0 and below."""
    found = np.full(np.shape(values), np.nan)
    np.log(values, out=found, where=np.asarray(values) > 0)
    return found


def _correlation(draws: FloatArray, base: FloatArray) -> FloatArray:
    """Return how each group's draws go with the base's, from -1 to 1; 0 where one stands still."""
    both = ~(np.isnan(draws) | np.isnan(base))
    one, other = (np.where(both, values, np.nan) for values in (draws, base))
    product = (one - mean_defined(one, axis=0)) * (other - mean_defined(other, axis=0))
    found = divide(mean_defined(product, axis=0), spread_of(one) * spread_of(other))
    return np.clip(np.nan_to_num(found), -1.0, 1.0)


def stacked(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Return the tables one below the other, without the empty ones."""
    filled = [table.dropna(axis=1, how="all") for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True).reindex(columns=list(columns))


def by_length(tables: Mapping[int, pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Return the tables of several lists one below the other, with their length ``k`` first."""
    return stacked([table.assign(k=k) for k, table in tables.items()], ["k", *columns])


def joined(parts: Sequence[GroupTables]) -> GroupTables:
    """Return the tables of several characteristics as one pair, simultaneous over all of them.

    The parts must come from the same resamples.
    """
    level = parts[0].level if parts else 0.95
    widest: dict[str, FloatArray] = {}
    for part in parts:
        for metric, found in part.widest.items():
            widest[metric] = np.fmax(widest[metric], found) if metric in widest else found
    gaps = stacked([part.gaps for part in parts], GAP_COLUMNS)
    rates = stacked([part.rates for part in parts], RATE_COLUMNS)
    return GroupTables(rates, _with_simultaneous(gaps, widest, level), widest, level)


def _with_simultaneous(
    gaps: pd.DataFrame, widest: Mapping[str, FloatArray], level: float
) -> pd.DataFrame:
    """Stretch the intervals of differences until all of a metric hold at once at the level."""
    z = normal_quantile(level)
    reach = {metric: max(z, float(np.quantile(each, level))) for metric, each in widest.items()}
    stretch = gaps["metric"].map(reach).to_numpy(dtype=float) / z
    found, low, high = (
        gaps[f"difference{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high")
    )
    return gaps.assign(
        simultaneous_low=found - (found - low) * stretch,
        simultaneous_high=found + (high - found) * stretch,
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
