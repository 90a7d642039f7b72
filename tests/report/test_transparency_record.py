"""The record names every field of the standard, and says which the owner has to complete."""

import json

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
