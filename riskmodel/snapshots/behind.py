"""The records that a feature's value rests on, found on arrays: for one person or for many at once.

The rule stands here once; `snapshots.records` puts tables around it, `scoring.reasons` sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from riskmodel.schema import ORIGINS
from riskmodel.snapshots.feature_words import as_tuple
from riskmodel.snapshots.features import COLUMNS, Feature
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.passes import counted
from riskmodel.snapshots.windows import window_us

Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]

_TREND_WINDOWS = 5  # the latest one and the four before it


class RecordColumns(NamedTuple):
    """The records known as of a date that count in features; the n of one person, or of many.

    They stand by person, and each person's by the time they happened.

    Attributes
    ----------
    person : int64, shape (n,)
        Any numbers that rise; all the same for one person.
    event_time, recorded_time : int64, shape (n,)
        Microseconds since 1970.
    group : integer, shape (n,)
        Number of the offence's group, as `group_codes` has it.
    serious : bool, shape (n,)
    harm : float64, shape (n,)
        In days.
    evidence : int8, shape (n,)
        Index in `EVIDENCE`, as it stood at the date.
    origin : int8, shape (n,)
        Index in `ORIGINS`.
    victim, incident, place : integer, shape (n,)
        Equal within a person where they are the same; -1 where there is none. A place's number is
        that of `place_codes`. An incident is always there.
    with_others, with_neighbours : bool, shape (n,)
        Whether other people have known records in the same incident, at the same place.
    reach : int64, shape (n,)
        Since when the person's records could exist, in microseconds.
    source_id : object, shape (n,)
        As text.
    group_codes, place_codes : mapping of str to int
        Number of each group and place; those that a feature may name suffice.
    """

    person: Ints
    event_time: Ints
    recorded_time: Ints
    group: NDArray[Any]
    serious: Bools
    harm: NDArray[np.float64]
    evidence: NDArray[np.int8]
    origin: NDArray[np.int8]
    victim: NDArray[Any]
    incident: NDArray[Any]
    place: NDArray[Any]
    with_others: Bools
    with_neighbours: Bools
    reach: Ints
    source_id: NDArray[np.object_]
    group_codes: Mapping[str, int]
    place_codes: Mapping[str, int]

    def take(self, rows: Any) -> RecordColumns:
        """Return some of the records: row numbers, a mask or a slice."""
        arrays = (column[rows] for column in self[:-2])
        return RecordColumns._make((*arrays, self.group_codes, self.place_codes))


def behind_rows(feature: AnyFeature, columns: RecordColumns, as_of_us: int) -> Bools:
    """Return which records a feature's value rests on.

    Parameters
    ----------
    feature : Feature, Ratio or Difference
    columns : RecordColumns
        Known as of the same date.
    as_of_us : int
        Microseconds since 1970.

    Returns
    -------
    bool array of shape (n,)
        Those of both parts for a ratio or a difference; none for a feature that is read from the
        people table.

    Examples
    --------
    >>> day, none = 86_400_000_000, np.full(2, -1)
    >>> columns = RecordColumns(
    ...     person=np.array([0, 0]), event_time=np.array([0, 300 * day]),
    ...     recorded_time=np.array([day, 301 * day]), group=np.array([0, 0]),
    ...     serious=np.array([True, True]), harm=np.array([10.0, 2.0]),
    ...     evidence=np.zeros(2, np.int8), origin=np.zeros(2, np.int8), victim=none,
    ...     incident=np.arange(2), place=none, with_others=none > 0, with_neighbours=none > 0,
    ...     reach=none, source_id=np.array(["r1", "r2"], dtype=object),
    ...     group_codes={"violence": 0}, place_codes={},
    ... )
    >>> behind_rows(Feature("count", 90), columns, 365 * day).tolist()
    [False, True]
    >>> behind_rows(Feature("harm_max"), columns, 365 * day).tolist()
    [True, False]
    """
    first, *others = feature.leaves
    keep = _behind_leaf(first, columns, as_of_us)
    for leaf in others:
        keep |= _behind_leaf(leaf, columns, as_of_us)
    return keep


def _behind_leaf(leaf: Feature, columns: RecordColumns, moment: int) -> Bools:
    """Return which records pass the filters, lie in the window, and count for the measure."""
    if leaf.measure in COLUMNS:
        return np.zeros(columns.person.size, dtype=bool)
    keep = _passing(leaf, columns) & _in_window(leaf, columns, moment)
    if leaf.measure in _COUNTING:
        rows = np.flatnonzero(keep)
        keep[rows] = _COUNTING[leaf.measure](columns, rows)
    return keep


def _passing(leaf: Feature, columns: RecordColumns) -> Bools:
    passing = np.ones(columns.person.size, dtype=bool)
    if leaf.group is not None:
        passing &= columns.group == columns.group_codes.get(leaf.group, -1)
    if leaf.serious is not None:
        passing &= columns.serious == leaf.serious
    if leaf.origin is not None:
        passing &= columns.origin == ORIGINS.index(leaf.origin)
    if leaf.evidence is not None:
        passing &= counted(as_tuple(leaf.evidence))[columns.evidence]
    if leaf.victim is not None:
        passing &= (columns.victim >= 0) == leaf.victim
    if isinstance(leaf.place, bool):
        passing &= (columns.place >= 0) == leaf.place
    elif leaf.place is not None:
        passing &= _at_places(as_tuple(leaf.place), columns)
    return passing


def _at_places(names: tuple[str, ...], columns: RecordColumns) -> Bools:
    there = np.zeros(columns.place.size, dtype=bool)
    for code in (columns.place_codes[name] for name in names if name in columns.place_codes):
        there |= columns.place == code
    return there


def _in_window(leaf: Feature, columns: RecordColumns, moment: int) -> Bools:
    age, length = moment - columns.event_time, window_us(leaf.window_days)
    inside: Bools = age <= length
    if leaf.measure.startswith("trend"):
        inside |= (age <= _TREND_WINDOWS * length) & (columns.event_time >= columns.reach)
    return inside


def _having(columns: RecordColumns, rows: Ints, *, what: str) -> Bools:
    """Return which of the rows have a victim, or a place."""
    having: Bools = getattr(columns, what)[rows] >= 0
    return having


def _shared(columns: RecordColumns, rows: Ints, *, what: str) -> Bools:
    shared: Bools = getattr(columns, what)[rows]
    return shared


def _gravest(columns: RecordColumns, rows: Ints) -> Bools:
    """Return which of the rows have their person's greatest harm among them."""
    if not rows.size:
        return np.zeros(0, dtype=bool)
    harm, begins = columns.harm[rows], _begins(columns.person[rows])
    greatest = np.maximum.reduceat(harm, np.flatnonzero(begins))
    gravest: Bools = harm == greatest[np.cumsum(begins) - 1]
    return gravest


def _repeated(columns: RecordColumns, rows: Ints, *, what: str) -> Bools:
    """Return which rows name a victim, or a place, of two or more of the incidents."""
    item = getattr(columns, what)[rows]
    there = np.flatnonzero(item >= 0)
    person, item, incident = columns.person[rows[there]], item[there], columns.incident[rows[there]]
    order = np.lexsort((incident, item, person))
    begins = _begins(person[order], item[order])
    other = ~begins & ~_same_as_before(incident[order])  # than the record before, of the same item
    number = np.cumsum(begins) - 1
    several = np.bincount(number, weights=other) > 0
    repeated = np.zeros(rows.size, dtype=bool)
    repeated[there[order]] = several[number]
    return repeated


def _first(columns: RecordColumns, rows: Ints) -> Bools:
    return _begins(columns.person[rows])


def _last(columns: RecordColumns, rows: Ints) -> Bools:
    return _begins(columns.person[rows[::-1]])[::-1]


def _begins(*codes: NDArray[Any]) -> Bools:
    """Return where a run of rows begins that agree in all of some codes."""
    same = _same_as_before(codes[0])
    for more in codes[1:]:
        same &= _same_as_before(more)
    return ~same


def _same_as_before(code: NDArray[Any]) -> Bools:
    same = np.zeros(code.size, dtype=bool)
    np.equal(code[1:], code[:-1], out=same[1:])
    return same


_COUNTING: dict[str, Callable[[RecordColumns, Ints], Bools]] = {
    "victims": partial(_having, what="victim"),
    "places": partial(_having, what="place"),
    "co_accused": partial(_shared, what="with_others"),
    "neighbours": partial(_shared, what="with_neighbours"),
    "harm_max": _gravest,
    "repeat_victims": partial(_repeated, what="victim"),
    "repeat_places": partial(_repeated, what="place"),
    "days_since_first": _first,
    "days_since_last": _last,
}
"""Which of the records that pass a measure counts; those that are not here count all."""
