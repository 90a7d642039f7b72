"""The compiled passes that explain rows.

The Shapley value of a feature is an integral over t from 0 to 1: of what the feature adds where
each other feature is known with the chance t (Owen 1972). For a leaf that is a product of one
factor a feature, ``t + (1 - t) * share`` where its edge holds and ``(1 - t) * share`` where not: a
polynomial, which a few points of Gauss and Legendre integrate exactly. No factor is below 0, so
nothing cancels. For few features all that can come out is written down in tables.

Rows that are explained together and a row alone go through the same sums in the same order.
"""

from __future__ import annotations

import numpy as np

from riskmodel.compile_kernel import compiled, inlined
from riskmodel.model.trees.shap_plan_kernel import ALWAYS, NEVER, NONE, SLOTS

TILE = 64
"""Rows that are turned into columns at a time, so that they stay near."""
BEFORE, TOTAL, AFTER = range(3)
"""Rooms of `work`: products of the factors before a term; integrals; products of those after."""


@compiled
def turn(X, start, n_rows, used, tiny, x):
    """Copy rows into ``x[feature, row]``; what LightGBM takes for 0 becomes 0."""
    for begin in range(0, n_rows, TILE):
        for k in range(used.size):
            for row in range(begin, min(begin + TILE, n_rows)):
                value = np.float64(X[start + row, used[k]])
                x[k, row] = 0.0 if abs(value) <= tiny else value


@compiled
def put(phi, start, n_rows, used, out):
    """Copy contributions from ``phi[feature, row]`` to the rows of `out`."""
    for begin in range(0, n_rows, TILE):
        for k in range(used.size):
            for row in range(begin, min(begin + TILE, n_rows)):
                out[start + row, used[k]] = phi[k, row]


@compiled
def explain_block(x, n_rows, plan, rule, table, holds, place, work, phi):
    """Fill ``phi[feature, row]`` for the first rows of ``x[feature, row]``, from tables."""
    phi[:, :n_rows] = 0.0
    holds[NEVER, :n_rows], holds[ALWAYS, :n_rows] = 0, 1
    step = work.shape[2]
    for tree in range(plan.node_start.size - 1):
        decide(tree, x, n_rows, plan, holds)
        for group in range(plan.group_start[tree], plan.group_start[tree + 1]):
            add_entries(group, n_rows, plan, table, holds, place, phi)
        for tip in range(plan.tip_start[tree], plan.tip_start[tree + 1]):
            if plan.tip_group[tip] == NONE:
                for begin in range(0, n_rows, step):
                    end = min(begin + step, n_rows)
                    add_tip(tip, tree, begin, end, plan, rule, holds, work, phi)


@inlined
def decide(tree, x, n_rows, plan, holds):
    """Fill ``holds[edge, row]`` for the edges of a tree."""
    edge = ALWAYS + 1
    for node in range(plan.node_start[tree], plan.node_start[tree + 1]):
        ask(
            x[plan.feature[node], :n_rows], plan.threshold[node], plan.zero_flips[node],
            plan.nan_left[node], holds[plan.before[node], :n_rows], holds[edge, :n_rows],
            holds[edge + 1, :n_rows],
        )  # fmt: skip
        edge += 2


@compiled
def ask(values, threshold, zero_flips, nan_left, before, left, right):
    """Fill whether a node's edges hold for each row's value."""
    for row in range(values.size):
        value = values[row]
        goes_left = (value <= threshold) != (zero_flips & (value == 0.0))
        left[row] = goes_left | (nan_left & np.isnan(value))
    for row in range(values.size):
        right[row] = before[row] & (left[row] ^ 1)
        left[row] &= before[row]


@inlined
def add_entries(group, n_rows, plan, table, holds, place, phi):
    """Add to ``phi[feature, row]`` the entry that each row has in the table of a group."""
    place[:n_rows] = 0
    for bit in range(SLOTS - plan.n_bits[group], SLOTS):
        append(holds[plan.bit_edge[group, bit], :n_rows], place)
    for slot in range(plan.n_slots[group]):
        column = table[plan.table_start[group] + slot : plan.table_start[group + 1]]
        look_up(column, place, phi[plan.slot_feature[group, slot], :n_rows])


@compiled
def append(holds, place):
    """Append a binary digit to each row's place."""
    for row in range(holds.size):
        place[row] = 2 * place[row] + holds[row]


@compiled
def look_up(column, place, sums):
    """Add each row's entry to its sum."""
    for row in range(sums.size):
        sums[row] += column[np.uint64(place[row]) * np.uint64(SLOTS)]


@compiled
def add_tip(tip, tree, begin, end, plan, rule, holds, work, phi):
    """Add to ``phi[slot, row]`` what a tip adds, for the rows from `begin` to `end`."""
    first, last = plan.term_start[tip], plan.term_start[tip + 1]
    n, n_rows, fork = last - first, end - begin, plan.tip_fork[tip]
    value, other = plan.tip_value[tip, 0], plan.tip_value[tip, 1]
    shares = plan.share[2 * (plan.node_start[tree] + tree) :]
    product, after = work[BEFORE, 0, :n_rows], work[AFTER, 0, :n_rows]
    in_fork = work[AFTER, 1, :n_rows]
    work[TOTAL, :n, :n_rows] = 0.0
    in_fork[:] = 0.0
    n_features = n + (fork != NONE)
    for q in range(rule.start[n_features], rule.start[n_features] + rule.points[n_features]):
        t, rest, weight = rule.t[q], rule.rest[q], rule.weight[q]
        if fork == NONE:
            product[:] = weight * value
        else:
            left, right = rest * shares[fork], rest * shares[fork + 1]
            on = weight * (value * (left + t) + other * right)
            off = weight * (value * left + other * (right + t))
            choose(holds[fork, begin:end], on, off, product)
        for k in range(n - 1):
            edge = plan.term_edge[first + k]
            off = rest * shares[edge]
            multiply(
                work[BEFORE, k, :n_rows], holds[edge, begin:end], off + t, off,
                work[BEFORE, k + 1, :n_rows],
            )  # fmt: skip
        after[:] = 1.0
        for k in range(n - 1, -1, -1):
            edge = plan.term_edge[first + k]
            off = rest * shares[edge]
            collect(
                work[BEFORE, k, :n_rows], holds[edge, begin:end], off + t, off, after,
                work[TOTAL, k, :n_rows],
            )  # fmt: skip
        add_weighted(after, weight, in_fork)
    for k in range(n):
        edge = plan.term_edge[first + k]
        on, off = 1.0 - shares[edge], 0.0 - shares[edge]
        sums = phi[plan.term_slot[first + k], begin:end]
        add_products(work[TOTAL, k, :n_rows], holds[edge, begin:end], on, off, sums)
    if fork != NONE:
        left, right = shares[fork], shares[fork + 1]
        on = value * (1.0 - left) + other * (0.0 - right)
        off = value * (0.0 - left) + other * (1.0 - right)
        sums = phi[plan.tip_slot[tip], begin:end]
        add_products(in_fork, holds[fork, begin:end], on, off, sums)


@compiled
def choose(holds, on, off, chosen):
    """Fill one value or the other."""
    for row in range(holds.size):
        chosen[row] = on if holds[row] else off


@compiled
def multiply(values, holds, on, off, products):
    """Fill products of values and factors."""
    for row in range(values.size):
        products[row] = values[row] * (on if holds[row] else off)


@compiled
def collect(before, holds, on, off, after, total):
    """Add what all factors but one come to, and go on to the one before it."""
    for row in range(before.size):
        so_far = after[row]
        total[row] += before[row] * so_far
        after[row] = so_far * (on if holds[row] else off)


@compiled
def add_weighted(values, weight, sums):
    """Add values times a weight to sums."""
    for row in range(values.size):
        sums[row] += weight * values[row]


@compiled
def add_products(values, holds, on, off, sums):
    """Add products of values and factors to sums."""
    for row in range(values.size):
        sums[row] += values[row] * (on if holds[row] else off)


@compiled
def fill_tables(plan, rule, holds, work, entries, table):
    """Fill the tables of all groups."""
    for tree in range(plan.node_start.size - 1):
        for group in range(plan.group_start[tree], plan.group_start[tree + 1]):
            size = 1 << plan.n_bits[group]
            take_entries_as_rows(tree, group, size, plan, holds)
            entries[:, :size] = 0.0
            for tip in range(plan.tip_start[tree], plan.tip_start[tree + 1]):
                if plan.tip_group[tip] == group:
                    add_tip(tip, tree, 0, size, plan, rule, holds, work, entries)
            start = plan.table_start[group]
            for entry in range(size):
                for slot in range(SLOTS):
                    table[start + entry * SLOTS + slot] = entries[slot, entry]


@inlined
def take_entries_as_rows(tree, group, size, plan, holds):
    """Fill ``holds[edge, entry]`` for the edges that the tips of a group ask about."""
    holds[ALWAYS, :size] = 1
    for bit in range(SLOTS - plan.n_bits[group], SLOTS):
        for entry in range(size):
            holds[plan.bit_edge[group, bit], entry] = (entry >> (SLOTS - 1 - bit)) & 1
    edge = ALWAYS + 1
    for node in range(plan.node_start[tree], plan.node_start[tree + 1]):
        if plan.node_group[node] == group:
            for entry in range(size):
                before = holds[plan.before[node], entry]
                holds[edge + 1, entry] = before & (holds[edge, entry] ^ 1)
        edge += 2
