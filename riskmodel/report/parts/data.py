"""Parts 4 and 5: what is missing, and what a record is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.report.blocks import (
    Absent,
    Block,
    Facts,
    Grid,
    Heading,
    Note,
    Part,
    ToComplete,
)
from riskmodel.report.contents import Contents
from riskmodel.report.parts.common import NOT_MEASURED, absent, by_characteristic, folded
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    by_group,
    decimal,
    evidence_name,
    figure,
    one_digit_share,
    plain_table,
)
from riskmodel.report.words import UNDEFINED, VERDICT_NAMES, count_text, metric_name, plain_name


def data_quality(contents: Contents) -> Part:
    """Return part 4."""
    columns: list[Column] = [
        ("table", "Among", plain_name),
        ("characteristic", "Characteristic", plain_name),
        ("n", "Rows (one a date)", count_text),
        ("missing", "Not recorded", count_text),
        ("share_missing", "Share", one_digit_share),
    ]
    caption = (
        "How often each characteristic is not recorded. “Not recorded” is a group of its own in "
        "every table that follows: who is in it is unknown, and may differ by group."
    )
    todo = ToComplete(
        [
            "How characteristics were recorded: self-defined, or as an officer perceived them",
            "Known errors of identity, and what is done about one person under two records",
        ]
    )
    lead = "What is missing limits what can be said, and for whom."
    grid = Grid(plain_table(contents.audit.data_quality, columns, caption))
    return Part(4, "Data quality and missing characteristics", lead, [grid, todo])


def label(contents: Contents) -> Part:
    """Return part 5."""
    model = contents.audit.model
    rows = [("Outcome", str(model.get("outcome", "as given in the table")))]
    if "outcome_evidence" in model:
        rows += [
            ("Records that count as outcome", _levels(model["outcome_evidence"])),
            ("Records that features read", _levels(model["feature_evidence"])),
            ("Police-generated records", "count" if model["police_generated"] else "do not count"),
        ]
    blocks: list[Block] = [Facts(rows), *_evidence(contents)]
    blocks += [Heading("If some groups’ harm is recorded more often"), *_recording(contents)]
    lead = "A record is not a fact about a person. What counts here, and how solid it is."
    return Part(5, "Label and evidence", lead, blocks)


def _levels(levels: Sequence[str]) -> str:
    return ", ".join(evidence_name(level).lower() for level in levels)


def _evidence(contents: Contents) -> list[Block]:
    audit = contents.audit
    if audit.evidence.empty:
        return [
            Absent(f"{NOT_MEASURED}: no histories were given, only a ready-made table."),
        ]
    columns: list[Column] = [
        ("evidence", "Evidence", evidence_name),
        ("records_listed", "Listed", count_text),
        ("share_listed", "Share", one_digit_share),
        ("records_scored", "Everyone scored", count_text),
        ("share_scored", "Share", one_digit_share),
    ]
    caption = (
        "Records of the year before each date, by evidence as it stood then. Withdrawn support "
        "is often the mark of an intimidated victim: such a record stays."
    )
    return [
        Grid(plain_table(audit.evidence, columns, caption)),
        Heading("The same list under stricter readings"),
        *_label(audit.label),
        *_label_groups(contents),
    ]


_LABEL_COLUMNS: list[Column] = [
    ("label", "If the outcome is", plain_name),
    ("listed_later", "Listed and went on", count_text),
    ("listed_observed", "Listed", count_text),
    ("precision", "Precision", one_digit_share),
    ("scored_later", "Went on", count_text),
    ("recall", "Recall", one_digit_share),
]
_LABEL_CAPTION = (
    "The same list judged by stricter readings of the records. Precision: of those listed, who "
    "went on. Recall: of those who went on, who was listed. Charges take time: a recent record may "
    "not have reached one yet."
)


def _label(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
    blocks: list[Block] = [Grid(plain_table(table, _LABEL_COLUMNS, _LABEL_CAPTION))]
    if "note" in table:
        noted = table.loc[table["note"].fillna("") != "", ["label", "note"]].to_numpy()
        blocks += [Facts([(plain_name(name), note) for name, note in noted])] if len(noted) else []
    return blocks


def _label_groups(contents: Contents) -> list[Block]:
    table = contents.audit.label_groups
    if table.empty:
        return [absent(contents, "label_groups", "Precision and recall by group, by reading")]
    caption = (
        "By group: a gap that only stands among allegations may lie "
        "in what is reported rather than in what was done."
    )
    return [Note(caption), *folded(table, _by_reading, "By reading and {}")]


def _by_reading(rows: pd.DataFrame, name: str) -> Table:
    caption = "Each group’s figures under each reading of the records."
    metrics = ("outcome_rate", "precision", "recall")
    return by_group(
        rows, metrics, caption=caption, first=plain_name(name), key=("group", "reading")
    )


_UNEVEN = (
    "Outcomes are records, not deeds. Nobody can see from records alone how unevenly they were "
    "made; what can be said is how uneven they would have to be for a verdict to turn."
)
_NEAREST = (
    "The comparison of each characteristic that the least would turn, if recording were uneven: "
    "how many times as often as the reference group’s the group’s harm would have to be recorded. "
    "Near 1, little is needed and the verdict rests on the records being even; far from 1, it "
    "would take a lot."
)
_EVERY = (
    "Every comparison, under two assumptions: that harm is recorded unevenly whether somebody is "
    "listed or not, or only of those listed, because whoever is watched is caught."
)


def _recording(contents: Contents) -> list[Block]:
    table = contents.audit.recording
    if table.empty:
        what = "How large unequal recording would have to be to turn a verdict"
        return [absent(contents, "recording", what)]
    nearest = [_nearest(rows) for _, rows in by_characteristic(table)]
    return [
        Note(_UNEVEN),
        Grid(recording_table(pd.concat(nearest), _NEAREST)),
        *folded(
            table,
            lambda rows, _: recording_table(rows, _EVERY),
            "Every comparison by {}",
        ),
    ]


def _nearest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the row whose factor is nearest to 1; the first where none has a factor."""
    away = np.abs(np.log(rows["factor"].to_numpy(dtype=float)))
    return rows.iloc[[int(np.nanargmin(away)) if np.isfinite(away).any() else 0]]


def recording_table(rows: pd.DataFrame, caption: str) -> Table:
    """Return comparisons with the factor at which each would turn."""
    more = [(name, head) for name, head in _SAID if name in rows]
    cells = [
        [
            Cell(plain_name(line["characteristic"]), _against(line)),
            Cell(metric_name(line["metric"])),
            Cell(VERDICT_NAMES.get(line["verdict"], plain_name(line["verdict"]))),
            _factor(line),
            *(Cell(_said(line[name])) for name, _ in more),
        ]
        for _, line in rows.iterrows()
    ]
    headings = ["Groups", "Promise", "Comparison", "Turns at", *(head for _, head in more)]
    return Table(caption, headings, cells, frozenset(range(len(headings))) - {3})


_SAID = (("assumption", "If uneven"), ("overturns", "Turns the whole verdict"))


def _said(value: Any) -> str:
    return plain_name(value) if isinstance(value, str) else "yes" if value else "no"


def _against(line: pd.Series) -> str:
    return f"{line['group']} against {line['reference']}"


def _factor(line: pd.Series) -> Cell:
    if pd.isna(line["factor"]):
        return Cell(UNDEFINED, str(line["note"] or ""), "quiet")
    times = f"{decimal(line['factor'])} times"
    return Cell(times, f"recorded {line['direction']}", value=figure(line["factor"]))
