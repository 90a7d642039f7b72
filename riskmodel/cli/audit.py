"""``riskmodel audit`` and ``riskmodel report``: who is listed, who is left unprotected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.audit_file import load_audit, save_audit
from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import FAIL
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.cli.exits import GateClosed
from riskmodel.cli.models import open_model
from riskmodel.cli.screens import Steps, say, show_table, with_interval
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import groups_of, histories_of
from riskmodel.cli.waivers import read_waiver
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_write_text
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.rolling.result import RollingBacktest
from riskmodel.report.fairness_report import fairness_report
from riskmodel.report.model_card import model_card
from riskmodel.report.transparency_record import transparency_record
from riskmodel.snapshots.build import build_snapshots

AUDIT, REPORT = "audit.json", "fairness.html"


def run_audit(
    *,
    bundle: str,
    task_path: Path,
    groups_path: Path,
    as_of: Sequence[datetime],
    k: int,
    policy_path: Path | None,
    intersections: Sequence[tuple[str, ...]],
    backtest: Path | None,
    out: Path,
) -> None:
    """Audit the lists of dates whose outcomes are known; write audit, report, card, record."""
    file = TaskFile.read(task_path)
    settings = file.section("train")
    with Steps(5) as steps:
        with steps.step("Loading and verifying the model"):
            model = open_model(bundle)
        if model.task is None:
            raise RiskModelError(
                "this model was trained on a ready-made table and has no task: audit it from "
                "Python, with audit_fairness and Snapshots.from_table"
            )
        with steps.step("Reading the tables"):
            histories, groups = histories_of(file), groups_of(groups_path)
            policy = None if policy_path is None else Policy.from_toml(policy_path)
            predictions = None if backtest is None else RollingBacktest.load(backtest).predictions
        days = ", ".join(f"{day:%Y-%m-%d}" for day in sorted(as_of))
        with steps.step(f"Building the snapshots of {days}"):
            snapshots = build_snapshots(
                histories,
                model.task,
                as_of=sorted(as_of),
                known_at=settings.get("known_at"),
                groups=groups,
                late_allowance_days=settings.get("late_allowance_days"),
            )
        with steps.step(f"Auditing a list of {k}"):
            audit = audit_fairness(
                model, snapshots, histories, groups, k=k, policy=policy,
                intersections=intersections, predictions=predictions,
            )  # fmt: skip
        with steps.step("Writing the report"):
            write_audit(audit, model, out)
    show_verdicts(audit)
    say(f"report: {out / REPORT}")
    say(f"audit:  {out / AUDIT}")
    if audit.verdict == FAIL:
        raise GateClosed


def run_report(
    *,
    audit_path: Path,
    out: Path,
    internal: bool,
    over_time: Path | None,
    alternatives: Path | None,
    waivers: Sequence[Path],
    earlier: Sequence[Path],
) -> None:
    """Write the fairness report of a saved audit again, with what else there is to show."""
    with Steps(1) as steps, steps.step("Writing the report"):
        path = fairness_report(
            load_audit(audit_path),
            out,
            internal=internal,
            over_time=None if over_time is None else OverTime.load(over_time),
            alternatives=None if alternatives is None else Alternatives.load(alternatives),
            waivers=[read_waiver(waiver) for waiver in waivers],
            earlier=[load_audit(other) for other in earlier],
        )
    say(f"report: {path}")


def write_audit(
    audit: FairnessAudit, model: RiskModel, folder: Path, *, waivers: Sequence[Waiver] = ()
) -> None:
    """Write the audit, its report with tables, the model card and the transparency record."""
    save_audit(audit, folder / AUDIT)
    fairness_report(audit, folder / REPORT, waivers=waivers)
    card = model_card(model, audit, waivers=waivers)
    atomic_write_text(folder / "model_card.md", card)
    record = transparency_record(model, audit, waivers=waivers)
    atomic_write_text(folder / "transparency_record.json", record)


def show_verdicts(audit: FairnessAudit) -> None:
    """Print the promises, one row for each and characteristic, and the verdict on all."""
    rows = [
        [
            verdict.metric.replace("_", " "),
            verdict.characteristic,
            verdict.verdict,
            with_interval(verdict.gap, verdict.low, verdict.high, 2),
            verdict.group or "-",
        ]
        for verdict in audit.verdicts
    ]
    header = ("promise", "characteristic", "verdict", "widest gap", "group")
    show_table(f"Fairness audit, {audit.policy.name}", header, rows)
    for criterion in audit.policy.criteria:
        say(f"promised: {criterion.describe()}")
    say(f"verdict on all: {audit.verdict}")
