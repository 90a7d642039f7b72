"""Gaps as a table of their own: how wide, how sure, and how small a gap could have been seen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.report.parts.common import reference_of
from riskmodel.report.tables import Cell, Table, date_text, figure
from riskmodel.report.words import (
    UNDEFINED,
    VERDICT_NAMES,
    gap_interval,
    gap_text,
    metric_name,
    plain_name,
)

_CAPTION = (
    "Gap to {}, in percentage points. A smaller gap is better; one whose interval spans zero may "
    "be none. The second interval allows for all comparisons of the figure at once: of twenty "
    "intervals of the first kind, one misses by chance. Smallest visible: a true gap smaller than "
    "this would usually not have shown in so little data."
)
_ABSENT = Cell(UNDEFINED, look="quiet")


def gap_table(gaps: pd.DataFrame, name: str) -> Table:
    """Return the gaps of one characteristic, a row per group and figure.

    Parameters
    ----------
    gaps : DataFrame
        ``GAP_COLUMNS``, with simultaneous_low, simultaneous_high and detectable where measured.
    name : str
        The characteristic.
    """
    rows = [_row(line) for _, line in gaps.iterrows()]
    headings = [
        plain_name(name),
        "Figure",
        "Gap",
        "Interval",
        "All comparisons at once",
        "Smallest visible",
    ]
    return Table(_CAPTION.format(reference_of(gaps)), headings, rows, frozenset({0, 1}))


def _row(line: pd.Series) -> list[Cell]:
    when = _date(line["as_of"]) if "as_of" in line else ""
    head = [Cell(str(line["group"]), when), Cell(metric_name(line["metric"]))]
    if pd.isna(line["difference"]):
        why = Cell(VERDICT_NAMES.get(line["status"], str(line["status"])), line["reason"], "quiet")
        return [*head, why, _ABSENT, _ABSENT, visible(line)]
    metric = line["metric"]
    return [
        *head,
        Cell(gap_text(line["difference"], metric), value=figure(line["difference"])),
        _interval(line, "difference_low", "difference_high"),
        _interval(line, "simultaneous_low", "simultaneous_high"),
        visible(line),
    ]


def _date(date: Any) -> str:
    return "all dates" if pd.isna(date) else date_text(date)


def _interval(line: pd.Series, low: str, high: str) -> Cell:
    text = gap_interval(line.get(low), line.get(high), line["metric"])
    return Cell(text) if text else _ABSENT


def visible(line: pd.Series) -> Cell:
    """Return the smallest gap that the data would have shown."""
    smallest = line.get("detectable")
    if smallest is None or pd.isna(smallest):
        return _ABSENT
    return Cell(gap_text(smallest, line["metric"]).lstrip("+"), value=figure(smallest))
