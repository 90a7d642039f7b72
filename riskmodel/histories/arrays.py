"""EventArrays: the named events as flat numpy arrays, for compiled passes over their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.histories.links import Links, Records, link, local_codes, starts_of
from riskmodel.schema import EVIDENCE, ORIGINS

Int64s: TypeAlias = npt.NDArray[np.int64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Int8s: TypeAlias = npt.NDArray[np.int8]


@dataclass(frozen=True)
class EventArrays:
    """Named events in the order of `EventHistories.events`: by person, then time.

    Attributes
    ----------
    person_start : int64, shape (n_persons + 1,)
        The rows of person i are ``person_start[i]:person_start[i + 1]``.
    records : Records
        Times, evidence as first recorded (index in `EVIDENCE`) and updates; of updates at one time
        the later in `EVIDENCE` is last.
    offences, places : tuple of str
        Distinct codes; offences those of all events, named or not.
    offence_code, place_code : int32, shape (n_events,)
        Index in `offences` and `places`; -1 where there is no place.
    victim_local, incident_local, place_local : int32, shape (n_events,)
        Numbered 0, 1, ... within each person; -1 where there is none.
    incident_code : int64, shape (n_events,)
        One number an incident, over all persons.
    origin : int8, shape (n_events,)
        Index in `ORIGINS`.
    """

    person_start: Int64s
    records: Records
    offences: tuple[str, ...]
    places: tuple[str, ...]
    offence_code: Int32s
    place_code: Int32s
    victim_local: Int32s
    incident_local: Int32s
    place_local: Int32s
    incident_code: Int64s
    origin: Int8s

    @property
    def event_time(self) -> Int64s:
        """Microseconds since 1970."""
        return self.records.event_time

    @property
    def recorded_time(self) -> Int64s:
        """Microseconds since 1970."""
        return self.records.recorded_time

    @property
    def person(self) -> Int64s:
        """The person of each event."""
        return np.repeat(np.arange(self.person_start.size - 1), np.diff(self.person_start))

    @cached_property
    def partners(self) -> Links:
        """Events of other persons in the same incident."""
        return link(self.person, self.incident_code, self.records, "incident_id")

    @cached_property
    def neighbours(self) -> Links:
        """Events of other persons at the same place."""
        return link(self.person, self.place_code.astype(np.int64), self.records, "place")


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
    """
    person = events["person_code"].to_numpy(dtype=np.int64)
    incident, n_incidents = _codes(events["incident_id"])
    victim, n_victims = _codes(events["victim_id"])
    place, places = pd.factorize(events["place"])
    return EventArrays(
        person_start=np.searchsorted(person, np.arange(n_persons + 1)).astype(np.int64),
        records=Records(
            microseconds(events["event_time"]),
            microseconds(events["recorded_time"]),
            codes_of(events["evidence"], EVIDENCE).astype(np.int8),
            *_updates_by_event(events, updates),
        ),
        offences=tuple(offences),
        places=tuple(places),
        offence_code=codes_of(events["offence"], offences).astype(np.int32),
        place_code=place.astype(np.int32),
        victim_local=local_codes(person, victim, n_victims),
        incident_local=local_codes(person, incident, n_incidents),
        place_local=local_codes(person, place.astype(np.int64), len(places)),
        incident_code=incident,
        origin=codes_of(events["origin"], ORIGINS).astype(np.int8),
    )


def _codes(values: pd.Series[Any]) -> tuple[Int64s, int]:
    codes, distinct = pd.factorize(values)
    return codes.astype(np.int64), len(distinct)


def microseconds(times: pd.Series[Any]) -> Int64s:
    """Return naive times as int64 microseconds since 1970 (NaT: the smallest int64)."""
    return times.to_numpy(dtype="datetime64[us]").astype(np.int64)


def codes_of(values: pd.Series[Any], among: Sequence[str]) -> Int64s:
    """Return the index of each value in `among`, -1 where it is not there."""
    index: Any = pd.Index(list(among), dtype=values.dtype)
    return np.asarray(index.get_indexer(values), dtype=np.int64)


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
