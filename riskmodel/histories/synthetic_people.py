"""Who lives in a synthetic world: suspects with latent rates, their groups and their victims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskmodel.histories.synthetic_spec import (
    DAY,
    NEVER,
    TRAITS,
    YEAR,
    Bools,
    Floats,
    Ints,
    WorldSpec,
)

# Offending by age, as a share of the peak: rises in the teens, falls slowly afterwards.
AGES = (12.0, 16.0, 20.0, 26.0, 35.0, 45.0, 60.0, 80.0)
AGE_FACTORS = (0.2, 0.65, 1.0, 0.95, 0.75, 0.5, 0.2, 0.05)

Traits = dict[str, Ints]  # name of a characteristic -> code of each one's group


@dataclass(frozen=True)
class Population:
    """The people: n of them; times in seconds from the world's start."""

    n: int
    span: float  # seconds from the start to the end of the world
    birth: Floats
    onset: Floats  # before 0 for those who had begun
    desist: Floats
    death: Floats  # NEVER where it falls after the end
    left: Floats
    rate: Floats  # own offences a year at peak age
    serious: Floats  # share of them that are serious, before escalation
    escalating: Bools
    crew: Ints  # group of co-offenders, -1 without one
    traits: Traits

    @property
    def begin(self) -> Floats:
        """Start of the time in which one can offend, within the world."""
        return np.maximum(self.onset, 0.0)

    @property
    def gone(self) -> Floats:
        """When death, leaving or the end of the world closes it, desistance aside."""
        return np.minimum(np.minimum(self.death, self.left), self.span)

    @property
    def until(self) -> Floats:
        """When the time in which one offends closes."""
        return np.minimum(self.gone, self.desist)


@dataclass(frozen=True)
class KnownVictims:
    """The pool of known victims of each person, as one array cut by ``start``."""

    start: Ints  # n_people + 1
    suspect: Ints  # index of the person that the victim also is, -1 if not one of the people


def age_factor(age_years: Floats) -> Floats:
    """Share of the peak rate at an age; 0 before the first age of the curve."""
    return np.where(age_years < AGES[0], 0.0, np.interp(age_years, AGES, AGE_FACTORS))


def serious_share(spec: WorldSpec, share: Floats, escalating: Bools, years: Floats) -> Floats:
    """Share of offences that are serious, years after onset, escalation counted."""
    growth = np.where(escalating, spec.escalation_a_year * np.maximum(years, 0.0), 0.0)
    return np.minimum(share * np.exp(growth), spec.serious_cap)


def draw_population(spec: WorldSpec, n: int, span: float, rng: np.random.Generator) -> Population:
    """Draw the people, without a look at any characteristic until all else is drawn."""
    present = rng.random(n) < spec.present_at_start
    onset = np.where(present, -rng.exponential(3.0 * YEAR, n), rng.random(n) * span)
    age = np.where(present, 14 + rng.gamma(2.5, 7.0, n), 13 + rng.gamma(2.2, 6.5, n))
    begin = np.maximum(onset, 0.0)
    birth = begin - np.clip(age, 12.5, 85.0) * YEAR
    onset = np.maximum(onset, birth + 12 * YEAR)  # nobody began before the age curve does
    desist = begin + rng.exponential(spec.career_years * YEAR, n)
    death = begin + _waiting_time(spec.death_rate, n, rng)
    left = begin + _waiting_time(spec.leaving_rate, n, rng)
    gamma = rng.gamma(spec.rate_shape, spec.yearly_rate / spec.rate_shape, n)
    share = spec.serious_share * np.exp(spec.serious_spread * rng.standard_normal(n))
    return Population(
        n=n,
        span=span,
        birth=np.floor(birth / DAY) * DAY,
        onset=onset,
        desist=desist,
        death=_dated(death, span),
        left=_dated(left, span),
        rate=spec.lowest_rate + gamma,
        serious=np.minimum(share, spec.serious_cap),
        escalating=rng.random(n) < spec.escalating_share,
        crew=_draw_crews(spec.grouped_share, n, rng),
        traits={name: draw_groups(spec.groups[name], n, rng) for name in TRAITS},
    )


def draw_groups(shares: Mapping[str, float], n: int, rng: np.random.Generator) -> Ints:
    """Draw the codes of n independent memberships, in the order of the groups declared."""
    edges = np.cumsum(list(shares.values()))[:-1]
    return np.searchsorted(edges, rng.random(n), side="right").astype(np.int64)


def draw_known_victims(
    spec: WorldSpec, people: Population, rng: np.random.Generator
) -> KnownVictims:
    """Give each person a few victims; the number has a long tail."""
    tail = rng.gamma(0.8, 1 / 0.8, people.n) * spec.extra_partners
    sizes = 1 + rng.poisson(tail)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    owner = np.repeat(np.arange(people.n), sizes)
    also = rng.random(len(owner)) < spec.victim_is_suspect
    other = (owner + 1 + rng.integers(0, max(people.n - 1, 1), len(owner))) % people.n
    # A world of one person has nobody else to be a victim.
    return KnownVictims(start, np.where(also & (other != owner), other, -1))


def draw_victim_traits(
    spec: WorldSpec,
    people: Population,
    known: KnownVictims,
    n_victims: int,
    rng: np.random.Generator,
) -> Traits:
    """Draw the characteristics of all victims: the known ones first, then strangers."""
    traits = {name: draw_groups(spec.victim_groups[name], n_victims, rng) for name in TRAITS}
    pool = int(known.start[-1])
    owner = np.repeat(np.arange(people.n), np.diff(known.start))
    alike = rng.random(pool) < spec.same_ethnicity
    ethnicity = traits["ethnicity"][:pool]
    traits["ethnicity"][:pool] = np.where(alike, people.traits["ethnicity"][owner], ethnicity)
    also = np.flatnonzero(known.suspect >= 0)
    for name in TRAITS:
        traits[name][also] = people.traits[name][known.suspect[also]]
    return traits


def _waiting_time(rate: float, n: int, rng: np.random.Generator) -> Floats:
    waits = rng.exponential(1.0, n)
    return waits * YEAR / rate if rate > 0 else np.full(n, NEVER)


def _dated(times: Floats, span: float) -> Floats:
    """Cut to midnights, as registers hold them, and hide what the end of the data hides."""
    days = np.floor(times / DAY) * DAY
    return np.where(days < span, days, NEVER)


def _draw_crews(share: float, n: int, rng: np.random.Generator) -> Ints:
    """Cut a random order of the people who have one into crews of 2 to 4."""
    members = rng.permutation(n)[: round(share * n)]
    cuts = np.cumsum(rng.integers(2, 5, len(members) // 2 + 1))
    crew = np.full(n, -1, dtype=np.int64)
    crew[members] = np.searchsorted(cuts, np.arange(len(members)), side="right")
    return crew
