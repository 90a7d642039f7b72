"""The compiled passes that lay out, once a booster, what its explanations need.

An edge leads from a node to a child. Edges are numbered tree by tree from 2 on, a node's left one
before its right one; two more are no edges: NEVER holds in no row, ALWAYS in each.

Several edges of a path may ask about one feature. The deepest of them stands for the feature: it is
said to hold where what it asks, and what those before it ask, is so.

A tip is a leaf; or a fork: a node with two leaves that asks about a feature that no node above it
asks about. Both leaves of a fork are explained in one go.

A group is a subtree, or a leaf alone, that has a table: an entry for each way in which its edges
can hold or not, which are the conditions above it and its own splits to the left. An entry has a
slot for each feature that they ask about.
"""

from __future__ import annotations

from riskmodel.compile_kernel import compiled, inlined

NONE = -1
NEVER, ALWAYS = 0, 1
SLOTS = 8
"""Places of an entry, some of them unused: a line of memory of 64 bytes."""


@inlined
def left_edge(node, first):
    """Return the number of a node's left edge, where its tree begins with the node `first`."""
    return 2 * (node - first) + 2


@inlined
def node_above(edge, first):
    """Return the node that an edge comes from."""
    return first + (edge >> 1) - 1


@compiled
def lay_out(plan, most):
    """Fill all of a plan but its terms; a group has at most `most` edges."""
    n_groups, n_tips = 0, 0
    for tree in range(plan.node_start.size - 1):
        plan.group_start[tree], plan.tip_start[tree] = n_groups, n_tips
        first, last = plan.node_start[tree], plan.node_start[tree + 1]
        shares = plan.share[2 * (first + tree) : 2 * (last + tree + 1)]
        follow_edges(first, last, plan.leaf_start[tree], shares, plan)
        first_group = n_groups
        n_groups = group_subtrees(first, last, n_groups, most, plan)
        n_groups, n_tips = find_tips(
            first, last, plan.leaf_start[tree], n_groups, n_tips, most, plan
        )
        for group in range(first_group, n_groups):
            write_path(group, first, plan)
        for node in range(first, last):
            if plan.node_group[node] != NONE:
                add_bit(plan.node_group[node], left_edge(node, first), plan)
                add_slot(plan.node_group[node], plan.feature[node], plan)
        for group in range(first_group, n_groups):
            plan.table_start[group + 1] = plan.table_start[group] + (SLOTS << plan.n_bits[group])
    plan.group_start[-1], plan.tip_start[-1] = n_groups, n_tips
    return n_groups, n_tips


@inlined
def follow_edges(first, last, first_leaf, shares, plan):
    """Fill what is known of the edges of a tree, and of each node.

    shares: for each edge, the part of the rows that its feature's conditions so far let pass.
    edge_to: the edge that leads to a node; ALWAYS at a root.
    before: for each node, the nearest edge above it on its feature, or ALWAYS.
    above: distinct features on the path to a node.
    below: nodes in the subtree of a node, itself included.
    """
    shares[NEVER], shares[ALWAYS] = 1.0, 1.0
    if first < last:
        plan.edge_to[first], plan.above[first] = ALWAYS, 0
    for node in range(first, last):
        earlier = plan.edge_to[node]
        while earlier != ALWAYS:
            asking = node_above(earlier, first)
            if plan.feature[asking] == plan.feature[node]:
                break
            earlier = plan.edge_to[asking]
        plan.before[node], plan.below[node] = earlier, 1
        for side in range(2):
            edge, child = left_edge(node, first) + side, plan.children[node, side]
            if child >= 0:
                plan.edge_to[first + child] = edge
                plan.above[first + child] = plan.above[node] + (earlier == ALWAYS)
                count = plan.node_count[first + child]
            else:
                count = plan.leaf_count[first_leaf + ~child]
            shares[edge] = shares[earlier] * (count / plan.node_count[node])
    for node in range(last - 1, first, -1):  # children come after their parents
        plan.below[node_above(plan.edge_to[node], first)] += plan.below[node]


@inlined
def group_subtrees(first, last, n_groups, most, plan):
    """Make a group of each subtree that can be one and is in no larger one."""
    for node in range(first, last):
        edge = plan.edge_to[node]
        plan.node_group[node] = NONE if edge == ALWAYS else plan.node_group[node_above(edge, first)]
        if plan.node_group[node] == NONE and plan.above[node] + plan.below[node] <= most:
            plan.node_group[node], plan.group_edge[n_groups] = n_groups, edge
            n_groups += 1
    return n_groups


@inlined
def find_tips(first, last, first_leaf, n_groups, n_tips, most, plan):
    """List a tree's tips, and make a group of each leaf that can be one and is in none."""
    for node in range(first, last):
        left, right = plan.children[node, 0], plan.children[node, 1]
        new = plan.before[node] == ALWAYS
        if left < 0 and right < 0 and new:
            plan.tip_edge[n_tips], plan.tip_fork[n_tips] = (
                plan.edge_to[node],
                left_edge(node, first),
            )
            plan.tip_group[n_tips], plan.tip_slot[n_tips] = (
                plan.node_group[node],
                plan.feature[node],
            )
            plan.tip_value[n_tips, 0] = plan.leaf_value[first_leaf + ~left]
            plan.tip_value[n_tips, 1] = plan.leaf_value[first_leaf + ~right]
            plan.term_start[n_tips + 1] = plan.term_start[n_tips] + plan.above[node]
            n_tips += 1
            continue
        for side in range(2):
            child = plan.children[node, side]
            if child >= 0:
                continue
            edge, group = left_edge(node, first) + side, plan.node_group[node]
            n_terms = plan.above[node] + new
            if group == NONE and n_terms <= most:
                group, plan.group_edge[n_groups] = n_groups, edge
                n_groups += 1
            plan.tip_edge[n_tips], plan.tip_fork[n_tips] = edge, NONE
            plan.tip_group[n_tips] = group
            plan.tip_value[n_tips, 0] = plan.leaf_value[first_leaf + ~child]
            plan.term_start[n_tips + 1] = plan.term_start[n_tips] + n_terms
            n_tips += 1
    return n_groups, n_tips


@inlined
def write_path(group, first, plan):
    """List the deepest edge of each feature above a group."""
    edge = plan.group_edge[group]
    while edge != ALWAYS:
        node = node_above(edge, first)
        if add_slot(group, plan.feature[node], plan):
            add_bit(group, edge, plan)
        edge = plan.edge_to[node]


@inlined
def add_bit(group, edge, plan):
    """Add an edge to those of a group; what is left of their room before them is NEVER."""
    for bit in range(SLOTS - 1):
        plan.bit_edge[group, bit] = plan.bit_edge[group, bit + 1]
    plan.bit_edge[group, SLOTS - 1] = edge
    plan.n_bits[group] += 1


@inlined
def add_slot(group, feature, plan):
    """Add a feature to those of a group; say whether it is new."""
    slot = slot_of(group, feature, plan)
    if slot < plan.n_slots[group]:
        return False
    plan.slot_feature[group, slot] = feature
    plan.n_slots[group] += 1
    return True


@inlined
def slot_of(group, feature, plan):
    """Return where a feature is among those of a group; after the last if it is not there.

    Outside of groups there are no slots, and a feature stands for itself.
    """
    if group == NONE:
        return feature
    slot = 0
    while slot < plan.n_slots[group] and plan.slot_feature[group, slot] != feature:
        slot += 1
    return slot


@compiled
def write_terms(plan, seen):
    """List for each tip the deepest edge of each feature above it, and where its feature goes.

    `seen` has a place for each feature.
    """
    seen[:] = NONE
    for tree in range(plan.node_start.size - 1):
        for tip in range(plan.tip_start[tree], plan.tip_start[tree + 1]):
            place, edge, group = plan.term_start[tip], plan.tip_edge[tip], plan.tip_group[tip]
            plan.tip_slot[tip] = slot_of(group, plan.tip_slot[tip], plan)
            while edge != ALWAYS:
                node = node_above(edge, plan.node_start[tree])
                if seen[plan.feature[node]] != tip:
                    seen[plan.feature[node]] = tip
                    plan.term_edge[place] = edge
                    plan.term_slot[place] = slot_of(group, plan.feature[node], plan)
                    place += 1
                edge = plan.edge_to[node]
