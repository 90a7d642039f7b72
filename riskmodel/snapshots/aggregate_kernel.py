"""The compiled pass: the records of each person into one row per date.

Between two dates nothing of a person changes but the time that has passed, unless a record comes to
be known, is updated, or leaves a window. What was found of the records is kept until one of the
first two, and when a record leaves a window only that window changes.
Everything is float64 until the row is written.
"""

from __future__ import annotations

import numpy as np

from riskmodel.compile_kernel import compiled, inlined
from riskmodel.snapshots.operations import (
    AGE,
    ALONE,
    DAYS_SINCE,
    DIFFERENCE,
    FAR,
    GAP,
    HALF_LIFE_DAYS,
    MIN_DAYS_AT_RISK,
    N_RECORDS,
    N_TRENDS,
    N_WAITING,
    NUMBER,
    TREND,
    YEAR_DAYS,
    YEAR_OF_AGE_DAYS,
)
from riskmodel.snapshots.records_kernel import find_records
from riskmodel.snapshots.windows import DAY_US


@inlined
def place_records(t, programme, room):
    """Add what was found to the windows as of `t`."""
    values, found = room.values, room.found
    for cell in range(programme.alone):
        values[cell] = programme.initial[cell]
    for r in range(room.n[N_RECORDS]):
        age, bucket = t - found.time[r], 0
        while age > programme.windows[bucket]:
            bucket += 1
        found.bucket[r] = bucket
        for window in range(bucket, programme.windows.size):
            offset = window * programme.n_summed
            for j in range(found.sum_start[r], found.sum_start[r + 1]):
                values[found.sum_cell[j] + offset] += found.sum_amount[j]
            add_graded(r, window, programme, room)


@inlined
def add_graded(r, window, programme, room):
    """Add to one window what sums of whole numbers do not hold: harm, and what is greatest."""
    values, found = room.values, room.found
    offset = window * programme.n_summed
    for j in range(found.harm_start[r], found.harm_start[r + 1]):
        values[found.harm_cell[j] + offset] += found.harm[r]
    offset = window * programme.n_greatest
    for j in range(found.top_start[r], found.top_start[r + 1]):
        place = found.top_cell[j] + offset
        values[place] = max(values[place], found.top_amount[j])


@inlined
def move_records(t, programme, room):
    """Take from the windows what has left them since; return when a record leaves the next.

    Whole numbers are taken off. Harm is added up anew, in the order in which it was, so that the
    bits are those of a fresh start.
    """
    values, found, windows, stale = room.values, room.found, programme.windows, room.stale
    soon = FAR
    for r in range(room.n[N_RECORDS]):
        age, bucket = t - found.time[r], found.bucket[r]
        while age > windows[bucket]:
            offset = bucket * programme.n_summed
            for j in range(found.sum_start[r], found.sum_start[r + 1]):
                values[found.sum_cell[j] + offset] -= found.sum_amount[j]
            stale[bucket] = 1
            bucket += 1
        found.bucket[r] = bucket
        if bucket < windows.size - 1:
            soon = min(soon, found.time[r] + windows[bucket] + 1)
    for window in range(windows.size):
        if stale[window]:
            stale[window] = 0
            add_up_anew(window, programme, room)
    place_trends(t, programme, room)
    return soon


@inlined
def add_up_anew(window, programme, room):
    """Add up the harm of one window, and find what is greatest in it."""
    values, found = room.values, room.found
    for cell in programme.harm:
        values[cell + window * programme.n_summed] = 0.0
    start = programme.greatest + window * programme.n_greatest
    for cell in range(start, start + programme.n_greatest):
        values[cell] = programme.initial[cell]
    for r in range(room.n[N_RECORDS]):
        if found.bucket[r] > window:
            break  # and so are all the older ones
        add_graded(r, window, programme, room)


@inlined
def place_trends(t, programme, room):
    """Add what was found to the latest span of each trend, or to the four before it."""
    values, found = room.values, room.found
    for cell in programme.trends:
        values[cell] = values[cell + 1] = 0.0
    for j in range(room.n[N_TRENDS]):
        age, length = t - found.trend_time[j], found.trend_length[j]
        if age <= length:
            values[found.trend_cell[j]] += found.trend_amount[j]
        elif age <= 5 * length:
            values[found.trend_cell[j] + 1] += found.trend_amount[j]


@inlined
def derive(person, t, programme, people, room):
    """Work out what passes with time, from the sums and from the people table."""
    values, found = room.values, room.found
    for cell in programme.decayed:
        values[cell] = 0.0
    for j in range(room.n[N_WAITING]):
        days = (t - found.waiting_time[j]) / DAY_US
        values[found.waiting_cell[j]] += 0.5 ** (days / HALF_LIFE_DAYS)
    for i in range(programme.derived.shape[0]):
        step = programme.derived[i]
        kind, a, b, c, length = step[0], step[1], step[2], step[3], step[4]
        value = np.nan
        if kind == DAYS_SINCE:
            value = (t - values[a]) / DAY_US
        elif kind == GAP:
            if values[a] > 1.0:
                value = (values[c] + values[b]) / DAY_US / (values[a] - 1.0)
        elif kind == TREND:
            spans = min(4.0, (t - length - people.reach[person]) / length)
            if spans >= 1.0:
                value = values[a] - values[b] / spans
        elif kind == NUMBER:
            value = people.numbers[a, person]
        elif people.dates[a, person] != -FAR - 1:
            value = (t - people.dates[a, person]) / DAY_US
            if kind == AGE:
                value /= YEAR_OF_AGE_DAYS
            elif value <= 0.0:
                value = np.nan
        values[programme.first_derived + i] = value


@inlined
def read_leaf(leaf, k, person, t, reach, windows, people, values):
    """Return one leaf's value: masked where its window reaches too far, a rate if it says so."""
    slot, window, span = leaf[0], leaf[1], leaf[2]
    if window >= 0 and t - windows[window] < reach:
        return np.nan
    if span < 0:
        return values[slot]
    at_risk = t - max(t - people.spans[span], reach)
    if people.custody.size:
        at_risk -= people.custody[span, k, person]
    if at_risk < MIN_DAYS_AT_RISK * DAY_US:
        return np.nan
    return values[slot] / (at_risk / DAY_US / YEAR_DAYS)


@inlined
def n_reached(t, reach, windows):
    """Return how many windows lie within the time in which records could exist."""
    number = 0
    while number < windows.size - 1 and t - windows[number] >= reach:
        number += 1
    return number


@inlined
def write_row(out, columns, k, person, t, reached, programme, people, values):
    """Write all columns of one row from the values that stand in the accumulators."""
    for column in range(out.size):
        out[column] = values[columns.slot[column]]
    if reached < programme.windows.size - 1:
        for column in range(out.size):
            if reached <= columns.window[column] < programme.windows.size - 1:
                out[column] = np.nan
    write_special(out, columns, k, person, t, programme, people, values)


@inlined
def write_special(out, columns, k, person, t, programme, people, values):
    """Write the columns that are more than one value read where it stands."""
    windows, reach = programme.windows, people.reach[person]
    for i in range(columns.special.shape[0]):
        column, kind = columns.special[i, 0], columns.special[i, 1]
        value = read_leaf(columns.leaf[i, 0], k, person, t, reach, windows, people, values)
        if kind != ALONE:
            other = read_leaf(columns.leaf[i, 1], k, person, t, reach, windows, people, values)
            if kind == DIFFERENCE:
                value -= other
            else:
                value = value / other if other != 0.0 else np.nan
        out[column] = value


@inlined
def next_known(event, last, records):
    """Return when the next of the events from `event` on comes to be known."""
    soon = FAR
    while event < last and records.event_time[event] < soon:
        soon = min(soon, max(records.event_time[event], records.recorded_time[event]) + 1)
        event += 1
    return soon


@compiled
def aggregate(
    persons, row_of, dates, programme, columns, rules, records, events, partners, neighbours,
    people, room, out, out_rules,
):  # fmt: skip
    """Fill the rows of `out` and `out_rules` for some persons, all dates.

    Parameters
    ----------
    persons : int64 array
        Which persons to pass over.
    row_of : int64 array, shape (n_dates, n_persons)
        Row of each person at each date; -1 where there is none.
    dates : int64 array, microseconds, rising
    programme, columns, rules, events, people, room
        See the classes above; columns go to `out`, rules to `out_rules`.
    records, partners, neighbours : Records, Links, Links
    """
    stamp = 0
    for person in persons:
        first, last = events.person_start[person], events.person_start[person + 1]
        reach = people.reach[person]
        happened, find_at, move_at = first, -FAR, -FAR
        for k in range(dates.size):
            row, t = row_of[k, person], dates[k]
            if row < 0:
                continue
            while happened < last and records.event_time[happened] < t:
                happened += 1
            if t >= find_at:
                stamp += 1
                find_at = find_records(
                    first, happened, t, reach, programme, records, events, partners, neighbours,
                    room, stamp,
                )  # fmt: skip
                find_at = min(find_at, next_known(happened, last, records))
                place_records(t, programme, room)
                move_at = -FAR
            if t >= move_at:
                move_at = move_records(t, programme, room)
            derive(person, t, programme, people, room)
            reached = n_reached(t, reach, programme.windows)
            write_row(out[row], columns, k, person, t, reached, programme, people, room.values)
            write_row(out_rules[row], rules, k, person, t, reached, programme, people, room.values)
