"""Sums by group, as they stand and under resampling: what every rate of the audit is made of.

Resampling people moves the sums of all groups at once, so gaps between groups are paired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.draws import PEOPLE_ALIKE, People, amounts_of, draw_sums
from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.audit.by_group.measures import Measure
from riskmodel.errors import SchemaError
from riskmodel.schema import NOT_RECORDED
from riskmodel.statistics.arrays import FloatArray, IntArray

LARGEST, OVERALL = "largest", "overall"
"""What groups are compared with: the largest recorded one, or everyone."""
EVERYONE = "Everyone"
"""The reference of a gap against the whole pool."""
SMALLEST_CELL = 8
"""Counts of 1 to 7 never leave: the smallest minimum that is accepted."""
OF_LIST = "@"
"""Stands between a quantity and the list that it is of."""
RATE_COLUMNS = (
    "characteristic", "group", "metric", "value", "low", "high",
    "numerator", "denominator", "withheld", "people",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How rates are estimated: resampling, level of intervals, small cells, references.

    ``reference`` is what groups are compared with where ``reference_groups`` names none for the
    characteristic: the largest recorded group, or everyone (``"overall"``).

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
    reference: str = LARGEST

    def __post_init__(self) -> None:
        problems = []
        if self.n_replicates < 1:
            problems.append("n_replicates: a whole number from 1")
        if not 0 < self.level < 1:
            problems.append("level: above 0 and below 1")
        if self.minimum_cell < SMALLEST_CELL:
            problems.append(f"minimum_cell: a whole number from {SMALLEST_CELL}")
        if self.reference not in (LARGEST, OVERALL):
            problems.append(f"reference: {LARGEST!r} or {OVERALL!r}")
        if problems:
            raise SchemaError(problems)


@dataclass(frozen=True)
class Sums:
    """Sums of quantities by group, and what resampling makes of them.

    ``point`` holds arrays of shape (groups,), ``draws`` of shape (replicates, groups).
    ``by_cluster`` holds the sums of each (group, cluster), groups in the order of ``levels``: who
    is counted once, in however many rows they stand. Its column `PEOPLE_ALIKE`, where there is
    one, says for how many people a row stands.
    """

    levels: tuple[str, ...]
    point: Mapping[str, FloatArray]
    draws: Mapping[str, FloatArray]
    by_cluster: pd.DataFrame
    _counted: dict[str, FloatArray] = field(init=False, default_factory=dict, repr=False)

    def people(self, quantity: str) -> FloatArray:
        """Return how many different people a quantity rests on, by group, shape (groups,)."""
        if quantity not in self._counted:
            self._counted[quantity] = self._count(self.by_cluster[quantity].to_numpy() > 0)
        return self._counted[quantity]

    def people_of(self, measure: Measure) -> FloatArray:
        """Return the fewest people that any count behind a measure rests on, by group."""
        if measure.of_all:
            return np.full(len(self.levels), self.people(measure.parts[1]).sum())
        counts = np.stack([self.people(name) for name in measure.rests_on])
        return np.asarray(counts.min(axis=0))

    def fewest_people(self, measure: Measure) -> FloatArray:
        """Return the fewest different people behind any part of a rate, by group; none is no part.

        The parts are its numerator, its denominator and, within a group, what lies between them.
        """
        table, (top, bottom) = self.by_cluster, measure.parts
        known = [name for name in (top, bottom) if name in table]
        counts = [self.people(name) for name in (known[:1] if measure.of_all else known)]
        if measure.proportion and not measure.of_all:
            counts.append(self._count((table[bottom] - table[top]).to_numpy() > 0))
        parts = np.stack(counts)
        fewest = np.where(parts > 0, parts, np.inf).min(axis=0)
        return np.where(np.isinf(fewest), 0.0, fewest)

    def of_list(self, name: str) -> Sums:
        """Return the sums with the quantities of one list (``quantity@list``) under plain names."""
        names = {
            quantity: quantity.removesuffix(OF_LIST + name)
            for quantity in self.point
            if OF_LIST not in quantity or quantity.partition(OF_LIST)[2] == name
        }
        held = [old for old in names if old in self.by_cluster]
        kept = [*held, *({PEOPLE_ALIKE} & set(self.by_cluster))]
        return replace(
            self,
            point={new: self.point[old] for old, new in names.items()},
            draws={new: self.draws[old] for old, new in names.items()},
            by_cluster=self.by_cluster[kept].rename(columns=names),
        )

    def together(self) -> Sums:
        """Return the sums over all groups, as one group of everyone."""
        clusters = self.by_cluster.index.get_level_values(1)
        total = self.by_cluster.groupby(clusters).sum()
        if PEOPLE_ALIKE in total:  # a unit is in one group of a characteristic
            total[PEOPLE_ALIKE] = self.by_cluster.groupby(clusters)[PEOPLE_ALIKE].first()
        return Sums(
            (EVERYONE,),
            {name: sums.sum(axis=-1, keepdims=True) for name, sums in self.point.items()},
            {name: sums.sum(axis=-1, keepdims=True) for name, sums in self.draws.items()},
            total.set_axis(pd.MultiIndex.from_product([[0], total.index]), axis=0),
        )

    def _count(self, there: NDArray[np.bool_]) -> FloatArray:
        codes = self.by_cluster.index.get_level_values(0).to_numpy()[there]
        alike = None
        if PEOPLE_ALIKE in self.by_cluster:
            alike = self.by_cluster[PEOPLE_ALIKE].to_numpy()[there]
        return np.bincount(codes, weights=alike, minlength=len(self.levels)).astype(float)


def sums_by_group(
    quantities: pd.DataFrame, group: pd.Series[str], cluster: ArrayLike, settings: Settings
) -> Sums:
    """Sum each quantity by group, as it stands and under resampling of clusters (people).

    Parameters
    ----------
    quantities : DataFrame of float, shape (n, q)
    group : Series of str, shape (n,)
    cluster : array, shape (n,)
        Who is drawn whole: the person, who may stand in several rows.
    settings : Settings

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
    return sums_by_groups(quantities, pd.DataFrame({"group": group}), cluster, settings)["group"]


def sums_by_groups(
    quantities: pd.DataFrame, groups: pd.DataFrame, cluster: ArrayLike, settings: Settings
) -> dict[str, Sums]:
    """Return `sums_by_group` for every column of groups, all under the same resamples."""
    columns = {str(name): quantities[name].to_numpy(dtype=float) for name in quantities}
    codes = {str(name): group_codes(groups[name]) for name in groups.columns}
    people = _people(np.asarray(cluster), [code for code, _ in codes.values()], columns)
    tables = {name: amounts_of(columns, code, people) for name, (code, _) in codes.items()}
    drawn = draw_sums(tables, people, settings.n_replicates, settings.seed)
    return {
        name: Sums(
            levels,
            by_name(tuple(columns), tables[name].totals()),
            by_name(tuple(columns), drawn[name]),
            tables[name].behind(),
        )
        for name, (_, levels) in codes.items()
    }


def _people(
    cluster: NDArray[Any], codes: list[IntArray], columns: Mapping[str, FloatArray]
) -> People:
    """Pool the people who have one row each and are the same in everything that is summed."""
    if not pd.Series(cluster).is_unique:
        return People.one_by_one(cluster)
    return People.alike(
        [*codes, *(pd.factorize(values, sort=True)[0] for values in columns.values())]
    )


def by_name(names: tuple[str, ...], sums: FloatArray) -> dict[str, FloatArray]:
    """Return sums (..., quantities) by the name of the quantity."""
    return {name: sums[..., place] for place, name in enumerate(names)}


def group_codes(group: pd.Series[str]) -> tuple[IntArray, tuple[str, ...]]:
    """Return each row's place among the groups, and the groups in their order."""
    codes, found = pd.factorize(group)
    levels = ordered_levels(pd.Series(found))
    place = {level: i for i, level in enumerate(levels)}
    return np.array([place[level] for level in found], dtype=np.int64)[codes], levels


def ordered_levels(group: pd.Series[str]) -> tuple[str, ...]:
    """Return the groups in alphabetical order, those with "Not recorded" last."""
    return tuple(sorted(group.unique(), key=lambda level: (is_blank(level), level)))


def is_blank(level: str) -> bool:
    """Return whether a group, or a part of an intersection, is "Not recorded"."""
    return NOT_RECORDED in level.split(INTERSECTION)
