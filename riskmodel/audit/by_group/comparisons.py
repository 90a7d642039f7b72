"""Each group beside its reference, row by row, and the error of what is compared between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.rates import EVERYONE, LARGEST, Settings, is_blank, ordered_levels
from riskmodel.statistics.arrays import FloatArray


class Comparison(NamedTuple):
    """One group and what it is compared with; `rows` and `base` are bool, shape (n,)."""

    characteristic: str
    group: str
    reference: str
    rows: NDArray[np.bool_]
    base: NDArray[np.bool_]

    @property
    def names(self) -> dict[str, str]:
        """The columns that name it."""
        return {
            "characteristic": self.characteristic,
            "group": self.group,
            "reference": self.reference,
        }


def comparisons(columns: pd.DataFrame, settings: Settings) -> Iterator[Comparison]:
    """Yield every group but the reference of each characteristic, beside its reference.

    Parameters
    ----------
    columns : DataFrame of str, shape (n, characteristics)
        From `group_columns`.
    settings : Settings
        The reference is the group named there, the largest recorded one, or everyone.

    Examples
    --------
    >>> sex = pd.DataFrame({"sex": ["f", "m", "m"]})
    >>> [(c.group, c.reference, c.rows.tolist()) for c in comparisons(sex, Settings())]
    [('f', 'm', [True, False, False])]
    """
    for name in columns.columns:
        group = columns[name]
        reference = _reference(group, settings, str(name))
        if reference is None:
            continue
        values = group.to_numpy(dtype=object)
        base = np.ones(len(group), dtype=bool) if reference == EVERYONE else values == reference
        for level in ordered_levels(group):
            if level != reference:
                yield Comparison(str(name), level, reference, values == level, base)


def _reference(group: pd.Series[str], settings: Settings, name: str) -> str | None:
    sizes = group.value_counts()
    chosen = settings.reference_groups.get(name)
    if chosen is not None and chosen in sizes.index:
        return chosen
    if settings.reference != LARGEST:
        return EVERYONE
    recorded = [level for level in ordered_levels(group) if not is_blank(level)]
    return max(recorded, key=lambda level: sizes[level]) if recorded else None


def distinct(codes: NDArray[np.int64], rows: NDArray[np.bool_]) -> int:
    """Return how many different people stand in the rows.

    Examples
    --------
    >>> distinct(np.array([0, 0, 1]), np.array([True, True, False]))
    1
    """
    return len(np.unique(codes[rows]))


def person_codes(person: ArrayLike) -> NDArray[np.int64]:
    """Return a code per person, shape (n,)."""
    return np.asarray(pd.factorize(np.asarray(person, dtype=object))[0], dtype=np.int64)


def clustered_error(influence: FloatArray, codes: NDArray[np.int64]) -> float:
    """Return the standard error of an estimate from the influence of each row on it.

    The influences of one person's rows are added before they are squared, so that somebody in
    five rows counts as one fact. To first order it is the spread that resampling people gives.

    Parameters
    ----------
    influence : array of float, shape (n,)
        What the estimate would gain if the row counted once more; 0 where a row has no part.
    codes : array of int, shape (n,)

    Examples
    --------
    >>> round(clustered_error(np.array([0.3, -0.3, 0.6, -0.6]), np.array([0, 0, 1, 2])), 2)
    1.04
    """
    of_person = np.bincount(codes, weights=influence)
    count = len(np.unique(codes[influence != 0]))
    return float(np.sqrt((of_person**2).sum() * (count / max(count - 1, 1))))


def mean_gap_error(values: FloatArray, one: Comparison, codes: NDArray[np.int64]) -> float:
    """Return the standard error of the group's mean less the reference's, people whole."""
    influence = np.zeros(len(values))
    for rows, sign in ((one.rows, 1.0), (one.base, -1.0)):
        away: Any = values[rows] - values[rows].mean()
        influence[rows] += sign * away / rows.sum()
    return clustered_error(influence, codes)
