"""Rates by group as ratios of sums, with intervals and gaps: the arithmetic of the audit.

Every rate here is one sum over another (listed over people, harmed and listed over harmed ...).
Resampling people moves the sums of all groups at once, so gaps between groups are paired.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.groups import INTERSECTION
from riskmodel.errors import SchemaError
from riskmodel.schema import NOT_RECORDED
from riskmodel.statistics.arrays import FloatArray, divide
from riskmodel.statistics.bootstrap import interval, person_weights
from riskmodel.statistics.cells import resample_cells

SMALLEST_CELL = 8
"""Counts of 1 to 7 never leave: the smallest minimum that is accepted."""
RATE_COLUMNS = (
    "characteristic", "group", "metric", "value", "low", "high",
    "numerator", "denominator", "withheld", "people",
)  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """A rate: the sum of one quantity over the sum of another.

    ``of_all`` takes the denominator over all groups (a share of the whole list); ``outcome`` says
    that it needs people with and without the outcome in the group before it is compared;
    ``cell`` is the count that must reach the minimum, if not the denominator.
    """

    name: str
    numerator: str
    denominator: str
    proportion: bool = True
    of_all: bool = False
    outcome: bool = False
    cell: str = ""

    @property
    def counted(self) -> str:
        """The quantity whose count a rate rests on."""
        return self.cell or (self.numerator if self.of_all else self.denominator)

    def of(self, sums: dict[str, FloatArray]) -> FloatArray:
        """Return the rate by group, NaN where the denominator is 0; shape of the sums."""
        return divide(sums[self.numerator], self.bottom(sums))

    def bottom(self, sums: dict[str, FloatArray]) -> FloatArray:
        """Return the denominator by group, shape of the sums."""
        bottom = sums[self.denominator]
        if not self.of_all:
            return bottom
        return np.broadcast_to(bottom.sum(axis=-1, keepdims=True), bottom.shape)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How rates are estimated: resampling, level of intervals, small cells, references.

    Examples
    --------
    >>> Settings(minimum_cell=3)
    Traceback (most recent call last):
    ...
    riskmodel.errors.SchemaError: 1 problem:
      - minimum_cell: a whole number from 8
    """

    n_replicates: int = 1000
    seed: int = 0
    level: float = 0.95
    minimum_cell: int = SMALLEST_CELL
    reference_groups: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = []
        if self.n_replicates < 1:
            problems.append("n_replicates: a whole number from 1")
        if not 0 < self.level < 1:
            problems.append("level: above 0 and below 1")
        if self.minimum_cell < SMALLEST_CELL:
            problems.append(f"minimum_cell: a whole number from {SMALLEST_CELL}")
        if problems:
            raise SchemaError(problems)


@dataclass(frozen=True)
class Sums:
    """Sums of quantities by group, and what resampling makes of them.

    ``point`` holds arrays of shape (groups,), ``draws`` of shape (replicates, groups);
    ``crowding`` is clusters per row of each group: 1 where nobody stands in two rows.
    ``by_cluster`` holds the sums of each (group, cluster), in the order of ``levels``: who is
    counted once, in however many rows they stand.
    """

    levels: tuple[str, ...]
    point: dict[str, FloatArray]
    draws: dict[str, FloatArray]
    crowding: FloatArray
    by_cluster: pd.DataFrame

    def people(self, quantity: str) -> FloatArray:
        """Return how many different people a quantity rests on, by group, shape (groups,)."""
        return self._count(self.by_cluster[quantity])

    def fewest_people(self, rate: Rate) -> FloatArray:
        """Return the fewest different people behind any part of a rate, by group; none is no part.

        The parts are its numerator, its denominator and, within a group, what lies between them.
        """
        table = self.by_cluster
        known = [name for name in (rate.numerator, rate.denominator) if name in table]
        counts = [self.people(name) for name in (known[:1] if rate.of_all else known)]
        if rate.proportion and not rate.of_all:
            counts.append(self._count(table[rate.denominator] - table[rate.numerator]))
        parts = np.stack(counts)
        fewest = np.where(parts > 0, parts, np.inf).min(axis=0)
        return np.where(np.isinf(fewest), 0.0, fewest)

    def _count(self, amounts: pd.Series[float]) -> FloatArray:
        codes = self.by_cluster.index.get_level_values(0)
        return np.bincount(codes[amounts > 0], minlength=len(self.levels)).astype(float)


def sums_by_group(
    quantities: pd.DataFrame,
    group: pd.Series[str],
    cluster: ArrayLike,
    settings: Settings,
    cell: ArrayLike | None = None,
) -> Sums:
    """Sum each quantity by group, as it stands and under resampling of clusters (people).

    Parameters
    ----------
    quantities : DataFrame of float, shape (n, q)
    group : Series of str, shape (n,)
    cluster : array, shape (n,)
        Who is drawn whole: the person, who may stand in several rows.
    settings : Settings
    cell : array of int, shape (n,), optional
        Where each cluster has one row, a code that fixes the counts of a row: the cells are then
        drawn in place of the people, which is the same distribution and faster.

    Returns
    -------
    Sums

    Examples
    --------
    >>> rows = pd.DataFrame({"n": [1.0, 1.0, 1.0]})
    >>> group = pd.Series(["a", "b", "a"])
    >>> sums = sums_by_group(rows, group, [0, 1, 2], Settings(n_replicates=5))
    >>> sums.point["n"].tolist(), sums.draws["n"].shape
    ([2.0, 1.0], (5, 2))
    """
    levels = ordered_levels(group)
    codes = pd.Categorical(group, categories=list(levels)).codes.astype(np.int64)
    who = pd.factorize(np.asarray(cluster))[0]
    table = quantities.groupby([codes, who], sort=True).sum()
    point = _split(quantities.groupby(codes, sort=True).sum().to_numpy(dtype=float), quantities)
    if cell is not None and len(table) == len(quantities):
        draws = _draw_cells(quantities.groupby([codes, np.asarray(cell)]), settings)
    else:
        draws = _draw_clusters(table, settings)
    rows = np.bincount(codes, minlength=len(levels))
    persons = np.bincount(table.index.get_level_values(0), minlength=len(levels))
    return Sums(levels, point, _split(draws, quantities), divide(persons, rows), table)


def ordered_levels(group: pd.Series[str]) -> tuple[str, ...]:
    """Return the groups in alphabetical order, those with "Not recorded" last."""
    return tuple(sorted(group.unique(), key=lambda level: (is_blank(level), level)))


def is_blank(level: str) -> bool:
    """Return whether a group, or a part of an intersection, is "Not recorded"."""
    return NOT_RECORDED in level.split(INTERSECTION)


def _split(sums: FloatArray, quantities: pd.DataFrame) -> dict[str, FloatArray]:
    return {str(name): sums[..., i] for i, name in enumerate(quantities.columns)}


def _draw_cells(cells: Any, settings: Settings) -> FloatArray:
    means, counts = cells.mean(), cells.size()
    drawn = resample_cells(counts.to_numpy(), settings.n_replicates, settings.seed).astype(float)
    return _by_group([drawn], means)


def _draw_clusters(table: pd.DataFrame, settings: Settings) -> FloatArray:
    clusters = table.index.get_level_values(1).to_numpy()
    blocks = person_weights(clusters, settings.n_replicates, settings.seed)
    return _by_group((block.astype(float) for block in blocks), table)


def _by_group(blocks: Iterable[FloatArray], table: pd.DataFrame) -> FloatArray:
    """Multiply weights (replicates, rows) by a table sorted by group: (replicates, groups, q)."""
    of_group, values = table.index.get_level_values(0).to_numpy(), table.to_numpy(dtype=float)
    edges = np.searchsorted(of_group, np.arange(of_group.max() + 2))
    spans = [slice(low, high) for low, high in itertools.pairwise(edges)]
    return np.concatenate(
        [np.stack([block[:, span] @ values[span] for span in spans], axis=1) for block in blocks]
    )


def rate_draws(sums: Sums, rate: Rate, seed: int) -> FloatArray:
    """Return the rate under resampling, shape (replicates, groups).

    Resampling never moves a share of exactly 0 or 1, nor a ratio whose numerator is 0. Such a
    group's draws come from the Jeffreys posterior of its counts instead, with people in place of
    rows where they stand in several.
    """
    draws = rate.of(sums.draws)
    rng = np.random.default_rng([seed, 1])
    hits, bottom = sums.point[rate.numerator], rate.bottom(sums.point)
    trials = sums.point[rate.cell] if rate.cell else bottom
    for g in np.flatnonzero((bottom > 0) & ((hits == 0) | (rate.proportion & (hits == bottom)))):
        people = max(1.0, trials[g] * sums.crowding[g])
        if rate.proportion:
            draws[:, g] = rng.beta(*_jeffreys(hits[g] > 0, people), size=len(draws))
        else:
            draws[:, g] = rng.gamma(0.5, 1.0, size=len(draws)) / (bottom[g] * sums.crowding[g])
    return draws


def _jeffreys(all_hit: np.bool_ | bool, people: float) -> tuple[float, float]:
    return (people + 0.5, 0.5) if all_hit else (0.5, people + 0.5)


@dataclass(frozen=True)
class Estimate:
    """A rate by group, shape (groups,), and under resampling, shape (replicates, groups)."""

    rate: Rate
    value: FloatArray
    draws: FloatArray


def rate_rows(
    characteristic: str, sums: Sums, estimate: Estimate, settings: Settings
) -> pd.DataFrame:
    """Return one row per group: the rate, its interval, its counts, withheld or not.

    A rate is withheld on fewer different people than the minimum: one person in five rows is one.
    """
    rate, value = estimate.rate, estimate.value
    low, high = interval(estimate.draws, settings.level)
    top, bottom = sums.point[rate.numerator], rate.bottom(sums.point)
    count = sums.people(rate.counted)
    withheld = (count > 0) & (count < settings.minimum_cell)
    shown = ~withheld & ~np.isnan(value)
    return pd.DataFrame(
        {
            "characteristic": characteristic,
            "group": list(sums.levels),
            "metric": rate.name,
            "value": np.where(shown, value, np.nan),
            "low": np.where(shown, np.minimum(low, value), np.nan),
            "high": np.where(shown, np.maximum(high, value), np.nan),
            "numerator": top,
            "denominator": bottom,
            "withheld": withheld,
            "people": sums.fewest_people(rate),
        },
        columns=list(RATE_COLUMNS),
    )
