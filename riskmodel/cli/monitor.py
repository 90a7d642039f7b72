"""``riskmodel monitor``: stored scores held against later outcomes, and the policy's thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.policy import Policy
from riskmodel.cli.exits import GateClosed
from riskmodel.cli.models import open_model
from riskmodel.cli.monitor_screen import show_over_time
from riskmodel.cli.screens import Steps, say
from riskmodel.cli.tables import write_csv
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import groups_of, histories_of
from riskmodel.cli.what_if import read_scores
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_folder, check_replaceable
from riskmodel.histories.events import EventHistories
from riskmodel.monitoring.logged_scores import scores_of_log
from riskmodel.monitoring.monitor import monitor
from riskmodel.scoring.log.key import read_key
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.snapshots.build import build_snapshots

OVER_TIME, TABLES = "over_time.json", "tables"


def run_monitor(
    *,
    bundle: str,
    task_path: Path,
    scores: Sequence[Path],
    log: str | None,
    key_file: Path | None,
    groups_path: Path | None,
    overrides_path: Path | None,
    random_log: Path | None,
    policy_path: Path | None,
    k: int,
    out: Path,
    store: str | None,
) -> None:
    """Measure, write the tables, show them; a gate says no when an alert stands."""
    if not scores and log is None:
        raise RiskModelError("no scores were given: name tables with --scores, or a log with --log")
    check_replaceable(out, OVER_TIME)
    file = TaskFile.read(task_path)
    with Steps(5) as steps:
        with steps.step("Loading and verifying the model"):
            model = open_model(bundle, store=store)
        if model.task is None:
            raise RiskModelError(
                "this model was trained on a ready-made table and has no task: monitor it from "
                "Python, with monitor() and Snapshots.from_table"
            )
        with steps.step("Reading the tables"):
            histories = histories_of(file)
            groups = None if groups_path is None else groups_of(groups_path)
            overrides = None if overrides_path is None else pd.read_csv(overrides_path, dtype=str)
            policy = None if policy_path is None else Policy.from_toml(policy_path)
            stored = _stored(scores, log, key_file, histories)
        with steps.step("Looking up what became of those who were scored"):
            snapshots = build_snapshots(
                histories,
                model.task,
                as_of=sorted({date for table in stored for date in table["as_of"].unique()}),
                groups=groups,
                late_allowance_days=file.section("train").get("late_allowance_days"),
            )
        with steps.step("Measuring"):
            found = monitor(
                stored,
                snapshots,
                histories,
                groups,
                model=model,
                policy=policy,
                k=k,
                overrides=overrides,
                random_log=random_log,
            )
        with steps.step("Writing the tables"):
            write_over_time(found, out)
    show_over_time(found)
    say(f"over time: {out / OVER_TIME}")
    if any(alert.stands for alert in found.alerts):
        raise GateClosed


def write_over_time(found: OverTime, folder: Path) -> None:
    """Write the result and its tables, exact counts and all, in place of an older one."""
    with atomic_folder(folder) as new:
        found.save(new / OVER_TIME)
        for name, table in found.measured.items():
            write_csv(table, new / TABLES / f"{name}.csv")


def _stored(
    scores: Sequence[Path], log: str | None, key_file: Path | None, histories: EventHistories
) -> list[pd.DataFrame]:
    tables = [_read(path) for path in scores]
    if log is not None:
        kept = ScoreLog(log, key=read_key(key_file))
        tables.append(scores_of_log(kept, histories.persons.tolist()))
    return tables


def _read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else read_scores(path)
