"""EventArrays: the named events as flat numpy arrays, for compiled passes over their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.schema import EVIDENCE, ORIGINS

Int64s: TypeAlias = npt.NDArray[np.int64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Int8s: TypeAlias = npt.NDArray[np.int8]

LARGEST_PARTNER_TABLE = 100_000_000


@dataclass(frozen=True)
class EventArrays:
    """Named events in the order of `EventHistories.events`: by person, then time.

    Three lists of lists are flat, with starts (compressed sparse rows): the rows of `x` that
    belong to item i are ``x[start[i]:start[i + 1]]``.

    Attributes
    ----------
    person_start : int64, shape (n_persons + 1,)
        Rows of each person.
    event_time, recorded_time : int64, shape (n_events,)
        Microseconds since 1970.
    offences : tuple of str
        Sorted codes of all events, named or not.
    offence_code : int32, shape (n_events,)
        Index in `offences`.
    victim_local, incident_local : int32, shape (n_events,)
        Numbered 0, 1, ... within each person; -1 where there is no victim.
    incident_code : int64, shape (n_events,)
        One number an incident, over all persons.
    evidence0, origin : int8, shape (n_events,)
        As first recorded: index in `EVIDENCE` and `ORIGINS`.
    update_start : int64, shape (n_events + 1,)
        Rows of each event in the next two, by time; at one time the later in `EVIDENCE` is last.
    update_time : int64; update_evidence : int8
    partner_start : int64, shape (n_events + 1,)
        Rows of each event in the next two: events of other persons in the same incident.
    partner_event : int64
        Their row.
    partner_local : int32
        Their persons, numbered 0, 1, ... within the person whose event it is.
    """

    person_start: Int64s
    event_time: Int64s
    recorded_time: Int64s
    offences: tuple[str, ...]
    offence_code: Int32s
    victim_local: Int32s
    incident_local: Int32s
    incident_code: Int64s
    evidence0: Int8s
    origin: Int8s
    update_start: Int64s
    update_time: Int64s
    update_evidence: Int8s
    partner_start: Int64s
    partner_event: Int64s
    partner_local: Int32s


def build_arrays(
    events: pd.DataFrame, updates: pd.DataFrame, n_persons: int, offences: Sequence[str]
) -> EventArrays:
    """Build the arrays from checked tables.

    Parameters
    ----------
    events : DataFrame
        Named events, sorted by ``person_code``, with a RangeIndex.
    updates : DataFrame
        Sorted by source_id and time; those of other events are left out.
    n_persons : int
    offences : sequence of str
        Sorted; holds every offence of `events`.

    Raises
    ------
    SchemaError
        If incidents join so many events that their pairs would not fit in memory.
    """
    person = events["person_code"].to_numpy(dtype=np.int64)
    incident = pd.factorize(events["incident_id"])[0].astype(np.int64)
    victim = pd.factorize(events["victim_id"])[0].astype(np.int64)
    update_start, update_time, update_evidence = _updates_by_event(events, updates)
    partner_start, partner_event = _partners_by_event(person, incident)
    owner = np.repeat(person, np.diff(partner_start))
    return EventArrays(
        person_start=np.searchsorted(person, np.arange(n_persons + 1)).astype(np.int64),
        event_time=microseconds(events["event_time"]),
        recorded_time=microseconds(events["recorded_time"]),
        offences=tuple(offences),
        offence_code=codes_of(events["offence"], offences).astype(np.int32),
        victim_local=_number_within(person, victim),
        incident_local=_number_within(person, incident),
        incident_code=incident,
        evidence0=codes_of(events["evidence"], EVIDENCE).astype(np.int8),
        origin=codes_of(events["origin"], ORIGINS).astype(np.int8),
        update_start=update_start,
        update_time=update_time,
        update_evidence=update_evidence,
        partner_start=partner_start,
        partner_event=partner_event,
        partner_local=_number_within(owner, person[partner_event]),
    )


def microseconds(times: pd.Series[Any]) -> Int64s:
    """Return naive times as int64 microseconds since 1970 (NaT: the smallest int64)."""
    return times.to_numpy(dtype="datetime64[us]").astype(np.int64)


def codes_of(values: pd.Series[Any], among: Sequence[str]) -> Int64s:
    """Return the index of each value in `among`, -1 where it is not there."""
    index: Any = pd.Index(list(among), dtype=values.dtype)
    return np.asarray(index.get_indexer(values), dtype=np.int64)


def starts_of(codes: Int64s, n: int) -> Int64s:
    """Return where each of `n` codes starts, given how often each occurs.

    Examples
    --------
    >>> starts_of(np.array([0, 2, 2]), 3).tolist()
    [0, 1, 1, 3]
    """
    return np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=n))]).astype(np.int64)


def _number_within(owner: Int64s, item: Int64s) -> Int32s:
    """Give the distinct items of each owner the numbers 0, 1, ...; -1 stays -1."""
    local = np.full(len(item), -1, dtype=np.int32)
    there = item >= 0
    if not there.any():
        return local
    width = int(item.max()) + 1
    pairs, inverse = np.unique(owner[there] * width + item[there], return_inverse=True)
    pair_owner = pairs // width
    first = np.searchsorted(pair_owner, pair_owner)  # where the owner's pairs begin
    local[there] = (np.arange(len(pairs)) - first)[inverse]
    return local


def _updates_by_event(events: pd.DataFrame, updates: pd.DataFrame) -> tuple[Int64s, Int64s, Int8s]:
    position = pd.Index(events["source_id"]).get_indexer(updates["source_id"])
    mine = np.flatnonzero(position >= 0)
    order = mine[np.argsort(position[mine], kind="stable")]
    rows = updates.iloc[order]
    return (
        starts_of(position[order].astype(np.int64), len(events)),
        microseconds(rows["recorded_time"]),
        codes_of(rows["evidence"], EVIDENCE).astype(np.int8),
    )


def _partners_by_event(person: Int64s, incident: Int64s) -> tuple[Int64s, Int64s]:
    """Pair every event with the events of other persons in its incident."""
    rows = _rows_in_shared_incidents(person, incident)
    start = np.flatnonzero(np.diff(incident[rows], prepend=-1))
    size = np.diff(np.append(start, len(rows)))
    _check_pairs(size)
    group_size = np.repeat(size, size)
    group_start = np.repeat(start, size)
    event = np.repeat(rows, group_size)
    within = np.arange(len(event)) - np.repeat(np.cumsum(group_size) - group_size, group_size)
    partner = rows[np.repeat(group_start, group_size) + within]
    other = person[event] != person[partner]
    event, partner = event[other], partner[other]
    order = np.lexsort((partner, event))
    return starts_of(event[order], len(person)), partner[order].astype(np.int64)


def _rows_in_shared_incidents(person: Int64s, incident: Int64s) -> Int64s:
    """Return rows of incidents with more than one person, incident by incident."""
    if len(incident) == 0:
        return np.zeros(0, dtype=np.int64)
    n_incidents = int(incident.max()) + 1
    lowest = np.full(n_incidents, np.iinfo(np.int64).max)
    highest = np.full(n_incidents, -1)
    np.minimum.at(lowest, incident, person)
    np.maximum.at(highest, incident, person)
    rows = np.flatnonzero((lowest != highest)[incident])
    return rows[np.argsort(incident[rows], kind="stable")].astype(np.int64)


def _check_pairs(size: Any) -> None:
    pairs = int((size.astype(np.float64) ** 2).sum())
    if pairs > LARGEST_PARTNER_TABLE:
        raise SchemaError(
            f"events.incident_id: an incident joins {int(size.max()):,} events; leave the column "
            "empty where the incident is not known"
        )
