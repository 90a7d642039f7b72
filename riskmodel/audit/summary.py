"""Page one, as numbers: who was listed, what followed, what the list could not cover."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.groups import completed_years
from riskmodel.audit.scored_rows import ScoredRows
from riskmodel.audit.victims.offences import LISTED, OUTSIDE, SCORED, UNNAMED
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots

ADULT_AGE_YEARS = 18
NO_DATE = pd.Timestamp(0)  # of a ready-made table that says none


def list_summary(
    snapshots: Snapshots, histories: EventHistories | None, rows: ScoredRows, k: int
) -> dict[str, Any]:
    """Return counts of list entries (a person on a date) and of what followed."""
    listed, seen = rows.listed, snapshots.observed.to_numpy(dtype=bool)
    harmed = snapshots.y.to_numpy() == 1
    task = snapshots.task
    counts = {
        "entries_scored": np.ones(len(listed), dtype=bool),
        "entries_listed": listed,
        "listed_observed": listed & seen,
        "listed_no_later_serious": listed & seen & ~harmed,
        "listed_later_serious": listed & harmed,
        "observed": seen,
        "later_serious": harmed,
        "later_serious_not_listed": harmed & ~listed,
        "listed_on_allegation_only": listed & (snapshots.rules["evidence_share"] == 1).to_numpy(),
        "listed_with_recent_harm": listed & snapshots.rules["evidence_share"].notna().to_numpy(),
    }
    return {
        "k": int(k),
        "as_of": [date.date().isoformat() for date in snapshots.dates if date != NO_DATE],
        "n_dates": len(snapshots.dates),
        "people_scored": int(snapshots.person_id.nunique()),
        "people_listed": int(snapshots.person_id[listed].nunique()),
        "horizon_days": task.outcome.horizon_days if task else None,
        "known_at": snapshots.known_at.isoformat() if task else None,
        "late_allowance_days": snapshots.late_allowance_days if task else None,
        **{name: int(mask.sum()) for name, mask in counts.items()},
        **_near_cut(rows),
        **_histories_summary(snapshots, histories, listed),
    }


def _near_cut(rows: ScoredRows) -> dict[str, int]:
    """Return who is so near the cut that the order is open; nothing without intervals."""
    if rows.near_cut is None:
        return {}
    listed = rows.listed
    return {
        "near_cut_listed": int((rows.near_cut & listed).sum()),
        "near_cut_not_listed": int((rows.near_cut & ~listed).sum()),
    }


def _histories_summary(
    snapshots: Snapshots, histories: EventHistories | None, listed: np.ndarray[Any, Any]
) -> dict[str, Any]:
    if histories is None:
        return {}
    people = snapshots.person_id[listed]
    born = histories.people["birth_date"].reindex(people.to_numpy(dtype=object))
    age = completed_years(born, snapshots.as_of[listed])
    actions = histories.actions
    found: dict[str, Any] = {
        "listed_known_as_victims": int(people.isin(histories.victims["person_id"].dropna()).sum()),
        "records_set_aside": {
            name: len(table) for name, table in histories.set_aside.items() if len(table)
        },
    }
    # without a record of it there is no such count: 0 would be wrong, and None read as withheld
    if born.notna().any():
        found["listed_under_18"] = int((age < ADULT_AGE_YEARS).sum())
        found["listed_age_not_recorded"] = int(born.isna().sum())
    if len(actions):
        found["listed_worked"] = int(people.isin(actions["person_id"]).sum())
    return found


def victim_summary(offences: pd.DataFrame) -> dict[str, Any]:
    """Return how the later serious offences divide by the standing of their suspect."""
    counts = offences["standing"].value_counts()
    names = {
        "offences_listed": LISTED,
        "offences_scored_not_listed": SCORED,
        "offences_outside_cohort": OUTSIDE,
        "offences_no_suspect": UNNAMED,
    }
    return {
        "offences_later": len(offences),
        **{name: int(counts.get(standing, 0)) for name, standing in names.items()},
    }


def model_identity(model: RiskModel) -> dict[str, Any]:
    """Return what identifies a model, in words and digests, ready for JSON."""
    task = model.task
    content: dict[str, Any] = {
        "name": model.name,
        "version": model.version,
        "digest": model.digest,
        "expires": str(model.expires) if model.expires else None,
        "permitted_uses": list(model.permitted_uses),
        "thresholds": {"version": model.thresholds.version, "edges": model.thresholds.edges},
        "provenance": model.provenance,
        "age_ablation": model.provenance.get("age_ablation"),
    }
    if task is not None:
        content |= {
            "cohort": task.cohort.describe(),
            "outcome": task.outcome.describe(),
            "outcome_evidence": list(task.outcome.evidence),
            "feature_evidence": list(task.feature_evidence),
            "police_generated": task.outcome.include_police_generated,
            "edition": task.offences.edition,
            "edition_source": task.offences.source,
            "features": [
                {"name": feature.name, "sentence": feature.sentence} for feature in task.columns
            ],
            "task_digest": task.digest(),
        }
    return content
