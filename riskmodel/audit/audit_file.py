"""An audit as one JSON file, and back, without loss: what a report and a gate are made from later.

The file holds exact counts and stays inside the organisation; `fairness_report` publishes.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.audit.by_group.gaps import GAP_COLUMNS
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.json_tables import cell_to_json, table_of_json, table_to_json
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import Verdict
from riskmodel.audit.result import TABLES, FairnessAudit, json_ready
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_write_text
from riskmodel.model.evaluation.evaluation import Evaluation

FORMAT = 2
"""Rises when a file of today could be misread tomorrow; readers of older numbers stay."""
READ = (1, FORMAT)


def save_audit(audit: FairnessAudit, path: str | os.PathLike[str]) -> Path:
    """Write an audit to a JSON file.

    Parameters
    ----------
    audit : FairnessAudit
    path : path

    Returns
    -------
    Path

    Examples
    --------
    >>> import tempfile
    >>> empty = pd.DataFrame({"n": pd.Series([], dtype="int64")})
    >>> audit = FairnessAudit(
    ...     model_digest="0" * 64, model={}, policy=Policy.default(), summary={}, verdicts=(),
    ...     measured={"listed": empty},
    ... )
    >>> path = save_audit(audit, f"{tempfile.mkdtemp()}/audit.json")
    >>> load_audit(path).verdict
    'insufficient evidence'
    """
    content = {
        "format": FORMAT,
        "model_digest": audit.model_digest,
        "verdict": audit.verdict,
        "created": audit.created,
        "model": json_ready(audit.model),
        "policy": audit.policy.to_dict(),
        "settings": asdict(audit.settings),
        "summary": json_ready(audit.summary),
        "notes": list(audit.notes),
        "verdicts": [_numbers_kept(verdict.to_dict()) for verdict in audit.verdicts],
        "accuracy": audit.accuracy.to_dict() if audit.accuracy is not None else None,
        "tables": {name: table_to_json(audit.measured[name]) for name in TABLES},
    }
    return atomic_write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def load_audit(path: str | os.PathLike[str]) -> FairnessAudit:
    """Read the audit that `save_audit` wrote.

    Raises
    ------
    RiskModelError
        If the file is no audit, or of a format that this version does not read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "notes.txt"
    >>> _ = path.write_text("no audit")
    >>> load_audit(path)
    Traceback (most recent call last):
    riskmodel.errors.RiskModelError: notes.txt is no JSON file: give the audit.json of an audit
    """
    name = Path(path).name
    content = _content(name, Path(path).read_bytes())
    try:
        return _audit_of(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RiskModelError(
            f"{name} is damaged: it does not hold what an audit holds ({type(error).__name__}). "
            "Run the audit again"
        ) from error


def _content(name: str, raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw)
    except ValueError as error:
        raise RiskModelError(f"{name} is no JSON file: give the audit.json of an audit") from error
    if not isinstance(content, dict) or "format" not in content:
        raise RiskModelError(f"{name} is no audit: give the audit.json of an audit")
    if content["format"] not in READ:
        raise RiskModelError(
            f"{name} has format {content['format']!r}; this version reads "
            f"{' and '.join(map(str, READ))}. Run the audit again with this version"
        )
    return content


def _audit_of(content: dict[str, Any]) -> FairnessAudit:
    accuracy = content["accuracy"]
    return FairnessAudit(
        model_digest=content["model_digest"],
        model=content["model"],
        policy=Policy.from_dict(content["policy"]),
        settings=Settings(**content["settings"]),
        summary=content["summary"],
        notes=tuple(content["notes"]),
        created=content["created"],
        verdicts=tuple(Verdict(**_numbers_read(entry)) for entry in content["verdicts"]),
        accuracy=None if accuracy is None else Evaluation.from_dict(accuracy),
        measured=_tables_of(content["tables"]),
    )


def _tables_of(content: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables; an older file has fewer, and gaps with fewer columns."""
    found = {name: table_of_json(table) for name, table in content.items()}
    gaps = {
        name: found[name].reindex(columns=list(GAP_COLUMNS))
        for name in ("gaps", "victim_gaps")
        if len(found[name].columns)
    }
    return found | gaps


def _numbers_kept(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: cell_to_json(value) for key, value in entry.items()}


def _numbers_read(entry: dict[str, Any]) -> dict[str, Any]:
    numbers = ("gap", "low", "high")
    read = {key: float("nan") if entry[key] is None else float(entry[key]) for key in numbers}
    return {**entry, **read}
