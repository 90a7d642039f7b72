"""The compiled pass: one person's events, newest first, into one row per date.

Distinct incidents, victims and partners are counted by the newest record that shows them: met
newest first, each falls into the smallest window that holds it, and sums over windows do the rest.
Everything is float64 until the row is written.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from riskmodel.snapshots.windows import DAY_US

COUNT, INCIDENTS, HARM_SUM, HARM_MAX, VICTIMS, SERIOUS, CO_ACCUSED = range(7)
N_WINDOWED = 7
FIRST, LAST, LAST_SERIOUS, ESCALATION_HARM, ESCALATION_COUNT, REPEAT_VICTIMS = range(6)
RULE_HARM, RULE_INCIDENTS, RULE_VICTIMS, DECAYED_SERIOUS, EVIDENCE_SHARE = range(6, 11)
RECENT_HARM, RECENT_COUNT, BEFORE_HARM, BEFORE_COUNT, ALLEGED_HARM = range(11, 16)
N_SCALARS = 16

ALLEGATION = 0
HALF_LIFE_DAYS = 730.0
YEAR = 365 * DAY_US
FIVE_YEARS = 5 * YEAR


@njit(cache=True, nogil=True, inline="always")
def evidence_at(event, t, evidence0, update_start, update_time, update_evidence):
    """Return the evidence of an event as the last update recorded before `t` left it."""
    level = evidence0[event]
    for update in range(update_start[event], update_start[event + 1]):
        if update_time[update] >= t:
            break
        level = update_evidence[update]
    return level


@njit(cache=True, nogil=True, inline="always")
def is_known(event, t, event_time, recorded_time):
    """Return whether an event had happened and was recorded before `t`."""
    return event_time[event] < t and recorded_time[event] < t


@njit(cache=True, nogil=True)
def count_incidents(
    dates, lookback, person_start, event_time, recorded_time, incident_local,
    evidence0, update_start, update_time, update_evidence, counts_evidence, stamps, out_window,
    out_ever,
):  # fmt: skip
    """Count, per date and person, the distinct incidents known in the lookback and ever."""
    stamp = 0
    for person in range(person_start.size - 1):
        first, last = person_start[person], person_start[person + 1]
        for k in range(dates.size):
            t = dates[k]
            stamp += 1
            for event in range(last - 1, first - 1, -1):
                if not is_known(event, t, event_time, recorded_time):
                    continue
                level = evidence_at(event, t, evidence0, update_start, update_time, update_evidence)
                if not counts_evidence[level] or stamps[incident_local[event]] == stamp:
                    continue
                stamps[incident_local[event]] = stamp
                out_ever[k, person] += 1
                if t - event_time[event] <= lookback:
                    out_window[k, person] += 1


@njit(cache=True, nogil=True, inline="always")
def first_seen(seen, code, stamp):
    """Return whether `code` is met for the first time under `stamp`, and remember it."""
    if seen[code] == stamp:
        return False
    seen[code] = stamp
    return True


@njit(cache=True, nogil=True)
def add_record(scratch, n_windows, bucket, weight, group_slot, level_slot):
    """Count one record: its number, harm, gravest harm, offence group and evidence."""
    scratch[COUNT * n_windows + bucket] += 1.0
    scratch[HARM_SUM * n_windows + bucket] += weight
    gravest = HARM_MAX * n_windows + bucket
    scratch[gravest] = max(scratch[gravest], weight)
    scratch[group_slot] += 1.0
    scratch[level_slot] += 1.0


@njit(cache=True, nogil=True)
def add_victim(
    scratch, n_windows, scalars, bucket, victim, pair, stamp, seen_victim, seen_pair, incidents_of
):
    """Count a victim once, and once more as a repeat victim at the second incident."""
    if first_seen(seen_victim, victim, stamp):
        incidents_of[victim] = 0
        scratch[VICTIMS * n_windows + bucket] += 1.0
    if first_seen(seen_pair, pair, stamp):
        incidents_of[victim] += 1
        if incidents_of[victim] == 2:
            scratch[scalars + REPEAT_VICTIMS] += 1.0


@njit(cache=True, nogil=True)
def add_serious(scratch, n_windows, scalars, bucket, incident, days, stamp, seen_serious):
    """Count a serious incident once, by its newest serious record."""
    if np.isnan(scratch[scalars + LAST_SERIOUS]):
        scratch[scalars + LAST_SERIOUS] = days
    if first_seen(seen_serious, incident, stamp):
        scratch[SERIOUS * n_windows + bucket] += 1.0
        scratch[scalars + DECAYED_SERIOUS] += 0.5 ** (days / HALF_LIFE_DAYS)


@njit(cache=True, nogil=True)
def add_years(
    scratch, scalars, age, weight, level, is_reported, incident, victim, stamp, seen_rule,
    seen_rule_victim,
):  # fmt: skip
    """Add one record to the last year (with what the rules in use read) or the four before."""
    if age > YEAR:
        if age <= FIVE_YEARS:
            scratch[scalars + BEFORE_HARM] += weight
            scratch[scalars + BEFORE_COUNT] += 1.0
        return
    scratch[scalars + RECENT_HARM] += weight
    scratch[scalars + RECENT_COUNT] += 1.0
    if level == ALLEGATION:
        scratch[scalars + ALLEGED_HARM] += weight
    if is_reported:
        scratch[scalars + RULE_HARM] += weight
        if first_seen(seen_rule, incident, stamp):
            scratch[scalars + RULE_INCIDENTS] += 1.0
        if victim >= 0 and first_seen(seen_rule_victim, victim, stamp):
            scratch[scalars + RULE_VICTIMS] += 1.0


@njit(cache=True, nogil=True)
def add_partners(
    scratch, slot, event, t, stamp, seen_partner, counts_evidence, partner_start, partner_event,
    partner_local, event_time, recorded_time, evidence0, update_start, update_time, update_evidence,
):  # fmt: skip
    """Count once each other person whose own record of the incident was known before `t`."""
    for link in range(partner_start[event], partner_start[event + 1]):
        other = partner_event[link]
        if seen_partner[partner_local[link]] == stamp:
            continue
        if not is_known(other, t, event_time, recorded_time):
            continue
        level = evidence_at(other, t, evidence0, update_start, update_time, update_evidence)
        if counts_evidence[level]:
            seen_partner[partner_local[link]] = stamp
            scratch[slot] += 1.0


@njit(cache=True, nogil=True)
def finish(scratch, n_windows, scalars, years_before):
    """Sum over the windows, smallest first, and work out what needs the whole history."""
    for base in range(0, scalars, n_windows):
        for slot in range(base + 1, base + n_windows):
            if base == HARM_MAX * n_windows:
                scratch[slot] = max(scratch[slot], scratch[slot - 1])
            else:
                scratch[slot] += scratch[slot - 1]
    if years_before < 1.0:
        years_before = np.nan
    recent, before = scratch[scalars + RECENT_HARM], scratch[scalars + BEFORE_HARM]
    scratch[scalars + ESCALATION_HARM] = recent - before / years_before
    scratch[scalars + ESCALATION_COUNT] = (
        scratch[scalars + RECENT_COUNT] - scratch[scalars + BEFORE_COUNT] / years_before
    )
    share = scratch[scalars + ALLEGED_HARM] / recent if recent > 0.0 else np.nan
    scratch[scalars + EVIDENCE_SHARE] = share


@njit(cache=True, nogil=True)
def aggregate(
    persons, row_of, dates, windows, reaches, data_start, n_groups, n_levels, slot_of, window_of,
    rule_slots, person_start, event_time, recorded_time, harm, group, serious, victim_local,
    incident_local, pair_local, evidence0, origin, update_start, update_time, update_evidence,
    partner_start, partner_event, partner_local, counts_evidence, seen_incident, seen_serious,
    seen_victim, seen_pair, seen_partner, seen_rule, seen_rule_victim, incidents_of, scratch, out,
    rules,
):  # fmt: skip
    """Fill the rows of `out` and `rules` for some persons, all dates.

    Parameters
    ----------
    persons : int64 array
        Which persons to pass over.
    row_of : int64 array, shape (n_dates, n_persons)
        Row of each person at each date; -1 where not in the cohort.
    dates, windows : int64 arrays, microseconds
        Windows rise; the last is "ever".
    reaches : bool array, shape (n_dates, n_windows)
        Whether the data reach back over the whole window at the date.
    slot_of, window_of : int64 arrays, shape (n_features,)
        Where in `scratch` each column stands, and its window (-1: none).
    rule_slots : int64 array
        The same for the columns of `rules`.
    seen_*, incidents_of : int64 arrays, zero
        Room for one stamp per local code of a person; one set per call.
    scratch : float64 array
        Room for one row of accumulators.
    """
    n_windows = windows.size
    group_base = N_WINDOWED * n_windows
    level_base = group_base + n_groups * n_windows
    scalars = level_base + n_levels * n_windows
    stamp = 0
    for person in persons:
        for k in range(dates.size):
            row = row_of[k, person]
            if row < 0:
                continue
            t = dates[k]
            stamp += 1
            scratch[:] = 0.0
            scratch[scalars + FIRST : scalars + LAST_SERIOUS + 1] = np.nan
            for event in range(person_start[person + 1] - 1, person_start[person] - 1, -1):
                if not is_known(event, t, event_time, recorded_time):
                    continue
                level = evidence_at(event, t, evidence0, update_start, update_time, update_evidence)
                if not counts_evidence[level]:
                    continue
                age = t - event_time[event]
                days = age / DAY_US
                bucket = 0
                while age > windows[bucket]:
                    bucket += 1
                incident, victim = incident_local[event], victim_local[event]
                add_record(
                    scratch, n_windows, bucket, harm[event],
                    group_base + group[event] * n_windows + bucket,
                    level_base + level * n_windows + bucket,
                )  # fmt: skip
                if first_seen(seen_incident, incident, stamp):
                    scratch[INCIDENTS * n_windows + bucket] += 1.0
                if victim >= 0:
                    add_victim(
                        scratch, n_windows, scalars, bucket, victim, pair_local[event], stamp,
                        seen_victim, seen_pair, incidents_of,
                    )  # fmt: skip
                if serious[event]:
                    add_serious(
                        scratch, n_windows, scalars, bucket, incident, days, stamp, seen_serious
                    )
                add_years(
                    scratch, scalars, age, harm[event], level, origin[event] == 0, incident, victim,
                    stamp, seen_rule, seen_rule_victim,
                )  # fmt: skip
                add_partners(
                    scratch, CO_ACCUSED * n_windows + bucket, event, t, stamp, seen_partner,
                    counts_evidence, partner_start, partner_event, partner_local, event_time,
                    recorded_time, evidence0, update_start, update_time, update_evidence,
                )  # fmt: skip
                if np.isnan(scratch[scalars + LAST]):
                    scratch[scalars + LAST] = days
                scratch[scalars + FIRST] = days
            finish(
                scratch, n_windows, scalars, min(FIVE_YEARS - YEAR, t - YEAR - data_start) / YEAR
            )
            for column in range(slot_of.size):
                window = window_of[column]
                reached = window < 0 or reaches[k, window]
                out[row, column] = scratch[slot_of[column]] if reached else np.nan
            for column in range(rule_slots.size):
                rules[row, column] = scratch[rule_slots[column]]


@njit(cache=True, nogil=True)
def outcomes(
    person_of, as_of, horizon, cap, person_start, event_time, harm, serious, incident_local,
    counts, seen, out,
):  # fmt: skip
    """Fill ``out[row]`` with serious incidents, harm and capped harm of the outcome window."""
    for row in range(person_of.size):
        person, t = person_of[row], as_of[row]
        for event in range(person_start[person], person_start[person + 1]):
            if event_time[event] < t or event_time[event] >= t + horizon or not counts[event]:
                continue
            out[row, 1] += harm[event]
            out[row, 2] += min(harm[event], cap)
            if serious[event] and seen[incident_local[event]] != row:
                seen[incident_local[event]] = row
                out[row, 0] += 1.0
