"""Made-up histories of any size: drawn chunk by chunk, the same bits for the same seed.

People have heavy-tailed numbers of events over twelve years; half of the events are recorded late,
a tenth change their evidence later, some incidents have several records or several people. Chunks
hold whole people and are sorted by person and time, so that a hundred million events can be
written to Parquet without ever being in memory together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from words import EVIDENCE, GROUPS

START, END = pd.Timestamp("2012-01-01"), pd.Timestamp("2024-01-01")
DAY = 86_400
SPAN_DAYS = (END - START).days
CHUNK_PEOPLE = 100_000
N_PLACES = 5_000
PLACES_OF_A_PERSON = 6
VICTIMS_OF_A_PERSON = 3
FIRST_EVIDENCE = (0.55, 0.15, 0.1, 0.05, 0.05, 0.01, 0.05, 0.03, 0.01)
LATER_EVIDENCE = (0.02, 0.08, 0.2, 0.1, 0.2, 0.05, 0.1, 0.1, 0.15)
HARMS = (
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    7.75,
    10.0,
    19.0,
    31.5,
    60.0,
    182.5,
    365.0,
    730.0,
    1460.0,
    2555.0,
)
N_OFFENCES = 40


@dataclass(frozen=True)
class Chunk:
    """Events of some people as numbers; times are seconds since 1970, -1 is a missing id."""

    person: np.ndarray
    source: np.ndarray
    event_time: np.ndarray
    recorded_time: np.ndarray
    offence: np.ndarray
    victim: np.ndarray
    incident: np.ndarray
    place: np.ndarray
    evidence: np.ndarray
    update_source: np.ndarray
    update_time: np.ndarray
    update_evidence: np.ndarray


def as_of_dates(n: int) -> pd.DatetimeIndex:
    """Return `n` monthly dates (at most 24) that end a month before the data do."""
    if not 1 <= n <= 24:
        raise ValueError(f"snapshots: 1 to 24 allowed, {n} given")
    return pd.date_range(end=END, periods=n + 1, freq="MS")[:-1].as_unit("us")


def offence_table() -> pd.DataFrame:
    """Return forty offences in twelve groups; those of 1,000 days or more are serious."""
    number = np.arange(N_OFFENCES)
    harm = np.array(HARMS)[number * 7 % len(HARMS)]
    return pd.DataFrame(
        {
            "offence": [f"o{k:02}" for k in number],
            "harm": harm,
            "group": np.array(GROUPS)[number % len(GROUPS)],
            "serious": harm >= 1000,
        }
    )


def draw_chunks(
    people: int,
    events: int,
    *,
    seed: int = 0,
    chunk_people: int = CHUNK_PEOPLE,
    late: bool = True,
    updates: bool = True,
) -> Iterator[Chunk]:
    """Yield the events of `chunk_people` people after another.

    With ``late=False`` every event is recorded when it happens, and with ``updates=False`` none
    changes its evidence: for tools that know one time only.
    """
    for number, first in enumerate(range(0, people, chunk_people)):
        last = min(first + chunk_people, people)
        quota = events * last // people - events * first // people
        rng = np.random.default_rng([seed, number])
        yield _draw(rng, first, last, events * first // people, quota, late, updates)


def _draw(
    rng: np.random.Generator,
    first: int,
    last: int,
    base: int,
    n: int,
    late: bool,
    updates: bool,
) -> Chunk:
    person = np.repeat(np.arange(last - first), _numbers_of_events(rng, last - first, n))
    time = rng.integers(0, SPAN_DAYS * DAY, n)
    time -= np.where(rng.random(n) < 0.1, time % DAY, 0)  # known by its date only: its midnight
    own_place = rng.integers(0, PLACES_OF_A_PERSON, n)
    place = (person * 7919 + own_place * 104_729) % N_PLACES
    incident = _join_into_incidents(rng, person, time, place)
    order = np.argsort(person * (SPAN_DAYS * DAY) + time, kind="stable")
    person, time, place, incident = person[order], time[order], place[order], incident[order]
    source = base + np.arange(n)
    known_victim = (person + first) * VICTIMS_OF_A_PERSON + rng.integers(0, VICTIMS_OF_A_PERSON, n)
    victim = np.where(rng.random(n) < 0.5, 2 * known_victim, 2 * source + 1)
    victim[rng.random(n) < 0.3] = -1
    place[rng.random(n) < 0.2] = -1
    event_time = time + int(START.timestamp())
    recorded = event_time + _lags(rng, n, 400, 0.5 if late else 0.0)
    hit = np.flatnonzero(rng.random(n) < 0.1) if updates else np.zeros(0, dtype=np.int64)
    row, update_time, update_evidence = _draw_updates(rng, hit, recorded)
    return Chunk(
        person + first, source, event_time, recorded,
        rng.integers(0, N_OFFENCES, n, dtype=np.int8), victim, base + incident, place,
        _levels(rng, n, FIRST_EVIDENCE), source[row], update_time, update_evidence,
    )  # fmt: skip


def _numbers_of_events(rng: np.random.Generator, people: int, events: int) -> np.ndarray:
    """Split the events over people with lognormal weights: most have few, some hundreds."""
    weight = rng.lognormal(0.0, 1.3, people)
    floor = 1 if events >= people else 0
    return floor + rng.multinomial(events - floor * people, weight / weight.sum())


def _join_into_incidents(
    rng: np.random.Generator, person: np.ndarray, time: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Return the number of each record's incident; whoever shares one gets its time and place."""
    n = person.size
    root = np.arange(n)
    again = rng.random(n) < 0.12  # a further record of the person's record before
    again[:1] = False
    again[1:] &= person[1:] == person[:-1]
    root = np.maximum.accumulate(np.where(again, 0, root))
    mixed = rng.permutation(np.flatnonzero(~again))
    shared = mixed.size // 50  # incidents of two people, and some of three
    leader = np.concatenate([mixed[:shared], mixed[: shared // 3]])
    follower = mixed[shared : shared + leader.size]
    root[follower] = leader
    time[:], place[:] = time[root], place[root]
    return root


def _lags(rng: np.random.Generator, n: int, most_days: int, share: float) -> np.ndarray:
    lag = (rng.random(n) ** 2 * most_days * DAY).astype(np.int64)
    lag[rng.random(n) >= share] = 0
    return lag


def _levels(rng: np.random.Generator, n: int, shares: tuple[float, ...]) -> np.ndarray:
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(n), side="right").astype(np.int8)


def _draw_updates(
    rng: np.random.Generator, hit: np.ndarray, recorded: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw one or two updates of each record that is hit; some pairs bear the same time."""
    twice = hit[rng.random(hit.size) < 0.3]
    first = recorded[hit] + 1 + _lags(rng, hit.size, 700, 1.0)
    second = first[np.searchsorted(hit, twice)] + _lags(rng, twice.size, 700, 0.95)
    row, time = np.concatenate([hit, twice]), np.concatenate([first, second])
    evidence = _levels(rng, row.size, LATER_EVIDENCE)
    order = np.lexsort((evidence, time, row))
    return row[order], time[order], evidence[order]


def as_tables(chunk: Chunk, *, strings: bool = True) -> tuple[pa.Table, pa.Table]:
    """Return events and updates as Arrow tables; ids as text of equal length, or as int64."""
    offences = offence_table()["offence"].tolist()
    places = [f"place{k:04}" for k in range(N_PLACES)]
    events = {
        "source_id": _ids("r", chunk.source, strings),
        "person_id": _ids("p", chunk.person, strings),
        "event_time": _times(chunk.event_time),
        "recorded_time": _times(chunk.recorded_time),
        "offence": _words(chunk.offence, offences),
        "victim_id": _ids("v", chunk.victim, strings),
        "incident_id": _ids("i", chunk.incident, strings),
        "place": _words(chunk.place, places),
        "evidence": _words(chunk.evidence, EVIDENCE),
    }
    updates = {
        "source_id": _ids("r", chunk.update_source, strings),
        "recorded_time": _times(chunk.update_time),
        "evidence": _words(chunk.update_evidence, EVIDENCE),
    }
    return pa.table(events), pa.table(updates)


def _ids(letter: str, numbers: np.ndarray, strings: bool) -> pa.Array:
    found = pa.array(numbers, mask=numbers < 0)
    if not strings:
        return found
    return pc.binary_join_element_wise(letter, pc.utf8_lpad(found.cast(pa.string()), 10, "0"), "")


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us"))


def _words(codes: np.ndarray, words: tuple[str, ...] | list[str]) -> pa.Array:
    index = pa.array(codes.astype(np.int16), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(words))


def write_parquet(
    folder: Path,
    people: int,
    events: int,
    *,
    seed: int = 0,
    chunk_people: int = CHUNK_PEOPLE,
    strings: bool = True,
) -> tuple[Path, Path]:
    """Write events.parquet and updates.parquet, one row group a chunk of whole people.

    Sorted by person and time; the updates by event. Returns both paths.
    """
    paths = folder / "events.parquet", folder / "updates.parquet"
    writers: list[pq.ParquetWriter] = []
    try:
        for chunk in draw_chunks(people, events, seed=seed, chunk_people=chunk_people):
            tables = as_tables(chunk, strings=strings)
            if not writers:
                writers += [
                    pq.ParquetWriter(path, table.schema, compression="lz4")
                    for path, table in zip(paths, tables, strict=True)
                ]
            for writer, table in zip(writers, tables, strict=True):
                writer.write_table(table, row_group_size=max(1, table.num_rows))
    finally:
        for writer in writers:
            writer.close()
    return paths
