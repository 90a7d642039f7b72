"""What truly happens in a synthetic world: who, when, what, against whom, with whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmodel.histories.synthetic_people import (
    KnownVictims,
    Population,
    age_factor,
    serious_share,
)
from riskmodel.histories.synthetic_spec import PROFILES, YEAR, Bools, Floats, Ints, WorldSpec

_KEY = 2**31  # person x time in one sortable number: 68 years of seconds


@dataclass(frozen=True)
class Offences:
    """One row a person and incident, sorted by person and time (seconds from the start)."""

    person: Ints
    time: Ints
    profile: Ints  # index in PROFILES
    victim: Ints  # -1 without one; known victims first, then strangers
    stranger: Bools
    first: Ints  # row of the one who began the incident: its own row but for those who joined

    def __len__(self) -> int:
        return len(self.person)

    def subset(self, keep: Bools) -> Offences:
        """Keep some rows; those who joined must go when the one who began it goes."""
        new_row = np.cumsum(keep) - 1
        return Offences(
            self.person[keep],
            self.time[keep],
            self.profile[keep],
            self.victim[keep],
            self.stranger[keep],
            new_row[self.first[keep]],
        )


def profile_column(name: str) -> Floats:
    """One column of the table of offences, in its order."""
    return np.array([getattr(profile, name) for profile in PROFILES], dtype=np.float64)


def draw_offences(
    spec: WorldSpec, people: Population, known: KnownVictims, rng: np.random.Generator
) -> tuple[Offences, int]:
    """Draw every offence as if nobody were ever in custody; also the number of victims."""
    person, time = _draw_times(people, rng)
    profile = _draw_profiles(spec, people, person, time, rng)
    victim, stranger, n_victims = _draw_victims(profile, person, known, rng)
    joined_row, joiner = _draw_joiners(spec, people, person, time, rng)
    first = np.concatenate([np.arange(len(person)), joined_row])
    person = np.concatenate([person, joiner])
    order = np.argsort(person * _KEY + time[first], kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    source = first[order]
    rows = Offences(
        person[order],
        time[source],
        profile[source],
        victim[source],
        stranger[source],
        rank[source],
    )
    return rows, n_victims


def at_large(rows: Offences, jail_start: Floats, jail_end: Floats) -> Bools:
    """Rows that happen although custody takes people away.

    A spell follows from a row that happened, and removes later rows of that person, and with
    them the spells that these would have led to. Each pass settles the next link of such a
    chain; passes stop when nothing changes, which a chain in time always reaches.
    """
    key = rows.person * _KEY + rows.time
    sentenced = np.flatnonzero(jail_start < jail_end)
    base = rows.person[sentenced] * _KEY
    low = np.searchsorted(key, base + _clip(jail_start[sentenced]))
    high = np.searchsorted(key, base + _clip(jail_end[sentenced]))
    free = np.ones(len(rows), dtype=np.bool_)
    while True:
        serving = free[sentenced]
        depth = np.bincount(low[serving], minlength=len(rows) + 1).astype(np.int64)
        depth -= np.bincount(high[serving], minlength=len(rows) + 1)
        inside = np.cumsum(depth[:-1]) > 0
        settled = ~inside & ~inside[rows.first]
        if np.array_equal(settled, free):
            return free
        free = settled


def inside_spells(person: Ints, time: Ints, who: Ints, start: Floats, end: Floats) -> Bools:
    """Whether each (person, time) lies in [start, end) of a spell of that person."""
    order = np.argsort(person * _KEY + time, kind="stable")
    key = (person * _KEY + time)[order]
    low = np.searchsorted(key, who * _KEY + _clip(start))
    high = np.searchsorted(key, who * _KEY + _clip(end))
    depth = np.bincount(low, minlength=len(key) + 1).astype(np.int64)
    depth -= np.bincount(high, minlength=len(key) + 1)
    inside = np.empty(len(key), dtype=np.bool_)
    inside[order] = np.cumsum(depth[:-1]) > 0
    return inside


def _clip(time: Floats) -> Ints:
    return np.minimum(np.ceil(time), _KEY - 1).astype(np.int64)


def _draw_times(people: Population, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw a Poisson process at the peak rate, thinned by age: exact in continuous time."""
    length = np.maximum(people.until - people.begin, 0.0)
    counts = rng.poisson(people.rate * length / YEAR)
    person = np.repeat(np.arange(people.n), counts)
    time = np.floor(people.begin[person] + rng.random(len(person)) * length[person])
    time = np.maximum(time, np.ceil(people.begin[person]))
    kept = rng.random(len(person)) < age_factor((time - people.birth[person]) / YEAR)
    return person[kept], time[kept].astype(np.int64)


def _draw_profiles(
    spec: WorldSpec, people: Population, person: Ints, time: Ints, rng: np.random.Generator
) -> Ints:
    """Serious or not by the person's share; the worse that share, the graver the minor ones."""
    years = (time - people.onset[person]) / YEAR
    share = serious_share(spec, people.serious[person], people.escalating[person], years)
    serious = rng.random(len(person)) < share
    grave = rng.random(len(person)) < 1 - np.exp(-spec.grave_pull * share)
    pick = rng.random(len(person))
    drawn = np.where(grave, _choose("grave", pick), _choose("mild", pick))
    return np.where(serious, _choose("serious", pick), drawn)


def _choose(column: str, pick: Floats) -> Ints:
    weights = profile_column(column)
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, pick, side="right"), len(edges) - 1)


def _draw_victims(
    profile: Ints, person: Ints, known: KnownVictims, rng: np.random.Generator
) -> tuple[Ints, Bools, int]:
    """Mostly the first of a person's known victims again; strangers are each met once."""
    stranger = rng.random(len(person)) < profile_column("stranger")[profile]
    pool = np.diff(known.start)[person]
    nth = np.floor(pool * rng.random(len(person)) ** 2).astype(np.int64)
    victim = known.start[person] + nth
    n_strangers = int(stranger.sum())
    victim[stranger] = known.start[-1] + np.arange(n_strangers)
    victim[profile_column("victimless")[profile] > 0] = -1
    return victim, stranger, int(known.start[-1]) + n_strangers


def _draw_joiners(
    spec: WorldSpec, people: Population, person: Ints, time: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Rows in which another of the crew joins, and who; only someone free to join does."""
    members = np.argsort(people.crew, kind="stable")
    members = members[people.crew[members] >= 0]
    crew = people.crew[members]
    start = np.searchsorted(crew, crew)
    size = np.searchsorted(crew, crew, side="right") - start
    place = np.full(people.n, -1, dtype=np.int64)
    place[members] = np.arange(len(members))
    wanted = rng.random(len(person)) < spec.co_offending_share
    turn = rng.random(len(person))
    rows = np.flatnonzero(wanted & (place[person] >= 0))
    spot = place[person[rows]]
    rows, spot = rows[size[spot] > 1], spot[size[spot] > 1]
    step = 1 + np.floor(turn[rows] * (size[spot] - 1)).astype(np.int64)
    partner = members[start[spot] + (spot - start[spot] + step) % size[spot]]
    free = (people.begin[partner] <= time[rows]) & (time[rows] < people.until[partner])
    return rows[free], partner[free]
