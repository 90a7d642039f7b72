"""Part 11: on how little it rests whether somebody near the cut is listed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.audit.stability import MOST_DATES
from riskmodel.report.blocks import Absent, Block, Facts, Grid, Note, Part
from riskmodel.report.contents import Contents
from riskmodel.report.parts.common import NOT_MEASURED, absent
from riskmodel.report.tables import Column, date_text, one_digit_share, plain_table
from riskmodel.report.words import count_text, plain_name


def stability(contents: Contents) -> Part:
    """Return part 11."""
    audit = contents.audit
    blocks: list[Block] = [*_near_the_cut(audit.summary)]
    if len(audit.stability):
        blocks += _variants(audit.stability)
    else:
        blocks.append(absent(contents, "stability", "The list under other choices"))
    lead = "Near the cut, being listed or not rests on little. How little is shown here."
    return Part(11, "Stability near the cut and of the choices behind it", lead, blocks)


def _near_the_cut(summary: dict[str, Any]) -> list[Block]:
    if "near_cut_listed" not in summary:
        why = "the estimates were given without intervals"
        return [Absent(f"Who is near the cut. {NOT_MEASURED}: {why}.")]
    listed, places = (count_text(summary[name]) for name in ("near_cut_listed", "entries_listed"))
    spans = "whose rank by the interval of the estimate spans the cut"
    return [
        Facts(
            [
                (f"Listed, {spans}", f"{listed} of {places}"),
                (f"Not listed, {spans}", count_text(summary["near_cut_not_listed"])),
            ]
        )
    ]


def _variants(table: pd.DataFrame) -> list[Block]:
    """Return the variants that could be computed as a table, the others with the reason why not."""
    noted = table["note"] != ""
    columns: list[Column] = [
        ("variant", "Variant", plain_name),
        ("as_of", "Date", date_text),
        ("k", "Listed", count_text),
        ("kept", "Still listed", count_text),
        ("share_kept", "Share", one_digit_share),
    ]
    caption = (
        "How many of those listed stay on the list when a choice behind it changes and the model "
        f"stays as it is: the last dates audited, {MOST_DATES} at most."
    )
    blocks: list[Block] = []
    if not noted.all():
        blocks.append(Grid(plain_table(table[~noted], columns, caption)))
    if noted.any():
        blocks.append(Note("Not computed:"))
        blocks.append(
            Facts([(plain_name(v), n) for v, n in table.loc[noted, ["variant", "note"]].to_numpy()])
        )
    return blocks
