"""Thresholds of the policy held against what was measured: each that is crossed names what follows.

A limit can be crossed by chance. Where the measure has an interval, the alert says whether that
lies beyond the limit wholly (``clear``) or reaches back over it (``may be chance``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.gaps import MEASURED
from riskmodel.audit.over_time import CHANCE, CLEAR, NO_INTERVAL, Alert
from riskmodel.audit.policies.thresholds import GAP, Threshold
from riskmodel.monitoring.overrides import OVERRIDDEN

ABOVE, BELOW = "above", "below"
FEATURE = "feature "
_NAMES = {"psi": "drift (PSI)"}
_SAID = {
    CLEAR: "its interval lies wholly beyond the limit",
    CHANCE: "its interval reaches back over the limit, so it may be chance",
    NO_INTERVAL: "it has no interval",
}


@dataclass(frozen=True)
class Value:
    """One measured value that a threshold may speak of.

    ``by_chance`` is what chance alone brings it to; a limit that is not above that cannot be held.
    """

    measure: str
    where: str
    value: float
    low: float
    high: float
    by_chance: float = 0.0

    @property
    def is_gap(self) -> bool:
        """Whether it counts by its size, on either side of 0."""
        return self.measure.startswith(GAP)

    @property
    def size(self) -> tuple[float, float, float]:
        """Value and interval as they are held against a limit."""
        if not self.is_gap:
            return self.value, self.low, self.high
        edges = sorted((abs(self.low), abs(self.high)))
        nearest = 0.0 if self.low <= 0 <= self.high else edges[0]
        return abs(self.value), nearest, edges[1]


def raise_alerts(
    thresholds: Sequence[Threshold], tables: Mapping[str, pd.DataFrame]
) -> tuple[Alert, ...]:
    """Return an alert for each value that crosses a threshold, in the thresholds' order.

    Features that drift share one alert, which names the one that drifted most: when the records
    change, most of them move together.

    Parameters
    ----------
    thresholds : sequence of Threshold
    tables : mapping of str to DataFrame
        Of `riskmodel.audit.over_time.OverTime`.
    """
    values = list(measured_values(tables))
    return tuple(
        alert
        for threshold in thresholds
        for alert in _alerts_of(threshold, [v for v in values if v.measure == threshold.measure])
    )


def _alerts_of(threshold: Threshold, values: Sequence[Value]) -> Iterator[Alert]:
    """Yield an alert for each value that crosses; of features, one for all of them."""
    crossed = [
        value
        for value in values
        if threshold.is_crossed(value.value) and value.by_chance <= _limit(value, threshold)[1]
    ]
    features = [value for value in crossed if value.where.startswith(FEATURE)]
    if features:
        among = sum(value.where.startswith(FEATURE) for value in values)
        worst = max(features, key=lambda value: value.value)
        yield _alert(worst, threshold, f" {len(features)} of {among} features are.")
    for value in crossed:
        if not value.where.startswith(FEATURE):
            yield _alert(value, threshold)


def not_held(
    thresholds: Sequence[Threshold], tables: Mapping[str, pd.DataFrame]
) -> tuple[str, ...]:
    """Return the measures of thresholds of which nothing was measured, each once."""
    found = {value.measure for value in measured_values(tables)}
    named = dict.fromkeys(threshold.measure for threshold in thresholds)
    return tuple(measure for measure in named if measure not in found)


def measured_values(tables: Mapping[str, pd.DataFrame]) -> Iterator[Value]:
    """Yield every value that a threshold may speak of; what is undefined is none.

    Gaps are those of all dates together, or of the only date.
    """
    for value in _all_values(tables):
        if not np.isnan(value.value):
            yield value


def _all_values(tables: Mapping[str, pd.DataFrame]) -> Iterator[Value]:
    for name, kind in (("drift", "feature"), ("drift_estimates", "estimate")):
        for row in _rows(tables, name):
            where = f"{kind} {row[kind]}"
            yield Value("psi", where, row["psi"], row["low"], row["high"], row["by_chance"])
    for measure in ("observed_over_expected", "precision"):
        for row in _rows(tables, "periods"):
            edges = (row[f"{measure}_low"], row[f"{measure}_high"])
            yield Value(measure, _as_of(row["as_of"]), row[measure], *edges)
    for row in _rows(tables, "changes"):
        yield Value("share_stayed", _as_of(row["as_of"]), row["share_stayed"], np.nan, np.nan)
    for row in _rows(tables, "overrides"):
        if row["direction"] == OVERRIDDEN:
            edges = (row["share_low"], row["share_high"])
            yield Value("override_share", "all dates", row["share"], *edges)
    yield from _gaps(tables)


def _gaps(tables: Mapping[str, pd.DataFrame]) -> Iterator[Value]:
    rows = _rows(tables, "group_period_gaps")
    whole = [row for row in rows if pd.isna(row["as_of"])] or rows
    for row in whole:
        if row["status"] == MEASURED:
            low, high = row["simultaneous_low"], row["simultaneous_high"]
            if np.isnan(low):
                low, high = row["difference_low"], row["difference_high"]
            where = f"{row['characteristic']}: {row['group']} beside {row['reference']}"
            yield Value(f"{GAP}{row['metric']}", where, row["difference"], low, high)


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> list[dict[Any, Any]]:
    return tables[name].to_dict("records") if name in tables else []


def _as_of(date: object) -> str:
    return f"as of {pd.Timestamp(date):%Y-%m-%d}"  # type: ignore[arg-type]


def _limit(value: Value, threshold: Threshold) -> tuple[str, float]:
    """Return the side on which a threshold was crossed, and its limit there."""
    if threshold.above is not None and value.size[0] > threshold.above:
        return ABOVE, threshold.above
    return BELOW, np.inf if threshold.below is None else threshold.below


def _alert(value: Value, threshold: Threshold, more: str = "") -> Alert:
    side, limit = _limit(value, threshold)
    certainty = _certainty(value, side, limit)
    interval = "" if np.isnan(value.low) else f" [{value.low:.3f}, {value.high:.3f}]"
    name = _NAMES.get(value.measure, value.measure.removeprefix(GAP).replace("_", " "))
    what = f"the gap in {name}, {value.where}," if value.is_gap else f"{name}, {value.where},"
    size = " in size" if value.is_gap else ""
    return Alert(
        measure=value.measure,
        where=value.where,
        value=float(value.value),
        low=float(value.low),
        high=float(value.high),
        limit=float(limit),
        side=side,
        certainty=certainty,
        consequence=threshold.consequence,
        sentence=(
            f"{what[0].upper()}{what[1:]} is {value.value:.3f}{interval}, {side} {limit:g}{size}; "
            f"{_SAID[certainty]}.{more}"
            f"{'' if certainty == CHANCE else f' Consequence: {threshold.consequence}.'}"
        ),
    )


def _certainty(value: Value, side: str, limit: float) -> str:
    _, low, high = value.size
    if np.isnan(low) or np.isnan(high):
        return NO_INTERVAL
    return CLEAR if (low > limit if side == ABOVE else high < limit) else CHANCE
