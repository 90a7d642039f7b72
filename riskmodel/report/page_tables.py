"""Tables of the page: what the template prints, cell by cell, with captions in plain English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskmodel.report.words import (
    EVIDENCE_NAMES,
    RATIOS,
    UNDEFINED,
    VERDICT_NAMES,
    WITHHELD,
    count_text,
    interval_text,
    metric_name,
    number_text,
    plain_name,
    points_interval,
    points_text,
    share_text,
)

LIST_SHARES = ("share_of_pool", "share_of_list", "share_of_later_harm")
LIST_RATES = (
    "selection_rate",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
)
LIST_GAPS = ("selection_rate", "precision", "recall", "false_positive_rate", "false_negative_rate")
VICTIM_RATES = ("coverage", "scored_not_listed", "outside_cohort", "no_suspect_named")
VICTIM_COVERAGE = ("victim_coverage", "harm_coverage")


@dataclass(frozen=True)
class Cell:
    """One cell: the figure, a smaller line beneath it, and a class for its look."""

    text: str
    under: str = ""
    look: str = ""


@dataclass(frozen=True)
class Table:
    """One table: caption, column headings (the first heads the rows), rows of cells.

    ``texts`` are the columns that read as text, from the left; all others are figures.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    texts: frozenset[int] = frozenset()


def rate_cell(row: pd.Series) -> Cell:
    """Return a rate with its counts and interval; withheld and undefined say so."""
    if row["withheld"]:
        return Cell(WITHHELD, look="quiet")
    if pd.isna(row["value"]):
        return Cell(UNDEFINED, "undefined", "quiet")
    counts = ""
    if not pd.isna(row["numerator"]) and row["metric"] != "observed_over_expected":
        counts = f"{count_text(row['numerator'])} of {count_text(row['denominator'])}"
    interval = interval_text(row["low"], row["high"], row["metric"])
    return Cell(
        number_text(row["value"], row["metric"]), " · ".join(filter(None, [interval, counts]))
    )


def gap_cell(row: pd.Series) -> Cell:
    """Return a gap in points with its interval, or why there is none."""
    if pd.isna(row["difference"]):
        return Cell(
            VERDICT_NAMES.get(row["status"], str(row["status"])), str(row["reason"]), "quiet"
        )
    interval = points_interval(row["difference_low"], row["difference_high"])
    return Cell(points_text(row["difference"]), interval)


def by_group(
    table: pd.DataFrame,
    metrics: Sequence[str],
    cell: Callable[[pd.Series], Cell],
    *,
    caption: str,
    first: str,
) -> Table:
    """Return one row per group and one column per metric, in the order of the table."""
    rows = []
    for group, lines in table.groupby("group", sort=False):
        found = {line["metric"]: cell(line) for _, line in lines.iterrows()}
        rows.append([Cell(str(group)), *(found.get(name, Cell(UNDEFINED)) for name in metrics)])
    return Table(caption, [first, *map(metric_name, metrics)], rows)


def listed_tables(rates: pd.DataFrame, gaps: pd.DataFrame, name: str) -> list[Table]:
    """Return the tables of one characteristic of people listed."""
    first = plain_name(name)
    reference = _reference(gaps)
    return [
        by_group(
            rates,
            LIST_SHARES,
            rate_cell,
            first=first,
            caption="Share of everyone scored (the pool), of the list, and of those who went on "
            "to serious harm. "
            "Where the second is well above the third, the group is listed beyond its share of "
            "later harm; where it is below, the list looks elsewhere.",
        ),
        by_group(
            rates,
            LIST_RATES,
            rate_cell,
            first=first,
            caption="Listed: of everyone in the group. Precision: of those listed, who went on "
            "to serious harm. Recall: of those who went on, who was listed. False positives: of "
            "those who did not go on, who was listed. False negatives: of those who went on, who "
            "was not.",
        ),
        by_group(
            gaps,
            LIST_GAPS,
            gap_cell,
            first=first,
            caption=f"Gap to {reference}, in percentage points with its interval. A smaller gap "
            "is better; a gap whose interval spans zero may be none.",
        ),
    ]


def victim_tables(rates: pd.DataFrame, gaps: pd.DataFrame, name: str) -> list[Table]:
    """Return the tables of one characteristic of victims."""
    first = f"Victim’s {plain_name(name).lower()}"
    return [
        by_group(
            rates,
            ("share_of_offences", *VICTIM_RATES),
            rate_cell,
            first=first,
            caption="Of the later serious offences against each group: how many had a suspect on "
            "the list, scored but not listed, named but not in the cohort, or nobody named.",
        ),
        by_group(
            rates,
            VICTIM_COVERAGE,
            rate_cell,
            first=first,
            caption="Of distinct identified victims, and of days of harm, the share with a "
            "suspect on the list.",
        ),
        by_group(
            gaps,
            ("coverage", "no_suspect_named", *VICTIM_COVERAGE),
            gap_cell,
            first=first,
            caption=f"Gap to {_reference(gaps)}, in percentage points. Below zero: the list covers "
            "less of the harm done to this group.",
        ),
    ]


def _reference(gaps: pd.DataFrame) -> str:
    return f"“{gaps['reference'].iloc[0]}”" if len(gaps) else "the reference group"


def verdict_table(verdicts: pd.DataFrame) -> Table:
    """Return the policy's verdicts, one row per criterion and characteristic."""
    rows = [
        [
            Cell(plain_name(line["characteristic"])),
            Cell(VERDICT_NAMES[line["verdict"]], look=f"badge {line['verdict'].split()[0]}"),
            Cell(line["criterion"]),
            _widest(line),
            Cell(str(line["reason"]), _not_compared(line["not_compared"])),
        ]
        for _, line in verdicts.iterrows()
    ]
    headings = ["Characteristic", "Verdict", "Criterion", "Widest gap", "Why"]
    caption = (
        "A gap is the difference to the reference group; its interval says how far chance could "
        "move it. Pass: every gap measured lies inside the tolerance, interval and all. Fail: a "
        "gap lies wholly outside it, also after allowing for the number of comparisons. Anything "
        "between is insufficient evidence, which is not a pass."
    )
    return Table(caption, headings, rows, frozenset(range(len(headings))))


def _widest(line: pd.Series) -> Cell:
    if pd.isna(line["gap"]):
        return Cell(WITHHELD if line["group"] else UNDEFINED, look="quiet")
    groups = f"{line['group']} against {line['reference']}"
    if line["scale"] == "ratio":
        return Cell(f"× {line['gap']:.2f}", f"{line['low']:.2f} to {line['high']:.2f} · {groups}")
    if line["metric"] in RATIOS:
        interval = f"{line['low']:+.2f} to {line['high']:+.2f}"
        return Cell(f"{line['gap']:+.2f}", f"{interval} · {groups}")
    interval = points_interval(line["low"], line["high"])
    return Cell(points_text(line["gap"]), f"{interval} · {groups}")


def _not_compared(count: int) -> str:
    if not count:
        return ""
    return (
        f"{count} group{'s' if count > 1 else ''} not compared: too small, or all or none in it "
        "went on to serious harm"
    )


def band_tables(bands: pd.DataFrame, name: str) -> Table:
    """Return calibration by group and band of one characteristic."""
    rows = []
    for (group, band), lines in bands.groupby(["group", "band"], sort=False):
        found = {line["metric"]: rate_cell(line) for _, line in lines.iterrows()}
        cells = (found.get(metric, Cell(UNDEFINED)) for metric in _BAND_METRICS)
        rows.append([Cell(str(group), str(band)), *cells])
    caption = (
        "By band of the estimate. Observed ÷ estimated above 1: the estimates of this group are "
        "too low; below 1: too high."
    )
    return Table(caption, [plain_name(name), *map(metric_name, _BAND_METRICS)], rows)


_BAND_METRICS = ("share_of_group", "mean_probability", "outcome_rate", "observed_over_expected")
Column = tuple[str, str, Callable[[Any], str]]


def plain_table(table: pd.DataFrame, columns: Sequence[Column], caption: str) -> Table:
    """Return chosen columns as a table: (column, heading, how to write a value)."""
    rows = [[Cell(write(line[name])) for name, _, write in columns] for _, line in table.iterrows()]
    texts = frozenset(i for i, (_, _, write) in enumerate(columns) if write not in _FIGURES)
    return Table(caption, [heading for _, heading, _ in columns], rows, texts)


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


def one_digit_share(share: Any) -> str:
    """Return a share with one digit, for small parts of a whole."""
    return share_text(share, 1)


_FIGURES = (count_text, one_digit_share)
