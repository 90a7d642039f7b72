"""What the explanations of a booster rest on, laid out for the compiled passes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.trees.forest import DEFAULT_LEFT, NAN_IS_MISSING, ZERO_IS_MISSING, Forest
from riskmodel.model.trees.shap_plan_kernel import NONE, SLOTS, lay_out, write_terms
from riskmodel.model.trees.shap_row_kernel import LANES

Numbers = NDArray[Any]


class Plan(NamedTuple):
    """See `shap_plan_kernel` for the words. What starts at one begins where the one before ends."""

    used: Numbers  # columns that any node asks about; features are numbered in this order
    node_start: Numbers  # of each tree
    leaf_start: Numbers  # of each tree
    feature: Numbers
    threshold: Numbers
    nan_left: Numbers  # whether a missing value goes left
    zero_flips: Numbers  # whether 0 goes where the threshold does not send it
    children: Numbers
    node_count: Numbers
    leaf_count: Numbers
    leaf_value: Numbers
    edge_to: Numbers
    before: Numbers
    share: Numbers
    above: Numbers
    below: Numbers
    node_group: Numbers
    group_start: Numbers  # of each tree
    group_edge: Numbers  # that leads to the group
    n_bits: Numbers
    bit_edge: Numbers
    n_slots: Numbers
    slot_feature: Numbers
    table_start: Numbers  # of each group
    tip_start: Numbers  # of each tree
    tip_edge: Numbers  # that leads to the tip
    tip_fork: Numbers  # the left edge of a fork
    tip_group: Numbers
    tip_slot: Numbers  # of a fork's own feature
    tip_value: Numbers
    term_start: Numbers  # of each tip
    term_edge: Numbers
    term_slot: Numbers


class Rule(NamedTuple):
    """Points and weights on [0, 1] that integrate exactly over so many features."""

    start: Numbers  # by number of features; points of no weight fill the last lanes
    points: Numbers
    t: Numbers
    rest: Numbers  # 1 - t
    weight: Numbers


def plan_of(forest: Forest, most_edges: int = SLOTS) -> Plan:
    """Return the plan of a booster's explanations; a group has at most so many edges."""
    used, feature = np.unique(forest.feature, return_inverse=True)
    n_nodes, n_leaves, n_trees = len(forest.feature), len(forest.leaf_value), len(forest.leaves)
    skips_zero = forest.decision & ZERO_IS_MISSING != 0
    skips_nan = forest.decision & NAN_IS_MISSING != 0
    default_left = forest.decision & DEFAULT_LEFT != 0
    zero_left = forest.threshold >= 0
    plan = Plan(
        used=used.astype(np.int64),
        node_start=forest.node_start,
        leaf_start=forest.leaf_start,
        feature=feature.astype(np.uint32),
        threshold=forest.threshold,
        nan_left=np.where(skips_zero | skips_nan, default_left, zero_left),
        zero_flips=skips_zero & (default_left != zero_left),
        children=np.stack([forest.left, forest.right], axis=1),
        node_count=forest.node_count,
        leaf_count=forest.leaf_count,
        leaf_value=forest.leaf_value,
        edge_to=_places(n_nodes),
        before=_places(n_nodes),
        share=np.zeros(2 * (n_nodes + n_trees)),
        above=_numbers(n_nodes),
        below=_numbers(n_nodes),
        node_group=_numbers(n_nodes),
        group_start=_numbers(n_trees + 1),
        group_edge=_places(n_leaves),
        n_bits=_numbers(n_leaves),
        bit_edge=_places(n_leaves, SLOTS),
        n_slots=_numbers(n_leaves),
        slot_feature=_places(n_leaves, SLOTS) + np.uint32(len(used)),
        table_start=np.zeros(n_leaves + 1, dtype=np.int64),
        tip_start=_numbers(n_trees + 1),
        tip_edge=_places(n_leaves),
        tip_fork=_numbers(n_leaves),
        tip_group=_numbers(n_leaves),
        tip_slot=_numbers(n_leaves),
        tip_value=np.zeros((n_leaves, 2)),
        term_start=np.zeros(n_leaves + 1, dtype=np.int64),
        term_edge=_places(0),
        term_slot=_places(0),
    )
    n_groups, n_tips = lay_out(plan, most_edges)
    n_terms = int(plan.term_start[n_tips])
    plan = plan._replace(
        table_start=plan.table_start[: n_groups + 1],
        tip_fork=plan.tip_fork[:n_tips],
        term_start=plan.term_start[: n_tips + 1],
        term_edge=_places(n_terms),
        term_slot=_places(n_terms),
    )
    write_terms(plan, _numbers(len(used)))
    return plan


def rule_of(plan: Plan) -> Rule:
    """Return the points for as many features as the tips of a plan have."""
    found = set(np.diff(plan.term_start) + (plan.tip_fork != NONE))
    points = np.zeros(max(found, default=0) + 1, dtype=np.int64)
    for n_features in found:
        points[n_features] = (n_features + 1) // 2
    start = np.concatenate([[0], np.cumsum(-(-points // LANES) * LANES)])
    t, weight = np.zeros((2, start[-1]))
    for n_features in found:
        room = slice(start[n_features], start[n_features] + points[n_features])
        x, w = np.polynomial.legendre.leggauss(points[n_features])
        t[room], weight[room] = (1 + x) / 2, w / 2
    return Rule(start, points, t, 1 - t, weight)


def _numbers(*shape: int) -> Numbers:
    return np.zeros(shape, dtype=np.int32)


def _places(*shape: int) -> Numbers:
    """Return room for places, which are never below 0: the compiler need not ask then."""
    return np.zeros(shape, dtype=np.uint32)
