"""Part 8: who is on the list, against the pool and against who went on to serious harm."""

from __future__ import annotations

import pandas as pd

from riskmodel.audit.result import FairnessAudit
from riskmodel.report.blocks import Absent, Block, Drawing, Fold, Grid, Heading, Note, Part
from riskmodel.report.contents import Contents
from riskmodel.report.drawings.groups import dot_interval, share_dots
from riskmodel.report.parts.common import (
    absent,
    by_characteristic,
    criteria_metrics,
    described,
    drawable,
    of_characteristic,
    reference_of,
    wide,
)
from riskmodel.report.parts.gap_tables import gap_table
from riskmodel.report.parts.shares import share_sentence
from riskmodel.report.tables import Cell, Table, by_group, figure, rate_cell
from riskmodel.report.words import (
    UNDEFINED,
    interval_text,
    metric_name,
    number_text,
    plain_name,
    share_text,
)

LIST_SHARES = (
    "share_of_pool",
    "share_of_list",
    "share_of_later_harm",
    "share_of_later_offences",
    "share_of_harm_days",
)
LIST_RATES = (
    "selection_rate",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
)
_DRAWN_SHARES = ("share_of_pool", "share_of_list", "share_of_later_harm", "share_of_harm_days")
_DRAWN_RATES = ("precision", "recall", "false_positive_rate")


def listed(contents: Contents) -> Part:
    """Return part 8."""
    blocks: list[Block] = [
        Note(
            "People are resampled whole and the list is held fixed. An interval says how far a "
            "figure could move with other people, not with another list."
        ),
        Note(_reading(contents)),
    ]
    if contents.audit.redrawn.empty:
        blocks.append(absent(contents, "redrawn", "Intervals with the list drawn anew each time"))
    for i, (name, rates) in enumerate(by_characteristic(contents.audit.listed)):
        blocks.append(_of_characteristic(contents, name, rates, i))
    blocks += [Heading("The list that the verdicts read"), *_gate(contents)]
    lead = "Who is on the list, against the pool and against who went on to serious harm."
    return Part(8, "People listed, by group", lead, blocks)


def _reading(contents: Contents) -> str:
    """Return how to read the cells of this part and the next."""
    minimum = contents.audit.settings.minimum_cell
    several = (
        " Counts are places: someone scored on three dates counts three times, but as one person "
        "toward that minimum."
    )
    reading = (
        f"“withheld” stands where a figure rests on fewer than {minimum} different people or a "
        "count may not be published, a dash where there is nobody to divide by."
    )
    return reading + several if contents.audit.summary["n_dates"] > 1 else reading


def _of_characteristic(contents: Contents, name: str, rates: pd.DataFrame, i: int) -> Fold:
    audit = contents.audit
    gaps = of_characteristic(audit.gaps, name)
    redrawn = of_characteristic(audit.redrawn, name)
    lengths = of_characteristic(audit.lengths, name)
    tables: list[Block] = [Grid(share_table(rates, name)), Grid(rate_table(rates, name))]
    tables += [Grid(gap_table(gaps[gaps["metric"].isin(LIST_RATES)], name))] if len(gaps) else []
    tables += _suspects(contents, name)
    tables += [Grid(redrawn_table(redrawn, name))] if len(redrawn) else []
    tables += [Grid(lengths_table(lengths, name))] if len(lengths) else []
    sentence = [Note(text)] if (text := share_sentence(rates)) else []
    return Fold(plain_name(name), shown=[*sentence, *_drawings(rates, name, i)], folded=tables)


_SUSPECTS = (
    "Of everybody named for a later serious offence, in the cohort or not: each group’s share of "
    "these offences, and of those that the list covers; then how many of its offences the list "
    "covers, by count and by days of harm, and how many were by people who were not in the cohort."
)
_SUSPECT_RATES = (
    "share_of_offences",
    "share_of_covered",
    "coverage",
    "harm_coverage",
    "outside_cohort",
)


def _suspects(contents: Contents, name: str) -> list[Block]:
    """Return how much of the later harm that each group does the list covers."""
    rates = of_characteristic(contents.audit.suspects, name)
    gaps = of_characteristic(contents.audit.suspect_gaps, name)
    if rates.empty:
        return []
    shown = by_group(rates, _SUSPECT_RATES, caption=_SUSPECTS, first=plain_name(name))
    return [Grid(shown), *([Grid(gap_table(gaps, name))] if len(gaps) else [])]


def _drawings(rates: pd.DataFrame, name: str, i: int) -> list[Block]:
    return [*_shares_drawing(rates, name, i), *_rates_drawing(rates, name, i)]


def _shares_drawing(rates: pd.DataFrame, name: str, i: int) -> list[Block]:
    shares, left_out = drawable(wide(rates, _DRAWN_SHARES))
    if shares.empty:
        return [Absent(ALL_WITHHELD)]
    parts = {part: metric_name(part) for part in _DRAWN_SHARES if part in shares}
    marks = share_dots(
        shares.rename(columns=parts),
        parts=list(parts.values()),
        name=f"shares-{i}",
        title=f"{plain_name(name)}: pool, list and later harm",
        description=described(shares),
    )
    caption = (
        "Each group’s share of everyone scored (the pool), of the list, of those who went on "
        "and of their harm in days. A list mark well to the right of the last two: listed "
        f"beyond its share of later harm; to the left: its harm is less looked for.{left_out}"
    )
    return [Drawing(marks, caption)]


ALL_WITHHELD = "Nothing is drawn: every figure is withheld or undefined, group by group."


def _rates_drawing(rates: pd.DataFrame, name: str, i: int) -> list[Block]:
    figures, left_out = drawable(wide(rates, _DRAWN_RATES))
    if figures.empty:
        return []
    shown = rates[rates["group"].isin(figures["group"])]
    dots = dot_interval(
        {metric_name(part): _rows_of(shown, part) for part in _DRAWN_RATES},
        name=f"rates-{i}",
        title=f"{plain_name(name)}: precision, recall and false positives",
        description=described(figures),
    )
    caption = (
        "Dots are estimates, bars their intervals. Precision: of those listed, who went on. "
        "Recall: of those who went on, who was listed. False-positive rate: of those who did "
        f"not go on, who was listed.{left_out}"
    )
    return [Drawing(dots, caption)]


def _rows_of(rates: pd.DataFrame, metric: str) -> pd.DataFrame:
    return rates[rates["metric"] == metric][["group", "value", "low", "high"]]


def share_table(rates: pd.DataFrame, name: str) -> Table:
    """Return each group's shares of pool, list and later harm."""
    return by_group(
        rates,
        LIST_SHARES,
        first=plain_name(name),
        caption="Share of everyone scored (the pool), of the list, of those who went on to "
        "serious harm, of their offences and of the harm of these in days. Where the second is "
        "well above the later ones, the group is listed beyond its share of later harm; where it "
        "is below, the list looks elsewhere.",
    )


def rate_table(rates: pd.DataFrame, name: str) -> Table:
    """Return each group's rates of the list."""
    return by_group(
        rates,
        LIST_RATES,
        first=plain_name(name),
        caption="Listed: of everyone in the group. Precision: of those listed, who went on "
        "to serious harm. Recall: of those who went on, who was listed. False positives: of "
        "those who did not go on, who was listed. False negatives: of those who went on, who "
        "was not.",
    )


def redrawn_table(rows: pd.DataFrame, name: str) -> Table:
    """Return each figure with its interval where the list stays and where it is drawn anew."""
    cells = [
        [
            Cell(str(line["group"])),
            Cell(metric_name(line["metric"])),
            _number(line, "value"),
            _between(line, "low", "high"),
            _between(line, "redrawn_low", "redrawn_high"),
        ]
        for _, line in rows.iterrows()
    ]
    caption = (
        "How much the list itself adds to the doubt. In the last column people are drawn anew and "
        "listed anew from those drawn, so that who is near the cut changes as well."
    )
    headings = [plain_name(name), "Figure", "Estimate", "List held fixed", "List drawn anew"]
    return Table(caption, headings, cells, frozenset({0, 1}))


def _number(line: pd.Series, name: str) -> Cell:
    if pd.isna(line[name]):
        return Cell(UNDEFINED, look="quiet")
    return Cell(number_text(line[name], line["metric"]), value=figure(line[name]))


def _between(line: pd.Series, low: str, high: str) -> Cell:
    text = interval_text(line[low], line[high], line["metric"])
    return Cell(text) if text else Cell(UNDEFINED, look="quiet")


def lengths_table(rows: pd.DataFrame, name: str) -> Table:
    """Return the rates at other lengths of the list; never published."""
    named = rows.assign(k="list of " + rows["k"].astype(int).astype(str))
    caption = (
        "The same at other lengths of the list. Internal only: two lengths beside each other give "
        "counts by subtraction."
    )
    return by_group(named, LIST_RATES, caption=caption, first=plain_name(name), key=("group", "k"))


def _gate(contents: Contents) -> list[Block]:
    audit = contents.audit
    if audit.gate.empty:
        return [absent(contents, "gate", "The list that the verdicts are read from")]
    share = share_text(audit.policy.gate_share)
    note = Note(
        f"The verdicts on page one are read from the top {share} of each date{_judged(audit)}, "
        f"all dates together: a list of {audit.summary['k']} is too short to tell most groups "
        "apart."
    )
    metrics = criteria_metrics(audit)
    folds = [
        _gate_fold(rates, of_characteristic(audit.gate_gaps, name), name, metrics)
        for name, rates in by_characteristic(audit.gate)
    ]
    return [note, *folds]


def _judged(audit: FairnessAudit) -> str:
    dates = audit.summary.get("dates_of_the_gate")
    return f" ({dates} that the model had not learnt from)" if dates else ""


def _gate_fold(
    rates: pd.DataFrame, gaps: pd.DataFrame, name: str, metrics: tuple[str, ...]
) -> Fold:
    shown = tuple(dict.fromkeys([*metrics, "selection_rate", "precision", "recall"]))
    tables = [
        Grid(
            by_group(
                rates,
                shown,
                rate_cell,
                caption="Rates of the longer list that the verdicts read.",
                first=plain_name(name),
            )
        )
    ]
    promised = gaps[gaps["metric"].isin(metrics)] if len(gaps) else gaps
    if len(promised):
        tables.append(Grid(gap_table(promised, name)))
    label = f"The longer list by {plain_name(name).lower()}, against {reference_of(gaps)}"
    return Fold("", folded=tables, label=label)
