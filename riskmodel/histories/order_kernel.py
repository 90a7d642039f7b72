"""Compiled passes that put rows in order: by ranges of ids, and within each person."""

from __future__ import annotations

from riskmodel.compile_kernel import compiled, inlined
from riskmodel.histories.ids_kernel import compare

RUN = 16
"""Rows that are put in order by insertion; longer runs are merged."""


@compiled
def in_order(person_start, row, happened, recorded):
    """Return whether each person's rows strictly rise by time and time recorded."""
    for person in range(person_start.size - 1):
        for i in range(person_start[person] + 1, person_start[person + 1]):
            a, b = row[i - 1], row[i]
            if happened[a] > happened[b] or (
                happened[a] == happened[b] and recorded[a] >= recorded[b]
            ):
                return False
    return True


@inlined
def comes_after(a, b, happened, recorded, source):
    """Return whether row `a` stands behind row `b`: by time, time recorded, source_id."""
    if happened[a] != happened[b]:
        return happened[a] > happened[b]
    if recorded[a] != recorded[b]:
        return recorded[a] > recorded[b]
    return compare(source, a, b) > 0


@compiled
def sort_rows(person_start, row, happened, recorded, source, room):
    """Put each person's entries of `row` in order; `room` is as long as `row`."""
    for person in range(person_start.size - 1):
        first, last = person_start[person], person_start[person + 1]
        for low in range(first, last, RUN):
            for i in range(low + 1, min(low + RUN, last)):
                current, j = row[i], i
                while j > low and comes_after(row[j - 1], current, happened, recorded, source):
                    row[j] = row[j - 1]
                    j -= 1
                row[j] = current
        width = RUN
        while width < last - first:
            for low in range(first, last, 2 * width):
                middle, high = min(low + width, last), min(low + 2 * width, last)
                a, b = low, middle
                for i in range(low, high):
                    take_b = a == middle
                    if a < middle and b < high:
                        take_b = comes_after(row[a], row[b], happened, recorded, source)
                    if take_b:
                        room[i] = row[b]
                        b += 1
                    else:
                        room[i] = row[a]
                        a += 1
            for i in range(first, last):
                row[i] = room[i]
            width *= 2


@compiled
def deal(ids, n_edges, part):
    """Fill `part` with how many of the first `n_edges` ids, which rise, each later id reaches.

    What names nobody goes beyond all of them.
    """
    for row in range(n_edges, ids.key.size):
        low, high = 0, n_edges
        while low < high:
            middle = (low + high) // 2
            if compare(ids, middle, row) <= 0:
                low = middle + 1
            else:
                high = middle
        part[row - n_edges] = n_edges + 1 if ids.missing[row] else low
