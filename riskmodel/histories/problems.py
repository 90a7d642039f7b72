"""Broken rules: said by table, column and number of rows, never with a value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from riskmodel.errors import SchemaError

TIME_RULE = "not a time (ISO 8601, as in 2012-01-31 or 2012-01-31T14:30:00)"
NUMBER_RULE = "not a number"
EARLY_RULE = "recorded before it happened (a date means its midnight)"
UNBORN_RULE = "before the person's birth"
DEAD_RULE = "after the person's death"
AGAIN_RULE = "occurs before, recorded no later"
NO_EVENT_RULE = "in no row of events"
TOO_SOON_RULE = "before its event happened"
NOBODY_RULE = "in no row of events or people"
YEAR_RULE = "not the year of birth_date"
WHOLE_RULE = "not a whole number"
MISSING_RULE = "missing"
MISSING_COLUMN_RULE = "the column is missing"


@dataclass(frozen=True)
class Problem:
    """One broken rule: where, what, and in how many rows (0: the table's structure).

    Examples
    --------
    >>> print(Problem("events", "event_time", "missing", 2))
    events.event_time: missing, in 2 rows
    """

    table: str
    column: str
    rule: str
    rows: int = 0

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        count = f", in {self.rows:,} row{'s' if self.rows != 1 else ''}" if self.rows else ""
        return f"{where}: {self.rule}{count}"


class Problems:
    """Problems found one row at a time, and raised together.

    Examples
    --------
    >>> problems = Problems()
    >>> problems.add("events", "event_time", MISSING_RULE)
    >>> problems.add("events", "event_time", MISSING_RULE)
    >>> problems.raise_any()
    Traceback (most recent call last):
    riskmodel.errors.SchemaError: 1 problem:
      - events.event_time: missing, in 2 rows
    """

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str, str]] = Counter()

    def add(self, table: str, column: str, rule: str, rows: int = 1) -> None:
        """Note that so many more rows break a rule."""
        self._rows[table, column, rule] += rows

    def raise_any(self) -> None:
        """Raise one `SchemaError` with all of them, if there are any."""
        if self._rows:
            raise SchemaError([str(Problem(*where, rows)) for where, rows in self._rows.items()])
