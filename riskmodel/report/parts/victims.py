"""Part 9: whose later harm had a suspect on the list, and whose no such list could reach."""

from __future__ import annotations

import pandas as pd

from riskmodel.report.blocks import Absent, Block, Drawing, Fold, Grid, Heading, Note, Part
from riskmodel.report.contents import Contents
from riskmodel.report.drawings.groups import stacked_bars
from riskmodel.report.parts.common import (
    NOT_MEASURED,
    absent,
    by_characteristic,
    criteria_metrics,
    described,
    drawable,
    folded,
    of_characteristic,
    reference_of,
    wide,
)
from riskmodel.report.parts.gap_tables import gap_table
from riskmodel.report.parts.listed import ALL_WITHHELD
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    by_group,
    date_text,
    figure,
    one_digit_share,
    plain_table,
)
from riskmodel.report.words import (
    UNDEFINED,
    count_text,
    gap_interval,
    gap_text,
    metric_name,
    plain_name,
)

VICTIM_RATES = ("coverage", "scored_not_listed", "outside_cohort", "no_suspect_named")
VICTIM_COVERAGE = ("victim_coverage", "harm_coverage")
_GAPS = ("coverage", "no_suspect_named", *VICTIM_COVERAGE)


def victims(contents: Contents) -> Part:
    """Return part 9."""
    audit = contents.audit
    lead = "Whose later harm had a suspect on the list, and whose no such list could reach."
    title = "Victims: whose later harm is covered"
    if audit.victims.empty and audit.coverage.empty:
        why = Absent(f"{NOT_MEASURED}: no histories were given, only a ready-made table.")
        return Part(9, title, lead, [why])
    blocks: list[Block] = [*_coverage(audit.coverage)]
    for i, (name, rates) in enumerate(by_characteristic(audit.victims)):
        blocks.append(_of_characteristic(contents, name, rates, i))
    blocks += [
        Heading("Victims whose characteristic is not recorded"),
        *_bounds(contents),
        Heading("Who reports, and what becomes of it"),
        *_reporting(contents),
        *_gate(contents),
    ]
    return Part(9, title, lead, blocks)


def _coverage(table: pd.DataFrame) -> list[Block]:
    if table.empty:
        return []
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
    return [Grid(plain_table(table, columns, caption))]


def _of_characteristic(contents: Contents, name: str, rates: pd.DataFrame, i: int) -> Fold:
    audit = contents.audit
    gaps = of_characteristic(audit.victim_gaps, name)
    lengths = of_characteristic(audit.victim_lengths, name)
    tables = [Grid(table) for table in victim_tables(rates, name)]
    tables += [Grid(gap_table(gaps[gaps["metric"].isin(_GAPS)], name))] if len(gaps) else []
    tables += [Grid(_lengths(lengths, name))] if len(lengths) else []
    words = plain_name(name).lower()
    return Fold(f"Victim’s {words}", _standing(rates, words, i), tables)


def _standing(rates: pd.DataFrame, words: str, i: int) -> list[Block]:
    """Return where suspects stood, drawn for the groups of which all is known."""
    shares, left_out = drawable(wide(rates, VICTIM_RATES), whole=True)
    if shares.empty:
        return [Absent(ALL_WITHHELD)]
    parts = {part: metric_name(part) for part in VICTIM_RATES if part in shares}
    bars = stacked_bars(
        shares.rename(columns=parts),
        parts=list(parts.values()),
        name=f"victims-{i}",
        title=f"Later serious offences by victim’s {words}",
        description=described(shares),
    )
    return [Drawing(bars, f"Where the suspects of later serious offences stood.{left_out}")]


def victim_tables(rates: pd.DataFrame, name: str) -> list[Table]:
    """Return where suspects stood, and what is covered, of one characteristic of victims."""
    first = f"Victim’s {plain_name(name).lower()}"
    return [
        by_group(
            rates,
            ("share_of_offences", *VICTIM_RATES),
            first=first,
            caption="Of the later serious offences against each group: how many had a suspect on "
            "the list, scored but not listed, named but not in the cohort, or nobody named.",
        ),
        by_group(
            rates,
            VICTIM_COVERAGE,
            first=first,
            caption="Of distinct identified victims, and of days of harm, the share with a "
            "suspect on the list.",
        ),
    ]


def _lengths(rows: pd.DataFrame, name: str) -> Table:
    named = rows.assign(k="list of " + rows["k"].astype(int).astype(str))
    caption = (
        "Coverage at other lengths of the list. Internal only: two lengths beside each other give "
        "counts by subtraction."
    )
    metrics = ("coverage", *VICTIM_COVERAGE)
    first = f"Victim’s {plain_name(name).lower()}"
    return by_group(named, metrics, caption=caption, first=first, key=("group", "k"))


def _bounds(contents: Contents) -> list[Block]:
    table = contents.audit.victim_bounds
    if table.empty:
        what = "How far the gaps could move with what is not recorded of victims"
        return [absent(contents, "victim_bounds", what)]
    return [Note(_BOUNDS), *folded(table, bounds_table, "Bounds by victim’s {}")]


_BOUNDS = (
    "The gap if every offence whose victim’s characteristic is not recorded had been against the "
    "one group, or against the other, whichever is worst and best. These are no intervals: more "
    "records of the same kind do not narrow them. Where the bounds span zero, the records cannot "
    "say which group is covered less."
)


def bounds_table(rows: pd.DataFrame, name: str) -> Table:
    """Return the gaps of one characteristic with their worst and best case."""
    cells = [
        [
            Cell(str(line["group"])),
            Cell(metric_name(line["metric"])),
            _gap(line),
            Cell(gap_interval(line["low_bound"], line["high_bound"], line["metric"]) or UNDEFINED),
            Cell(
                one_digit_share(line["share_not_recorded"]),
                value=figure(line["share_not_recorded"]),
            ),
        ]
        for _, line in rows.iterrows()
    ]
    headings = [
        f"Victim’s {plain_name(name).lower()}", "Figure", "Gap as recorded",
        "Could be anywhere in", "Not recorded",
    ]  # fmt: skip
    caption = f"Gap to “{rows['reference'].iloc[0]}” as recorded, and from worst to best case."
    return Table(caption, headings, cells, frozenset({0, 1}))


def _gap(line: pd.Series) -> Cell:
    shown = gap_text(line["difference"], line["metric"])
    return Cell(shown, value=figure(line["difference"]))


def _reporting(contents: Contents) -> list[Block]:
    table = contents.audit.reporting
    if table.empty:
        return [
            absent(contents, "reporting", "How late, and with what support, each group reports")
        ]
    note = Note(
        "Groups who trust the police less report less and later, and are covered less for that "
        "reason. Of harm that nobody reported, nothing here can say anything."
    )
    return [note, *folded(table, _reporting_table, "How they were recorded, by victim’s {}")]


_REPORTING = (
    "share_of_offences",
    "recorded_late",
    "lag_median_days",
    "lag_90_days",
    "support_withdrawn",
    "no_suspect_named",
    "charged_or_later",
)


def _reporting_table(rows: pd.DataFrame, name: str) -> Table:
    caption = (
        "How the serious offences against each group became records. Recorded late: after more "
        "than 30 days. Days until recorded: what half of them, and nine tenths, took at most. "
        "Support withdrawn: and nobody charged."
    )
    first = f"Victim’s {plain_name(name).lower()}"
    return by_group(rows, _REPORTING, caption=caption, first=first)


def _gate(contents: Contents) -> list[Block]:
    audit = contents.audit
    if audit.gate_victims.empty:
        return []
    promised = [metric for metric in criteria_metrics(audit) if metric in _GAPS] or ["coverage"]
    folds: list[Block] = [Heading("The list that the verdicts read")]
    for name, rates in by_characteristic(audit.gate_victims):
        gaps = of_characteristic(audit.gate_victim_gaps, name)
        tables = [
            Grid(
                by_group(
                    rates,
                    ("coverage", *VICTIM_COVERAGE),
                    caption="Coverage by the longer list that the verdicts read.",
                    first=f"Victim’s {plain_name(name).lower()}",
                )
            )
        ]
        wanted = gaps[gaps["metric"].isin(promised)] if len(gaps) else gaps
        tables += [Grid(gap_table(wanted, name))] if len(wanted) else []
        label = (
            f"The longer list by victim’s {plain_name(name).lower()}, against {reference_of(gaps)}"
        )
        folds.append(Fold("", folded=tables, label=label))
    return folds
