"""The model beside the rules in use, as tables of the page."""

from __future__ import annotations

import pandas as pd

from riskmodel.model.evaluation.evaluation import LEADING, Evaluation
from riskmodel.report.tables import Cell, Table, figure
from riskmodel.report.words import (
    MODEL_NAMES,
    UNDEFINED,
    WITHHELD,
    interval_text,
    metric_name,
    number_text,
    points_interval,
    points_text,
    share_text,
)


def accuracy_tables(table: pd.DataFrame, k: int) -> list[Table]:
    """Return the model beside the rules in use: whom the list finds, and how good estimates are."""
    shown = table[(table["k"].isna() & table["share"].isna()) | (table["k"] == k)]
    found, estimates = (shown["metric"].isin(names) for names in (_OF_LISTS, _OF_ESTIMATES))
    parts = ((shown[found], _FOUND_CAPTION), (shown[estimates], _ESTIMATES_CAPTION))
    return [_by_model(rows, k, caption) for rows, caption in parts if len(rows)]


_OF_LISTS = (
    LEADING,
    "captured",
    "captured_of_all",
    "precision",
    "harm_captured",
    "harm_captured_capped",
)
_OF_ESTIMATES = ("auc", "brier", "calibration_slope", "calibration_in_the_large")
_FOUND_CAPTION = (
    "The same people ranked by this model and by simpler rules. Captured: the share of later "
    "serious offences with a named suspect that those listed account for; mean captured is its "
    "mean over lists of 50 to 500. Precision: of those listed, who went on to serious harm. Harm "
    "captured counts days of harm in place of offences; capped, no offence counts more than 365."
)
_ESTIMATES_CAPTION = (
    "AUC: how often, of two people, the one who went on has the higher estimate; 0.5 is chance. "
    "Brier score: the mean squared distance of the estimates from what followed; lower is better. "
    "Calibration slope: below 1 the estimates are too extreme, above 1 too cautious. Observed ÷ "
    "estimated: above 1 the estimates are too low, below 1 too high. Rules that only rank have no "
    "estimates to judge."
)


def _by_model(rows: pd.DataFrame, k: int, caption: str) -> Table:
    models, metrics = (list(dict.fromkeys(rows[name])) for name in ("model", "metric"))
    found = {(line["metric"], line["model"]): line for _, line in rows.iterrows()}
    cells = [
        [
            Cell(MODEL_NAMES.get(model, model)),
            *(_accuracy_cell(found.get((metric, model))) for metric in metrics),
        ]
        for model in models
    ]
    at_k = set(rows.loc[rows["k"].notna(), "metric"])
    headings = [f"{metric_name(m)} at {k}" if m in at_k else metric_name(m) for m in metrics]
    return Table(caption, ["Ranked by", *headings], cells)


def _accuracy_cell(line: pd.Series | None) -> Cell:
    if line is None:
        return Cell(UNDEFINED, look="quiet")
    metric, value = str(line["metric"]), line["value"]
    if pd.isna(value):
        return Cell(WITHHELD if line["note"] == WITHHELD else UNDEFINED, look="quiet")
    # of a short list, a tenth of a per cent is finer than the figure
    text = number_text(value, metric) if pd.isna(line["k"]) else share_text(value)
    return Cell(text, interval_text(line["low"], line["high"], metric), value=figure(value))


def leading_sentence(accuracy: Evaluation) -> str:
    """Return how far the model is from the rule in use on mean captured, resampled together."""
    table = accuracy.table
    row = table[(table["metric"] == LEADING) & (table["model"] == "model")]
    if row.empty or pd.isna(row["difference"].iloc[0]):
        return ""
    line = row.iloc[0]
    return (
        "Mean captured by this model, less that of the rule "
        f"“{MODEL_NAMES.get(accuracy.reference, accuracy.reference)}”: "
        f"{points_text(line['difference'])} "
        f"({points_interval(line['difference_low'], line['difference_high'])}). Where the interval "
        "spans zero, the two may be alike."
    )
