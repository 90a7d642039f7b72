"""Parts 6 to 9 of a fairness report: accuracy, calibration, people listed, victims."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.accuracy_tables import accuracy_tables, leading_sentence
from riskmodel.report.blocks import Block, Drawing, Fold, Grid, Note, Part
from riskmodel.report.charts import calibration_curve, dot_interval, share_bars, stacked_bars
from riskmodel.report.opening_parts import NOT_MEASURED
from riskmodel.report.page_tables import (
    LIST_SHARES,
    VICTIM_RATES,
    Column,
    band_tables,
    date_text,
    listed_tables,
    plain_table,
    victim_tables,
)
from riskmodel.report.words import count_text, metric_name, plain_name, share_text


def accuracy(audit: FairnessAudit) -> Part:
    """Return part 6."""
    blocks: list[Block] = []
    if audit.accuracy is not None:
        tables = accuracy_tables(audit.accuracy.table, audit.summary["k"])
        blocks += [Grid(table) for table in tables]
        if sentence := leading_sentence(audit.accuracy):
            blocks.append(Note(sentence))
        blocks.append(
            Note(
                f"Intervals resample people {audit.accuracy.n_replicates:,} times. The spread "
                "between dates is usually wider than they are."
            )
        )
    else:
        blocks.append(Note("Accuracy was not measured in this audit."))
    lead = "Whether the model finds more of the later harm than the simple rules beside it."
    return Part(6, "Accuracy against the rule in use", lead, blocks)


def calibration(audit: FairnessAudit) -> Part:
    """Return part 7."""
    drawing = calibration_curve(
        audit.calibration,
        name="calibration",
        title="Observed against estimated",
        description=f"{len(audit.calibration)} tenths of the people scored, from the lowest "
        "estimate to the highest, each with the share that went on to serious harm and its "
        "interval. Points on the dashed line are as estimated.",
    )
    blocks: list[Block] = [
        Drawing(
            drawing,
            "Each dot is a tenth of the people scored. Above the dashed line the "
            "estimates are too low, below it too high.",
        ),
    ]
    for name, bands in _by_characteristic(audit.bands):
        blocks.append(
            Fold(
                plain_name(name), folded=[Grid(band_tables(bands, name))], label="By group and band"
            )
        )
    lead = "Whether an estimate of 20% means 20%, for everyone and in each group."
    return Part(7, "Calibration, overall and by group", lead, blocks)


def listed(audit: FairnessAudit) -> Part:
    """Return part 8."""
    blocks: list[Block] = [
        Note(
            "People are resampled whole and the list is held fixed. An interval says how far a "
            "figure could move with other people, not with another list."
        ),
        Note(_reading(audit)),
    ]
    for i, (name, rates) in enumerate(_by_characteristic(audit.listed)):
        gaps = audit.gaps[audit.gaps["characteristic"] == name]
        tables = [Grid(table) for table in listed_tables(rates, gaps, name)]
        blocks.append(Fold(plain_name(name), shown=_listed_drawings(rates, name, i), folded=tables))
    lead = "Who is on the list, against the pool and against who went on to serious harm."
    return Part(8, "People listed, by group", lead, blocks)


def _reading(audit: FairnessAudit) -> str:
    """Return how to read the cells of this part and the next."""
    minimum = audit.settings.minimum_cell
    several = (
        " Counts are places: someone scored on three dates counts three times, but as one person "
        "toward that minimum."
    )
    reading = (
        f"“withheld” stands where a figure rests on fewer than {minimum} different people or a "
        "count may not be published, a dash where there is nobody to divide by."
    )
    return reading + several if audit.summary["n_dates"] > 1 else reading


def _listed_drawings(rates: pd.DataFrame, name: str, i: int) -> list[Block]:
    shares = _wide(rates, LIST_SHARES)
    title = plain_name(name)
    bars = share_bars(
        shares.rename(columns={part: metric_name(part) for part in LIST_SHARES}),
        parts=[metric_name(part) for part in LIST_SHARES],
        name=f"shares-{i}",
        title=f"{title}: pool, list and later harm",
        description=_described(shares, LIST_SHARES),
    )
    parts = ("precision", "recall", "false_positive_rate")
    panels = {metric_name(part): _rows_of(rates, part) for part in parts}
    dots = dot_interval(
        panels,
        name=f"rates-{i}",
        title=f"{title}: precision, recall and false positives",
        description=_described(_wide(rates, parts), parts),
    )
    return [
        Drawing(
            bars,
            "Share of everyone scored (the pool), of the list, and of those who went on. Withheld "
            "groups have no bar.",
        ),
        Drawing(
            dots,
            "Dots are estimates, bars their intervals. Precision: of those listed, who went on. "
            "Recall: of those who went on, who was listed. False-positive rate: of those who did "
            "not go on, who was listed. Groups without a dot are too small to show, or undefined.",
        ),
    ]


def victims(audit: FairnessAudit) -> Part:
    """Return part 9."""
    lead = "Whose later harm had a suspect on the list, and whose no such list could reach."
    if audit.victims.empty and audit.coverage.empty:
        return Part(9, "Victims: whose later harm is covered", lead, [Note(NOT_MEASURED)])
    columns: list[Column] = [
        ("as_of", "Date", date_text),
        ("standing", "Suspect was", plain_name),
        ("offences", "Serious offences", count_text),
        ("victims", "Identified victims", count_text),
        ("harm", "Harm (days)", count_text),
    ]
    caption = (
        "One offence is one victim in one incident, within the outcome window of each date; where "
        "the victim is not recorded, the incident counts as one."
    )
    blocks: list[Block] = [Grid(plain_table(audit.coverage, columns, caption))]
    for i, (name, rates) in enumerate(_by_characteristic(audit.victims)):
        gaps = audit.victim_gaps[audit.victim_gaps["characteristic"] == name]
        shares = _wide(rates, VICTIM_RATES)
        bars = stacked_bars(
            shares.rename(columns={part: metric_name(part) for part in VICTIM_RATES}),
            parts=[metric_name(part) for part in VICTIM_RATES],
            name=f"victims-{i}",
            title=f"Later serious offences by victim’s {plain_name(name).lower()}",
            description=_described(shares, VICTIM_RATES),
        )
        drawn = Drawing(
            bars,
            "Where the suspects of later serious offences stood. Groups with a "
            "part withheld have no bar.",
        )
        tables = [Grid(table) for table in victim_tables(rates, gaps, name)]
        blocks.append(Fold(f"Victim’s {plain_name(name).lower()}", [drawn], tables))
    return Part(9, "Victims: whose later harm is covered", lead, blocks)


def _by_characteristic(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(name), rows) for name, rows in table.groupby("characteristic", sort=False)]


def _wide(rates: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    found = rates[rates["metric"].isin(metrics)]
    wide = found.pivot(index="group", columns="metric", values="value")
    return wide.reindex(found["group"].drop_duplicates())[list(metrics)].reset_index()


def _rows_of(rates: pd.DataFrame, metric: str) -> pd.DataFrame:
    return rates[rates["metric"] == metric][["group", "value", "low", "high"]]


def _described(wide: pd.DataFrame, metrics: Sequence[str]) -> str:
    """Return the figures of a drawing as text for who cannot see it."""
    sentences = []
    for _, row in wide.iterrows():
        said = ", ".join(f"{metric_name(name).lower()} {share_text(row[name])}" for name in metrics)
        sentences.append(f"{row['group']}: {said}.")
    return " ".join(sentences)
