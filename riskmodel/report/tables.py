"""Tables of the page: what the template prints, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.report.words import (
    EVIDENCE_NAMES,
    UNCOUNTED,
    UNDEFINED,
    VERDICT_NAMES,
    WITHHELD,
    count_text,
    gap_interval,
    gap_text,
    interval_text,
    metric_name,
    number_text,
    plain_name,
    share_text,
)


@dataclass(frozen=True)
class Cell:
    """One cell: the figure, a smaller line beneath it, a class for its look.

    ``value`` is the number behind the figure: the table sorts by it, and its CSV holds it.
    """

    text: str
    under: str = ""
    look: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: caption, column headings (the first heads the rows), rows of cells.

    ``texts`` are the columns that read as text, from the left; all others are figures.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    texts: frozenset[int] = frozenset()


def figure(value: Any) -> float | None:
    """Return a cell's number, or None where there is none.

    Examples
    --------
    >>> figure(np.float64(0.5)), figure(float("nan")), figure("a"), figure(True)
    (0.5, None, None, None)
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None
    return float(value) if np.isfinite(value) else None


def rate_cell(row: pd.Series) -> Cell:
    """Return a rate with its counts and interval; withheld and undefined say so."""
    if row["withheld"]:
        return Cell(WITHHELD, look="quiet")
    if pd.isna(row["value"]):
        return Cell(UNDEFINED, "undefined", "quiet")
    counts, hits = "", row.get("numerator")
    if not pd.isna(hits) and row["metric"] not in UNCOUNTED:
        counts = f"{count_text(hits)} of {count_text(row['denominator'])}"
    interval = interval_text(row["low"], row["high"], row["metric"])
    return Cell(
        number_text(row["value"], row["metric"]),
        " · ".join(filter(None, [interval, counts])),
        value=figure(row["value"]),
    )


def gap_cell(row: pd.Series) -> Cell:
    """Return a gap in points with its interval, or why there is none."""
    if pd.isna(row["difference"]):
        return Cell(
            VERDICT_NAMES.get(row["status"], str(row["status"])), str(row["reason"]), "quiet"
        )
    metric = row["metric"]
    interval = gap_interval(row["difference_low"], row["difference_high"], metric)
    return Cell(gap_text(row["difference"], metric), interval, value=figure(row["difference"]))


def by_group(
    table: pd.DataFrame,
    metrics: Sequence[str],
    cell: Callable[[pd.Series], Cell] = rate_cell,
    *,
    caption: str,
    first: str,
    key: Sequence[str] = ("group",),
) -> Table:
    """Return one row per group and one column per metric, in the order of the table.

    Metrics of which the table has no row get no column. `key` are the columns that make a row;
    those after the first stand in smaller letters under it.
    """
    present = set(table["metric"])
    shown = [name for name in metrics if name in present]
    rows = []
    for names, lines in table.groupby(list(key), sort=False):
        found = {line["metric"]: cell(line) for _, line in lines.iterrows()}
        head = Cell(str(names[0]), " · ".join(map(str, names[1:])))
        rows.append([head, *(found.get(name, Cell(UNDEFINED, look="quiet")) for name in shown)])
    return Table(caption, [first, *map(metric_name, shown)], rows)


Column = tuple[str, str, Callable[[Any], str]]


def plain_table(table: pd.DataFrame, columns: Sequence[Column], caption: str) -> Table:
    """Return chosen columns as a table: (column, heading, how to write a value)."""
    rows = [
        [_written(write, line[name]) for name, _, write in columns] for _, line in table.iterrows()
    ]
    texts = frozenset(i for i, (_, _, write) in enumerate(columns) if write not in FIGURES)
    return Table(caption, [heading for _, heading, _ in columns], rows, texts)


def _written(write: Callable[[Any], str], value: Any) -> Cell:
    text = write(value)
    if text in {WITHHELD, UNDEFINED}:
        return Cell(text, look="quiet")
    return Cell(text, value=figure(value) if write in FIGURES else None)


def evidence_name(level: str) -> str:
    """Return an evidence level in words.

    Examples
    --------
    >>> evidence_name("support_withdrawn")
    'Victim withdrew support'
    """
    return plain_name(EVIDENCE_NAMES.get(level, level))


def date_text(date: Any) -> str:
    """Return a date as ISO text; a dash where there is none."""
    return UNDEFINED if pd.isna(date) else str(pd.Timestamp(date).date())


def text(value: Any) -> str:
    """Return a value as it stands; a dash where there is none.

    Examples
    --------
    >>> text("a"), text(None), text("")
    ('a', '–', '–')
    """
    return UNDEFINED if value is None or pd.isna(value) or not str(value) else str(value)


def one_digit_share(share: Any) -> str:
    """Return a share with one digit, for small parts of a whole."""
    return share_text(share, 1)


def decimal(number: Any) -> str:
    """Return a number with two decimals, or three below a tenth.

    Examples
    --------
    >>> decimal(1.234), decimal(0.0123), decimal(-2)
    ('1.23', '0.012', '−2.00')
    """
    if number is None or pd.isna(number):
        return UNDEFINED
    digits = 3 if abs(float(number)) < 0.1 else 2
    return f"{float(number):.{digits}f}".replace("-", "−")


def decimal_cell(number: Any) -> Cell:
    """Return a cell with a number as `decimal` writes it."""
    shown = decimal(number)
    return Cell(shown, look="quiet" if shown == UNDEFINED else "", value=figure(number))


def signed(number: Any) -> str:
    """Return a number with its sign and two decimals.

    Examples
    --------
    >>> signed(0.5), signed(-0.25)
    ('+0.50', '−0.25')
    """
    return UNDEFINED if pd.isna(number) else f"{float(number):+.2f}".replace("-", "−")


FIGURES = (count_text, one_digit_share, decimal, signed)
"""Writers of numbers: their columns stand to the right, sort as numbers and go so into the CSV."""
