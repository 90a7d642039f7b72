"""transparency_record: the Algorithmic Transparency Recording Standard's fields, as JSON.

Version 4.0 (July 2025). What a model and its audit know is filled in; all else says that the
owner has to complete it, so that no field is left out by silence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from riskmodel.audit.disclosure.rounding import round_counts
from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.criteria import CANNOT_ALL_HOLD
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit, json_ready
from riskmodel.audit.summary import model_identity
from riskmodel.model.risk_model import RiskModel
from riskmodel.report.contents import Contents, disclosed
from riskmodel.report.page_one import standing
from riskmodel.report.parts.explanations import reads_age
from riskmodel.report.sentences import gap_sentences, summary_sentences

STANDARD = "Algorithmic Transparency Recording Standard v4.0"
OWNER = "to be completed by the owner"


def transparency_record(
    model: RiskModel,
    audit: FairnessAudit | None = None,
    *,
    waivers: Sequence[Waiver] = (),
    over_time: OverTime | None = None,
    today: date | None = None,
) -> str:
    """Return the record as JSON text, fit to be published.

    Parameters
    ----------
    model : RiskModel
    audit : FairnessAudit, optional
        Of this very model; its figures are rounded as in the report.
    waivers : sequence of Waiver
        Those for this model that are in force on the day are mitigations.
    over_time : OverTime, optional
        Its alerts are mitigations.
    today : date, optional
        The day of the call by default.

    Returns
    -------
    str
        See `transparency_fields` for the same as a dict.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> priors = pd.Series(range(420)) % 7
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few_trees = RepeatHarmEstimator(n_estimators=5)
    >>> model = train(rows, estimator=few_trees, n_replicates=10)
    >>> list(json.loads(transparency_record(model)))
    ['standard', 'metadata', 'tier_1', 'tier_2']
    """
    fields = transparency_fields(model, audit, waivers=waivers, over_time=over_time, today=today)
    return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def transparency_fields(
    model: RiskModel,
    audit: FairnessAudit | None = None,
    *,
    waivers: Sequence[Waiver] = (),
    over_time: OverTime | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """Return the record's fields: metadata, tier 1, and the six sections of tier 2."""
    facts, shown = model_identity(model), None
    if audit is not None:
        shown = disclosed(
            Contents(
                audit=audit,
                internal=False,
                over_time=over_time,
                waivers=tuple(waivers),
                today=today or date.today(),
            )
        )
    published = shown.audit if shown is not None else None
    fields: dict[str, Any] = json_ready(
        {
            "standard": STANDARD,
            "metadata": _METADATA,
            "tier_1": _tier_1(facts),
            "tier_2": {
                "owner_and_responsibility": _OWNERSHIP,
                "description_and_rationale": _rationale(facts),
                "deployment_context": dict.fromkeys(_CONTEXT_FIELDS, OWNER),
                "tool_specification": _specification(facts, published),
                "data_specification": _data(facts, published),
                "risks_mitigations_and_impact_assessments": _risks(shown),
            },
        }
    )
    return fields


_METADATA = {
    "atrs_version": "v4.0",
    "organisation_type": OWNER,
    "function": "public order and safety",
    "capability": "forecasting",
    "task": "putting people named in records in order, for attention that is limited",
    "phase": OWNER,
    "region": OWNER,
    "date_published": OWNER,
    "other_tags": OWNER,
}


def _tier_1(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": facts["name"],
        "description": "Puts people named in recorded offences in order by an estimate of "
        f"{facts.get('outcome', 'a recorded outcome')}, so that limited attention can be given in "
        "that order. A score is an estimate, not a finding about a person or a decision.",
        "website_url": OWNER,
        "contact_email": OWNER,
    }


_OWNERSHIP: dict[str, Any] = {
    "organisation_or_department": OWNER,
    "team": OWNER,
    "senior_responsible_owner": OWNER,
    "third_party_involvement": OWNER,
    "third_party_details": {
        "third_party": OWNER,
        "companies_house_number": OWNER,
        "third_party_role": OWNER,
        "procurement_procedure_type": OWNER,
        "third_party_data_access_terms": OWNER,
    },
}
_CONTEXT_FIELDS = (
    "integration_into_broader_operational_process",
    "provided_information",
    "frequency_and_scale_of_usage",
    "human_decisions_and_review",
    "required_training",
    "appeals_and_review",
)


def _rationale(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "detailed_description": f"Gradient-boosted trees on dated records of {_cohort(facts)}; "
        "a calibrated probability, an interval, the harm to expect, and the records behind each.",
        "scope": f"Permitted uses: {', '.join(facts['permitted_uses'])}",
        "benefits": OWNER,
        "previous_process": OWNER,
        "alternatives_considered": OWNER,
    }


def _cohort(facts: dict[str, Any]) -> str:
    return str(facts.get("cohort", "the rows of a ready-made table"))


def _specification(facts: dict[str, Any], audit: FairnessAudit | None) -> dict[str, Any]:
    return {
        "system_architecture": OWNER,
        "phase": OWNER,
        "maintenance": f"Expires on {facts['expires']}; scoring refuses it from then on.",
        "models": [
            {
                "model_name": facts["name"],
                "model_version": facts["version"],
                "model_digest": facts["digest"],
                "model_task": facts.get("outcome", OWNER),
                "model_input": [entry["sentence"] for entry in facts.get("features", [])],
                "model_output": "probability with interval, expected harm in days, rank, reasons",
                "model_architecture": "LightGBM gradient-boosted trees with logistic calibration",
                "model_performance": _performance(audit),
                "datasets": _training_data(facts["provenance"].get("data") or {}),
                "dataset_purposes": "training, calibration and back-testing in time order",
            }
        ],
    }


def _training_data(data: dict[str, Any]) -> Any:
    if not data:
        return OWNER
    return {
        "digest": data["digest"],
        "as_of": data["as_of"],
        "rows_rounded_to_5": float(round_counts(data["rows"])),
    }


def _performance(audit: FairnessAudit | None) -> Any:
    if audit is None:
        return OWNER
    k = audit.summary["k"]
    overall: Any = []
    if audit.accuracy is not None:
        columns = ["metric", "model", "k", "value", "low", "high"]
        overall = audit.accuracy.table[columns].astype({"k": object}).to_dict("records")
    metrics = ["selection_rate", "precision", "recall", "false_positive_rate"]
    by_group = audit.listed[audit.listed["metric"].isin(metrics)]
    names = ["characteristic", "group", "metric", "value", "low", "high", "withheld"]
    return {
        "length_of_list": k,
        "overall": overall,
        "by_group": by_group[names].to_dict("records"),
        "in_words": summary_sentences(audit.summary, internal=False) + gap_sentences(audit),
        "verdict": audit.verdict,
        "policy": audit.policy.to_dict(),
    }


def _data(facts: dict[str, Any], audit: FairnessAudit | None) -> dict[str, Any]:
    completeness = OWNER if audit is None else audit.data_quality.to_dict("records")
    sensitive = sorted(set(audit.listed["characteristic"])) if audit is not None else OWNER
    return {
        "source_data_name": OWNER,
        "data_modality": "tables of dated records",
        "data_description": "recorded offences with offence, harm, evidence and dates",
        "data_quantities": _training_data(facts["provenance"].get("data") or {}),
        "sensitive_attributes": {
            "used_as_features": "age" if reads_age(facts) else "none",
            "used_in_the_audit": sensitive,
        },
        "data_completeness_and_representativeness": completeness,
        "source_data_url": OWNER,
        "data_collection": OWNER,
        "data_cleaning": OWNER,
        "data_sharing_agreements": OWNER,
        "data_access_and_storage": OWNER,
    }


def _risks(contents: Contents | None) -> dict[str, Any]:
    known = [
        "Outcomes are records, not deeds; where police look more, more is recorded.",
        "A list may select some groups beyond their share and leave others unprotected; the "
        "fairness report measures both.",
        CANNOT_ALL_HOLD,
    ]
    audited: Any = OWNER
    noted: list[str] = []
    if contents is not None:
        audited = f"{contents.audit.verdict}, {contents.audit.created}"
        noted = [f"{one.kind}: {one.text}" for one in standing(contents)]
    return {
        "risks": known,
        "mitigations": [*noted, OWNER],
        "impact_assessments": {
            "data_protection_impact_assessment": OWNER,
            "equality_impact_assessment": OWNER,
        },
        "fairness_audit": audited,
    }
