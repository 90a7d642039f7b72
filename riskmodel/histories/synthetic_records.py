"""What a synthetic world's police come to know: reports, records, lags, evidence, custody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskmodel.histories.synthetic_offences import Offences, inside_spells, profile_column
from riskmodel.histories.synthetic_people import Population, Traits
from riskmodel.histories.synthetic_spec import (
    DAY,
    NEVER,
    YEAR,
    Bools,
    Floats,
    Ints,
    WorldSpec,
)

# The decision on a record that is not charged, in the order of the shares declared.
DROPPED = ("no_action", "support_withdrawn", "cancelled", "caution")
_SHORTEST_LAG = 60.0  # seconds: nothing is recorded at the instant at which it happens


@dataclass(frozen=True)
class Course:
    """What becomes of records; times in seconds, NEVER where a step is not taken."""

    arrested_first: Bools
    arrest: Floats
    dropped: Ints  # index in DROPPED, -1 if none of them
    drop: Floats
    charge: Floats
    conviction: Floats
    acquittal: Floats
    jail_start: Floats
    jail_end: Floats

    def subset(self, keep: Bools) -> Course:
        """Keep some rows."""
        return Course(**{name: values[keep] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Records:
    """What becomes known of each true offence."""

    reported: Bools  # somebody told the police
    police: Bools  # the police came upon it
    recorded: Bools
    named: Bools  # the record names the suspect
    time: Floats  # when it is recorded (if it is)
    course: Course

    def subset(self, keep: Bools) -> Records:
        """Keep some rows."""
        kept = {name: values[keep] for name, values in vars(self).items() if name != "course"}
        return Records(**kept, course=self.course.subset(keep))


@dataclass(frozen=True)
class FalseAllegations:
    """Allegations of what never happened."""

    person: Ints
    time: Ints
    profile: Ints
    victim: Ints
    recorded: Floats
    course: Course


def draw_records(
    spec: WorldSpec,
    people: Population,
    rows: Offences,
    victims: Traits,
    rng: np.random.Generator,
) -> Records:
    """Draw what becomes known. The draws are the same with and without the biases."""
    n = len(rows)
    reported = (rng.random(n) < _report_probability(spec, rows, victims))[rows.first]
    recorded = rng.random(n) < _record_probability(spec, people, rows)
    found = (rng.random(n) < _find_probability(spec, people, rows))[rows.first]
    police = found & ~reported
    named = rng.random(n) < np.where(rows.stranger, spec.named_stranger, spec.named_known)
    lag = draw_lags(spec, rows.profile, police, rng)[rows.first]
    known = rows.time + lag
    course = draw_course(spec, rows.profile, named | police, known, rng)
    happened = police | (reported & recorded)
    course = _possible(course, happened, people.death[rows.person])
    return Records(reported, police, happened, named | police, known, course)


def draw_lags(spec: WorldSpec, profile: Ints, police: Bools, rng: np.random.Generator) -> Floats:
    """Seconds from event to record: hours to days for most, months to years for a share."""
    n = len(profile)
    sexual = profile_column("sexual")[profile] > 0
    late = rng.random(n) < np.where(sexual, spec.late_share_sexual, spec.late_share)
    spread = rng.standard_normal(n)
    soon = spec.lag_median_days * np.exp(1.2 * spread)
    long = spec.late_median_days * np.exp(0.9 * spread)
    days = np.where(late & ~police, long, soon)
    return np.floor(np.maximum(days * DAY, _SHORTEST_LAG))


def draw_course(
    spec: WorldSpec, profile: Ints, named: Bools, recorded: Floats, rng: np.random.Generator
) -> Course:
    """Arrest, then a decision (charge, or one of DROPPED), then a verdict, then custody."""
    n = len(profile)
    first = named & (rng.random(n) < spec.arrested_first)
    arrest = _after(recorded, 3.0, named & ~first & (rng.random(n) < spec.arrested_later), rng)
    charged = named & (rng.random(n) < profile_column("charged")[profile])
    dropped = np.where(charged, -1, _draw_dropped(spec, profile, named, rng))
    slow = np.where(profile_column("sexual")[profile] > 0, 3.0, 1.0)
    ready = np.where(arrest < NEVER, arrest, recorded)
    decision = _after(ready, spec.decision_median_days * slow, np.ones(n, np.bool_), rng)
    charge = np.where(charged, decision, NEVER)
    verdict = rng.random(n)
    serious = profile_column("serious")[profile] > 0
    trial = _after(decision, spec.trial_median_days * np.where(serious, 2.0, 1.0), charged, rng)
    convicted = charged & (verdict < spec.convicted)
    acquitted = charged & ~convicted & (verdict < spec.convicted + spec.acquitted)
    share = np.where(serious, spec.custody_serious, spec.custody_minor)
    jailed = convicted & (rng.random(n) < share)
    served = profile_column("served")[profile] * np.exp(0.4 * rng.standard_normal(n))
    return Course(
        arrested_first=first,
        arrest=arrest,
        dropped=dropped,
        drop=np.where(dropped >= 0, decision, NEVER),
        charge=charge,
        conviction=np.where(convicted, trial, NEVER),
        acquittal=np.where(acquitted, trial, NEVER),
        jail_start=np.where(jailed, trial, NEVER),
        jail_end=np.where(jailed, trial + np.floor(served) * DAY + DAY, NEVER),
    )


def draw_false_allegations(
    spec: WorldSpec,
    people: Population,
    custody: tuple[Ints, Floats, Floats],
    n_known_victims: Ints,
    rng: np.random.Generator,
) -> FalseAllegations:
    """Draw allegations of what never happened, against people at large, by a yearly rate."""
    factor = _factors(spec.false_allegations_by_suspect_ethnicity, spec, "ethnicity")
    rate = spec.false_allegations_a_year * factor[people.traits["ethnicity"]]
    length = np.maximum(people.gone - people.begin, 0.0)
    person = np.repeat(np.arange(people.n), rng.poisson(rate * length / YEAR))
    drawn = people.begin[person] + rng.random(len(person)) * length[person]
    time = np.maximum(np.floor(drawn), np.ceil(people.begin[person])).astype(np.int64)
    outside = ~inside_spells(person, time, *custody)
    person, time = person[outside], time[outside]
    weights = profile_column("grave") * (1 - profile_column("victimless"))
    weights += 0.06 * profile_column("serious") * weights.sum() / 100
    profile = rng.choice(len(weights), len(person), p=weights / weights.sum())
    pool = np.diff(n_known_victims)[person]
    victim = n_known_victims[person] + np.floor(pool * rng.random(len(person))).astype(np.int64)
    lag = draw_lags(spec, profile, np.zeros(len(person), np.bool_), rng)
    course = draw_course(spec, profile, np.ones(len(person), np.bool_), time + lag, rng)
    course = _possible(_unconvicted(course), np.ones(len(person), np.bool_), people.death[person])
    return FalseAllegations(person, time, profile, victim, time + lag, course)


def _report_probability(spec: WorldSpec, rows: Offences, victims: Traits) -> Floats:
    probability = profile_column("reported")[rows.profile]
    for trait in ("ethnicity", "disability", "sexual_orientation"):
        bias = getattr(spec, f"reporting_by_victim_{trait}")
        group = np.where(rows.victim >= 0, victims[trait][rows.victim], 0)
        probability = probability * _factors(bias, spec, trait)[group]
    return probability  # victimless offences stay at 0 whatever their group


def _record_probability(spec: WorldSpec, people: Population, rows: Offences) -> Floats:
    factor = _factors(spec.recording_by_suspect_ethnicity, spec, "ethnicity")
    minor = spec.recording_minor * factor[people.traits["ethnicity"][rows.person]]
    serious = profile_column("serious")[rows.profile] > 0
    return np.where(serious, spec.recording_serious, minor)


def _find_probability(spec: WorldSpec, people: Population, rows: Offences) -> Floats:
    factor = _factors(spec.proactive_by_suspect_ethnicity, spec, "ethnicity")
    rate = spec.proactive_rate * factor[people.traits["ethnicity"][rows.person]]
    return np.where(profile_column("victimless")[rows.profile] > 0, rate, 0.0)


def _factors(bias: Mapping[str, float], spec: WorldSpec, trait: str) -> Floats:
    """Return the factor of each group of a characteristic, by its code."""
    return np.array([bias.get(group, 1.0) for group in spec.groups[trait]])


def _draw_dropped(spec: WorldSpec, profile: Ints, named: Bools, rng: np.random.Generator) -> Ints:
    edges = np.cumsum([getattr(spec, name) for name in DROPPED])
    drawn = np.searchsorted(edges, rng.random(len(profile)), side="right")
    serious = profile_column("serious")[profile] > 0
    cautioned = drawn == DROPPED.index("caution")
    nothing = (drawn == len(DROPPED)) | (cautioned & (serious | ~named))
    return np.where(nothing, -1, drawn)


def _after(
    start: Floats, median_days: Floats | float, taken: Bools, rng: np.random.Generator
) -> Floats:
    """Return a later time, an hour at least, where a step is taken."""
    days = median_days * np.exp(0.8 * rng.standard_normal(len(start)))
    return np.where(taken, start + np.floor(np.maximum(days * DAY, 3600.0)), NEVER)


def _possible(course: Course, recorded: Bools, death: Floats) -> Course:
    """Return the course without what needs a record, or a living suspect, where there is none."""
    living = ("arrest", "charge", "conviction", "acquittal", "jail_start")
    steps = {name: getattr(course, name) for name in living}
    kept = {name: np.where(recorded & (at < death), at, NEVER) for name, at in steps.items()}
    jailed = kept["jail_start"] < NEVER
    kept["jail_end"] = np.where(jailed, np.minimum(course.jail_end, death), NEVER)
    return Course(**(vars(course) | kept))


def _unconvicted(course: Course) -> Course:
    """Return the course of what never happened: charges on it end in an acquittal or nothing."""
    never = np.full(len(course.charge), NEVER)
    acquittal = np.minimum(course.acquittal, course.conviction)
    changed = {"conviction": never, "acquittal": acquittal, "jail_start": never, "jail_end": never}
    return Course(**(vars(course) | changed))
