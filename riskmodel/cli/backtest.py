"""A back-test on the terminal: each score beside the rule in use, with its interval."""

from __future__ import annotations

import pandas as pd

from riskmodel.cli.screens import number, remark, show_table, with_interval
from riskmodel.model.evaluation import LEADING, Evaluation

K = 100
PERCENT = 100
HEADER = ("score", "mean captured, %", "more than the rule", f"captured@{K}, %", "AUC")


def show_backtest(evaluation: Evaluation) -> None:
    """Print one row a score, the leading figure first, each with its interval."""
    rows = [_row(evaluation, name) for name in evaluation.models]
    title = (
        f"Back-test: {evaluation.n:,} rows, {evaluation.n_people:,} people, "
        f"{evaluation.n_dates} dates that training did not see"
    )
    show_table(title, HEADER, rows)
    remark(
        f"The rule in use is {evaluation.reference}. Captured: the share of serious offences with "
        f"a named suspect that the people listed account for; mean over lists of 50 to 500; in "
        f"brackets {evaluation.level:.0%} intervals by resampling people."
    )


def _row(evaluation: Evaluation, name: str) -> list[str]:
    leading = evaluation.row(LEADING, name)
    return [
        name,
        _percent(leading),
        "" if name == evaluation.reference else _percent(leading, "difference"),
        _percent(evaluation.row("captured", name, K)),
        number(evaluation.row("auc", name)["value"]),
    ]


def _percent(row: pd.Series, name: str = "value") -> str:
    ends = ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")
    value, low, high = (PERCENT * row[part] for part in (name, *ends))
    return with_interval(value, low, high, digits=1)
