"""``riskmodel alternatives``: models that are not worse than the chosen one, with smaller gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.alternatives.candidates import COMPARATOR, COMPARATORS
from riskmodel.audit.alternatives.search import GATE_LENGTH, find_alternatives
from riskmodel.cli.models import open_model
from riskmodel.cli.screens import Steps, number, remark, say, show_table, with_interval
from riskmodel.cli.tables import write_csv
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import dates_of, groups_of, histories_of
from riskmodel.errors import RiskModelError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.search.result import SearchResult
from riskmodel.model.search.search import search
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots

ALTERNATIVES, TABLE, LATER = "alternatives.json", "alternatives.csv", "alternatives_later.csv"


def run_alternatives(
    *,
    bundle: str,
    task_path: Path,
    groups_path: Path,
    as_of: Sequence[datetime],
    length: str,
    metric: str,
    n_models: int,
    trials: int,
    comparators: bool,
    out: Path,
) -> None:
    """Fit other models on what was known before the first date, and compare them on all dates."""
    file = TaskFile.read(task_path)
    with Steps(5 if trials else 4) as steps:
        with steps.step("Loading and verifying the model"):
            model = open_model(bundle)
        with steps.step("Reading the tables"):
            histories, groups = histories_of(file), groups_of(groups_path)
        with steps.step("Building the snapshots"):
            early, late = _rows(model, file, histories, as_of, groups)
        tried = _search(steps, model, early, trials)
        with steps.step(f"Fitting models on {len(early):,} rows, for {len(late):,} later ones"):
            found = find_alternatives(
                model, early, late, groups, histories=histories, search=tried,
                metric=metric, k=length, n_models=n_models,
                comparators=COMPARATORS if comparators else (), progress=steps.part,
            )  # fmt: skip
    found.save(out / ALTERNATIVES)
    write_csv(found.frontier, out / TABLE)
    if len(found.later):
        write_csv(found.later, out / LATER)
    show_alternatives(found)
    for row in found.frontier[found.frontier["kind"] == COMPARATOR].to_dict("records"):
        remark(f"{row['name']}: {row['legal_note']}")
    say()
    say(f"alternatives: {out / ALTERNATIVES}")
    say(f"table:        {out / TABLE}")


def list_length(k: int | None, share: str | None) -> str:
    """Return the length of list that was typed; the gate's unless one was.

    Examples
    --------
    >>> list_length(100, None), list_length(None, "2.5%"), list_length(None, None)
    ('100', '2.5%', '5%')
    """
    if k is not None and share is not None:
        raise RiskModelError("give --k or --share, not both")
    if share is not None and not share.endswith("%"):
        raise RiskModelError(f"--share: {share!r} given, a share is written as 5%")
    return share or (GATE_LENGTH if k is None else str(k))


def _rows(
    model: RiskModel,
    file: TaskFile,
    histories: EventHistories,
    as_of: Sequence[datetime],
    groups: pd.DataFrame,
) -> tuple[Snapshots, Snapshots]:
    """Return what was known before the first date given, and the rows of the dates given."""
    if model.task is None:
        raise RiskModelError(
            "this model was trained on a ready-made table and has no task: look for alternatives "
            "from Python, with find_alternatives and Snapshots.from_table"
        )
    settings = file.require("train")
    wanted = pd.DatetimeIndex(list(as_of)).sort_values().unique()
    dates = dates_of(file)
    snapshots = build_snapshots(
        histories,
        model.task,
        as_of=dates[dates < wanted[0]].union(wanted),
        known_at=settings["known_at"],
        groups=groups,
        late_allowance_days=settings.get("late_allowance_days"),
    )
    early, late = split_at(snapshots, wanted[0])
    if unknown := [f"{date:%Y-%m-%d}" for date in wanted if date not in late.dates]:
        raise RiskModelError(
            f"no outcome is known on {', '.join(unknown)}: give dates whose outcome windows had "
            f"closed by {settings['known_at']:%Y-%m-%d}"
        )
    return early, late


def _search(steps: Steps, model: RiskModel, early: Snapshots, trials: int) -> SearchResult | None:
    if not trials:
        return None
    with steps.step(f"Searching settings in {trials} trials"):
        return search(
            early,
            estimator=model.estimator,
            n_trials=trials,
            progress=lambda made, words: steps.part(made, trials, words),
        )


def show_alternatives(found: Alternatives) -> None:
    """Print every model beside the chosen one; then what later dates say of the frontier."""
    what = f"lists of {found.k}, widest gap in {found.metric.replace('_', ' ')}"
    rows = [
        [*_measured(row), _yes(row["not_worse"]), _place_on(row), _where(row)]
        for row in found.frontier.to_dict("records")
    ]
    show_table(
        f"Alternatives: {what}",
        ("model", "precision", "widest gap", "not worse", "on frontier", "where"),
        rows,
    )
    if len(found.later):
        later = [
            [*_measured(row), _yes(row["picked"]), number(row["gap_when_picked"])]
            for row in found.later.to_dict("records")
        ]
        dates = ", ".join(found.later_as_of)
        show_table(
            f"The frontier of the dates before, measured on {dates}",
            ("model", "precision", "widest gap", "smallest before", "gap before"),
            later,
        )
    for note in found.notes:
        remark(note)


def _measured(row: Mapping[Any, Any]) -> list[str]:
    """Return the first cells of both tables."""
    return [
        str(row["name"]),
        with_interval(row["precision"], row["precision_low"], row["precision_high"]),
        with_interval(row["gap"], row["gap_low"], row["gap_high"]),
    ]


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _place_on(row: Mapping[Any, Any]) -> str:
    return "comparator" if row["kind"] == COMPARATOR else _yes(row["on_frontier"])


def _where(row: Mapping[Any, Any]) -> str:
    return f"{row['characteristic']}: {row['group']}" if row["characteristic"] else "-"
