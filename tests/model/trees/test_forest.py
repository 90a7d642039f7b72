"""What must hold for arrays to be trees."""

import numpy as np
import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.trees.forest import MOST_DEPTH, Forest


def chain(depth, **changed):
    """Return one tree whose nodes lie below each other, a leaf to the left of each."""
    node = np.arange(depth, dtype=np.int32)
    parts = {
        "leaves": np.array([depth + 1], dtype=np.int32),
        "feature": np.zeros(depth, dtype=np.int32),
        "threshold": np.zeros(depth),
        "decision": np.zeros(depth, dtype=np.int32),
        "left": ~node,
        "right": np.append(node[1:], ~np.int32(depth)).astype(np.int32),
        "node_count": depth + 1 - node,
        "leaf_value": np.zeros(depth + 1),
        "leaf_count": np.ones(depth + 1, dtype=np.int32),
    }
    return Forest(n_features=1, **parts | changed)


def test_trees_and_leaves_are_told_apart():
    forest = chain(3)
    assert forest.node_start.tolist() == [0, 3]
    assert forest.leaf_start.tolist() == [0, 4]


def test_a_leaf_alone_is_a_tree():
    none = np.zeros(0, dtype=np.int32)
    forest = Forest(
        n_features=1, leaves=np.array([1, 1], dtype=np.int32), feature=none, threshold=np.zeros(0),
        decision=none, left=none, right=none, node_count=none, leaf_value=np.array([0.5, 0.25]),
        leaf_count=np.array([2, 2], dtype=np.int32),
    )  # fmt: skip
    assert forest.node_start.tolist() == [0, 0, 0]


def test_depth_has_an_end():
    chain(MOST_DEPTH)
    with pytest.raises(ModelIntegrityError, match=f"more than {MOST_DEPTH} splits"):
        chain(MOST_DEPTH + 1)


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("left", [-1, -2, -2], "exactly once"),
        ("left", [-1, -2, 0], "not below it"),
        ("left", [-1, -2, -6], "not below it"),
        ("right", [1, 2, 3], "not below it"),
        ("right", [2, 2, -4], "exactly once"),
        ("feature", [0, 1, 0], "no feature there is"),
        ("decision", [0, 3, 0], "not a numerical one"),
        ("leaf_count", [1, 0, 1, 1], "holds no rows"),
        ("node_count", [4, 2, 2], "those of its children"),
    ],
)
def test_each_rule_is_kept(part, value, reason):
    with pytest.raises(ModelIntegrityError, match=reason):
        chain(3, **{part: np.array(value, dtype=np.int32)})
