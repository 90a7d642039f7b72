"""A rolling back-test for a terminal: what was captured, date by date, and how sure that is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmodel.model.evaluation.evaluation import LEADING

if TYPE_CHECKING:
    from riskmodel.model.rolling.result import RollingBacktest

WIDTH = 98
_HEADER = (
    "as of",
    "rows",
    "learnt",
    "base rate",
    "expected",
    "captured",
    "ratio",
    "AUC",
    "AUC gain",
    "calibrated on",
)


def rolling_text(found: RollingBacktest) -> str:
    """Return the text of ``print(backtest)``, no line longer than 100 letters."""
    blocks = [_head(found), _scores(found), _dates(found), "\n".join(_notes(found))]
    return "\n\n".join(blocks)


def _head(found: RollingBacktest) -> str:
    evaluation, dates = found.evaluation, found.dates
    span = f"{dates[0]:%Y-%m-%d}" + (f" to {dates[-1]:%Y-%m-%d}" if len(dates) > 1 else "")
    plural = "s" if len(dates) > 1 else ""
    return _wrapped(
        f"Rolling back-test on {len(dates)} date{plural}, {span}: {evaluation.n:,} rows, "
        f"{evaluation.n_people:,} people. For each date all was learnt anew from outcome windows "
        "that had closed by then, by the labels known then."
    )


def _scores(found: RollingBacktest) -> str:
    """One line a score: mean captured, its paired difference to the reference, AUC."""
    evaluation = found.evaluation
    cells = [("", "mean captured, %", f"more than {evaluation.reference}", "AUC")]
    for name in evaluation.models:
        row = evaluation.row(LEADING, name)
        more = _interval(row, "difference", "difference_low", "difference_high", sign="+")
        cells.append(
            (
                name,
                _interval(row, "value", "low", "high"),
                "" if name == evaluation.reference else more,
                _number(evaluation.value("auc", name), 3),
            )
        )
    said = _wrapped(
        "Captured: the share of serious offences with a named suspect that those listed account "
        f"for, mean over lists of 50 to 500 and over dates; [{evaluation.level:.0%} intervals] "
        f"from {evaluation.n_replicates:,} resamples of people, differences paired."
    )
    return _aligned(cells, left=1) + "\n" + said


def _dates(found: RollingBacktest) -> str:
    cells: list[Sequence[str]] = [_HEADER]
    cells += [_date_cells(row) for row in found.by_date.itertuples()]
    return _aligned(cells, left=1)


def _date_cells(row: Any) -> Sequence[str]:
    return (
        f"{row.as_of:%Y-%m-%d}",
        f"{row.n:,}",
        f"{row.train_rows:,}",
        _percent(row.base_rate),
        _percent(row.expected),
        _percent(row.mean_captured),
        _number(row.captured_ratio, 2),
        _number(row.auc, 3),
        _number(row.auc_difference, 3, "+"),
        row.calibrated_on,
    )


def _notes(found: RollingBacktest) -> Iterator[str]:
    reference = found.evaluation.reference
    mean = found.geometric_mean_ratio(over=reference)
    text = f"Ratio: what the model captured over what {reference} did; {_number(mean, 2)} in "
    text += "geometric mean"
    if (worst := found.worst_date) is not None:
        lowest = float(found.by_date["captured_ratio"].min())
        text += f", at worst {_number(lowest, 2)} on {worst:%Y-%m-%d}"
    yield _wrapped(f"{text}. AUC gain: over {reference}. Base rate: share with the outcome.")
    for row in found.base_rate_coverage.itertuples():
        yield _wrapped(
            f"Base rates stated beforehand: {row.held} of {row.n} dates inside their "
            f"{row.level:.0%} interval."
        )
    if note := found.evaluation.row(LEADING, found.evaluation.models[0])["note"]:
        yield _wrapped(f"Mean captured: {note}.")
    for date, why in found.left_out.items():
        yield _wrapped(f"Not tested: {date}, {why}.")
    for name, why in found.baselines_left_out.items():
        yield _wrapped(f"Not compared: {name}, {why}.")


def _interval(row: pd.Series, value: str, low: str, high: str, sign: str = "") -> str:
    if np.isnan(row[value]):
        return "undefined"
    ends = ", ".join(_number(100 * row[name], 1, sign) for name in (low, high))
    return f"{_number(100 * row[value], 1, sign)} [{ends}]"


def _percent(share: float) -> str:
    return "-" if np.isnan(share) else f"{share:.1%}"


def _number(value: float, digits: int, sign: str = "") -> str:
    return "-" if np.isnan(value) else f"{value:{sign}.{digits}f}"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _aligned(cells: Sequence[Sequence[str]], left: int) -> str:
    """Line columns up: the first `left` and the last to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [
            cell.ljust(width) if place < left or place == len(row) - 1 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)
