"""The rows of an offence table as plain columns, checked without a table library."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

COLUMNS = ("offence", "harm", "group", "serious")
Values: TypeAlias = tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], npt.NDArray[np.bool_]]

LARGEST_EXACT = 2**53  # whole numbers beyond it lose digits as floats


@dataclass(frozen=True)
class OffenceRows:
    """Checked columns of the same length, sorted by offence; a harm that is not known is NaN."""

    offence: tuple[str, ...]
    harm: tuple[float, ...]
    group: tuple[str, ...]
    serious: tuple[bool, ...]

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Sorted names of the groups."""
        return tuple(sorted(set(self.group)))

    def position(self, names: Iterable[Any]) -> npt.NDArray[np.int64]:
        """Return the row of each offence, -1 where it is not there."""
        return np.array([self._row.get(name, -1) for name in names], dtype=np.int64)

    def values_at(self, position: npt.NDArray[np.int64]) -> Values:
        """Return harm, index in `groups` and serious of rows; at -1 a harm that is not known."""
        harm, group, serious = self._arrays
        return harm[position], group[position], serious[position]

    @cached_property
    def _row(self) -> dict[Any, int]:
        return {name: row for row, name in enumerate(self.offence)}

    @cached_property
    def _arrays(self) -> Values:
        code = {name: number for number, name in enumerate(self.groups)}
        return (
            np.array([*self.harm, np.nan], dtype=np.float64),
            np.array([*(code[name] for name in self.group), -1], dtype=np.int32),
            np.array([*self.serious, False], dtype=np.bool_),
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one JSON-ready dict an offence; a harm that is not known is None."""
        harm = (None if math.isnan(days) else days for days in self.harm)
        rows = zip(self.offence, harm, self.group, self.serious, strict=True)
        return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def plain_rows(given: Iterable[Any]) -> OffenceRows | None:
    """Return rows as `OffenceRows.to_dicts` writes them; None where any is not quite so.

    What is refused here may still be coerced, or be refused with a reason, as a table: this check
    lets nothing through that the table's would not, and takes nothing for another value.

    Examples
    --------
    >>> row = {"offence": "a", "harm": 3, "group": "other", "serious": False}
    >>> plain_rows([row])
    OffenceRows(offence=('a',), harm=(3.0,), group=('other',), serious=(False,))
    >>> plain_rows([row, row]) is None, plain_rows([{**row, "harm": -1}]) is None
    (True, True)
    """
    rows = []
    for row in given:
        if type(row) is not dict:
            return None
        offence, harm, group, serious = (row.get(name) for name in COLUMNS)
        days = _days(harm)
        if days is None or type(serious) is not bool or not (_is_text(offence) and _is_text(group)):
            return None
        rows.append((offence, days, group, serious))
    rows.sort(key=lambda row: str(row[0]))
    if len({row[0] for row in rows}) < len(rows):
        return None
    return OffenceRows(*zip(*rows, strict=True)) if rows else OffenceRows((), (), (), ())


def _days(harm: object) -> float | None:
    """Return a harm in days, NaN where it is missing; None where it is none."""
    if harm is None:
        return math.nan
    if type(harm) is int:
        return float(harm) if 0 <= harm <= LARGEST_EXACT else None
    if type(harm) is float:
        return harm if math.isnan(harm) or 0 <= harm < math.inf else None
    return None


def _is_text(value: object) -> bool:
    if type(value) is not str or not value.strip() or "\x00" in value:
        return False
    return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)
