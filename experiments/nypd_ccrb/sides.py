"""What the audit says of both sides: complainants, and officers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from data import is_said

import riskmodel as rm
from riskmodel.audit.result import json_ready

COMPLAINANTS = (
    "victims", "victim_gaps", "victim_bounds", "gate_victims", "gate_victim_gaps", "coverage",
    "reporting",
)  # fmt: skip
OFFICERS = ("listed", "gaps", "suspects", "suspect_gaps", "label", "data_quality")


def both_sides(audit: rm.FairnessAudit) -> dict[str, Any]:
    """Return the tables of either side with exact counts, which these public records allow.

    Rates on fewer than eight people are withheld by the audit itself.
    """
    return {
        side: {name: records(audit.measured[name]) for name in names}
        for side, names in (("complainants", COMPLAINANTS), ("officers", OFFICERS))
    } | {
        "verdicts": json_ready([verdict.to_dict() for verdict in audit.verdicts]),
        "notes": list(audit.notes),
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain dicts; undefined is None."""
    found: list[dict[str, Any]] = json_ready(table.to_dict("records"))
    return found


def recorded_by_finding(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return how often who complained is on record, by what became of the allegation."""
    known = pd.DataFrame(
        {
            "finding": rows["disposition"].fillna("still open"),
            "ethnicity": is_said(rows["complainant_ethnicity"]),
            "gender": is_said(rows["complainant_gender"]),
        }
    )
    grouped = known.groupby("finding")
    shares = 1 - grouped[["ethnicity", "gender"]].mean()
    table = shares.add_suffix("_not_recorded").assign(allegations=grouped.size())
    return records(table.reset_index())
