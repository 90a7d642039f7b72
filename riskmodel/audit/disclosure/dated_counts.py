"""The counts of what became of a model over time, and how they add up."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from riskmodel.audit.disclosure.ledger import Key, Ledger, Row
from riskmodel.audit.disclosure.rounding import round_amounts
from riskmodel.audit.over_time import OverTime

OVERRIDDEN = {"overridden": ("removed", "added")}
WORKED_OR_NOT = {"all": ("worked", "not worked")}
_PARTS = {
    "actions": (WORKED_OR_NOT, ("listed", "listed_observed", "observed")),
    "overrides": (OVERRIDDEN, ("n", "observed", "harmed")),
    "random_order": ({}, ("n", "observed")),
}
"""Tables of few rows: which rows add up, and what is counted."""


def key(table: str, row: Row, quantity: str) -> Key:
    """Return the name of a count of a row of a table."""
    names = [str(row[name]) for name in ("as_of", "reason", "who", "direction", "arm")
             if name in row]  # fmt: skip
    return (table, *names, quantity)


def ledger_over_time(found: OverTime) -> Ledger:
    """Return every count that would be published, and how they add up."""
    ledger = Ledger()
    tables = found.tables
    for row in tables["periods"].to_dict("records"):
        _enter_period(ledger, row)
    _enter_changes(ledger, tables["changes"])
    for row in tables["removals"].to_dict("records"):
        _enter_part(ledger, "removals", row, "people", "left")
    for name, (sums, quantities) in _PARTS.items():
        _enter_parts(ledger, name, with_harmed(tables[name]), sums, quantities)
    return ledger


IN_AN_AUDIT = {
    "n": "entries_scored",
    "n_observed": "observed",
    "observed": "later_serious",
    "listed_observed": "listed_observed",
    "listed_outcome": "listed_later_serious",
}
"""Counts of a date, and what an audit of the same dates calls their sum on page one."""


def enter_beside(ledger: Ledger, periods: pd.DataFrame, summary: dict[str, Any]) -> None:
    """Enter what a published audit of the very same dates says of their sums."""
    dates = {pd.Timestamp(date) for date in summary.get("as_of", [])}
    if periods.empty or dates != set(pd.to_datetime(periods["as_of"])):
        return
    for quantity, name in IN_AN_AUDIT.items():
        parts = [key("periods", row, quantity) for row in periods.to_dict("records")]
        total = float(periods[quantity].sum())
        if summary.get(name) == round_amounts(total):
            whole = ("periods", "all dates", quantity)
            ledger.total(whole, parts, shown=True)
            ledger.settled[ledger.ids[whole]] = True


def with_harmed(table: pd.DataFrame) -> pd.DataFrame:
    """Return overrides with how many of them went on: their rate says it."""
    if "outcome_rate" not in table or "direction" not in table:
        return table
    return table.assign(harmed=(table["outcome_rate"] * table["observed"]).round())


def _enter_part(ledger: Ledger, table: str, row: Row, whole: str, part: str) -> None:
    """Enter a whole, a part of it, and what lies between."""
    for name in (whole, part):
        ledger.count(key(table, row, name), float(row[name]))
    ledger.rest(key(table, row, whole), key(table, row, part), key(table, row, f"not {part}"))


def _enter_period(ledger: Ledger, row: Row) -> None:
    ledger.count(key("periods", row, "k"), row["k"], known=True)
    _enter_part(ledger, "periods", row, "n", "n_observed")
    _enter_part(ledger, "periods", row, "n_observed", "observed")
    _enter_part(ledger, "periods", row, "k", "listed_observed")
    _enter_part(ledger, "periods", row, "listed_observed", "listed_outcome")
    outcome, listed = (key("periods", row, name) for name in ("observed", "listed_outcome"))
    ledger.rest(outcome, listed, key("periods", row, "missed"))


def _enter_changes(ledger: Ledger, table: pd.DataFrame) -> None:
    """Enter that who entered and stayed are this list, who left and stayed the one before."""
    rows = table.to_dict("records")
    for row in rows:
        this, before = key("changes", row, "k"), key("changes", row, "before")
        for name in ("entered", "left", "stayed"):
            ledger.count(key("changes", row, name), row[name])
        ledger.count(this, row["k"], known=True)
        ledger.count(before, row["left"] + row["stayed"], shown=False, known=True)
        stayed = key("changes", row, "stayed")
        ledger.add_up(this, [key("changes", row, "entered"), stayed])
        ledger.add_up(before, [key("changes", row, "left"), stayed])
        if not pd.isna(row["left_without_estimate"]):
            _enter_part(ledger, "changes", row, "left", "left_without_estimate")
    for earlier, later in pairwise(rows):
        # who entered the list before is on it: it is the list that this one follows
        ledger.add_up(key("changes", later, "before"), [key("changes", earlier, "k")])


def _enter_parts(
    ledger: Ledger,
    name: str,
    table: pd.DataFrame,
    sums: dict[str, tuple[str, str]],
    quantities: tuple[str, ...],
) -> None:
    for row in table.to_dict("records"):
        people = float(row.get("people", float("inf")))
        for quantity in quantities:
            if not pd.isna(row[quantity]):
                ledger.count(key(name, row, quantity), float(row[quantity]), people=people)
        for whole, part in pairwise(quantities):
            between = key(name, row, f"{whole} not {part}")
            ledger.rest(key(name, row, whole), key(name, row, part), between)
    for all_rows, parts in sums.items():
        for quantity in quantities:
            ledger.add_up((name, all_rows, quantity), [(name, part, quantity) for part in parts])
