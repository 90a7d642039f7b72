"""Audit the officers' side over the rolling back-test: every half year, out of time, pooled.

::

    python fairness.py --data DIR --rolling DIR/rolling --out DIR

Reads the predictions that ``rolling.py`` saved, each made before what followed was known. Writes
fairness.html with its tables, audit.json and findings.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
from compare import SEED, all_snapshots
from data import load_groups, load_histories
from run import LIST_LENGTH, train_as_of

import riskmodel as rm
from riskmodel.files import atomic_write_text
from riskmodel.model.rolling.checks import judged_rows

INTERSECTIONS = (("race", "gender"),)
FOUND = ("precision", "recall", "false_positive_rate", "observed_over_expected")


def audit_rolling(data: Path, found: rm.RollingBacktest) -> rm.FairnessAudit:
    """Return the audit of all dates of a back-test; the model is that of the newest date."""
    snapshots = all_snapshots(data)
    rows = judged_rows(found, snapshots)
    histories, newest = load_histories(data), rows.dates[-1]
    return rm.audit_fairness(
        train_as_of(histories, snapshots.task, newest),
        rows,
        histories,
        load_groups(data),
        k=LIST_LENGTH,
        intersections=INTERSECTIONS,
        predictions=found.predictions,
        seed=SEED,
    )


def findings(audit: rm.FairnessAudit) -> dict[str, Any]:
    """Return the verdicts and the gaps of the gate's list, for the README."""
    gaps = audit.gate_gaps[audit.gate_gaps["metric"].isin(FOUND)]
    return {
        "dates": audit.summary["as_of"],
        "verdict": audit.verdict,
        "verdicts": [verdict.to_dict() for verdict in audit.verdicts],
        "gaps": json.loads(gaps.to_json(orient="records")),
    }


def run(data: Path, rolling: Path, out: Path) -> None:
    """Audit, write and print."""
    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    audit = audit_rolling(data, rm.RollingBacktest.load(rolling))
    rm.fairness_report(audit, out / "fairness.html")
    rm.save_audit(audit, out / "audit.json")
    content = findings(audit)
    atomic_write_text(out / "findings.json", json.dumps(content, indent=1))
    columns = ["metric", "characteristic", "verdict", "group", "gap", "low", "high", "reason"]
    print(pd.DataFrame(content["verdicts"])[columns].to_string(index=False, float_format="%.3f"))
    print(f"verdict on all: {audit.verdict}")
    print(f"{time.perf_counter() - started:.0f} s; written to {out}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the records")
    parser.add_argument("--rolling", type=Path, required=True, help="what rolling.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    given = parser.parse_args()
    run(given.data, given.rolling, given.out)


if __name__ == "__main__":
    main()
