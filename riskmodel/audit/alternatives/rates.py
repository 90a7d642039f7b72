"""The rates of several lists by group, under the same resamples of people.

Lists are held fixed; people are resampled whole, and every list is counted under the same draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.rates import Settings, ordered_levels
from riskmodel.statistics.arrays import FloatArray, IntArray, divide
from riskmodel.statistics.bootstrap import person_weights

Bools = NDArray[np.bool_]
PRECISION = "precision"

#: What a rate divides: who is counted, of whom; `listed` is (n, lists) and `y` is (n, 1).
METRICS: Mapping[str, tuple[Callable[[Bools, FloatArray], Bools], ...]] = {
    PRECISION: (lambda listed, y: listed & (y == 1), lambda listed, y: listed & ~np.isnan(y)),
    "recall": (lambda listed, y: listed & (y == 1), lambda _, y: y == 1),
    "false_positive_rate": (lambda listed, y: listed & (y == 0), lambda _, y: y == 0),
    "false_negative_rate": (lambda listed, y: ~listed & (y == 1), lambda _, y: y == 1),
    "selection_rate": (lambda listed, _: listed, lambda _, y: np.ones_like(y, dtype=bool)),
}
#: These need people with the outcome and without it on either side before they are compared.
OUTCOME_METRICS = tuple(name for name in METRICS if name != "selection_rate")


@dataclass(frozen=True, eq=False)
class ByGroup:
    """Counts behind a rate, (groups, lists), and the rate itself, as it is and drawn."""

    levels: tuple[str, ...]
    hits: FloatArray
    base: FloatArray
    people: FloatArray
    drawn: FloatArray

    @property
    def value(self) -> FloatArray:
        """The rate by group and list; NaN among nobody."""
        return divide(self.hits, self.base)


def rates_by_group(
    listed: Bools,
    y: FloatArray,
    person: IntArray,
    columns: pd.DataFrame,
    metric: str,
    settings: Settings,
) -> dict[str, ByGroup]:
    """Count by group what the metric divides, and draw its rate, for each column of groups."""
    outcome, lists = y[:, np.newaxis], listed.shape[1]
    hits, base = (
        np.broadcast_to(counted(listed, outcome), listed.shape) for counted in METRICS[metric]
    )
    values = np.hstack([hits, base]).astype(np.float64)
    coded = {str(name): _codes(columns[name]) for name in columns.columns}
    drawn = _drawn_sums(
        values, {name: codes for name, (_, codes) in coded.items()}, person, settings
    )
    found = {}
    for name, (levels, codes) in coded.items():
        sums = _sums(values, codes, len(levels))
        found[name] = ByGroup(
            levels,
            hits=sums[:, :lists],
            base=sums[:, lists:],
            people=_people(base, codes, person, len(levels)),
            drawn=divide(drawn[name][..., :lists], drawn[name][..., lists:]),
        )
        _draw_what_never_moves(found[name], settings.seed)
    return found


def _codes(group: pd.Series[str]) -> tuple[tuple[str, ...], IntArray]:
    levels = ordered_levels(group)
    return levels, pd.Categorical(group, categories=list(levels)).codes.astype(np.int64)


def _sums(values: FloatArray, codes: IntArray, n_groups: int) -> FloatArray:
    return np.stack([values[codes == group].sum(axis=0) for group in range(n_groups)])


def _people(counted: Bools, codes: IntArray, person: IntArray, n_groups: int) -> FloatArray:
    """Return how many different people are counted, by group and list."""
    found = np.zeros((n_groups, counted.shape[1]))
    for place, rows in enumerate(counted.T):
        pairs = np.unique(np.column_stack([codes[rows], person[rows]]), axis=0)
        found[:, place] = np.bincount(pairs[:, 0], minlength=n_groups)
    return found


def _drawn_sums(
    values: FloatArray, codes: Mapping[str, IntArray], person: IntArray, settings: Settings
) -> dict[str, FloatArray]:
    """Sum by group under resamples of people, (replicates, groups, values), for each coding."""
    counts = np.flatnonzero(values.any(axis=1))  # the other rows add nothing
    orders = {name: counts[np.argsort(of[counts], kind="stable")] for name, of in codes.items()}
    edges = {
        name: np.searchsorted(codes[name][order], np.arange(codes[name].max() + 2))
        for name, order in orders.items()
    }
    parts: dict[str, list[FloatArray]] = {name: [] for name in codes}
    for block in person_weights(person, settings.n_replicates, settings.seed):
        for name, order in orders.items():
            weights, ends = block[:, order].astype(np.float64), edges[name]
            spans = [slice(*ends[group : group + 2]) for group in range(len(ends) - 1)]
            sums = [weights[:, span] @ values[order[span]] for span in spans]
            parts[name].append(np.stack(sums, axis=1))
    return {name: np.concatenate(blocks) for name, blocks in parts.items()}


def _draw_what_never_moves(rates: ByGroup, seed: int) -> None:
    """Draw shares of exactly 0 or 1 from their Jeffreys posterior: resamples never move them."""
    still = (rates.base > 0) & ((rates.hits == 0) | (rates.hits == rates.base))
    for group, place in zip(*np.nonzero(still), strict=True):
        rng = np.random.default_rng([seed, group])  # lists that count alike are drawn alike
        people = rates.people[group, place]
        drawn = rng.beta(0.5, people + 0.5, size=len(rates.drawn))
        rates.drawn[:, group, place] = 1 - drawn if rates.hits[group, place] else drawn
