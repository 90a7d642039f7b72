"""A synthetic world as tables: ids and labels as strings, seconds as times, gaps as missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from riskmodel.histories.synthetic_offences import Offences
from riskmodel.histories.synthetic_people import KnownVictims, Population, Traits
from riskmodel.histories.synthetic_records import DROPPED, Course, FalseAllegations, Records
from riskmodel.histories.synthetic_spec import (
    NEVER,
    PROFILES,
    TRAITS,
    Bools,
    Floats,
    Ints,
    WorldSpec,
)

# Digits of the ids: enough for the largest world that may be asked for.
PERSON_DIGITS, VICTIM_DIGITS, SOURCE_DIGITS, INCIDENT_DIGITS = 6, 7, 8, 8


@dataclass(frozen=True)
class Simulated:
    """Everything drawn, as arrays, before it becomes tables."""

    spec: WorldSpec
    start: pd.Timestamp
    people: Population
    known: KnownVictims
    victims: Traits
    rows: Offences
    records: Records
    false: FalseAllegations
    victim_number: Ints  # opaque numbers: a permutation, so that ids tell nothing
    incident_number: Ints


class Sources(NamedTuple):
    """The records, true ones first, then false ones; ``number`` counts in order of recording."""

    true_rows: Ints  # rows of the offences that are recorded
    number: Ints
    recorded: Floats
    course: Course


def id_strings(prefix: str, numbers: Ints, width: int, present: Bools | None = None) -> pd.Series:
    """Write numbers as ids like ``P000123``; missing where not present."""
    size = len(prefix) + width
    text = np.empty((len(numbers), size), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    rest = np.where(numbers < 0, 0, numbers)
    for place in range(size - 1, len(prefix) - 1, -1):
        text[:, place] = 48 + rest % 10
        rest = rest // 10
    offsets = np.arange(len(numbers) + 1, dtype=np.int64) * size
    buffers = pa.py_buffer(offsets), pa.py_buffer(text)
    array = pa.LargeStringArray.from_buffers(len(numbers), *buffers)
    ids: pd.Series = array.to_pandas().astype("str")
    return ids if present is None else ids.where(present)


def label_strings(labels: Sequence[str], codes: Ints) -> pd.Series:
    """Write codes as labels; missing where a code is negative."""
    index = pa.array(codes.astype(np.int32), mask=codes < 0)
    encoded = pa.DictionaryArray.from_arrays(index, pa.array(list(labels), pa.large_string()))
    written: pd.Series = encoded.cast(pa.large_string()).to_pandas().astype("str")
    return written


def times(start: pd.Timestamp, seconds: Floats | Ints) -> pd.Series:
    """Seconds from the start as naive times in microseconds; missing from NEVER on."""
    known = np.asarray(seconds) < NEVER
    micros = np.where(known, np.asarray(seconds), 0).astype(np.int64) * 1_000_000
    stamps = micros.astype("timedelta64[us]") + start.to_datetime64().astype("datetime64[us]")
    return pd.Series(np.where(known, stamps, np.datetime64("NaT", "us")))


def trait_columns(
    traits: Traits,
    groups: Mapping[str, Mapping[str, float]],
    missing: Mapping[str, float] | None = None,
    rng: np.random.Generator | None = None,
) -> dict[str, pd.Series]:
    """Write the characteristics, with a share of each missing at random where asked."""
    columns = {}
    for name in TRAITS:
        codes = traits[name]
        if missing is not None and rng is not None:
            codes = np.where(rng.random(len(codes)) < missing[name], -1, codes)
        columns[name] = label_strings(list(groups[name]), codes)
    return columns


def number_sources(world: Simulated) -> Sources:
    """Give a number to all records, true and false, in the order in which they are recorded."""
    true_rows = np.flatnonzero(world.records.recorded)
    recorded = np.concatenate([world.records.time[true_rows], world.false.recorded])
    number = np.empty(len(recorded), dtype=np.int64)
    number[np.argsort(recorded, kind="stable")] = np.arange(len(recorded))
    true, false = vars(world.records.course), vars(world.false.course)
    joined = {name: np.concatenate([true[name][true_rows], false[name]]) for name in true}
    return Sources(true_rows, number, recorded, Course(**joined))


def events_table(world: Simulated, sources: Sources, rng: np.random.Generator) -> pd.DataFrame:
    """Every record, in the order of recording; not yet cut at the end of the data."""
    rows, at, false = world.rows, sources.true_rows, world.false
    order = np.argsort(sources.number)

    def column(true: Ints | Bools, untrue: Ints | Bools) -> Ints:
        return np.concatenate([true, untrue]).astype(np.int64)[order]

    n_false = len(false.person)
    person = column(rows.person[at], false.person)
    named = column(world.records.named[at], np.ones(n_false, np.bool_)) > 0
    unknown = rng.random(len(rows)) < world.spec.victim_not_identified
    victim = column(np.where(unknown[rows.first[at]], -1, rows.victim[at]), false.victim)
    incident = column(rows.first[at], len(rows) + np.arange(n_false))
    home = rng.integers(0, 32, world.people.n)[person]
    away = rng.random(len(person)) < 0.2
    place = np.where(away, rng.integers(0, 32, len(person)), home)
    first = sources.course.arrested_first[order].astype(np.int64)
    police = column(world.records.police[at], np.zeros(n_false, np.bool_))
    return pd.DataFrame(
        {
            "source_id": id_strings("E", np.arange(len(order)), SOURCE_DIGITS),
            "person_id": id_strings("P", person, PERSON_DIGITS, named),
            "event_time": times(world.start, column(rows.time[at], false.time)),
            "recorded_time": times(world.start, sources.recorded[order]),
            "offence": label_strings(
                [p.code for p in PROFILES], column(rows.profile[at], false.profile)
            ),
            "victim_id": id_strings("V", world.victim_number[victim], VICTIM_DIGITS, victim >= 0),
            "incident_id": id_strings("I", world.incident_number[incident], INCIDENT_DIGITS),
            "place": label_strings([f"area {n + 1:02d}" for n in range(32)], place),
            "evidence": label_strings(["allegation", "arrest"], first),
            "origin": label_strings(["reported", "police_generated"], police),
        }
    )


def updates_table(world: Simulated, sources: Sources) -> pd.DataFrame:
    """Return each later step of evidence as a dated row."""
    course = sources.course
    steps = [("arrest", course.arrest), ("charge", course.charge)]
    steps += [("conviction", course.conviction), ("acquitted", course.acquittal)]
    steps += [
        (name, np.where(course.dropped == code, course.drop, NEVER))
        for code, name in enumerate(DROPPED)
    ]
    taken = [np.flatnonzero(at < NEVER) for _, at in steps]
    number = np.concatenate([sources.number[rows] for rows in taken])
    seconds = np.concatenate([at[rows] for (_, at), rows in zip(steps, taken, strict=True)])
    codes = np.repeat(np.arange(len(steps)), [len(rows) for rows in taken])
    order = np.lexsort((number, seconds))
    return pd.DataFrame(
        {
            "source_id": id_strings("E", number[order], SOURCE_DIGITS),
            "recorded_time": times(world.start, seconds[order]),
            "evidence": label_strings([name for name, _ in steps], codes[order]),
        }
    )


def spells_table(world: Simulated) -> pd.DataFrame:
    """Custody, recorded on the day that it starts, with the end then planned."""
    course = world.records.course
    rows = np.flatnonzero(course.jail_start < NEVER)
    rows = rows[np.argsort(course.jail_start[rows], kind="stable")]
    start = times(world.start, course.jail_start[rows])
    return pd.DataFrame(
        {
            "person_id": id_strings("P", world.rows.person[rows], PERSON_DIGITS),
            "start": start,
            "recorded_time": start,
            "end": times(world.start, course.jail_end[rows]),
            "kind": label_strings(["custody"], np.zeros(len(rows), dtype=np.int64)),
        }
    )


def people_table(world: Simulated, rng: np.random.Generator) -> pd.DataFrame:
    """Dates of birth, death and leaving, as far as they are known at the end."""
    people = world.people
    unknown = rng.random(people.n) < world.spec.missing_birth_date
    # Whoever dies after leaving is out of sight, and the dead do not leave.
    return pd.DataFrame(
        {
            "person_id": id_strings("P", np.arange(people.n), PERSON_DIGITS),
            "birth_date": times(world.start, np.where(unknown, NEVER, people.birth)),
            "death_date": times(
                world.start, np.where(people.death <= people.left, people.death, NEVER)
            ),
            "left_date": times(
                world.start, np.where(people.left < people.death, people.left, NEVER)
            ),
        }
    )


def victims_table(world: Simulated, rng: np.random.Generator | None) -> pd.DataFrame:
    """All victims, with gaps if drawn from a generator, else as they truly are."""
    n = len(world.victim_number)
    suspect = np.full(n, -1, dtype=np.int64)
    suspect[: len(world.known.suspect)] = world.known.suspect
    missing = None if rng is None else world.spec.victim_missing
    columns = trait_columns(world.victims, world.spec.victim_groups, missing, rng)
    table = pd.DataFrame(
        {
            "victim_id": id_strings("V", world.victim_number, VICTIM_DIGITS),
            "person_id": id_strings("P", suspect, PERSON_DIGITS, suspect >= 0),
            **columns,
        }
    )
    return table.iloc[np.argsort(world.victim_number)].reset_index(drop=True)
