"""The records behind a feature: which reports a number was counted from, as they stood then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.histories.arrays import microseconds
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.aggregate import counted, price_events
from riskmodel.snapshots.feature_words import as_tuple
from riskmodel.snapshots.features import COLUMNS, WINDOWED, Feature
from riskmodel.snapshots.material import reach_of
from riskmodel.snapshots.outcomes import evidence_before
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us, window_us

Bools = NDArray[np.bool_]

_TREND_WINDOWS = 5  # the latest one and the four before it


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
    moment, events = instant_us(as_of), histories.events
    arrays, priced = histories.arrays, price_events(histories, task)
    level = evidence_before(histories, moment)
    known = (arrays.event_time < moment) & (arrays.recorded_time < moment)
    known &= counted(task.feature_evidence)[level]
    person = events["person_code"].to_numpy()
    wanted = known if people is None else known & events["person_id"].isin(list(people)).to_numpy()
    rows = np.flatnonzero(wanted)
    reach = reach_of(histories.people, histories.data_start)[person[rows]]
    return (
        events.iloc[rows]
        .assign(
            evidence=np.array(EVIDENCE)[level[rows]],
            harm=priced.harm[rows],
            serious=priced.serious[rows],
            group=np.array(task.groups)[priced.group[rows]],
            with_others=_shared(arrays.incident_code, person, known)[rows],
            with_neighbours=_shared(arrays.place_code, person, known)[rows],
            reach=reach.astype("datetime64[us]"),
        )
        .reset_index(drop=True)
    )


def _shared(code: NDArray[Any], person: NDArray[Any], known: Bools) -> Bools:
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
    keep = np.zeros(len(records), dtype=bool)
    for leaf in feature.leaves:
        keep |= _behind_leaf(leaf, records, instant_us(as_of))
    return records[keep]


def _behind_leaf(leaf: Feature, records: pd.DataFrame, moment: int) -> Bools:
    """Return which records pass the filters, lie in the window, and count for the measure."""
    if leaf.measure in COLUMNS:
        return np.zeros(len(records), dtype=bool)
    keep = _passing(leaf, records)
    if leaf.measure in WINDOWED:
        keep &= _in_window(leaf, records, moment)
    if leaf.measure in _COUNTING:
        rows = np.flatnonzero(keep)
        keep[rows] = _COUNTING[leaf.measure](records.iloc[rows]).to_numpy(dtype=bool)
    return keep


def _passing(leaf: Feature, records: pd.DataFrame) -> Bools:
    passing = np.ones(len(records), dtype=bool)
    for column in ("group", "serious", "origin"):
        if (value := getattr(leaf, column)) is not None:
            passing &= (records[column] == value).to_numpy(dtype=bool)
    if leaf.evidence is not None:
        passing &= records["evidence"].isin(as_tuple(leaf.evidence)).to_numpy()
    if leaf.victim is not None:
        passing &= records["victim_id"].notna().to_numpy() == leaf.victim
    if isinstance(leaf.place, bool):
        passing &= records["place"].notna().to_numpy() == leaf.place
    elif leaf.place is not None:
        passing &= records["place"].isin(as_tuple(leaf.place)).to_numpy()
    return passing


def _in_window(leaf: Feature, records: pd.DataFrame, moment: int) -> Bools:
    happened = microseconds(records["event_time"])
    age, length = moment - happened, window_us(leaf.window_days)
    inside: Bools = age <= length
    if leaf.measure.startswith("trend"):
        reachable = happened >= microseconds(records["reach"])
        inside |= (age <= _TREND_WINDOWS * length) & reachable
    return inside


def _gravest(part: pd.DataFrame) -> pd.Series[bool]:
    return part["harm"] == part.groupby("person_id")["harm"].transform("max")


def _repeated(part: pd.DataFrame, *, what: str) -> pd.Series[bool]:
    """Return which records name a victim, or a place, of two or more of the incidents."""
    incidents = part.groupby(["person_id", what])["incident_id"].transform("nunique")
    return incidents >= 2


def _edge(part: pd.DataFrame, *, keep: Literal["first", "last"]) -> pd.Series[bool]:
    """Return each person's first or last record; of several at one time, one."""
    by_time = part.reset_index(drop=True).sort_values("event_time", kind="stable")
    return ~by_time.duplicated("person_id", keep=keep).sort_index()


_COUNTING: dict[str, Callable[[pd.DataFrame], pd.Series[bool]]] = {
    "victims": lambda part: part["victim_id"].notna(),
    "places": lambda part: part["place"].notna(),
    "co_accused": lambda part: part["with_others"],
    "neighbours": lambda part: part["with_neighbours"],
    "harm_max": _gravest,
    "repeat_victims": partial(_repeated, what="victim_id"),
    "repeat_places": partial(_repeated, what="place"),
    "days_since_first": partial(_edge, keep="first"),
    "days_since_last": partial(_edge, keep="last"),
}
"""Which of the records that pass a measure counts; those that are not here count all."""
