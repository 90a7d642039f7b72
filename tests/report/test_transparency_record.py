"""The record names every field of the standard, and says which the owner has to complete."""

import json
from datetime import date

from riskmodel.report.transparency_record import OWNER, transparency_fields, transparency_record


def leaves(content):
    if isinstance(content, dict):
        for value in content.values():
            yield from leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from leaves(value)
    else:
        yield content


def test_it_is_json_and_the_same_as_its_fields(model, audit):
    text = transparency_record(model, audit)
    assert json.loads(text) == transparency_fields(model, audit)
    assert "NaN" not in text


def test_both_tiers_stand_with_what_is_known_filled_in(model, audit):
    fields = transparency_fields(model, audit)
    assert set(fields["tier_1"]) == {"name", "description", "website_url", "contact_email"}
    assert set(fields["tier_2"]) == {
        "owner_and_responsibility", "description_and_rationale", "deployment_context",
        "tool_specification", "data_specification", "risks_mitigations_and_impact_assessments",
    }  # fmt: skip
    (tool,) = fields["tier_2"]["tool_specification"]["models"]
    assert tool["model_digest"] == model.digest
    assert tool["model_performance"]["verdict"] == audit.verdict
    assert {row["characteristic"] for row in tool["model_performance"]["by_group"]} >= {"sex"}


def test_every_field_of_version_4_is_there(model):
    fields = transparency_fields(model)
    assert fields["metadata"].keys() >= {
        "organisation_type", "function", "capability", "task", "phase", "region",
        "date_published", "atrs_version", "other_tags",
    }  # fmt: skip
    tier = fields["tier_2"]
    assert tier["owner_and_responsibility"].keys() >= {
        "organisation_or_department", "team", "senior_responsible_owner",
        "third_party_involvement",
    }  # fmt: skip
    assert set(tier["owner_and_responsibility"]["third_party_details"]) == {
        "third_party", "companies_house_number", "third_party_role", "procurement_procedure_type",
        "third_party_data_access_terms",
    }  # fmt: skip
    assert set(tier["description_and_rationale"]) == {
        "detailed_description", "scope", "benefits", "previous_process", "alternatives_considered",
    }  # fmt: skip
    assert set(tier["deployment_context"]) == {
        "integration_into_broader_operational_process", "provided_information",
        "frequency_and_scale_of_usage", "human_decisions_and_review", "required_training",
        "appeals_and_review",
    }  # fmt: skip
    tool = tier["tool_specification"]
    assert set(tool) == {"system_architecture", "phase", "maintenance", "models"}
    assert tool["models"][0].keys() >= {
        "model_name", "model_version", "model_task", "model_input", "model_output",
        "model_architecture", "model_performance", "datasets", "dataset_purposes",
    }  # fmt: skip
    assert set(tier["data_specification"]) == {
        "source_data_name", "data_modality", "data_description", "data_quantities",
        "sensitive_attributes", "data_completeness_and_representativeness", "source_data_url",
        "data_collection", "data_cleaning", "data_sharing_agreements", "data_access_and_storage",
    }  # fmt: skip
    assert tier["risks_mitigations_and_impact_assessments"].keys() >= {
        "risks", "mitigations", "impact_assessments",
    }  # fmt: skip


def test_a_waiver_in_force_is_a_mitigation(model, audit, waiver):
    fields = transparency_fields(model, audit, waivers=[waiver], today=date(2026, 2, 1))
    noted = fields["tier_2"]["risks_mitigations_and_impact_assessments"]["mitigations"]
    assert "A. Owner" in noted[0] and noted[-1] == OWNER


def test_what_nobody_said_is_the_owners_and_never_empty(model):
    fields = transparency_fields(model)
    found = list(leaves(fields))
    assert found.count(OWNER) > 20
    assert "" not in found and None not in found


def test_no_small_count_is_published(model, audit):
    quality = transparency_fields(model, audit)["tier_2"]["data_specification"]
    counts = [
        row["missing"] for row in quality["data_completeness_and_representativeness"]
        if row["missing"] is not None
    ]  # fmt: skip
    assert counts and all(count == 0 or (count >= 10 and count % 5 == 0) for count in counts)
