"""The compiled pass that finds who is in the cohort at each date."""

from __future__ import annotations

from riskmodel.compile_kernel import compiled
from riskmodel.snapshots.records_kernel import first_seen, level_before

NO_RECORD, TOO_FEW, ENOUGH = range(3)


@compiled
def incidents_known(
    first, last, t, lookback, enough, records, incident, counts_evidence, seen, stamp
):
    """Return whether one person has enough incidents known in the lookback, fewer, or no record."""
    found, any_record = 0, False
    for event in range(last - 1, first - 1, -1):
        if records.event_time[event] >= t or records.recorded_time[event] >= t:
            continue
        level, _ = level_before(event, t, records)
        if not counts_evidence[level]:
            continue
        any_record = True
        if t - records.event_time[event] > lookback:
            break
        if first_seen(seen, incident[event], stamp):
            found += 1
            if found == enough:
                return ENOUGH
    return TOO_FEW if any_record else NO_RECORD


@compiled
def find_members(
    dates, lookback, enough, person_start, records, incident, counts_evidence, seen, out
):
    """Fill ``out[date, person]`` with NO_RECORD, TOO_FEW or ENOUGH.

    An incident is in the lookback if its newest known record is; `seen` has a place for each
    number that an incident has within its person.
    """
    stamp = 0
    for person in range(person_start.size - 1):
        for k in range(dates.size):
            stamp += 1
            out[k, person] = incidents_known(
                person_start[person], person_start[person + 1], dates[k], lookback, enough,
                records, incident, counts_evidence, seen, stamp,
            )  # fmt: skip
