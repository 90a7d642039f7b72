"""The compiled passes over outcome windows: what befell each row, and what all later harm comes to.

Serious offences count once per person and incident. Times are microseconds.
"""

from __future__ import annotations

from riskmodel.compile_kernel import compiled
from riskmodel.histories.time_at_risk_kernel import NEVER


@compiled
def outcomes(
    person_of, as_of, horizon, end, cap, person_start, event_time, harm, serious, incident_local,
    counts, seen, serious_count, harm_sum, harm_capped, first_serious,
):  # fmt: skip
    """Fill the last four arrays, one entry a row, over ``[as_of, as_of + horizon)`` before `end`.

    Parameters
    ----------
    person_of, as_of : int64 arrays, shape (n,)
    horizon, end : int
        Length of the window, and the end of follow-up.
    cap : float
        Days that one offence counts for at most in `harm_capped`.
    person_start : int64 array
        The events of person p are ``person_start[p]:person_start[p + 1]``, by time.
    harm, serious, incident_local, counts : arrays, one entry an event
        `counts` says whether the event may be an outcome at all.
    seen : int64 array of -1, one place an incident of a person
    first_serious : int64 array, shape (n,)
        Becomes the time of the first serious offence in the window, `NEVER` without one.
    """
    for row in range(person_of.size):
        person, t = person_of[row], as_of[row]
        until = min(t + horizon, end)
        number, days, capped, first = 0.0, 0.0, 0.0, NEVER
        for event in range(person_start[person], person_start[person + 1]):
            if event_time[event] >= until:
                break
            if event_time[event] < t or not counts[event]:
                continue
            days += harm[event]
            capped += min(harm[event], cap)
            if serious[event] and seen[incident_local[event]] != row:
                seen[incident_local[event]] = row
                number += 1.0
                first = min(first, event_time[event])
        serious_count[row], harm_sum[row], harm_capped[row] = number, days, capped
        first_serious[row] = first


@compiled
def total(
    dates, horizon, cap, event_time, harm, serious, named, incident, victim, seen_incident,
    seen_victim, seen_named_victim, out,
):  # fmt: skip
    """Fill ``out[k]`` with what all events in the window of date k come to.

    Parameters
    ----------
    dates : int64 array
    event_time, harm, serious, named : arrays, one entry an event
        Only events that count; `named` says whether a suspect is named.
    incident, victim : int64 arrays, one entry an event
        Codes over everyone, -1 without a victim; read for serious events only.
    seen_incident, seen_victim, seen_named_victim : int64 arrays of -1, one place a code
    out : float64 array of zeros, shape (n_dates, 8)
        Serious incidents, harm, capped harm and victims of serious events: of all, then of those
        with a named suspect, side by side.
    """
    for k in range(dates.size):
        t = dates[k]
        for event in range(event_time.size):
            if event_time[event] < t or event_time[event] >= t + horizon:
                continue
            days, capped = harm[event], min(harm[event], cap)
            out[k, 2] += days
            out[k, 4] += capped
            if named[event]:
                out[k, 3] += days
                out[k, 5] += capped
            if not serious[event]:
                continue
            if seen_incident[incident[event]] != k:
                seen_incident[incident[event]] = k
                out[k, 0] += 1.0
                if named[event]:
                    out[k, 1] += 1.0
            who = victim[event]
            if who < 0:
                continue
            if seen_victim[who] != k:
                seen_victim[who] = k
                out[k, 6] += 1.0
            if named[event] and seen_named_victim[who] != k:
                seen_named_victim[who] = k
                out[k, 7] += 1.0
