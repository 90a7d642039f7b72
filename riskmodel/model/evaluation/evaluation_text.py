"""An evaluation as text: a panel of lines for the leading figure, then one for each few metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmodel.model.evaluation.list_lengths import ListLength

if TYPE_CHECKING:
    from riskmodel.model.evaluation.evaluation import Evaluation

LEADING = "mean_captured"
SHOWN_K = 100  # the length of list that is printed, or the nearest there is
SHOWN_SHARE = 0.01  # likewise, beside the leading figure
OF_LISTS = (
    ("captured", "captured_of_all", "precision", "recall"),
    ("harm_captured", "harm_captured_capped", "net_benefit"),
)
OF_SCORES = (
    ("auc", "brier", "log_loss", "ece"),
    ("calibration_slope", "calibration_in_the_large", "net_benefit"),
)
NOTED = (LEADING, "captured", "net_benefit", "ece")


def evaluation_text(evaluation: Evaluation) -> str:
    """Return mean captured with its differences, then the rest at one length of list."""
    table = evaluation.table.assign(label=labels_of(evaluation.table))
    k = _nearest([int(k) for k in table["k"].dropna().unique()], SHOWN_K)
    shares = {float(share): str(ListLength(share=share)) for share in table["share"].dropna()}
    share = _nearest(list(shares), SHOWN_SHARE)
    panels = [
        _leading_panel(evaluation, table, f"captured@{shares.get(share)}"),
        *(_panel(table, [f"{metric}@{k:g}" for metric in metrics]) for metrics in OF_LISTS),
        *(_panel(table, metrics) for metrics in OF_SCORES),
    ]
    blocks = [_head(evaluation), *("\n".join(panel) for panel in panels if panel)]
    if notes := _notes(table, f"net_benefit@{k:g}"):
        blocks.append("\n".join(notes))
    lengths = dict.fromkeys(cut for _, _, cut in table["label"].str.partition("@").to_numpy())
    others = [cut for cut in lengths if cut not in ("", f"{k:g}")]
    also = f"lists of {', '.join(others)} and " if others else ""
    blocks.append(f"In .table as well: {also}the paired difference of every metric.")
    return "\n\n".join(blocks)


def labels_of(table: pd.DataFrame) -> list[str]:
    """Return each row's metric with its length of list: captured@100, or captured@1%."""
    lengths = [
        str(k) if pd.isna(share) else str(ListLength(share=float(share)))
        for k, share in zip(table["k"], table["share"], strict=True)
    ]
    no_list = table["k"].isna() & table["share"].isna()
    return [
        metric if none else f"{metric}@{length}"
        for metric, length, none in zip(table["metric"], lengths, no_list, strict=True)
    ]


def _nearest(lengths: Sequence[float], wanted: float) -> float:
    return min(lengths, key=lambda length: abs(length - wanted), default=wanted)


def _head(evaluation: Evaluation) -> str:
    size = ", ".join(
        [
            _count(evaluation.n, "row"),
            _count(evaluation.n_people, "person", "people"),
            _count(evaluation.n_dates, "as_of date"),
        ]
    )
    return (
        f"{size}; {_count(evaluation.n_unobserved, 'row')} left out: outcome not observed\n"
        f"[{evaluation.level:.0%} intervals] from {evaluation.n_replicates:,} resamples of "
        f"people; differences to {evaluation.reference} are paired"
    )


def _leading_panel(evaluation: Evaluation, table: pd.DataFrame, of_share: str) -> list[str]:
    """One line a score: mean captured, how far from the reference, over dates; then one share."""
    reference = evaluation.reference
    cells: list[tuple[str, ...]] = [("", LEADING, f"difference to {reference}", "dates", of_share)]
    shares = {
        row.model: _estimate(row.value, row.low, row.high)
        for row in table[table["label"] == of_share].itertuples()
    }
    for row in table[table["metric"] == LEADING].itertuples():
        difference = _estimate(row.difference, row.difference_low, row.difference_high, "+")
        over_dates = f"{_number(row.date_low)} to {_number(row.date_high)}"
        cells.append(
            (
                str(row.model),
                _estimate(row.value, row.low, row.high),
                difference if row.model != reference else "",
                over_dates if evaluation.n_dates > 1 else "one",
                shares.get(row.model, ""),
            )
        )
    return _aligned(cells if shares else [line[:-1] for line in cells])


def _panel(table: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """One line a score, one column a metric; nothing where no score has any of them."""
    frame = table[table["label"].isin(labels)]
    if frame.empty:
        return []
    labels = [label for label in labels if label in set(frame["label"])]
    cells = {
        (row.model, row.label): _estimate(row.value, row.low, row.high)
        for row in frame.itertuples()
    }
    models = frame["model"].drop_duplicates()
    lines = [(model, *(cells.get((model, label), "") for label in labels)) for model in models]
    return _aligned([("", *labels), *lines])


def _notes(table: pd.DataFrame, of_list: str) -> list[str]:
    """Return what is noted of the figures printed."""
    noted = table[table["metric"].isin(NOTED) & (table["note"] != "")]
    others = (noted["metric"] == "net_benefit") & ~noted["label"].isin(["net_benefit", of_list])
    lines = noted["label"] + ": " + noted["note"]
    return lines[~others].drop_duplicates().tolist()


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _number(value: object, sign: str = "") -> str:
    number = float(value)  # type: ignore[arg-type]
    return "undefined" if np.isnan(number) else f"{number:{sign}.3f}"


def _estimate(value: object, low: object, high: object, sign: str = "") -> str:
    if np.isnan(float(value)):  # type: ignore[arg-type]
        return "undefined"
    return f"{_number(value, sign)} [{_number(low, sign)}, {_number(high, sign)}]"


def _aligned(cells: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
