"""Part 10: whether something that looks neutral stands in for who a person is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskmodel.report.blocks import Block, Facts, Grid, Heading, Note, Part
from riskmodel.report.contents import Contents
from riskmodel.report.parts.common import absent, folded
from riskmodel.report.tables import (
    Cell,
    Column,
    Table,
    decimal_cell,
    figure,
    one_digit_share,
    plain_table,
    signed,
)
from riskmodel.report.words import (
    UNDEFINED,
    count_text,
    gap_interval,
    gap_text,
    metric_name,
    number_text,
    plain_name,
)


def reads_age(model: dict[str, Any]) -> bool:
    """Return whether age is among the features of a model, by its identity."""
    names = [entry["name"] for entry in model.get("features", [])]
    return "age" in names or bool(model.get("age_ablation"))


def explanations(contents: Contents) -> Part:
    """Return part 10."""
    blocks: list[Block] = [
        Heading("What the features tell of the groups"),
        *_proxies(contents),
        *_proxy_models(contents),
        Heading("Which features move the estimates of each group"),
        *_score_gaps(contents),
        Heading("People alike in their records"),
        *_matched(contents),
        Heading("Age"),
        *_age(contents),
    ]
    lead = "Whether something that looks neutral stands in for who a person is."
    return Part(10, "Proxies and explanations by group", lead, blocks)


def _sentences(contents: Contents) -> dict[str, str]:
    features = contents.audit.model.get("features", [])
    return {entry["name"]: entry["sentence"] for entry in features}


def _proxies(contents: Contents) -> list[Block]:
    table = contents.audit.proxies
    if table.empty:
        return [absent(contents, "proxies", "Features that stand in for a characteristic")]
    sentences = _sentences(contents)
    columns: list[Column] = [
        ("characteristic", "Characteristic", plain_name),
        ("feature", "Feature", lambda name: str(sentences.get(name, name))),
        ("share_explained", "Share explained", one_digit_share),
    ]
    caption = (
        "No feature reads the characteristics audited, age apart where it is declared, but one may "
        "stand in for them. The five features that differ most between groups. Share explained: "
        "how much of the spread of a feature’s ranks lies between groups; 0% where groups are "
        "alike, 100% where the feature tells them apart."
    )
    return [Grid(plain_table(table, columns, caption))]


def _proxy_models(contents: Contents) -> list[Block]:
    table = contents.audit.proxy_models
    if table.empty:
        what = "How well all features together tell the groups apart"
        return [absent(contents, "proxy_models", what)]
    sentences = _sentences(contents)
    rows = [
        [
            Cell(plain_name(line["characteristic"])),
            Cell(str(line["group"])),
            Cell(count_text(line["n"]), value=figure(line["n"])),
            _auc(line),
            Cell(_features(line["top_features"], sentences)),
        ]
        for _, line in table.iterrows()
    ]
    caption = (
        "How well all features together tell a group from the others, among people held out. AUC: "
        "0.5 is a guess, 1 is certain. A high one means that a model could act on the group "
        "without being told it."
    )
    headings = ["Characteristic", "Group", "People", "AUC", "Features that tell most"]
    return [Grid(Table(caption, headings, rows, frozenset({0, 1, 4})))]


def _auc(line: pd.Series) -> Cell:
    if pd.isna(line["auc"]):
        return Cell(UNDEFINED, look="quiet")
    ends = [number_text(line[f"auc_{end}"], "auc") for end in ("low", "high")]
    return Cell(number_text(line["auc"], "auc"), " to ".join(ends), value=figure(line["auc"]))


def _features(names: Any, sentences: dict[str, str]) -> str:
    listed = names.split(", ") if isinstance(names, str) else list(names)
    return "; ".join(sentences.get(name, name) for name in listed) or UNDEFINED


def _score_gaps(contents: Contents) -> list[Block]:
    table = contents.audit.score_gaps
    if table.empty:
        return [absent(contents, "score_gaps", "What each feature adds to a group’s estimates")]
    note = Note(
        "The mean estimate of a group differs from the reference group’s because of what stands "
        "in the records. Each feature’s contribution is in log-odds, on the scale before "
        "calibration; all of them add up to the difference of the means."
    )
    sentences = _sentences(contents)

    def make(rows: pd.DataFrame, name: str) -> Table:
        return contribution_table(rows, name, sentences)

    return [note, *folded(table, make, "Contributions by {}")]


def contribution_table(rows: pd.DataFrame, name: str, sentences: dict[str, str]) -> Table:
    """Return the features that move each group's estimates most, and what all come to."""
    reference = rows["reference"].iloc[0]
    caption = (
        f"Against “{reference}”: the features that move the mean estimate of each group most, in "
        "log-odds; above zero they raise it. It says what the score reads, not why the records "
        "differ."
    )
    cells: list[list[Cell]] = []
    for group, lines in rows.groupby("group", sort=False):
        cells += [_contribution(line, sentences) for _, line in lines.iterrows()]
        cells.append(_total(str(group), lines.iloc[0]))
    headings = [
        plain_name(name),
        "Feature",
        "Mean in the group",
        "In the reference",
        "Contribution",
    ]
    return Table(caption, headings, cells, frozenset({0, 1}))


def _contribution(line: pd.Series, sentences: dict[str, str]) -> list[Cell]:
    feature = str(line["feature"])
    return [
        Cell(str(line["group"])),
        Cell(sentences.get(feature, feature)),
        decimal_cell(line.get("value_group")),
        decimal_cell(line.get("value_reference")),
        Cell(signed(line["contribution"]), value=figure(line["contribution"])),
    ]


def _total(group: str, line: pd.Series) -> list[Cell]:
    ends = f"{signed(line['gap_low'])} to {signed(line['gap_high'])}"
    gap = Cell(signed(line["gap"]), ends, value=figure(line["gap"]))
    blank = Cell(UNDEFINED, look="quiet")
    return [Cell(group), Cell("All features: gap of the mean estimates"), blank, blank, gap]


def _matched(contents: Contents) -> list[Block]:
    table = contents.audit.matched_gaps
    if table.empty:
        what = "Gaps among people with the same number and kind of records"
        return [absent(contents, "matched_gaps", what)]
    return [Note(_ALIKE), *folded(table, matched_table, "People alike by {}")]


_ALIKE = (
    "Gaps among people whose records are alike in number and kind, beside the gaps among all. "
    "What is left of a gap here is not explained by how many records people have; what vanishes "
    "may still lie in how the records came about."
)


def matched_table(rows: pd.DataFrame, name: str) -> Table:
    """Return the gaps of one characteristic among all, and among people alike."""
    headings = [plain_name(name), "Figure", "Gap among all", "Among people alike", "People alike"]
    caption = f"Gap to “{rows['reference'].iloc[0]}”, among all and among people alike."
    cells = [_matched_row(line) for _, line in rows.iterrows()]
    return Table(caption, headings, cells, frozenset({0, 1}))


def _matched_row(line: pd.Series) -> list[Cell]:
    metric = line["metric"]
    alike = f"{count_text(line['matched_people'])} of {count_text(line['people'])}"
    return [
        Cell(str(line["group"])),
        Cell(metric_name(metric)),
        Cell(gap_text(line["gap"], metric), value=figure(line["gap"])),
        Cell(
            gap_text(line["matched_gap"], metric),
            gap_interval(line["low"], line["high"], metric),
            value=figure(line["matched_gap"]),
        ),
        Cell(alike, value=figure(line["matched_people"])),
    ]


def _age(contents: Contents) -> list[Block]:
    model = contents.audit.model
    ablation = model.get("age_ablation")
    if ablation:
        return [
            Note("Age is a feature of this model. What the model loses without it:"),
            Facts(_ablation_facts(ablation)),
        ]
    if reads_age(model):
        return [Note("Age is a feature of this model. What it adds was not recorded.")]
    return [Note("Age is not a feature of this model.")]


def _ablation_facts(ablation: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each metric with age and without; how many people it rests on stays inside."""
    metrics = {name: value for name, value in ablation.items() if isinstance(value, dict)}
    held_out = [("Measured on people held out by", str(ablation.get("kind", "")))]
    return held_out + [(metric_name(name), _with_and_without(m)) for name, m in metrics.items()]


def _with_and_without(numbers: dict[str, Any]) -> str:
    names = ("with_age", "without_age", "difference", "low", "high")
    present, missing, difference, low, high = (_three_digits(numbers.get(name)) for name in names)
    return (
        f"{present} with age, {missing} without: a difference of {difference} (interval {low} to "
        f"{high})"
    )


def _three_digits(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3f}".replace("-", "−")
