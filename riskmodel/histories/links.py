"""Links: for each event, the events of other persons that share its incident or its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.late import late

if TYPE_CHECKING:
    from riskmodel.histories import codes_kernel as kernel
else:
    kernel = late("riskmodel.histories.codes_kernel")  # one person alone needs no links

Int64s: TypeAlias = npt.NDArray[np.int64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Int8s: TypeAlias = npt.NDArray[np.int8]

LARGEST_LINK_TABLE = 100_000_000


class Records(NamedTuple):
    """When events happened and were recorded, and what became of them; flat arrays.

    Updates of event i are the rows ``update_start[i]:update_start[i + 1]``, by time.
    """

    event_time: Int64s
    recorded_time: Int64s
    evidence0: Int8s
    update_start: Int64s
    update_time: Int64s
    update_evidence: Int8s


class Links(NamedTuple):
    """Events of other persons, as lists of lists.

    Attributes
    ----------
    start : int64, shape (n_events + 1,)
        Rows of each event in the next two.
    event : int64
        Index of the other event in `others`.
    person : int32
        Its person, numbered 0, 1, ... within the person whose event it is.
    others : Records
    """

    start: Int64s
    event: Int64s
    person: Int32s
    others: Records


def no_links(n_events: int, others: Records) -> Links:
    """Return links that join nothing."""
    none = np.zeros(0, dtype=np.int64)
    return Links(np.zeros(n_events + 1, dtype=np.int64), none, none.astype(np.int32), others)


def link(person: Int64s, shared: Int64s, others: Records, name: str) -> Links:
    """Join every event with the events of other persons that share something.

    Parameters
    ----------
    person : int64, shape (n_events,)
        Rising.
    shared : int64, shape (n_events,)
        Code of what may be shared; -1 joins nothing.
    others : Records
        Of the same events.
    name : str
        The column, for the message.

    Raises
    ------
    SchemaError
        If so many events share one value that their pairs would not fit in memory.
    """
    rows = _shared_rows(person, shared)
    start = np.flatnonzero(np.diff(shared[rows], prepend=-1))
    size = np.diff(np.append(start, len(rows)))
    check_pairs(size, name)
    group_size, group_start = np.repeat(size, size), np.repeat(start, size)
    event = np.repeat(rows, group_size)
    within = np.arange(len(event)) - np.repeat(np.cumsum(group_size) - group_size, group_size)
    partner = rows[np.repeat(group_start, group_size) + within]
    other = person[event] != person[partner]
    event, partner = event[other], partner[other]
    order = np.lexsort((partner, event))
    event, partner = event[order], partner[order].astype(np.int64)
    return Links(
        starts_of(event, len(person)),
        partner,
        local_codes(person[event], person[partner], int(person.max(initial=0)) + 1),
        others,
    )


def starts_of(codes: Int64s, n: int) -> Int64s:
    """Return where each of `n` codes starts, given how often each occurs.

    Examples
    --------
    >>> starts_of(np.array([0, 2, 2]), 3).tolist()
    [0, 1, 1, 3]
    """
    return np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=n))]).astype(np.int64)


def local_codes(owner: Int64s, item: Int64s, n_items: int) -> Int32s:
    """Give the distinct items of each owner the numbers 0, 1, ...; -1 stays -1.

    Examples
    --------
    >>> local_codes(np.array([0, 0, 0, 1]), np.array([7, -1, 9, 9]), 10).tolist()
    [0, -1, 1, 0]
    """
    local = np.full(len(item), -1, dtype=np.int32)
    room = np.full((2, n_items), -1, dtype=np.int64)
    kernel.number_within(owner.astype(np.int64), item.astype(np.int64), room[0], room[1], local)
    return local


def _shared_rows(person: Int64s, shared: Int64s) -> Int64s:
    """Return the rows of what more than one person shares, value by value."""
    if not len(shared):
        return np.zeros(0, dtype=np.int64)
    there = shared >= 0
    n_values = int(shared.max(initial=-1)) + 1
    lowest = np.full(n_values, np.iinfo(np.int64).max)
    highest = np.full(n_values, -1)
    np.minimum.at(lowest, shared[there], person[there])
    np.maximum.at(highest, shared[there], person[there])
    several = np.append(lowest != highest, False)  # the last place is that of -1
    rows = np.flatnonzero(several[shared])
    return rows[np.argsort(shared[rows], kind="stable")].astype(np.int64)


def check_pairs(size: Int64s, name: str) -> None:
    """Refuse values that so many events share that their pairs would not fit in memory."""
    pairs = int((size.astype(np.float64) ** 2).sum())
    if pairs > LARGEST_LINK_TABLE:
        raise SchemaError(
            f"events.{name}: one value joins {int(size.max()):,} events, {pairs:,} pairs in all; "
            f"at most {LARGEST_LINK_TABLE:,} are allowed. Leave it empty where it is not known, "
            "or leave out the features that count other people by it"
        )
