"""``riskmodel backtest``, and a back-test on the terminal: each score beside the rule in use."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.cli.screens import Steps, note, number, remark, say, show_table, with_interval
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import dates_of, histories_of, snapshots_of
from riskmodel.errors import RiskModelError
from riskmodel.files import check_replaceable
from riskmodel.model.baselines.catalogue import default_baselines
from riskmodel.model.baselines.rules import BASELINES
from riskmodel.model.evaluation.evaluation import LEADING, Evaluation
from riskmodel.model.learning import default_estimator
from riskmodel.model.rolling.checks import check_rolling
from riskmodel.model.rolling.origin import possible_dates
from riskmodel.model.rolling.result import RESULTS
from riskmodel.model.rolling.rolling_backtest import rolling_backtest
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.windows import every

K = 100
PERCENT = 100
HEADER = ("score", "mean captured, %", "more than the rule", f"captured@{K}, %", "AUC")

CHECKS = "checks.json"
FAST = {"n_estimators": 40, "n_bags": 2}
FAST_REPLICATES = 100
QUICK_TO_FIT = (*BASELINES, "logistic")


def run_backtest(
    *, task_path: Path, out: Path, spacing: str | None, start: datetime | None, fast: bool
) -> None:
    """Learn anew at each date of the task file, judge what followed, write the results."""
    check_replaceable(out, RESULTS)
    file = TaskFile.read(task_path)
    seed = file.require("train").get("seed", 0)
    with Steps(5) as steps:
        with steps.step("Reading the tables"):
            histories = histories_of(file)
        with steps.step(f"Building snapshots on {len(dates_of(file))} dates"):
            snapshots = snapshots_of(file, histories)
        dates = _chosen(snapshots, spacing, start)

        def told(done: int, total: int, date: pd.Timestamp) -> None:
            steps.part(done, total, f"Learning and testing as of {date:%Y-%m-%d}")

        options = _options(snapshots, seed, fast)
        with steps.step("Learning and testing, date by date"):
            found = rolling_backtest(snapshots, dates=dates, seed=seed, progress=told, **options)
        with steps.step("Checking the list: as people, by stricter labels, how much of it stays"):
            options.pop("baselines", None)
            checks = check_rolling(found, snapshots, seed=seed, **options)
        with steps.step("Saving the results"):
            found.save(out, also={CHECKS: json.dumps(checks.to_dict(), allow_nan=False)})
    say(str(found))
    say()
    say(str(checks))
    say()
    say(f"results: {out}")


def _chosen(
    snapshots: Snapshots, spacing: str | None, start: datetime | None
) -> pd.DatetimeIndex | None:
    """Return the dates asked for among those that can be tested; None for all of them."""
    if spacing is None and start is None:
        return None
    able = possible_dates(snapshots).dates
    chosen = able if start is None else able[able >= pd.Timestamp(start)]
    if spacing is not None and len(chosen):
        chosen = chosen[chosen.isin(_grid(spacing, chosen))]
    if not len(chosen):
        listed = ", ".join(f"{date:%Y-%m-%d}" for date in able) or "none"
        raise RiskModelError(f"--from leaves no date to test. Dates that can be tested: {listed}")
    note(
        f"{len(chosen)} of the {len(able)} dates that can be tested are, as --every and --from say"
    )
    return chosen


def _grid(spacing: str, dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    try:
        return every(spacing, dates[0], dates[-1])
    except ValueError as error:  # pandas has its own words for a frequency that it cannot read
        raise RiskModelError(f"--every {spacing!r}: such as 6MS, 12MS or QS is expected") from error


def _options(snapshots: Snapshots, seed: int, fast: bool) -> dict[str, Any]:
    if not fast:
        return {}
    return {
        "estimator": default_estimator(snapshots, seed).set_params(**FAST),
        "baselines": [one for one in default_baselines() if one.name in QUICK_TO_FIT],
        "n_replicates": FAST_REPLICATES,
    }


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
