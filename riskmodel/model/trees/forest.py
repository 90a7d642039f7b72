"""The trees of one booster as flat arrays, and what must hold for them to be trees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import ModelIntegrityError

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]
Places = NDArray[np.int64]

MOST_LEAVES: Final = 4_096
"""Leaves of a tree; LightGBM grows 31 unless told."""
MOST_DEPTH: Final = 512
"""Splits above a leaf."""

DEFAULT_LEFT: Final = 2
ZERO_IS_MISSING: Final = 4
NAN_IS_MISSING: Final = 8
_DECISIONS: Final = tuple(
    kind | way for kind in (0, ZERO_IS_MISSING, NAN_IS_MISSING) for way in (0, DEFAULT_LEFT)
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Forest:
    """All trees' nodes one after another, and all their leaves.

    A child of 0 or more is a node of the same tree, counted from its root; one below 0 is the leaf
    ``-1 - child``. A decision is the sum of what is missing and of whether that goes left.

    Raises
    ------
    ModelIntegrityError
        If these are no trees of numerical splits on the features that there are.
    """

    n_features: int
    leaves: Whole
    feature: Whole
    threshold: Floats
    decision: Whole
    left: Whole
    right: Whole
    node_count: Whole
    leaf_value: Floats
    leaf_count: Whole

    def __post_init__(self) -> None:
        """Check what depends on nothing first, then what takes it for granted."""
        _must(
            _between(self.leaves, 1, MOST_LEAVES), f"a tree has over {MOST_LEAVES} leaves or none"
        )
        _must(_between(self.feature, 0, self.n_features - 1), "a split is on no feature there is")
        _must(bool(np.isin(self.decision, _DECISIONS).all()), "a split is not a numerical one")
        _must(_between(self.leaf_count, 1, None), "a leaf holds no rows")
        _must(self._grow_downwards(), "a node's child is not below it")
        _must(self._are_reached_once(), "a node or leaf is not reached exactly once")
        _must(self._depth() <= MOST_DEPTH, f"a leaf lies under more than {MOST_DEPTH} splits")
        _must(self._counts_add_up(), "a node's rows are not those of its children")

    @cached_property
    def leaf_start(self) -> Places:
        """Where each tree's leaves begin, and last where they end."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.leaves, dtype=np.int64)])

    @cached_property
    def node_start(self) -> Places:
        """Where each tree's nodes begin, and last where they end."""
        return self.leaf_start - np.arange(len(self.leaves) + 1)

    @cached_property
    def _places(self) -> tuple[Places, Places]:
        """Return children as places: of nodes first, then of leaves after the last node."""
        tree = np.repeat(np.arange(len(self.leaves)), self.leaves - 1)
        first_node, first_leaf = self.node_start[tree], self.leaf_start[tree] + len(self.feature)
        left, right = (
            np.where(child >= 0, first_node + child, first_leaf + ~child)
            for child in (self.left, self.right)
        )
        return left, right

    def _grow_downwards(self) -> bool:
        """Say whether children are in their tree and come after their parents: no circle then."""
        leaves = np.repeat(self.leaves, self.leaves - 1)
        own = np.arange(len(self.feature)) - np.repeat(self.node_start[:-1], self.leaves - 1)
        return all(
            bool((((own < child) & (child < leaves - 1)) | ((child < 0) & (~child < leaves))).all())
            for child in (self.left, self.right)
        )

    def _are_reached_once(self) -> bool:
        reached = np.bincount(
            np.concatenate(self._places), minlength=len(self.feature) + len(self.leaf_value)
        )
        alone = self.leaves == 1
        reached[self.node_start[:-1][~alone]] += 1  # roots
        reached[self.leaf_start[:-1][alone] + len(self.feature)] += 1
        return bool((reached == 1).all())

    def _depth(self) -> int:
        """Return how many splits lie above the deepest leaf, or one more than may."""
        left, right = self._places
        level, depth = self.node_start[:-1][self.leaves > 1], 0
        while len(level) and depth <= MOST_DEPTH:
            below = np.concatenate([left[level], right[level]])
            level, depth = below[below < len(self.feature)], depth + 1
        return depth

    def _counts_add_up(self) -> bool:
        count = np.concatenate([self.node_count, self.leaf_count]).astype(np.int64)
        left, right = self._places
        return bool((count[left] + count[right] == self.node_count).all())


def not_trees(reason: str) -> ModelIntegrityError:
    """Return the error that says what is wrong with the trees."""
    return ModelIntegrityError(
        f"the model's trees can't be read: {reason}. They are not as riskmodel wrote them; get the "
        "model anew from where it was trained"
    )


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise not_trees(otherwise)


def _between(values: Whole, least: int, most: int | None) -> bool:
    return bool((values >= least).all() and (most is None or (values <= most).all()))
