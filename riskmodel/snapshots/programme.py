"""From a plan to the arrays that the compiled pass reads: which records count where.

A record's class is what the filters can ask of it: its offence's group and seriousness, whether it
names a victim and a place (and which, of those declared), its origin. With the evidence it has at a
date, the class picks the list of operations to carry out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots import operations as ops
from riskmodel.snapshots.feature_words import as_tuple
from riskmodel.snapshots.features import FILTERS, Feature
from riskmodel.snapshots.pairs import AnyFeature, Difference, Ratio
from riskmodel.snapshots.plan import TRENDS, Filter, Layout, Plan

if TYPE_CHECKING:
    from riskmodel.histories.arrays import EventArrays

Ints = NDArray[np.int64]

KINDS = {Ratio.measure: ops.RATIO, Difference.measure: ops.DIFFERENCE}
NO_PLACE, OTHER_PLACE = 0, 1
"""Classes of place; those that a feature declares follow."""


def declared_places(plan: Plan) -> tuple[str, ...]:
    """Return the places that a feature names."""
    named = (leaf.place for leaf in plan.leaves if not isinstance(leaf.place, bool))
    return tuple(dict.fromkeys(place for places in named for place in as_tuple(places)))


def classes(
    plan: Plan, arrays: EventArrays, group: NDArray[np.int32], serious: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Return each event's class.

    Parameters
    ----------
    plan : Plan
    arrays : EventArrays
    group, serious : arrays, shape (n_events,)
        Index of the offence's group, and whether the edition has it as serious.
    """
    names = declared_places(plan)
    class_of_place = np.full(len(arrays.places) + 1, OTHER_PLACE, dtype=np.int64)
    class_of_place[-1] = NO_PLACE  # where code -1 points
    for number, name in enumerate(names):
        if name in arrays.places:
            class_of_place[arrays.places.index(name)] = OTHER_PLACE + 1 + number
    code = class_of(
        group.astype(np.int64),
        serious,
        class_of_place[arrays.place_code],
        arrays.victim_local >= 0,
        arrays.origin,
        OTHER_PLACE + 1 + len(names),
    )
    return np.asarray(code, dtype=np.int32)


def class_of(
    group: Any, serious: Any, place: Any, has_victim: Any, origin: Any, n_places: int
) -> Any:
    """Return the class of one record or of many, from its parts."""
    return (((group * 2 + serious) * n_places + place) * 2 + has_victim) * len(ORIGINS) + origin


def programme(plan: Plan, groups: tuple[str, ...]) -> ops.Programme:
    """Return the operations of every class, as flat arrays."""
    layout = plan.layout
    operations = sorted(layout.asked.items(), key=lambda item: item[0][1])
    passing = {key[0]: _passes(key[0], plan, groups) for key, _ in operations}
    table = np.array([passing[key[0]] for key, _ in operations], dtype=bool)
    table = table.reshape(len(operations), -1)
    record_class, operation = np.nonzero(table.T)
    kind = np.array([key[1] for key, _ in operations], dtype=np.int64)
    cell = np.array([layout.base(key[1]) + place[0] for key, place in operations], dtype=np.int64)
    lengths = sorted({key[2] for key, _ in operations})
    room = np.array(
        [
            lengths.index(key[2]) if key[1] in TRENDS.values() else place[1]
            for key, place in operations
        ],
        dtype=np.int32,
    )
    return ops.Programme(
        windows=np.array(layout.windows, dtype=np.int64),
        initial=_initial(layout),
        greatest=layout.greatest,
        alone=layout.alone,
        n_summed=layout.n_summed,
        n_greatest=layout.n_greatest,
        n_levels=len(EVIDENCE),
        n_rooms=max(1, layout.n_rooms),
        n_repeats=max(1, layout.n_repeats),
        start=np.searchsorted(
            record_class * ops.N_KINDS + kind[operation],
            np.arange(table.shape[1] * ops.N_KINDS + 1),
        ).astype(np.int32),
        cell=cell[operation].astype(np.int32),
        room=room[operation],
        lengths=np.array(lengths, dtype=np.int64),
        harm=cell[kind == ops.HARM],
        trends=cell[(kind == ops.TREND_COUNT) | (kind == ops.TREND_HARM)],
        decayed=cell[kind == ops.DECAYED],
        derived=np.array(layout.derived, dtype=np.int64).reshape(-1, 5),
        first_derived=layout.first_derived,
    )


def columns(plan: Plan, features: Iterable[AnyFeature], *, masked: bool) -> ops.Columns:
    """Return how values become these columns; unmasked ones are never missing for their window."""
    slot, window, special, leaves = [], [], [], []
    for number, feature in enumerate(features):
        parts = [plan.leaf(leaf, masked=masked) for leaf in feature.leaves]
        slot.append(parts[0][0])
        window.append(parts[0][1])
        kind = KINDS.get(feature.measure, ops.ALONE)
        if kind != ops.ALONE or parts[0][2] >= 0:
            special.append((number, kind))
            leaves.append((parts[0], parts[-1]))
    return ops.Columns(
        np.array(slot, dtype=np.uint64),
        np.array(window, dtype=np.int64),
        np.array(special, dtype=np.int64).reshape(-1, 2),
        np.array(leaves, dtype=np.int64).reshape(-1, 2, 3),
    )


def _initial(layout: Layout) -> NDArray[np.float64]:
    """Return a row of accumulators before any record: 0, or missing for moments."""
    row = np.zeros(layout.first_derived + len(layout.derived))
    n_windows = len(layout.windows)
    for (_, kind, _), (cell, _) in layout.asked.items():
        place = layout.base(kind) + cell
        if kind == ops.OLDEST:
            row[place + layout.n_greatest * np.arange(n_windows)] = -np.inf
        if kind in (ops.FIRST, ops.LAST):
            row[place] = np.nan
    return row


def _passes(filters: Filter, plan: Plan, groups: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return, for every class and evidence level in order, whether such a record passes."""
    wanted = Feature("count", **dict(zip(FILTERS, filters, strict=True)))  # type: ignore[arg-type]
    names = declared_places(plan)
    places = [None, "", *names]  # none, one that no feature names, and those that one does
    by_part = [
        [wanted.group in (None, group) for group in groups],
        [wanted.serious in (None, serious) for serious in (False, True)],
        [_place_passes(wanted, place) for place in places],
        [wanted.victim in (None, victim) for victim in (False, True)],
        [wanted.origin in (None, origin) for origin in ORIGINS],
        [wanted.evidence is None or level in as_tuple(wanted.evidence) for level in EVIDENCE],
    ]
    return np.array([all(parts) for parts in product(*by_part)], dtype=bool)


def _place_passes(wanted: Feature, place: str | None) -> bool:
    if wanted.place is None:
        return True
    if isinstance(wanted.place, bool):
        return wanted.place == (place is not None)
    return place in as_tuple(wanted.place)
