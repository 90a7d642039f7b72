"""The compiled pass over one person's records, newest first: what each of them adds, and to what.

Distinct incidents, victims, places and people are counted by the newest record that shows them:
met newest first, each adds to the smallest window that holds that record, and sums over windows do
the rest. The steps are compiled into the passes that call them.
"""

from __future__ import annotations

import numpy as np

from riskmodel.compile_kernel import inlined
from riskmodel.snapshots.operations import (
    CO_ACCUSED,
    COUNT,
    DECAYED,
    FAR,
    FIRST,
    HARM,
    HARM_MAX,
    INCIDENTS,
    LAST,
    N_HARMS,
    N_KINDS,
    N_RECORDS,
    N_SUMS,
    N_TOPS,
    N_TRENDS,
    N_WAITING,
    NEIGHBOURS,
    OLDEST,
    PLACES,
    REPEAT_PLACES,
    REPEAT_VICTIMS,
    TREND_COUNT,
    TREND_HARM,
    VICTIMS,
)


@inlined
def level_before(event, t, records):
    """Return an event's evidence as the last update before `t` left it, and when that changes."""
    level = records.evidence0[event]
    for update in range(records.update_start[event], records.update_start[event + 1]):
        if records.update_time[update] >= t:
            return level, records.update_time[update] + 1
        level = records.update_evidence[update]
    return level, FAR


@inlined
def first_seen(seen, place, stamp):
    """Return whether a place is met for the first time under `stamp`, and remember it."""
    if seen[place] == stamp:
        return False
    seen[place] = stamp
    return True


@inlined
def count_others(event, t, links, counts_evidence, seen, n_rooms, own, stamp):
    """Return how many other people with a known record are new, and when that may change."""
    soon, number = FAR, 0.0
    others = links.others
    for row in range(links.start[event], links.start[event + 1]):
        other = links.event[row]
        known_from = max(others.event_time[other], others.recorded_time[other]) + 1
        if known_from > t:
            soon = min(soon, known_from)
            continue
        level, changes = level_before(other, t, others)
        soon = min(soon, changes)
        if counts_evidence[level] and first_seen(seen, links.person[row] * n_rooms + own, stamp):
            number += 1.0
    return number, soon


@inlined
def is_repeat(incident, place, room, stamp):
    """Return whether something is met again in another incident, for the first time."""
    if first_seen(room.repeat_seen, place, stamp):
        room.repeat_incident[place] = incident
        return False
    other = room.repeat_incident[place]
    if other < 0 or other == incident:
        return False
    room.repeat_incident[place] = -1
    return True


@inlined
def note(cells, amounts, n, cell, amount):
    """Note that the record at hand adds an amount to a cell; return how many are noted."""
    cells[n], amounts[n] = cell, amount
    return n + 1


@inlined
def note_distinct(kind, code, record_class, programme, room, n_sums, stamp):
    """Note what the record at hand is the newest to show."""
    found, cell, own = room.found, programme.cell, programme.room
    for j in operations(kind, record_class, programme):
        if first_seen(room.seen, code * programme.n_rooms + own[j], stamp):
            n_sums = note(found.sum_cell, found.sum_amount, n_sums, cell[j], 1.0)
    return n_sums


@inlined
def note_repeats(kind, code, incident, record_class, programme, room, n_sums, stamp):
    """Note what the record at hand shows in a second incident."""
    found, cell, own = room.found, programme.cell, programme.room
    for j in operations(kind, record_class, programme):
        if is_repeat(incident, code * programme.n_repeats + own[j], room, stamp):
            n_sums = note(found.sum_cell, found.sum_amount, n_sums, cell[j], 1.0)
    return n_sums


@inlined
def operations(kind, record_class, programme):
    """Return the rows of one kind of operation on one class of records."""
    first = record_class * N_KINDS + kind
    return range(programme.start[first], programme.start[first + 1])


@inlined
def note_incident(record_class, incident, happened, programme, room, stamp):
    """Note the record as the newest of its incident, where operations want the incident's date."""
    found, n, own, n_rooms = room.found, room.n, programme.room, programme.n_rooms
    for j in operations(OLDEST, record_class, programme):
        if first_seen(room.seen, incident * n_rooms + own[j], stamp):
            n[N_TOPS] = note(
                found.top_cell, found.top_amount, n[N_TOPS], programme.cell[j], -float(happened)
            )
    for j in operations(DECAYED, record_class, programme):
        if first_seen(room.seen, incident * n_rooms + own[j], stamp):
            n[N_WAITING] = note(
                found.waiting_cell, found.waiting_time, n[N_WAITING], programme.cell[j], happened
            )


@inlined
def note_moment(record_class, happened, programme, values):
    """Keep the moment of the latest and of the first record."""
    for j in operations(FIRST, record_class, programme):
        values[programme.cell[j]] = happened
    for j in operations(LAST, record_class, programme):
        if np.isnan(values[programme.cell[j]]):
            values[programme.cell[j]] = happened


@inlined
def note_trends(kind, record_class, happened, amount, programme, room):
    """Note what the record adds to the spans of trends."""
    found, n = room.found, room.n
    for j in operations(kind, record_class, programme):
        found.trend_time[n[N_TRENDS]] = happened
        found.trend_length[n[N_TRENDS]] = programme.lengths[programme.room[j]]
        n[N_TRENDS] = note(
            found.trend_cell, found.trend_amount, n[N_TRENDS], programme.cell[j], amount
        )


@inlined
def note_record(event, record_class, reach, programme, records, events, room, stamp):
    """Note what one record adds by itself, by the operations of its class."""
    found, n, cell = room.found, room.n, programme.cell
    incident, victim, place = events.incident[event], events.victim[event], events.place[event]
    happened, harm, n_sums = records.event_time[event], events.harm[event], n[N_SUMS]
    for j in operations(COUNT, record_class, programme):
        n_sums = note(found.sum_cell, found.sum_amount, n_sums, cell[j], 1.0)
    for j in operations(HARM, record_class, programme):
        found.harm_cell[n[N_HARMS]] = cell[j]
        n[N_HARMS] += 1
    n_sums = note_distinct(INCIDENTS, incident, record_class, programme, room, n_sums, stamp)
    if victim >= 0:
        n_sums = note_distinct(VICTIMS, victim, record_class, programme, room, n_sums, stamp)
        n_sums = note_repeats(
            REPEAT_VICTIMS, victim, incident, record_class, programme, room, n_sums, stamp
        )
    if place >= 0:
        n_sums = note_distinct(PLACES, place, record_class, programme, room, n_sums, stamp)
        n_sums = note_repeats(
            REPEAT_PLACES, place, incident, record_class, programme, room, n_sums, stamp
        )
    n[N_SUMS] = n_sums
    for j in operations(HARM_MAX, record_class, programme):
        n[N_TOPS] = note(found.top_cell, found.top_amount, n[N_TOPS], cell[j], harm)
    note_incident(record_class, incident, happened, programme, room, stamp)
    note_moment(record_class, happened, programme, room.values)
    if happened >= reach:
        note_trends(TREND_COUNT, record_class, happened, 1.0, programme, room)
        note_trends(TREND_HARM, record_class, happened, harm, programme, room)


@inlined
def note_others(kind, event, t, record_class, links, programme, events, room, stamp):
    """Note the other people whom the record shows; return when that may change."""
    found, n, soon = room.found, room.n, FAR
    if links.start[event] == links.start[event + 1]:
        return soon
    for j in operations(kind, record_class, programme):
        number, changes = count_others(
            event, t, links, events.counts_evidence, room.seen, programme.n_rooms,
            programme.room[j], stamp,
        )  # fmt: skip
        n[N_SUMS] = note(found.sum_cell, found.sum_amount, n[N_SUMS], programme.cell[j], number)
        soon = min(soon, changes)
    return soon


@inlined
def start_record(r, found, n):
    """Say from where on the notes are those of record r."""
    found.sum_start[r], found.harm_start[r], found.top_start[r] = n[N_SUMS], n[N_HARMS], n[N_TOPS]


@inlined
def find_records(
    first, last, t, reach, programme, records, events, partners, neighbours, room, stamp
):
    """Note what each record of one person known before `t` adds; return when that may change."""
    values, found, n = room.values, room.found, room.n
    for cell in range(programme.alone, programme.first_derived):
        values[cell] = programme.initial[cell]
    for counter in range(n.size):
        n[counter] = 0
    soon = FAR
    for event in range(last - 1, first - 1, -1):
        if records.recorded_time[event] >= t:
            soon = min(soon, records.recorded_time[event] + 1)
            continue
        level, changes = level_before(event, t, records)
        soon = min(soon, changes)
        if not events.counts_evidence[level]:
            continue
        r = n[N_RECORDS]
        found.time[r], found.harm[r] = records.event_time[event], events.harm[event]
        start_record(r, found, n)
        record_class = events.event_class[event] * programme.n_levels + level
        note_record(event, record_class, reach, programme, records, events, room, stamp)
        soon = min(
            soon,
            note_others(
                CO_ACCUSED, event, t, record_class, partners, programme, events, room, stamp
            ),
            note_others(
                NEIGHBOURS, event, t, record_class, neighbours, programme, events, room, stamp
            ),
        )
        n[N_RECORDS] = r + 1
    start_record(n[N_RECORDS], found, n)
    return soon
