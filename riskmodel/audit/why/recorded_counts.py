"""The counts behind a group's rates, and what they would be if its harm were recorded otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.rates import EVERYONE
from riskmodel.statistics.arrays import FloatArray, divide

ALIKE = "alike, listed or not"
LISTED_ONLY = "only of those listed"
ASSUMPTIONS = (ALIKE, LISTED_ONLY)
VICTIM_PREFIXES = {"coverage": "", "victim_coverage": "victim_", "harm_coverage": "harm_"}
_FROM_RATES = {
    ("precision", "numerator"): "listed_outcome",
    ("precision", "denominator"): "listed_observed",
    ("outcome_rate", "numerator"): "outcome",
    ("outcome_rate", "denominator"): "observed",
    ("observed_over_expected", "denominator"): "expected",
    ("selection_rate", "numerator"): "listed",
    ("selection_rate", "denominator"): "people",
    **{
        (metric, part): f"{prefix}{name}"
        for metric, prefix in VICTIM_PREFIXES.items()
        for part, name in (("numerator", "covered"), ("denominator", "suffered"))
    },
}


@dataclass(frozen=True)
class Counts:
    """Counts of one group; NaN where a table does not say. Numbers, or arrays over factors.

    ``holds_all``: the group is everyone, so that each group is a part of it.
    """

    of: dict[str, FloatArray]
    holds_all: bool = False

    def __post_init__(self) -> None:
        unknown = {name: np.asarray(np.nan) for name in _FROM_RATES.values()}
        object.__setattr__(self, "of", unknown | self.of)

    def recorded(self, factor: FloatArray, assumption: str) -> Counts:
        """Return the counts by the reference's standard, if harm here is recorded so often.

        NaN where more people would have gone on to harm than there are.

        Examples
        --------
        >>> group = Counts({
        ...     "listed_outcome": np.float64(6), "listed_observed": np.float64(10),
        ...     "outcome": np.float64(20), "observed": np.float64(100),
        ... })
        >>> alike = group.recorded(np.array([2.0]), ALIKE).of
        >>> alike["listed_outcome"].item(), alike["outcome"].item()
        (3.0, 10.0)
        >>> group.recorded(np.array([2.0]), LISTED_ONLY).of["outcome"].item()
        17.0
        """
        of = self.of
        elsewhere = factor if assumption == ALIKE else np.ones_like(factor)
        listed = of["listed_outcome"] / factor
        others = (of["outcome"] - of["listed_outcome"]) / elsewhere
        enough = (listed <= of["listed_observed"]) & (
            others <= of["observed"] - of["listed_observed"]
        )
        changed = {
            "listed_outcome": np.where(enough, listed, np.nan),
            "outcome": np.where(enough, listed + others, np.nan),
        }
        for prefix in VICTIM_PREFIXES.values():
            covered, suffered = f"{prefix}covered", f"{prefix}suffered"
            changed[covered] = of[covered] / factor
            changed[suffered] = changed[covered] + (of[suffered] - of[covered]) / elsewhere
        return replace(self, of={**of, **changed})

    def with_part(self, before: Counts, after: Counts) -> Counts:
        """Return the counts of everyone, when one group's have changed."""
        of = {name: self.of[name] - before.of[name] + after.of[name] for name in self.of}
        return replace(self, of=of)


def counts_by_group(rates: pd.DataFrame) -> dict[tuple[str, str], Counts]:
    """Return the counts of each (characteristic, group), and of everyone.

    Parameters
    ----------
    rates : DataFrame
        ``RATE_COLUMNS``: numerators and denominators of people listed and of victims.
    """
    long = rates.melt(
        ["characteristic", "group", "metric"], ["numerator", "denominator"],
        var_name="part", value_name="count",
    )  # fmt: skip
    keys = list(zip(long["metric"], long["part"], strict=True))
    long["name"] = [_FROM_RATES.get(key) for key in keys]
    wide = long.dropna(subset="name").pivot_table(
        index=["characteristic", "group"], columns="name", values="count", aggfunc="first"
    )
    wide = wide.reindex(columns=sorted(_FROM_RATES.values())).astype(float)
    names = [(str(characteristic), str(group)) for characteristic, group in wide.index]
    found = {name: _counts(wide.iloc[place]) for place, name in enumerate(names)}
    for name, whole in wide.groupby(level="characteristic").sum(min_count=1).iterrows():
        found.setdefault((str(name), EVERYONE), replace(_counts(whole), holds_all=True))
    return found


def _counts(row: pd.Series) -> Counts:
    return Counts({str(name): np.asarray(value) for name, value in row.items()})


class CountRate(NamedTuple):
    """A rate as a numerator over a denominator."""

    top: FloatArray
    bottom: FloatArray
    proportion: bool = True

    def value(self, *, log: bool = False) -> FloatArray:
        """Return the rate, or its logarithm; NaN where nothing is in the denominator."""
        rate = divide(self.top, self.bottom)
        if not log:
            return rate
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(rate))


_RATES: dict[str, Callable[[dict[str, FloatArray]], CountRate]] = {
    "outcome_rate": lambda n: CountRate(n["outcome"], n["observed"]),
    "selection_rate": lambda n: CountRate(n["listed"], n["people"]),
    "precision": lambda n: CountRate(n["listed_outcome"], n["listed_observed"]),
    "recall": lambda n: CountRate(n["listed_outcome"], n["outcome"]),
    "false_negative_rate": lambda n: CountRate(n["outcome"] - n["listed_outcome"], n["outcome"]),
    "false_positive_rate": lambda n: CountRate(
        n["listed_observed"] - n["listed_outcome"], n["observed"] - n["outcome"]
    ),
    "observed_over_expected": lambda n: CountRate(n["outcome"], n["expected"], proportion=False),
    "coverage": lambda n: CountRate(n["covered"], n["suffered"]),
    "victim_coverage": lambda n: CountRate(n["victim_covered"], n["victim_suffered"]),
    "harm_coverage": lambda n: CountRate(n["harm_covered"], n["harm_suffered"]),
}


def rate_of(metric: str, counts: Counts) -> CountRate | None:
    """Return a metric of these counts; None where the counts do not say."""
    if metric not in _RATES:
        return None
    rate = _RATES[metric](counts.of)
    return None if np.isnan(rate.top + rate.bottom).all() else rate


def sampling_variance(rate: CountRate, *, log: bool = False) -> FloatArray:
    """Return the variance that chance gives such counts, but for a factor common to groups.

    Half a count is added, so that a rate of 0 or 1 is not one without doubt.
    """
    share = (rate.top + 0.5) / (rate.bottom + 1)
    spread = share * (1 - share) if rate.proportion else share
    variance = np.maximum(spread, 0) / np.maximum(rate.bottom, 1)
    return np.asarray(variance / share**2 if log else variance)
