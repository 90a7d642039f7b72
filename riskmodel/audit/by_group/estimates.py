"""Measures by group with their intervals, from sums by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.measures import Measure
from riskmodel.audit.by_group.rates import RATE_COLUMNS, Settings, Sums
from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.bootstrap import Interval, interval
from riskmodel.statistics.few_people import share_limits, widened, wider_of


@dataclass(frozen=True)
class Estimate:
    """A measure by group, shape (groups,), and under resampling, shape (replicates, groups)."""

    measure: Measure
    value: FloatArray
    draws: FloatArray
    limits: Interval

    @classmethod
    def of(cls, measure: Measure, sums: Sums, settings: Settings) -> Estimate:
        """Estimate a measure from its sums."""
        value, draws = measure.of(sums.point), measure_draws(sums, measure, settings.seed)
        return cls(measure, value, draws, few_people_limits(measure, sums, draws, settings.level))


def measure_draws(sums: Sums, measure: Measure, seed: int) -> FloatArray:
    """Return the measure under resampling, shape (replicates, groups).

    Resampling never moves a share of exactly 0 or 1, nor a ratio whose numerator is 0. Such a
    group's draws come from the Jeffreys posterior of its counts instead, with people in place of
    rows where they stand in several.
    """
    draws = measure.of(sums.draws)
    if not (measure.proportion or measure.counted_by):
        return draws
    hits, bottom = sums.point[measure.parts[0]], measure.bottom(sums.point)
    fixed = (bottom > 0) & ((hits == 0) | (measure.proportion & (hits == bottom)))
    if not fixed.any():
        return draws
    draws, rng = draws.copy(), np.random.default_rng((seed, 1))
    people = np.maximum(sums.people_of(measure), 1.0)
    for g in np.flatnonzero(fixed):
        if measure.proportion:
            draws[:, g] = rng.beta(*_jeffreys(hits[g] > 0, people[g]), size=len(draws))
        else:
            counted = sums.point[measure.counted_by][g]
            draws[:, g] = rng.gamma(0.5, 1.0, size=len(draws)) * counted / (bottom[g] * people[g])
    return draws


def _jeffreys(all_hit: np.bool_ | bool, people: float) -> tuple[float, float]:
    return (people + 0.5, 0.5) if all_hit else (0.5, people + 0.5)


def few_people_limits(measure: Measure, sums: Sums, draws: FloatArray, level: float) -> Interval:
    """Return limits by group that hold their level where few people are behind a measure."""
    value, people = measure.of(sums.point), sums.people_of(measure)
    variance, fewest = np.square(spread_of(draws)), sums.fewest_people(measure)
    if measure.proportion:
        return share_limits(value, variance, people, level, fewest=fewest)
    if not measure.counted_by:
        return widened(value, Interval(*map(np.asarray, interval(draws, level))), people, level)
    # observed over expected: the share observed, on the scale of what was expected
    scale = divide(sums.point[measure.counted_by], measure.bottom(sums.point))
    variance = divide(variance, scale**2)
    found = share_limits(divide(value, scale), variance, people, level, fewest=fewest)
    return Interval(found.low * scale, found.high * scale)


def spread_of(draws: FloatArray) -> FloatArray:
    """Return the standard deviation of the defined draws, over the first axis; NaN without any."""
    defined = ~np.isnan(draws)
    n = defined.sum(axis=0)
    mean = divide(np.where(defined, draws, 0.0).sum(axis=0), n)
    squares = np.where(defined, np.square(draws - mean), 0.0).sum(axis=0)
    return np.asarray(np.sqrt(divide(squares, n)))


def rate_rows(
    characteristic: str, sums: Sums, estimate: Estimate, settings: Settings
) -> pd.DataFrame:
    """Return one row per group: the rate, its interval, its counts, withheld or not.

    A rate is withheld on fewer different people than the minimum: one person in five rows is one.
    """
    return table_of([rate_columns(characteristic, sums, estimate, settings)], RATE_COLUMNS)


def rate_columns(
    characteristic: str, sums: Sums, estimate: Estimate, settings: Settings
) -> dict[str, NDArray[Any]]:
    """Return the columns of `rate_rows`."""
    measure, value, groups = estimate.measure, estimate.value, len(sums.levels)
    low, high = wider_of(interval(estimate.draws, settings.level), estimate.limits)
    count = np.stack([sums.people(name) for name in measure.rests_on]).min(axis=0)
    withheld = (count > 0) & (count < settings.minimum_cell)
    shown = ~withheld & ~np.isnan(value)
    return {
        "characteristic": np.repeat(np.array([characteristic], dtype=object), groups),
        "group": np.array(sums.levels, dtype=object),
        "metric": np.repeat(np.array([measure.name], dtype=object), groups),
        "value": np.where(shown, value, np.nan),
        "low": np.where(shown, np.minimum(low, value), np.nan),
        "high": np.where(shown, np.maximum(high, value), np.nan),
        "numerator": sums.point[measure.parts[0]],
        "denominator": measure.bottom(sums.point),
        "withheld": withheld,
        "people": sums.fewest_people(measure),
    }


def obstacles(sums: Sums, measure: Measure, minimum_cell: int) -> list[str]:
    """Return, for each group, why its measure is not compared; "" where it is."""
    found = [""] * len(sums.levels)
    counts = {name: sums.people(name) for name in measure.rests_on}
    for g in range(len(sums.levels)):
        few = [_UNITS[name] for name, count in counts.items() if count[g] < minimum_cell]
        if few:
            found[g] = f"fewer than {minimum_cell} {few[0]}"
        elif measure.outcome and not (sums.point["outcome"][g] and sums.point["clear"][g]):
            found[g] = "all or none in it went on to serious harm"
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


def table_of(parts: Sequence[Mapping[str, NDArray[Any]]], columns: Sequence[str]) -> pd.DataFrame:
    """Return the parts one below the other as a table: text as text, columns in this order."""
    if not parts:
        return pd.DataFrame(columns=list(columns))
    whole = {name: np.concatenate([part[name] for part in parts]) for name in columns}
    table = pd.DataFrame(whole)
    texts = [name for name, values in whole.items() if values.dtype == object]
    return table.astype(dict.fromkeys(texts, "str"))
