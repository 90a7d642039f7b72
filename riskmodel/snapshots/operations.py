"""What the compiled pass can do, and the arrays by which it is told: numbers and tuples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

COUNT, HARM, INCIDENTS, VICTIMS, PLACES, REPEAT_VICTIMS, REPEAT_PLACES = range(7)
CO_ACCUSED, NEIGHBOURS, HARM_MAX, OLDEST, FIRST, LAST, TREND_COUNT, TREND_HARM = range(7, 15)
DECAYED = 15
N_KINDS = 16

DAYS_SINCE, GAP, TREND, AGE, DAYS_SINCE_DATE, NUMBER = range(6)
RATIO, DIFFERENCE, ALONE = range(3)
N_RECORDS, N_SUMS, N_HARMS, N_TOPS, N_TRENDS, N_WAITING = range(6)

HALF_LIFE_DAYS = 730.0
YEAR_DAYS = 365.0
YEAR_OF_AGE_DAYS = 365.25
MIN_DAYS_AT_RISK = 30
"""Under so many days at risk a rate per year is missing: it would be noise."""

FAR = np.iinfo(np.int64).max
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Programme(NamedTuple):
    """What to add up for each class of records, and where; see `plan.Plan`.

    Class c stands for ``event_class * n_levels + evidence level``; its operations of kind q are the
    rows of cell and room from ``start[c * N_KINDS + q]`` to the next start; a trend's room is where
    its length stands in `lengths`. `initial` is a row of accumulators before any record; windows
    (microseconds) rise and end with "ever".
    """

    windows: Ints
    initial: Floats
    greatest: int
    alone: int
    n_summed: int
    n_greatest: int
    n_levels: int
    n_rooms: int
    n_repeats: int
    start: Int32s
    cell: Int32s
    room: Int32s
    lengths: Ints
    harm: Ints
    trends: Ints
    decayed: Ints
    derived: Ints
    first_derived: int


class Columns(NamedTuple):
    """How values become columns: read where they stand, or put together from leaves.

    `slot` and `window` of each column (window -1: never masked); columns that are not simply read
    are listed in `special`, as kind and two leaves, each a slot, a window and a span of days at
    risk (-1: none).
    """

    slot: Ints
    window: Ints
    special: Ints
    leaf: Ints


class Events(NamedTuple):
    """Events by person and time: harm in days, class, and numbers within the person."""

    person_start: Ints
    harm: Floats
    event_class: Int32s
    incident: Int32s
    victim: Int32s
    place: Int32s
    counts_evidence: Flags


class People(NamedTuple):
    """Since when records of each person could exist, what is read of people, time in custody."""

    reach: Ints
    dates: Ints
    numbers: Floats
    spans: Ints
    custody: Ints


class Found(NamedTuple):
    """What the known records of one person add, newest first: room for one thread.

    Record r happened at ``time[r]``; ``bucket[r]`` is the smallest window that holds it. To the
    cells ``sum_cell[j]``, j from ``sum_start[r]``, it adds the whole numbers ``sum_amount[j]``, and
    to some others ``harm[r]``; of some cells it may be the greatest. Trends have spans of their
    own, and incidents that count by their age wait for it.
    """

    time: Ints
    bucket: Ints
    harm: Floats
    harm_start: Ints
    harm_cell: Ints
    sum_start: Ints
    sum_cell: Ints
    sum_amount: Floats
    top_start: Ints
    top_cell: Ints
    top_amount: Floats
    trend_cell: Ints
    trend_time: Ints
    trend_length: Ints
    trend_amount: Floats
    waiting_cell: Ints
    waiting_time: Ints


class Room(NamedTuple):
    """Room for one thread: accumulators, a stamp for each code of a person, what was found.

    `n` counts what was found: ``N_RECORDS`` and so on; `stale` marks windows to be added up anew.
    """

    values: Floats
    seen: Ints
    repeat_seen: Ints
    repeat_incident: Ints
    found: Found
    n: Ints
    stale: Ints
