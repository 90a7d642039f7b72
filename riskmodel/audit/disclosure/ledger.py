"""The counts that are to be published, and how they add up: what a reader could subtract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from riskmodel.audit.by_group.rates import SMALLEST_CELL

Key = tuple[str, ...]
Row = Mapping[Any, Any]
"""A row of a table, by column."""
ADDS_UP_WITHIN = 1e-6
BIGGEST_SMALL = SMALLEST_CELL - 1


@dataclass
class Ledger:
    """Counts by name, and sums among them.

    Attributes
    ----------
    ids : dict of Key to int
        The place of each count in the lists.
    values : list of float
    shown : list of bool
        Whether a table shows it. One that is not shown may still follow from others.
    worked : list of bool
        Printed as the difference of two others: that it is shown says only that it is no small one.
    last : list of bool
        A total: withheld only where nothing else helps.
    known : list of bool
        What everyone knows to the unit, such as the length of the list.
    settled : list of bool
        Published before as it is now: withholding it would hide nothing.
    held : list of bool
        Withheld before: to be withheld again.
    need : list of (low, high) or None
        What a reader must be left to think possible, where the count is to be protected.
    sums : list of (int, tuple of int)
        A whole and its parts.

    Examples
    --------
    >>> ledger = Ledger()
    >>> for key, value in {"all": 40, "men": 36, "women": 4}.items():
    ...     ledger.count((key,), value)
    >>> ledger.add_up(("all",), [("men",), ("women",)])
    >>> ledger.need
    [None, None, (1.0, 7.0)]
    """

    ids: dict[Key, int] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)
    shown: list[bool] = field(default_factory=list)
    worked: list[bool] = field(default_factory=list)
    last: list[bool] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    settled: list[bool] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    need: list[tuple[float, float] | None] = field(default_factory=list)
    sums: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    contradicted: set[Key] = field(default_factory=set)

    def count(
        self,
        key: Key,
        value: float,
        *,
        shown: bool = True,
        worked: bool = False,
        people: float = np.inf,
        last: bool = False,
        known: bool = False,
        guarded: bool = True,
    ) -> None:
        """Enter a count; the same key is the same count, wherever it stands.

        Parameters
        ----------
        people : float
            How many different people it rests on, where one may stand in it twice.
        guarded : bool
            False for what counts nobody: it is entered for the sums alone.
        """
        if not np.isfinite(value):
            return
        if key not in self.ids:
            self.ids[key] = len(self.values)
            self.values.append(float(value))
            self.shown.append(shown)
            self.worked.append(worked)
            self.last.append(last)
            self.known.append(known)
            self.settled.append(False)
            self.held.append(False)
            self.need.append(None)
        i = self.ids[key]
        if abs(self.values[i] - value) > ADDS_UP_WITHIN:
            self.contradicted.add(key)
            return
        self.shown[i] |= shown
        self.worked[i] |= worked
        self.known[i] |= known
        if guarded and not self.known[i] and _is_small(value, people):
            self.protect(key)

    def protect(self, key: Key) -> None:
        """Say that the count is to be withheld, and that it must stay open what it is."""
        i = self.ids[key]
        value = self.values[i]
        if value < SMALLEST_CELL:
            self.need[i] = (1.0, float(BIGGEST_SMALL))
        else:
            self.need[i] = (value - BIGGEST_SMALL, value)

    def add_up(self, whole: Key, parts: Iterable[Key]) -> None:
        """Enter that the parts add up to the whole, unless they don't or one is unknown."""
        keys = [*parts]
        if whole not in self.ids or any(key not in self.ids for key in keys):
            return
        ids = tuple(self.ids[key] for key in keys)
        if abs(self.values[self.ids[whole]] - sum(self.values[i] for i in ids)) <= ADDS_UP_WITHIN:
            self.sums.append((self.ids[whole], ids))

    def rest(self, whole: Key, part: Key, rest: Key, *, guarded: bool = True) -> None:
        """Enter what lies between a part and its whole: no table shows it, two counts say it."""
        if whole in self.ids and part in self.ids:
            between = self.values[self.ids[whole]] - self.values[self.ids[part]]
            if between >= 0:
                self.count(rest, between, shown=False, guarded=guarded)
                self.add_up(whole, (part, rest))

    def total(self, whole: Key, parts: Sequence[Key], *, shown: bool = False) -> None:
        """Enter the sum of the parts as a total, and that they add up to it."""
        found = [key for key in parts if key in self.ids]
        if found and len(found) == len(parts):
            value = sum(self.values[self.ids[key]] for key in found)
            self.count(whole, value, shown=shown, last=True)
            self.add_up(whole, found)

    def value(self, key: Key) -> float:
        """Return the exact count; NaN where there is none."""
        return self.values[self.ids[key]] if key in self.ids else np.nan


def _is_small(value: float, people: float) -> bool:
    return 0 < value < SMALLEST_CELL or (value > 0 and 0 < people < SMALLEST_CELL)
