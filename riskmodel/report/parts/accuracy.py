"""Parts 6 and 7: whether the model finds more harm than the rule, and whether 20 % means 20 %."""

from __future__ import annotations

import pandas as pd

from riskmodel.report.accuracy_tables import accuracy_tables, leading_sentence
from riskmodel.report.blocks import Absent, Block, Drawing, Fold, Grid, Note, Part
from riskmodel.report.contents import Contents
from riskmodel.report.drawings.curves import (
    MOST_PANELS,
    calibration_by_group,
    calibration_curve,
)
from riskmodel.report.parts.common import NOT_MEASURED, absent, by_characteristic, of_characteristic
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    by_group,
    one_digit_share,
    plain_table,
    rate_cell,
    text,
)
from riskmodel.report.words import UNDEFINED, count_text, metric_name, plain_name, share_text


def accuracy(contents: Contents) -> Part:
    """Return part 6."""
    found, blocks = contents.audit.accuracy, list[Block]()
    if found is not None:
        blocks += [
            Grid(table) for table in accuracy_tables(found.table, contents.audit.summary["k"])
        ]
        if sentence := leading_sentence(found):
            blocks.append(Note(sentence))
        blocks.append(
            Note(
                f"Intervals resample people {found.n_replicates:,} times. The spread "
                "between dates is usually wider than they are."
            )
        )
    else:
        blocks.append(Absent(f"Accuracy beside the rule in use. {NOT_MEASURED}."))
    lead = "Whether the model finds more of the later harm than the simple rules beside it."
    return Part(6, "Accuracy against the rule in use", lead, blocks)


def calibration(contents: Contents) -> Part:
    """Return part 7."""
    audit = contents.audit
    blocks: list[Block] = [_overall(audit.calibration)]
    if audit.group_calibration.empty:
        blocks.append(absent(contents, "group_calibration", "Calibration curves by group"))
    for i, (name, rates) in enumerate(by_characteristic(audit.listed)):
        curves = of_characteristic(audit.group_calibration, name)
        bands = of_characteristic(audit.bands, name)
        blocks.append(_of_characteristic(name, rates, curves, bands, i))
    lead = "Whether an estimate of 20% means 20%, for everyone and in each group."
    return Part(7, "Calibration, overall and by group", lead, blocks)


def _overall(table: pd.DataFrame) -> Drawing:
    drawing = calibration_curve(
        table,
        name="calibration",
        title="Observed against estimated",
        description=f"{len(table)} tenths of the people scored, from the lowest "
        "estimate to the highest, each with the share that went on to serious harm and its "
        f"interval. Points on the dashed line are as estimated. {_points(table)}",
    )
    caption = (
        "Each dot is a tenth of the people scored. Above the dashed line the estimates are too "
        "low, below it too high."
    )
    return Drawing(drawing, caption)


def _points(table: pd.DataFrame) -> str:
    pairs = [
        f"{share_text(line['predicted'])} estimated, {share_text(line['observed'])} observed"
        for _, line in table.dropna(subset=["observed"]).iterrows()
    ]
    return "; ".join(pairs) + "." if pairs else ""


def _of_characteristic(
    name: str, rates: pd.DataFrame, curves: pd.DataFrame, bands: pd.DataFrame, i: int
) -> Fold:
    tables = [Grid(table) for table in estimate_tables(rates, name) if len(table.headings) > 1]
    if len(bands):
        tables.append(Grid(band_table(bands, name)))
    if len(curves):
        tables.append(Grid(curve_table(curves, name)))
    return Fold(plain_name(name), shown=_group_curves(curves, name, i), folded=tables)


def _group_curves(curves: pd.DataFrame, name: str, i: int) -> list[Block]:
    if curves.empty:
        return []
    drawn = curves.groupby("group", sort=False)["observed"].transform("count") > 1
    shown = curves[drawn]
    groups = list(dict.fromkeys(shown["group"]))
    if not groups:
        return [Note("No group is large enough for a curve of its own.")]
    if len(groups) > MOST_PANELS:
        return [Note(f"{len(groups)} groups have a curve: read them from their table.")]
    said = " ".join(f"{group}: {_points(rows)}" for group, rows in shown.groupby("group"))
    drawing = calibration_by_group(
        shown,
        name=f"curves-{i}",
        title=f"Observed against estimated, by {plain_name(name).lower()}",
        description=said,
    )
    left_out = len(set(curves["group"])) - len(groups)
    few = "1 group is" if left_out == 1 else f"{left_out} groups are"
    note = f" {few} too small for a curve." if left_out else ""
    return [
        Drawing(
            drawing,
            "One small curve per group, all on one scale. Dots above the dashed line: the "
            f"estimates of this group are too low; below it: too high.{note}",
        )
    ]


def estimate_tables(rates: pd.DataFrame, name: str) -> list[Table]:
    """Return how good the estimates of each group are, and how high, by what followed."""
    first = plain_name(name)
    return [
        by_group(
            rates,
            ("observed_over_expected", "calibration_slope", "brier", "auc"),
            first=first,
            caption="How good the estimates are. Observed ÷ estimated above 1: this group’s "
            "estimates are too low; below 1: too high. Slope below 1: too extreme. Brier score: "
            "lower is better, and groups who go on more often have a higher one. AUC: how often "
            "the one of two who went on has the higher estimate.",
        ),
        by_group(
            rates,
            (
                "outcome_rate",
                "mean_probability",
                "mean_probability_later",
                "mean_probability_clear",
            ),
            first=first,
            caption="Mean estimates: of everyone, of those who went on to serious harm, and of "
            "those who did not. Where the last is higher in one group, its people without a "
            "later record carry higher estimates.",
        ),
    ]


_BAND_METRICS = ("share_of_group", "mean_probability", "outcome_rate", "observed_over_expected")


def band_table(bands: pd.DataFrame, name: str) -> Table:
    """Return calibration by group and band of one characteristic."""
    rows = []
    for (group, band), lines in bands.groupby(["group", "band"], sort=False):
        found = {line["metric"]: rate_cell(line) for _, line in lines.iterrows()}
        cells = (found.get(metric, Cell(UNDEFINED, look="quiet")) for metric in _BAND_METRICS)
        rows.append([Cell(str(group), str(band)), *cells])
    caption = (
        "By band of the estimate. Observed ÷ estimated above 1: the estimates of this group are "
        "too low; below 1: too high."
    )
    return Table(caption, [plain_name(name), *map(metric_name, _BAND_METRICS)], rows)


def curve_table(curves: pd.DataFrame, name: str) -> Table:
    """Return the points of the curves by group."""
    columns: list[Column] = [
        ("group", plain_name(name), text),
        ("n", "People, one a date", count_text),
        ("predicted", "Estimated", one_digit_share),
        ("observed", "Observed", one_digit_share),
        ("low", "Interval from", one_digit_share),
        ("high", "to", one_digit_share),
    ]
    return plain_table(curves, columns, "The points of the curves, from the lowest estimates up.")
