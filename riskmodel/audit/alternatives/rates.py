"""The rates of several lists by group, under the same resamples of people.

Lists are held fixed; people are resampled whole, and every list is counted under the same draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.draws import Amounts, People, amounts_of, draw_sums
from riskmodel.audit.by_group.rates import Settings, group_codes
from riskmodel.statistics.arrays import FloatArray, IntArray, divide

Bools = NDArray[np.bool_]
PRECISION = "precision"

#: What a rate divides: who is counted, of whom; `listed` is (n, lists) and `y` is (n, 1). Of whom
#: may be (n, 1), the same for all lists.
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
    hits, base = (counted(listed, y[:, np.newaxis]) for counted in METRICS[metric])
    quantities = {str(place): of for place, of in enumerate(np.hstack([hits, base]).T)}
    people = People.one_by_one(person)
    codes = {str(name): group_codes(columns[name]) for name in columns.columns}
    tables = {name: amounts_of(quantities, code, people) for name, (code, _) in codes.items()}
    drawn = draw_sums(tables, people, settings.n_replicates, settings.seed)
    found = {}
    for name, (_, levels) in codes.items():
        found[name] = _by_group(levels, tables[name], drawn[name], lists=listed.shape[1])
        _draw_what_never_moves(found[name], settings.seed)
    return found


def _by_group(
    levels: tuple[str, ...], amounts: Amounts, drawn: FloatArray, *, lists: int
) -> ByGroup:
    """Divide what is counted; one base of all lists stands under each of them."""
    hits, base = np.hsplit(amounts.totals(), [lists])
    spans = itertools.pairwise(amounts.edges)
    people = np.stack([(amounts.each[a:b, lists:] > 0).sum(axis=0) for a, b in spans])
    return ByGroup(
        levels,
        hits=hits,
        base=np.broadcast_to(base, hits.shape),
        people=np.broadcast_to(people, hits.shape),
        drawn=divide(drawn[..., :lists], drawn[..., lists:]),
    )


def _draw_what_never_moves(rates: ByGroup, seed: int) -> None:
    """Draw shares of exactly 0 or 1 from their Jeffreys posterior: resamples never move them."""
    still = (rates.base > 0) & ((rates.hits == 0) | (rates.hits == rates.base))
    for group, place in zip(*np.nonzero(still), strict=True):
        rng = np.random.default_rng([seed, group])  # lists that count alike are drawn alike
        people = rates.people[group, place]
        drawn = rng.beta(0.5, people + 0.5, size=len(rates.drawn))
        rates.drawn[:, group, place] = 1 - drawn if rates.hits[group, place] else drawn
