"""The records behind a feature: which reports a number was counted from, as they stood then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import codes_of, microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots.aggregate import price_events
from riskmodel.snapshots.behind import RecordColumns, behind_rows
from riskmodel.snapshots.material import reach_of
from riskmodel.snapshots.outcomes import evidence_before
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.passes import counted
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def known_columns(
    histories: EventHistories, task: Task, as_of: Any, people: Iterable[str] | None = None
) -> tuple[RecordColumns, Ints]:
    """Return the records that count as of a date as arrays, and their rows in the events table.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of : date-like
    people : iterable of str, optional
        Only these person ids; ``columns.person`` is a place in ``histories.persons``.
    """
    moment, arrays = instant_us(as_of), histories.arrays
    person, level = arrays.person, evidence_before(histories, moment)
    known = (arrays.event_time < moment) & (arrays.recorded_time < moment)
    known &= counted(task.feature_evidence)[level]
    rows = np.flatnonzero(known & _of_people(histories, people)[person])
    priced = price_events(histories, task)
    columns = RecordColumns(
        person=person[rows],
        event_time=arrays.event_time[rows],
        recorded_time=arrays.recorded_time[rows],
        group=priced.group[rows],
        serious=priced.serious[rows],
        harm=priced.harm[rows],
        evidence=level[rows],
        origin=arrays.origin[rows],
        victim=arrays.victim_local[rows],
        incident=arrays.incident_local[rows],
        place=arrays.place_code[rows],
        with_others=_shared(arrays.incident_code, person, known)[rows],
        with_neighbours=_shared(arrays.place_code, person, known)[rows],
        reach=reach_of(histories.people, histories.data_start)[person[rows]],
        source_id=histories.events["source_id"].iloc[rows].to_numpy(dtype=object),
        group_codes={group: code for code, group in enumerate(task.groups)},
        place_codes={place: code for code, place in enumerate(arrays.places)},
    )
    return columns, rows


def _of_people(histories: EventHistories, people: Iterable[str] | None) -> Bools:
    """Return whether each of the histories' persons is one of `people`."""
    if people is None:
        return np.ones(len(histories.persons), dtype=bool)
    wanted = np.zeros(len(histories.persons) + 1, dtype=bool)  # the last place is nobody's
    wanted[pd.Index(histories.persons).get_indexer(pd.Index(list(people), dtype=object))] = True
    return wanted[:-1]


def known_records(
    histories: EventHistories, task: Task, as_of: Any, people: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return the records that count as of a date, with the evidence they had then.

    Parameters
    ----------
    histories : EventHistories
    task : Task
    as_of : date-like
    people : iterable of str, optional
        Only these person ids.

    Returns
    -------
    DataFrame
        source_id, person_id, event_time, recorded_time, offence, evidence, harm (days), serious,
        group, victim_id, incident_id, place, origin; with_others and with_neighbours: whether
        other people have known records in the same incident, at the same place; reach: since when
        the person's records could exist. Newest last within a person.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> world = make_histories(50, seed=1)
    >>> records = known_records(world.histories, Task(offences=world.offences), "2020-01-01")
    >>> bool((records["recorded_time"] < "2020-01-01").all())
    True
    """
    columns, rows = known_columns(histories, task, as_of, people)
    return (
        histories.events.iloc[rows]
        .assign(
            evidence=np.array(EVIDENCE)[columns.evidence],
            harm=columns.harm,
            serious=columns.serious,
            group=np.array(task.groups)[columns.group],
            with_others=columns.with_others,
            with_neighbours=columns.with_neighbours,
            reach=columns.reach.astype("datetime64[us]"),
        )
        .reset_index(drop=True)
    )


def _shared(code: NDArray[Any], person: Ints, known: Bools) -> Bools:
    """Return whether known events of several persons have each event's code; -1 is no code."""
    there = known & (code >= 0)
    n_codes = int(code.max(initial=-1)) + 1
    lowest = np.full(n_codes + 1, np.iinfo(np.int64).max)  # the last place is that of code -1
    highest = np.full(n_codes + 1, -1)
    np.minimum.at(lowest, code[there], person[there])
    np.maximum.at(highest, code[there], person[there])
    shared: Bools = (lowest < highest)[code]
    return shared


def behind(feature: AnyFeature, records: pd.DataFrame, as_of: Any) -> pd.DataFrame:
    """Return those of `records` that a feature's value rests on.

    Parameters
    ----------
    feature : Feature, Ratio or Difference
    records : DataFrame
        From `known_records`.
    as_of : date-like

    Returns
    -------
    DataFrame
        A part of `records`, in their order; that of both parts for a ratio or a difference, empty
        for a feature that is read from the people table.
    """
    return records[behind_rows(feature, _columns_of(records), instant_us(as_of))]


def _columns_of(records: pd.DataFrame) -> RecordColumns:
    """Return a table of known records as arrays."""
    codes = {
        name: pd.factorize(records[name])
        for name in ("person_id", "group", "victim_id", "incident_id", "place")
    }
    return RecordColumns(
        person=codes["person_id"][0].astype(np.int64),
        event_time=microseconds(records["event_time"]),
        recorded_time=microseconds(records["recorded_time"]),
        group=codes["group"][0],
        serious=records["serious"].to_numpy(dtype=bool),
        harm=records["harm"].to_numpy(dtype=np.float64),
        evidence=codes_of(records["evidence"], EVIDENCE).astype(np.int8),
        origin=codes_of(records["origin"], ORIGINS).astype(np.int8),
        victim=codes["victim_id"][0],
        incident=codes["incident_id"][0],
        place=codes["place"][0],
        with_others=records["with_others"].to_numpy(dtype=bool),
        with_neighbours=records["with_neighbours"].to_numpy(dtype=bool),
        reach=microseconds(records["reach"]),
        source_id=records["source_id"].to_numpy(dtype=object),
        group_codes=_numbers(codes["group"][1]),
        place_codes=_numbers(codes["place"][1]),
    )


def _numbers(distinct: Any) -> dict[str, int]:
    return {str(name): code for code, name in enumerate(distinct)}
