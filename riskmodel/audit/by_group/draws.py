"""One set of resamples of people for every group, characteristic and list of an audit.

Gaps between groups are then paired, and the widest of many gaps has a distribution. Where each
person has one row, people who are alike in every count (groups, outcome, lists) are drawn as one
cell. What differs within a cell (probabilities, days of harm) moves by its own spread: normal,
with the covariance of the people in the cells of each group and outcome.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array

from riskmodel.statistics.arrays import FloatArray, IntArray, divide
from riskmodel.statistics.bootstrap import BLOCK_CELLS, person_weights
from riskmodel.statistics.cells import resample_cells


@dataclass(frozen=True)
class People:
    """Who is drawn: rows belong to units, and a unit holds so many people who are drawn alike.

    Attributes
    ----------
    unit : int64 array (n,)
        Of each row.
    size : int64 array (units,)
    """

    unit: IntArray
    size: IntArray

    @classmethod
    def one_by_one(cls, person: ArrayLike) -> People:
        """Each person is a unit, with all of their rows.

        Examples
        --------
        >>> People.one_by_one(["b", "a", "b"]).unit.tolist()
        [1, 0, 1]
        """
        unit, names = pd.factorize(np.asarray(person), sort=True)
        return cls(unit.astype(np.int64), np.ones(len(names), dtype=np.int64))

    @classmethod
    def alike(cls, features: Sequence[IntArray]) -> People:
        """Rows, each of another person, that agree in all of these codes are one unit.

        Examples
        --------
        >>> people = People.alike([np.array([0, 0, 1]), np.array([1, 1, 0])])
        >>> people.unit.tolist(), people.size.tolist()
        ([0, 0, 1], [2, 1])
        """
        unit = np.zeros(len(features[0]), dtype=np.int64)
        for code in features:
            both = unit * (int(code.max(initial=0)) + 1) + code
            unit = pd.factorize(both, sort=True)[0].astype(np.int64)
        return cls(unit, np.bincount(unit).astype(np.int64))

    @property
    def pooled(self) -> bool:
        """Whether a unit may stand for several people."""
        return bool((self.size > 1).any())

    def draws(self, n_replicates: int, seed: int) -> Iterator[FloatArray]:
        """Yield how many people of each unit are drawn, (units, replicates), block by block."""
        if not self.pooled:
            for block in person_weights(np.arange(len(self.size)), n_replicates, seed):
                yield np.ascontiguousarray(block.T, dtype=float)
            return
        chunk = max(1, BLOCK_CELLS // len(self.size))
        for start in range(0, n_replicates, chunk):
            cells = resample_cells(self.size, min(chunk, n_replicates - start), (seed, start))
            yield np.ascontiguousarray(cells.T, dtype=float)


@dataclass(frozen=True)
class Amounts:
    """What the people of each unit add to each group of a characteristic.

    Attributes
    ----------
    names : tuple of str
        Of the quantities.
    group, unit : int64 arrays (pairs,)
        Ascending by group, then by unit.
    people : int64 array (pairs,)
    each : float array (pairs, quantities)
        The amount per person.
    spread : Spread or None
        How people of one unit differ, where it holds several.
    """

    names: tuple[str, ...]
    group: IntArray
    unit: IntArray
    people: IntArray
    each: FloatArray
    spread: Spread | None = None

    @property
    def edges(self) -> IntArray:
        """Where each group starts along the pairs, and their number."""
        n_groups = int(self.group.max(initial=-1)) + 1
        return np.searchsorted(self.group, np.arange(n_groups + 1)).astype(np.int64)

    def totals(self) -> FloatArray:
        """Return the sums as they stand, (groups, quantities)."""
        whole = self.each * self.people[:, np.newaxis]
        return np.stack([whole[a:b].sum(axis=0) for a, b in itertools.pairwise(self.edges)])

    def under(self, weights: FloatArray) -> FloatArray:
        """Return the sums under weights (units, replicates): (replicates, groups, quantities).

        A sparse product: most amounts are 0, and the threads of a dense one cost ten times what
        they save on a busy machine.
        """
        drawn: FloatArray = self._sparse @ weights
        return drawn.reshape(len(self.edges) - 1, len(self.names), -1).transpose(2, 0, 1)

    @cached_property
    def _sparse(self) -> csc_array:
        """The amounts as (groups * quantities, units)."""
        pair, quantity = np.nonzero(self.each)
        place = self.group[pair] * len(self.names) + quantity
        shape = ((len(self.edges) - 1) * len(self.names), int(self.unit.max(initial=-1)) + 1)
        return csc_array((self.each[pair, quantity], (place, self.unit[pair])), shape=shape)

    def behind(self) -> pd.DataFrame:
        """Return the amounts with group and unit as index, and how many people have each."""
        index = pd.MultiIndex.from_arrays([self.group, self.unit])
        table = pd.DataFrame(self.each, index=index, columns=list(self.names), copy=False)
        return table.assign(**{PEOPLE_ALIKE: self.people})


PEOPLE_ALIKE = "people alike"
"""Column of `Amounts.behind`: how many people a row stands for."""


@dataclass(frozen=True)
class Spread:
    """How people drawn as one unit differ in what is no count, by group and outcome.

    Attributes
    ----------
    columns : int64 array (differing quantities,)
        Their places among the quantities.
    counts : int64 array (parts,)
        Places of the quantities that count the people of each part (such as the outcomes).
    roots : float array (parts, groups, differing, differing)
        Square roots of the sums of squares and products about the units' means.
    n : float array (parts, groups)
        People in each.
    """

    columns: IntArray
    counts: IntArray
    roots: FloatArray
    n: FloatArray

    @classmethod
    def of(
        cls,
        values: Sequence[FloatArray],
        means: FloatArray,
        unit: IntArray,
        edges: IntArray,
        columns: ArrayLike,
        counts: ArrayLike,
    ) -> Spread:
        """Take how people differ from the means of their units, (differing, units).

        People stand along `edges`: part by part within each group.
        """
        scatter = []
        for a, b in itertools.pairwise(edges):
            apart = np.stack([each[a:b] for each in values]) - means[:, unit[a:b]]
            scatter.append(apart @ apart.T)
        parts = len(np.asarray(counts))
        squares = np.stack(scatter).reshape(-1, parts, *scatter[0].shape).swapaxes(0, 1)
        n = np.diff(edges).reshape(-1, parts).T.astype(float)
        return cls(np.asarray(columns), np.asarray(counts), _root(squares), n)

    def draw(self, sums: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return what is added to the drawn sums (replicates, groups, quantities)."""
        replicates, groups, _ = sums.shape
        added = np.zeros((groups, replicates, len(self.columns)))
        for part, count in enumerate(self.counts):
            share = np.sqrt(np.nan_to_num(divide(sums[..., count], self.n[part])))
            moved = rng.standard_normal(added.shape) @ self.roots[part]
            added += share.T[..., np.newaxis] * moved
        return added.swapaxes(0, 1)


def _root(squares: FloatArray) -> FloatArray:
    """Return symmetric square roots of positive semi-definite matrices."""
    values, vectors = np.linalg.eigh(squares)
    scaled = vectors * np.sqrt(np.maximum(values, 0.0))[..., np.newaxis, :]
    return np.asarray(scaled @ np.swapaxes(vectors, -1, -2))


def draw_sums(
    tables: Mapping[str, Amounts], people: People, n_replicates: int, seed: int
) -> dict[str, FloatArray]:
    """Return every table's sums under the same resamples: (replicates, groups, quantities) each."""
    blocks = ({name: table.under(weights) for name, table in tables.items()}
              for weights in people.draws(n_replicates, seed))  # fmt: skip
    found = list(blocks)
    drawn = {name: np.concatenate([block[name] for block in found]) for name in tables}
    for place, (name, table) in enumerate(tables.items()):
        if table.spread is not None:
            added = table.spread.draw(drawn[name], np.random.default_rng((seed, 2, place)))
            drawn[name][..., table.spread.columns] += added
    return drawn


def amounts_of(
    quantities: Mapping[str, FloatArray | NDArray[np.bool_]], code: IntArray, people: People
) -> Amounts:
    """Add up the rows of each group and unit; units that hold several people have no spread here.

    Parameters
    ----------
    quantities : mapping of str to array (n,)
    code : int64 array (n,)
        The group of each row.
    people : People
    """
    n_units = len(people.size)
    pair, keys = pd.factorize(code * n_units + people.unit, sort=True)
    size = people.size[keys % n_units]
    each = np.empty((len(keys), len(quantities)))
    for place, values in enumerate(quantities.values()):
        each[:, place] = np.bincount(pair, weights=values, minlength=len(keys)) / size
    return Amounts(tuple(quantities), keys // n_units, keys % n_units, size, each)
