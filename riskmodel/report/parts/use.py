"""Part 13: what people did with the list, which no model can know."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.audit.over_time import OverTime
from riskmodel.report.blocks import Absent, Block, Facts, Grid, Heading, Note, Part, ToComplete
from riskmodel.report.contents import Contents
from riskmodel.report.parts.change import HOW, rate_cells
from riskmodel.report.parts.common import NOT_MEASURED, as_sentence
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    date_text,
    decimal_cell,
    figure,
    plain_table,
)
from riskmodel.report.words import count_text, plain_name, points_interval, points_text

DIFFERENCE = "difference"
"""The row of the two arms' difference, as `riskmodel.monitoring.effect` names it."""


def use(contents: Contents) -> Part:
    """Return part 13."""
    blocks: list[Block] = _places(contents.audit.summary)
    found = contents.over_time
    if found is None:
        what = "Time on the list, people worked and not, overrides, random order near the cut"
        blocks.append(Absent(f"{what}. {NOT_MEASURED}: {HOW}"))
    else:
        for heading, table in _SECTIONS:
            blocks += [Heading(heading), *_section(found, table)]
        if found.notes:
            blocks += [Heading("How to read these"), *(Note(as_sentence(n)) for n in found.notes)]
    blocks.append(
        ToComplete(
            [
                "Reasons for overrides, exits and removals, where the log does not hold them",
                "Who had access to the list, and every copy made of it",
            ]
        )
    )
    lead = "What people did with the list, which no model can know."
    return Part(13, "Use by people: overrides, exits, access", lead, blocks)


def _places(summary: dict[str, Any]) -> list[Block]:
    if "listed_known_as_victims" not in summary:
        return []
    unknown = "no birth date is on record"
    rows = [
        ("Places held by someone under 18", "listed_under_18", unknown),
        ("Places held by someone of no recorded age", "listed_age_not_recorded", unknown),
        ("Places held by someone also recorded as a victim", "listed_known_as_victims", ""),
        (
            "Places held by someone worked because of a list",
            "listed_worked",
            "no log of actions was given",
        ),
        (
            "Places whose harm of the last year rests on allegations alone",
            "listed_on_allegation_only",
            "",
        ),
    ]
    said = [
        (what, count_text(summary[name]) if name in summary else without)
        for what, name, without in rows
    ]
    return [Facts(said)]


_SECTIONS = (
    ("Time on the list", "time_on_list"),
    ("Removals", "removals"),
    ("People worked because of the list, and not", "actions"),
    ("Overrides", "overrides"),
    ("Random order near the cut", "random_order"),
)


def _section(found: OverTime, name: str) -> list[Block]:
    table = found.tables[name]
    if table.empty:
        return [Absent(f"{NOT_MEASURED}: nothing was logged that says it.")]
    return [Grid(_MAKERS[name](table))]


def _time_on_list(table: pd.DataFrame) -> Table:
    columns: list[Column] = [
        ("dates_listed", "Listed on so many dates", count_text),
        ("people", "People", count_text),
        ("in_a_row", "Of them in a row at longest", count_text),
    ]
    shown = [column for column in columns if column[0] in table]
    caption = "For how long people stay: a list that nobody leaves is no list for today’s harm."
    return plain_table(table, shown, caption)


def _removals(table: pd.DataFrame) -> Table:
    columns: list[Column] = [
        ("as_of", "List of", date_text),
        ("reason", "Reason", plain_name),
        ("people", "People", count_text),
        ("left", "Of them not on this list", count_text),
    ]
    return plain_table(
        table, columns, "Removals between one list and the next, with their reasons."
    )


def _actions(table: pd.DataFrame) -> Table:
    rows = [
        [
            Cell(plain_name(line["who"])),
            Cell(count_text(line["listed_observed"]), value=figure(line["listed_observed"])),
            Cell(count_text(line["observed"]), value=figure(line["observed"])),
            decimal_cell(line["observed_over_expected"]),
            rate_cells(line, ("precision", "low", "high"), "precision"),
        ]
        for _, line in table.iterrows()
    ]
    headings = ["People listed", "Outcome known", "Went on", "Observed ÷ estimated", "Precision"]
    caption = (
        "Results with and without those who were worked because of the list. They were not chosen "
        "by lot: the difference is no effect of the work, and a fall after listing is none either."
    )
    return Table(caption, headings, rows)


def _overrides(table: pd.DataFrame) -> Table:
    rows = [
        [
            Cell(plain_name(line["direction"])),
            Cell(count_text(line["n"]), value=figure(line["n"])),
            rate_cells(line, ("share", "share_low", "share_high"), "share"),
            Cell(count_text(line["observed"]), value=figure(line["observed"])),
            rate_cells(line, ("outcome_rate", "low", "high"), "outcome_rate"),
        ]
        for _, line in table.iterrows()
    ]
    headings = ["Decision", "Times", "Share", "Outcome known", "Went on to serious harm"]
    caption = (
        "Added: worked though not listed. Removed: listed and not worked. Where hardly anything is "
        "ever overridden the list decides, whatever the rules say of human judgement."
    )
    return Table(caption, headings, rows)


def _random_order(table: pd.DataFrame) -> Table:
    rows = [
        [
            Cell(plain_name(line["arm"])),
            Cell(count_text(line["n"]), value=figure(line["n"])),
            _by_lot(line),
        ]
        for _, line in table.iterrows()
    ]
    caption = (
        "People so near the cut that lots decided who was listed: the one comparison that says "
        "what being listed is associated with. The last row is the difference."
    )
    return Table(caption, ["By lot", "Places", "Went on to serious harm"], rows)


def _by_lot(line: pd.Series) -> Cell:
    names = ("outcome_rate", "low", "high")
    if line["arm"] != DIFFERENCE:
        return rate_cells(line, names, "outcome_rate")
    value, low, high = (line[name] for name in names)
    return Cell(points_text(value), points_interval(low, high), value=figure(value))


_MAKERS = {
    "time_on_list": _time_on_list,
    "removals": _removals,
    "actions": _actions,
    "overrides": _overrides,
    "random_order": _random_order,
}
