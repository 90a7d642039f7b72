"""The compiled pass that explains one row: the sums of `shap_kernel`, without tables if need be."""

from __future__ import annotations

import numpy as np

from riskmodel.compile_kernel import compiled, inlined
from riskmodel.model.trees.shap_plan_kernel import ALWAYS, NEVER, NONE, SLOTS

LANES = 2
"""Points of a rule that are taken together, so that neither waits for the other."""
SHARE, ON, TOTAL, BEFORE, FACTOR, ROOMS = 0, 1, 2, 3, 5, 7
"""What is kept of each term in `work`, a lane after the other."""


@compiled
def explain_row(x, plan, rule, table, holds, place, work, entries, phi):
    """Fill ``phi[feature]`` for the row ``x[feature]``; `table` may be empty.

    ``phi`` has one place more, for slots that are unused.
    """
    phi[:] = 0.0
    holds[NEVER], holds[ALWAYS] = 0, 1
    for tree in range(plan.node_start.size - 1):
        decide_row(tree, x, plan, holds)
        if table.size:
            add_entries_of_row(tree, plan, table, holds, place, phi)
        else:
            add_groups_of_row(tree, plan, rule, holds, work, entries, phi)
        for tip in range(plan.tip_start[tree], plan.tip_start[tree + 1]):
            if plan.tip_group[tip] == NONE:
                add_tip_of_row(tip, tree, plan, rule, holds, work, phi)


@inlined
def decide_row(tree, x, plan, holds):
    """Fill ``holds[edge]`` for a tree's edges."""
    edge = ALWAYS + 1
    for node in range(plan.node_start[tree], plan.node_start[tree + 1]):
        value, before = x[plan.feature[node]], holds[plan.before[node]]
        left = (value <= plan.threshold[node]) != (plan.zero_flips[node] & (value == 0.0))
        left |= plan.nan_left[node] & np.isnan(value)
        holds[edge] = before & left
        holds[edge + 1] = before & (left ^ 1)
        edge += 2


@inlined
def add_entries_of_row(tree, plan, table, holds, place, phi):
    """Look up the entries of a tree's groups; where they are is found first, for memory is far."""
    first, last = plan.group_start[tree], plan.group_start[tree + 1]
    for group in range(first, last):
        entry = 0
        for bit in range(SLOTS):
            entry = 2 * entry + holds[plan.bit_edge[group, bit]]
        place[group - first] = plan.table_start[group] + SLOTS * entry
    for group in range(first, last):
        start = place[group - first]
        for slot in range(SLOTS):
            phi[plan.slot_feature[group, slot]] += table[start + slot]


@inlined
def add_groups_of_row(tree, plan, rule, holds, work, entries, phi):
    """Work out the entries of a tree's groups."""
    first, last = plan.group_start[tree], plan.group_start[tree + 1]
    entries[: last - first] = 0.0
    for tip in range(plan.tip_start[tree], plan.tip_start[tree + 1]):
        if plan.tip_group[tip] != NONE:
            entry = entries[plan.tip_group[tip] - first]
            add_tip_of_row(tip, tree, plan, rule, holds, work, entry)
    for group in range(first, last):
        for slot in range(SLOTS):
            phi[plan.slot_feature[group, slot]] += entries[group - first, slot]


@inlined
def add_tip_of_row(tip, tree, plan, rule, holds, work, phi):
    """Add to ``phi[slot]`` what a tip adds."""
    first, last = plan.term_start[tip], plan.term_start[tip + 1]
    edges, slots = plan.term_edge[first:last], plan.term_slot[first:last]
    n, fork = edges.size, plan.tip_fork[tip]
    value, other = plan.tip_value[tip, 0], plan.tip_value[tip, 1]
    shares = plan.share[2 * (plan.node_start[tree] + tree) :]
    for k in range(n):
        work[k, SHARE], work[k, ON], work[k, TOTAL] = shares[edges[k]], holds[edges[k]], 0.0
    in_fork = 0.0
    n_features = n + (fork != NONE)
    for q in range(rule.start[n_features], rule.start[n_features + 1], LANES):
        t0, t1 = rule.t[q], rule.t[q + 1]
        rest0, rest1 = rule.rest[q], rule.rest[q + 1]
        product0, product1 = rule.weight[q], rule.weight[q + 1]
        if fork == NONE:
            product0, product1 = product0 * value, product1 * value
        else:
            on = np.float64(holds[fork])
            off, left, right = 1.0 - on, shares[fork], shares[fork + 1]
            product0 *= value * (rest0 * left + t0 * on) + other * (rest0 * right + t0 * off)
            product1 *= value * (rest1 * left + t1 * on) + other * (rest1 * right + t1 * off)
        for k in range(n):
            share, on = work[k, SHARE], work[k, ON]
            factor0, factor1 = rest0 * share + t0 * on, rest1 * share + t1 * on
            work[k, BEFORE], work[k, BEFORE + 1] = product0, product1
            work[k, FACTOR], work[k, FACTOR + 1] = factor0, factor1
            product0, product1 = product0 * factor0, product1 * factor1
        after0, after1 = 1.0, 1.0
        for step in range(n):
            k = n - 1 - step
            work[k, TOTAL] = (
                work[k, TOTAL] + work[k, BEFORE] * after0 + work[k, BEFORE + 1] * after1
            )
            after0, after1 = after0 * work[k, FACTOR], after1 * work[k, FACTOR + 1]
        in_fork = in_fork + rule.weight[q] * after0 + rule.weight[q + 1] * after1
    for k in range(n):
        phi[slots[k]] += work[k, TOTAL] * (work[k, ON] - work[k, SHARE])
    if fork != NONE:
        on = np.float64(holds[fork])
        own = value * (on - shares[fork]) + other * ((1.0 - on) - shares[fork + 1])
        phi[plan.tip_slot[tip]] += in_fork * own
