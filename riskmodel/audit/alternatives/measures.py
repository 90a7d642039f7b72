"""How several lists fare on the same people: precision and widest gap, under the same resamples.

Lists are held fixed; people are resampled whole, and every list is judged under the same draws:
the differences between lists are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskmodel.audit.alternatives.rates import (
    OUTCOME_METRICS,
    PRECISION,
    Bools,
    ByGroup,
    rates_by_group,
)
from riskmodel.audit.by_group.comparisons import Comparison, comparisons
from riskmodel.audit.by_group.rates import EVERYONE, Settings
from riskmodel.statistics.arrays import FloatArray, IntArray
from riskmodel.statistics.bootstrap import recentred

_SPARE = 2  # times the minimum that list 0 lists: of fewer, other lists lose the group by chance


@dataclass(frozen=True)
class Widest:
    """Where a list's gap is widest, with the counts behind it."""

    characteristic: str = ""
    group: str = ""
    reference: str = ""
    group_numerator: float = np.nan
    group_denominator: float = np.nan
    reference_numerator: float = np.nan
    reference_denominator: float = np.nan


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """What lists amount to; arrays of shape (lists,), and (replicates, lists) where drawn.

    Attributes
    ----------
    numerator, denominator : float array
        Of the precision.
    gap : float array
        The widest difference of the metric, in size, between a group and what it is compared
        with; NaN where nothing can be compared, or a group that list 0 counts enough of is lost.
    lost : int array
        Groups that list 0 counts enough of, and this list does not.
    compared : int
        Groups that are compared.
    """

    precision: FloatArray
    precision_drawn: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    gap: FloatArray
    gap_drawn: FloatArray
    widest: tuple[Widest, ...]
    lost: IntArray
    compared: int


def measure(
    listed: Bools,
    y: FloatArray,
    person: IntArray,
    columns: pd.DataFrame,
    *,
    metric: str,
    settings: Settings,
) -> Measured:
    """Return the precision of each list, and its widest gap over all characteristics.

    Parameters
    ----------
    listed : bool array (n, lists)
        List 0 says which groups are compared: those of whom it counts enough people, and for
        precision, whose counts differ from list to list, twice as many.
    y : float array (n,)
        1, 0, or NaN where the outcome was not observed.
    person : int array (n,)
    columns : DataFrame of str, shape (n, characteristics)
    metric : str
        One of `METRICS`, whose gap is measured.
    settings : Settings

    Notes
    -----
    The widest of several noisy gaps is larger than the true one, and wider still in a resample,
    which adds noise of its own: the replicates are moved to the estimate (`recentred`).

    Examples
    --------
    >>> listed = np.array([[True, True], [True, False], [False, True], [False, False]] * 40)
    >>> sex = pd.DataFrame({"sex": (["f"] * 4 + ["m"] * 4) * 20})
    >>> y = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0] * 20)
    >>> found = measure(
    ...     listed, y, np.arange(160), sex, metric="precision", settings=Settings(n_replicates=20)
    ... )
    >>> found.precision.tolist(), found.gap.tolist()
    ([0.75, 0.5], [0.5, 0.0])
    """
    everyone = pd.DataFrame({EVERYONE: EVERYONE}, index=columns.index)
    whole = rates_by_group(listed, y, person, everyone, PRECISION, settings)[EVERYONE]
    every = pd.concat([everyone, columns], axis=1)
    rates = rates_by_group(listed, y, person, every, metric, settings)
    found = [
        _beside(one, rates, metric, settings.minimum_cell)
        for one in comparisons(columns, settings)
        if metric not in OUTCOME_METRICS or _both_outcomes(y, one)
    ]
    pairs = [pair for pair in found if pair.compared]
    lost = np.sum([~pair.enough for pair in pairs], axis=0, dtype=np.int64)
    gap, drawn, widest = _widest(pairs, np.broadcast_to(lost, listed.shape[1:]), settings)
    return Measured(
        precision=whole.value[0],
        precision_drawn=whole.drawn[:, 0],
        numerator=whole.hits[0],
        denominator=whole.base[0],
        gap=gap,
        gap_drawn=recentred(drawn, gap),
        widest=widest,
        lost=np.broadcast_to(lost, listed.shape[1:]),
        compared=len(pairs),
    )


@dataclass(frozen=True, eq=False)
class _Pair:
    """A group beside its reference: difference (lists,), drawn (replicates, lists)."""

    places: tuple[Widest, ...]
    apart: FloatArray
    drawn: FloatArray
    enough: Bools
    compared: bool


def _both_outcomes(y: FloatArray, one: Comparison) -> bool:
    """Say whether, of either side, some went on to serious harm and some did not."""
    return all({0.0, 1.0} <= set(np.unique(y[rows])) for rows in (one.rows, one.base))


def _beside(one: Comparison, rates: Mapping[str, ByGroup], metric: str, minimum_cell: int) -> _Pair:
    """Compare a group with its reference; where counts differ by list, list 0 needs some more."""
    group = rates[one.characteristic]
    base = rates[EVERYONE] if one.reference == EVERYONE else group
    g, b = group.levels.index(one.group), base.levels.index(one.reference)
    places = [
        Widest(
            one.characteristic,
            one.group,
            one.reference,
            float(group.hits[g, at]),
            float(group.base[g, at]),
            float(base.hits[b, at]),
            float(base.base[b, at]),
        )
        for at in range(group.hits.shape[1])
    ]
    people = np.minimum(group.people[g], base.people[b])
    needed = minimum_cell * (_SPARE if metric == PRECISION else 1)
    return _Pair(
        tuple(places),
        group.value[g] - base.value[b],
        group.drawn[:, g] - base.drawn[:, b],
        people >= minimum_cell,
        bool(people[0] >= needed),
    )


def _widest(
    pairs: Sequence[_Pair], lost: IntArray, settings: Settings
) -> tuple[FloatArray, FloatArray, tuple[Widest, ...]]:
    """Return the widest gap of each list, as it is and drawn, and where it is."""
    lists = len(lost)
    if not pairs:
        nothing = np.full((settings.n_replicates, lists), np.nan)
        return nothing[0], nothing, (Widest(),) * lists
    sizes = np.abs([pair.apart for pair in pairs])
    drawn = np.fmax.reduce([np.abs(pair.drawn) for pair in pairs])
    known = lost == 0
    place = np.argmax(np.nan_to_num(sizes), axis=0)
    widest = [pairs[pair].places[at] if known[at] else Widest() for at, pair in enumerate(place)]
    gap = np.where(known, sizes[place, np.arange(lists)], np.nan)
    return gap, np.where(known, drawn, np.nan), tuple(widest)
