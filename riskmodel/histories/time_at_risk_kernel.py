"""The compiled pass over rows of (person, date): time at risk, what competed, what came first."""

from __future__ import annotations

from riskmodel.compile_kernel import compiled

DAY_US = 86_400_000_000
NEVER = 2**63 - 1
NOTHING, DEATH, LEFT, CUSTODY = range(4)
OFFENCE_FIRST, DEATH_FIRST, LEFT_FIRST, CUSTODY_FIRST = range(1, 5)


@compiled
def follow(
    person_of, as_of, horizon, end, offence, death, left, spell_start, begins, ends,
    days_at_risk, competing, duration_days, event,
):  # fmt: skip
    """Fill the last four arrays, one entry a row.

    Parameters
    ----------
    person_of, as_of : int64 arrays, shape (n,)
        Times are microseconds.
    horizon, end : int
        Length of the window, and the end of follow-up.
    offence : int64 array, shape (n,) or (0,)
        The first serious offence in the window, `NEVER` without; empty where none is known.
    death, left : int64 arrays, one entry a person
        `NEVER` where it has not happened.
    spell_start, begins, ends : int64 arrays
        Custody of person p, in order and apart: ``spell_start[p]:spell_start[p + 1]`` of the rest.
    """
    for row in range(person_of.size):
        person, t = person_of[row], as_of[row]
        dies, leaves = death[person], left[person]
        offends = offence[row] if offence.size else NEVER
        limit = max(t, min(t + horizon, end))
        stop = max(t, min(limit, dies, leaves))
        held, jailed = 0, NEVER
        competes = throughout = False
        for spell in range(spell_start[person], spell_start[person + 1]):
            if begins[spell] >= stop:
                break
            if ends[spell] <= t:
                continue
            held += min(ends[spell], stop) - max(begins[spell], t)
            competes = competes or begins[spell] < offends
            if begins[spell] >= t:
                jailed = min(jailed, begins[spell])
            elif ends[spell] >= t + horizon and t + horizon <= end:
                throughout = True
        days_at_risk[row] = (stop - t - held) / DAY_US
        competing[row] = CUSTODY if competes else NOTHING
        if leaves < limit and leaves < dies:
            competing[row] = LEFT
        elif dies < limit:
            competing[row] = DEATH
        first, kind = limit, 0
        if jailed < first:  # then also before leaving and death
            first, kind = jailed, CUSTODY_FIRST
        if leaves < first:
            first, kind = leaves, LEFT_FIRST
        if dies < limit and dies <= first:
            first, kind = dies, DEATH_FIRST
        if offends < limit and offends <= first:
            first, kind = offends, OFFENCE_FIRST
        if kind == 0 and throughout:
            first, kind = t, CUSTODY_FIRST
        duration_days[row] = max(first - t, 0) / DAY_US
        event[row] = kind
