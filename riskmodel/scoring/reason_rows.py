"""What moves a margin most, in words, and the records behind it: for one person, with no table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from riskmodel.schema import EVIDENCE
from riskmodel.scoring.reply import Reason
from riskmodel.snapshots.behind import RecordColumns, behind_rows
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.wording import tell

Ints: TypeAlias = NDArray[np.int64]

_NONE: Ints = np.zeros(0, dtype=np.int64)


def reasons_of(
    names: Sequence[str],
    features: Mapping[str, AnyFeature],
    values: NDArray[Any],
    contributions: NDArray[np.float64],
    records: RecordColumns,
    as_of_us: int,
    *,
    top: int,
) -> tuple[Reason, ...]:
    """Return the features that move one person's margin most, and the records behind them.

    Parameters
    ----------
    names : sequence of str, length p
        Columns, in the order of `values`.
    features : mapping of str to Feature, Ratio or Difference
        What each column is: ``task.by_name``, or `RULES` for the fallback.
    values, contributions : float arrays of shape (p,)
    records : RecordColumns
        The person's, as known at the date.
    as_of_us : int
        Microseconds since 1970.
    top : int
        Reasons at most; fewer where fewer move the margin.

    Examples
    --------
    >>> from riskmodel.snapshots.features import Feature
    >>> age = {"age": Feature("age", justification="an example")}
    >>> nothing = RecordColumns(*[np.zeros(0, dtype=np.int64)] * 15, {}, {})
    >>> found, = reasons_of(["age"], age, np.array([30.5]), np.array([-0.2]), nothing, 0, top=5)
    >>> found.sentence, found.contribution, found.source_ids
    ('30 years of age', -0.2, ())
    """
    _, moving = largest(contributions[None], top)
    return tuple(
        _reason(order, names[place], features, values[place], contributions[place], records,
                as_of_us)
        for order, place in enumerate(moving.tolist(), start=1)
    )  # fmt: skip


def _reason(
    order: int,
    name: str,
    features: Mapping[str, AnyFeature],
    value: float,
    contribution: float,
    records: RecordColumns,
    as_of_us: int,
) -> Reason:
    feature, value = features[name], float(value)
    known = math.isfinite(value)  # a value that is not known rests on nothing
    rows = np.flatnonzero(behind_rows(feature, records, as_of_us)) if known else _NONE
    return Reason(
        order=order,
        feature=name,
        sentence=tell(feature, value),
        value=value if known else None,
        contribution=float(contribution),
        source_ids=tuple(records.source_id[rows].tolist()),
        evidence=tuple(EVIDENCE[level] for level in records.evidence[rows].tolist()),
    )


def largest(contributions: NDArray[np.float64], top: int) -> tuple[Ints, Ints]:
    """Return (row, column) of the `top` largest contributions of each row that are not 0.

    Parameters
    ----------
    contributions : float64 array of shape (n, p)
    top : int

    Returns
    -------
    int64 arrays of shape (m,)
        By row, the largest first, up or down; of equal ones the first column first.

    Examples
    --------
    >>> row, column = largest(np.array([[0.1, -0.5, 0.0], [0.0, 0.2, 0.2]]), 2)
    >>> row.tolist(), column.tolist()
    ([0, 0, 1, 1], [1, 0, 1, 2])
    """
    size = np.abs(contributions)
    at = max(size.shape[1] - top, 0)
    enough = np.partition(size, at, axis=1)[:, at, None]
    row, column = np.nonzero((size >= enough) & (size > 0))
    order = np.lexsort((column, -size[row, column], row))
    row, column = row[order], column[order]
    first = place_within(row) < top  # equal ones may be more than asked for
    return row[first], column[first]


def place_within(row: Ints) -> Ints:
    """Return the place of each entry among those of its row, from 0; `row` rises.

    Examples
    --------
    >>> place_within(np.array([0, 0, 2, 2, 2])).tolist()
    [0, 1, 0, 1, 2]
    """
    place: Ints = np.arange(row.size) - np.searchsorted(row, row)
    return place
