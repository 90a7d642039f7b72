"""Part 12: what has changed since training, and since the versions before."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskmodel.audit.over_time import Alert, OverTime
from riskmodel.report.blocks import Absent, Block, Drawing, Facts, Grid, Heading, Part
from riskmodel.report.contents import Contents
from riskmodel.report.drawings.choices import trend
from riskmodel.report.parts.common import NOT_MEASURED, folded
from riskmodel.report.parts.gap_tables import gap_table
from riskmodel.report.parts.versions import versions
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    by_group,
    date_text,
    decimal,
    decimal_cell,
    figure,
    one_digit_share,
    plain_table,
)
from riskmodel.report.words import (
    UNDEFINED,
    count_text,
    interval_text,
    metric_name,
    number_text,
    plain_name,
    share_text,
)

HOW = "“riskmodel monitor” measures it from past scores, and this report then shows it."


def change(contents: Contents) -> Part:
    """Return part 12."""
    blocks: list[Block] = [Heading("From version to version"), *versions(contents)]
    found = contents.over_time
    if found is None:
        what = "Drift since training, and results period by period"
        blocks.append(Absent(f"{what}. {NOT_MEASURED}: {HOW}"))
    else:
        blocks += _over_time(found)
    lead = "What has changed since training, and since the versions before."
    return Part(12, "Drift and difference from the last version", lead, blocks)


def _over_time(found: OverTime) -> list[Block]:
    tables = found.tables
    blocks: list[Block] = [Heading("Alerts"), *alerts(found)]
    blocks += [Heading("Estimates and outcomes, period by period")]
    blocks += _periods(tables["periods"]) or [_none("Outcomes of past lists")]
    blocks += _group_periods(tables["group_periods"]) or [_none("Past lists by group")]
    blocks += folded(tables["group_period_gaps"], gap_table, "Gaps date by date, by {}")
    blocks += [Heading("Drift since training")]
    for name, first in (("drift_estimates", "estimate"), ("drift", "feature")):
        drift = _drift(tables[name], first)
        blocks += [Grid(drift)] if drift else [_none(f"Drift of the {first}s")]
    blocks += _drift_periods(tables["drift_periods"])
    blocks += [Heading("From list to list")]
    blocks += _moves(tables["changes"]) or [_none("Who entered and left the list")]
    return blocks


def _none(what: str) -> Absent:
    return Absent(f"{what}. {NOT_MEASURED}.")


def alerts(found: OverTime) -> list[Block]:
    """Return what crossed a limit of the policy, and what the policy says follows."""
    if not found.alerts:
        return [Facts([("Limits of the policy that were crossed", "none")])]
    rows = [
        [
            Cell(_measure(alert.measure), alert.where),
            _consequence(alert),
            Cell(alert.sentence),
            Cell(plain_name(alert.certainty)),
        ]
        for alert in found.alerts
    ]
    caption = (
        "Limits that the policy set before, and what it says is to be done. “May be chance”: the "
        "interval reaches back over the limit, and the consequence does not follow."
    )
    headings = ["Measure", "What is to be done", "What was seen", "How sure"]
    return [Grid(Table(caption, headings, rows, frozenset(range(4))))]


def _measure(name: str) -> str:
    """Return a threshold's measure in words: ``gap:recall`` is a gap."""
    gap, _, metric = name.rpartition(":")
    return f"Gap: {metric_name(metric).lower()}" if gap else metric_name(name)


def _consequence(alert: Alert) -> Cell:
    """Return what is to be done: nothing yet, where chance alone may have crossed the limit."""
    if not alert.stands:
        return Cell("Watch", look="badge")
    return Cell(plain_name(alert.consequence), look="badge fail")


def _periods(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
    rows = pd.DataFrame(
        {
            "label": [date_text(date) for date in table["as_of"]],
            "value": table["precision"],
            "low": table["precision_low"],
            "high": table["precision_high"],
        }
    )
    drawing = trend(
        {"Precision of the list": rows},
        name="periods",
        title="Precision of the list, date by date",
        description=_said(rows),
        signed=False,
    )
    caption = (
        "Of those listed on each date, who went on to serious harm. A list changes what it "
        "measures: those who were worked may have offended less, or been arrested more."
    )
    return [Drawing(drawing, caption), Grid(period_table(table))]


def period_table(table: pd.DataFrame) -> Table:
    """Return, date by date, what was estimated and what was recorded since."""
    counts = [name for name in _COUNTED if name in table]
    rows = [
        [
            Cell(date_text(line["as_of"])),
            *(Cell(count_text(line[name]), value=figure(line[name])) for name in counts),
            decimal_cell(line["observed_over_expected"]),
            decimal_cell(line["brier"]),
            rate_cells(line, ("precision", "precision_low", "precision_high"), "precision"),
        ]
        for _, line in table.iterrows()
    ]
    headings = [
        "Date", *(_COUNTED[name] for name in counts), "Observed ÷ estimated", "Brier score",
        "Precision of the list",
    ]  # fmt: skip
    return Table("What was estimated for each date, and what was recorded since.", headings, rows)


_COUNTED = {
    "n": "Scored",
    "n_observed": "Outcome known",
    "expected": "Estimated",
    "observed": "Observed",
}


def _said(rows: pd.DataFrame) -> str:
    return " ".join(
        f"{line['label']}: {share_text(line['value'])} "
        f"({interval_text(line['low'], line['high']) or 'no interval'})."
        for _, line in rows.iterrows()
    )


def _group_periods(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
    return folded(table, _dated_rates, "Rates date by date, by {}")


def _dated_rates(rows: pd.DataFrame, name: str) -> Table:
    dated = rows.assign(as_of=[_date_or_all(date) for date in rows["as_of"]])
    metrics = tuple(dict.fromkeys(rows["metric"]))
    caption = "The lists by group, date by date and all dates together."
    return by_group(dated, metrics, caption=caption, first=plain_name(name), key=("group", "as_of"))


def _date_or_all(date: object) -> str:
    shown = date_text(date)
    return "all dates" if shown == UNDEFINED else shown


_CHANGES = {
    "stable": "stable",
    "look": "look why",
    "stop": "back-test before use",
    "too few rows": "too few rows to say",
}


def _drift(table: pd.DataFrame, first: str) -> Table | None:
    if table.empty:
        return None
    columns: list[Column] = [
        (first, plain_name(first), plain_name),
        ("psi", "Stability index", decimal),
        ("by_chance", "By chance alone", decimal),
        ("change", "What it says", lambda word: plain_name(str(_CHANGES.get(word, word)))),
        ("share_missing_then", "Missing at training", one_digit_share),
        ("share_missing_now", "Missing now", one_digit_share),
    ]
    caption = (
        "Population stability index: how far today’s people differ from those learnt from. Below "
        "0.1 stable; above 0.25 the model is to be back-tested before it is used again."
    )
    return plain_table(table, columns, caption)


def _drift_periods(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
    columns: list[Column] = [
        ("as_of", "Date", date_text),
        ("stable", "Stable", count_text),
        ("look", "Look why", count_text),
        ("stop", "Back-test before use", count_text),
        ("too_few", "Too few rows to say", count_text),
        ("largest_psi", "Largest index", decimal),
        ("feature", "Of", plain_name),
    ]
    return [Grid(plain_table(table, columns, "How many features had moved on each date."))]


def _moves(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
    columns: list[Column] = [
        ("as_of", "List of", date_text),
        ("previous", "After the list of", date_text),
        ("k", "Listed", count_text),
        ("entered", "Entered", count_text),
        ("left", "Left", count_text),
        ("stayed", "Stayed", count_text),
        ("share_stayed", "Share that stayed", one_digit_share),
    ]
    caption = "Who entered, left and stayed, from each list to the next."
    return [Grid(plain_table(table, columns, caption))]


def rate_cells(line: pd.Series, names: Sequence[str], metric: str) -> Cell:
    """Return a figure and its interval, by the names of value, low and high."""
    value, low, high = (line[name] for name in names)
    if pd.isna(value):
        return Cell(UNDEFINED, look="quiet")
    return Cell(number_text(value, metric), interval_text(low, high, metric), value=figure(value))
