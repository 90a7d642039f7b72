"""What a registration puts into MLflow: numbers, words and files, none of them about a person."""

from __future__ import annotations

import json
import math
import os
import re
import socket
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from riskmodel.audit.audit_file import save_audit
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_write_text, sha256_of
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.signatures import SigningKey

BUNDLE = "bundle"
AUDIT = "audit"
AUDIT_FILE = f"{AUDIT}/audit.json"
LONGEST_VALUE = 500
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_\-. /]")


def write_contents(
    model: RiskModel, audit: FairnessAudit, folder: Path, sign_with: SigningKey | None = None
) -> dict[str, str]:
    """Write bundle, model card, transparency record, audit and report; return the tags.

    Raises
    ------
    RiskModelError
        If what was written is not the model that the audit is of.
    """
    from riskmodel.report.fairness_report import fairness_report  # noqa: PLC0415  (draws: slow)
    from riskmodel.report.model_card import model_card  # noqa: PLC0415
    from riskmodel.report.transparency_record import transparency_record  # noqa: PLC0415

    digest = model.save(folder / BUNDLE, sign_with=sign_with)
    if digest != audit.model_digest:
        raise RiskModelError("The model changed while it was being registered: register it again.")
    save_audit(audit, folder / AUDIT_FILE)
    audit.policy.to_toml(folder / AUDIT / "policy.toml")
    fairness_report(audit, folder / AUDIT / "fairness.html")
    atomic_write_text(folder / "model_card.md", model_card(model, audit))
    atomic_write_text(folder / "transparency_record.json", transparency_record(model, audit))
    return tags_of(model, audit) | {"riskmodel.audit_sha256": sha256_of(folder / AUDIT_FILE)}


def write_waived_report(audit: FairnessAudit, waiver: Waiver, folder: Path) -> None:
    """Write the report again, with the waiver on page one."""
    from riskmodel.report.fairness_report import fairness_report  # noqa: PLC0415  (draws: slow)

    fairness_report(audit, folder / AUDIT / "fairness.html", waivers=[waiver])


def tags_of(model: RiskModel, audit: FairnessAudit) -> dict[str, str]:
    """Return what identifies the model and its audit; the same on the run and on the version."""
    data = model.provenance.get("data", {}).get("digest", {})
    tags = {
        "digest": model.digest,
        "verdict": audit.verdict,
        "policy_digest": audit.policy.digest(),
        "task_digest": "" if model.task is None else model.task.digest(),
        "data_digest": data.get("histories") or data.get("rows") or "",
        "rows_digest": data.get("rows") or "",
        "edition": model.edition,
        "expires": model.expires.isoformat(),
        "permitted_uses": ", ".join(model.permitted_uses),
        "code_version": version("riskmodel"),
    }
    return {f"riskmodel.{name}": value[:LONGEST_VALUE] for name, value in tags.items() if value}


def process_tags() -> dict[str, str]:
    """Return who writes the run, so that `doctor` can see whether it still lives."""
    return {"riskmodel.host": socket.gethostname(), "riskmodel.pid": str(os.getpid())}


def check_run_tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Return the caller's tags, or raise where they would hide the library's or MLflow's own."""
    given = dict(tags or {})
    taken = sorted(name for name in given if name.startswith(("riskmodel.", "mlflow.")))
    if taken:
        raise RiskModelError(f"run_tags: {', '.join(taken)} are set by the library; rename them.")
    return {str(name): str(value) for name, value in given.items()}


def params_of(model: RiskModel) -> dict[str, str]:
    """Return the settings of estimator and task, flat, as short texts."""
    params = {f"estimator.{name}": value for name, value in model.estimator.get_params().items()}
    params["seed"] = model.provenance.get("seed")
    params["n_features"] = len(model.feature_names)
    if model.task is not None:
        params["task.outcome"] = model.task.outcome.describe()
        params["task.horizon_days"] = model.task.outcome.horizon_days
        params["task.cohort"] = json.dumps(model.task.cohort.to_dict(), sort_keys=True)
        params["task.offence_edition"] = model.edition
    return {name: str(value)[:LONGEST_VALUE] for name, value in params.items() if value is not None}


def metrics_of(model: RiskModel, audit: FairnessAudit) -> dict[str, float]:
    """Return the back-test's and the audit's figures by a name that MLflow takes.

    ``backtest.captured_at_100.model`` is the estimate; ``.low`` and ``.high`` follow for the
    model itself. What is undefined is left out, never 0.
    """
    found: dict[str, float] = {}
    backtest = model.provenance.get("backtest", {}).get("evaluation")
    accuracy = None if audit.accuracy is None else audit.accuracy.to_dict()
    for part, evaluation in (("backtest", backtest), ("audit", accuracy)):
        for row in evaluation["table"] if evaluation else ():
            found |= dict(_figures(part, row))
    for name, value in audit.summary.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[_NOT_ALLOWED.sub("_", f"audit.list.{name}")] = float(value)
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _figures(part: str, row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    metric, share = row["metric"], row.get("share")  # not there in an earlier version's
    if share is not None:
        metric = f"{metric}_at_{ListLength(share=share)}".replace("%", "_percent")
    elif row["k"] is not None:
        metric = f"{metric}_at_{row['k']}"
    name = _NOT_ALLOWED.sub("_", f"{part}.{metric}.{row['model']}")
    if row["value"] is not None:
        yield name, float(row["value"])
    if row["model"] == "model":
        for end in ("low", "high"):
            if row[end] is not None:
                yield f"{name}.{end}", float(row[end])
