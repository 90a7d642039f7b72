"""A policy says what it promises, and a waiver who answers for what it doesn't keep."""

from datetime import date, timedelta

import pytest

from riskmodel.audit.policy import LONGEST_WAIVER_DAYS, Criterion, Policy, Waiver
from riskmodel.errors import SchemaError

SIGNED = date(2026, 1, 1)


def waiver(**changes):
    fields = {
        "name": "A. Owner", "reason": "Re-audit booked", "model_digest": "a" * 64,
        "signed": SIGNED, "expires": SIGNED + timedelta(days=30),
    }  # fmt: skip
    return Waiver(**(fields | changes))


@pytest.mark.parametrize(
    ("use", "metrics"),
    [
        ("prioritise", ["precision"]),
        ("arrest planning", ["precision"]),
        ("protect", ["recall", "coverage"]),
        ("safeguard", ["recall", "coverage"]),
    ],
)
def test_the_default_depends_on_what_the_list_does_to_people(use, metrics):
    assert [criterion.metric for criterion in Policy.default(use).criteria] == metrics


def test_a_policy_comes_back_from_toml_and_from_its_dict(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(
        """
        name = "Force policy"
        use = "prioritise"
        minimum_cell = 10
        confidence = 0.9
        reference_groups = { ethnicity = "White" }
        [[criteria]]
        metric = "precision"
        tolerance = 0.05
        characteristics = ["ethnicity"]
        [[criteria]]
        metric = "coverage"
        tolerance = 0.2
        scale = "ratio"
        """
    )
    policy = Policy.from_toml(path)
    assert policy.criteria[1] == Criterion(metric="coverage", tolerance=0.2, scale="ratio")
    assert policy.reference_groups == {"ethnicity": "White"}
    assert Policy.from_dict(policy.to_dict()) == policy
    assert Policy.from_dict(policy.to_dict()).digest() == policy.digest()
    assert policy.with_minimum_cell(20).digest() != policy.digest()
    assert policy.with_minimum_cell(None) is policy


def test_all_mistakes_of_a_criterion_are_told_at_once():
    with pytest.raises(SchemaError) as caught:
        Criterion(metric="luck", tolerance=2, scale="log")
    assert len(caught.value.problems) == 3


def test_a_policy_without_criteria_or_below_the_smallest_cell_is_refused():
    with pytest.raises(SchemaError) as caught:
        Policy(name="", use="x", criteria=(), minimum_cell=3, confidence=1, reference="median")
    assert len(caught.value.problems) == 5


def test_unknown_and_missing_fields_are_named():
    with pytest.raises(SchemaError, match="tolerence") as caught:
        Policy.from_dict(
            {"name": "n", "use": "u", "criteria": [{"metric": "recall", "tolerence": 1}]}
        )
    assert "tolerance" in str(caught.value)
    with pytest.raises(SchemaError, match="'use' is missing"):
        Policy.from_dict({"name": "n", "criteria": []})


def test_a_waiver_holds_for_its_model_and_its_days_only():
    signed = waiver()
    assert signed.covers("a" * 64, today=SIGNED)
    assert signed.covers("a" * 64, today=SIGNED + timedelta(days=29))
    assert not signed.covers("a" * 64, today=SIGNED + timedelta(days=30))
    assert not signed.covers("a" * 64, today=SIGNED - timedelta(days=1))
    assert not signed.covers("b" * 64, today=SIGNED)


def test_a_waiver_lasts_90_days_at_most():
    assert waiver(expires=SIGNED + timedelta(days=LONGEST_WAIVER_DAYS))
    with pytest.raises(SchemaError, match="at most 90 days"):
        waiver(expires=SIGNED + timedelta(days=LONGEST_WAIVER_DAYS + 1))


def test_a_waiver_needs_a_name_a_reason_a_model_and_an_end():
    with pytest.raises(SchemaError) as caught:
        waiver(name=" ", reason="", model_digest="", expires=SIGNED)
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("metric", "tolerance", "text"),
    [
        ("recall", 0.1, "recall: within 10 points of the reference group"),
        ("recall", 0.025, "recall: within 2.5 points of the reference group"),
        (
            "observed_over_expected",
            0.2,
            "observed over expected: within 0.2 of the reference group",
        ),
    ],
)
def test_a_tolerance_is_read_in_points_where_the_rate_is_a_share(metric, tolerance, text):
    assert Criterion(metric=metric, tolerance=tolerance).describe() == text
