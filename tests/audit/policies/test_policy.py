"""A policy says what it promises and why, and comes back from its file as it was."""

from dataclasses import replace

import pytest

from riskmodel.audit.policies.criteria import CANNOT_ALL_HOLD, Criterion
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.thresholds import Threshold
from riskmodel.errors import SchemaError

FILE = """
name = "Force policy"
use = "prioritise"
minimum_cell = 10
confidence = 0.9
gate_share = 0.1
reference_groups = { ethnicity = "White" }
why = "Listing has consequences."
[[criteria]]
metric = "precision"
tolerance = 0.05
characteristics = ["ethnicity"]
groups = ["Asian", "Black"]
[[criteria]]
metric = "coverage"
tolerance = 0.2
scale = "ratio"
[[thresholds]]
measure = "psi"
above = 0.2
consequence = "retrain"
"""


def written(folder, text):
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


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
    policy = Policy.default(use)
    assert [criterion.metric for criterion in policy.criteria] == metrics
    assert all(metric in policy.why for metric in metrics)
    assert CANNOT_ALL_HOLD in policy.why


def test_a_policy_comes_back_from_toml_and_from_its_dict(tmp_path):
    policy = Policy.from_toml(written(tmp_path, FILE))
    assert policy.criteria[1] == Criterion(metric="coverage", tolerance=0.2, scale="ratio")
    assert policy.thresholds == (Threshold(measure="psi", above=0.2, consequence="retrain"),)
    assert policy.reference_groups == {"ethnicity": "White"}
    assert (policy.gate_share, policy.why) == (0.1, "Listing has consequences.")
    again = Policy.from_toml(policy.to_toml(tmp_path / "again.toml"))
    assert again == policy == Policy.from_dict(policy.to_dict())
    assert again.digest() == policy.digest()
    assert policy.with_minimum_cell(20).digest() != policy.digest()
    assert policy.with_minimum_cell(None) is policy


@pytest.mark.parametrize(
    "text", ['a "name" \\ with\nlines', "tab\tand \x7f", "[[criteria]]", "Ünal 😀", "'''", "#"]
)
def test_any_text_survives_the_file(tmp_path, text):
    policy = replace(
        Policy.default("protect"), name=text, why=text, reference_groups={text: text, "sex": "m"}
    )
    assert Policy.from_toml(policy.to_toml(tmp_path / "policy.toml")) == policy


@pytest.mark.parametrize(
    "change",
    [
        {"gate_share": 0.1},
        {"why": "other"},
        {"thresholds": ()},
        {"reference": "overall"},
        {"criteria": (Criterion(metric="precision", tolerance=0.1, characteristics=("sex",)),)},
    ],
)
def test_another_promise_has_another_digest(change):
    assert replace(Policy.default(), **change).digest() != Policy.default().digest()


def test_a_policy_without_criteria_or_below_the_smallest_cell_is_refused():
    with pytest.raises(SchemaError) as caught:
        Policy(
            name="", use="x", criteria=(), minimum_cell=3, confidence=1, reference="median",
            gate_share=0,
        )  # fmt: skip
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"confidence": "high"}, "Policy.confidence: must be a number"),
        ({"confidence": float("nan")}, "Policy.confidence: from 0.8"),
        ({"confidence": 0.51}, "Policy.confidence: from 0.8"),
        ({"gate_share": 0.99}, "Policy.gate_share: a share above 0, to 0.5"),
        ({"minimum_cell": 8.5}, "Policy.minimum_cell: must be a whole number"),
        ({"minimum_cell": None}, "Policy.minimum_cell: must be a whole number"),
        ({"gate_share": [0.05]}, "Policy.gate_share: must be a number"),
        ({"criteria": "precision"}, "Policy.criteria: must be a list of Criterion"),
        ({"criteria": ({"metric": "recall"},)}, "Policy.criteria: must be a list of Criterion"),
        ({"thresholds": None}, "Policy.thresholds: must be a list of Threshold"),
        ({"reference_groups": ["White"]}, "Policy.reference_groups: must be a table of texts"),
        ({"reference_groups": {"sex": 1}}, "Policy.reference_groups: must be a table of texts"),
        ({"why": None}, "Policy.why: must be text"),
        ({"reference": 1}, "Policy.reference: must be text"),
    ],
)
def test_a_value_of_another_kind_is_a_clear_error(changes, problem):
    with pytest.raises(SchemaError) as caught:
        replace(Policy.default(), **changes)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_a_criterions_own_reference_is_that_of_its_characteristic():
    by_sex = Criterion(
        metric="precision", tolerance=0.1, characteristics=["sex"], reference="female"
    )
    policy = Policy(name="n", use="u", criteria=(by_sex,))
    assert policy.reference_groups == {"sex": "female"}
    assert Policy.from_dict(policy.to_dict()) == policy
    with pytest.raises(SchemaError, match="two references for 'sex'"):
        Policy(name="n", use="u", criteria=(by_sex,), reference_groups={"sex": "male"})
    with pytest.raises(SchemaError, match="two references for 'sex'"):
        Policy(name="n", use="u", criteria=(by_sex, replace(by_sex, reference="male")))


def test_unknown_and_missing_fields_are_named_everywhere_at_once(tmp_path):
    path = written(
        tmp_path,
        """
        name = "n"
        confidence = "high"
        colour = "red"
        [[criteria]]
        metric = "recall"
        tolerence = 1
        [[criteria]]
        metric = "luck"
        tolerance = 3
        [[thresholds]]
        measure = "psi"
        """,
    )
    with pytest.raises(SchemaError) as caught:
        Policy.from_toml(path)
    told = str(caught.value)
    for part in (
        "Policy: unknown field 'colour'",
        "Policy: field 'use' is missing",
        "criteria[1]: Criterion: unknown field 'tolerence'",
        "criteria[1]: Criterion: field 'tolerance' is missing",
        "criteria[2]: Criterion.metric: 'luck' given",
        "criteria[2]: Criterion.tolerance: a share",
        "thresholds[1]: Threshold: give above, below or both",
    ):
        assert part in told
    assert "declare at least one" not in told


@pytest.mark.parametrize(
    "content",
    [3, [], {"name": "n", "use": "u", "criteria": 3}, {"name": "n", "use": "u", "criteria": [3]}],
)
def test_content_that_is_no_policy_is_a_clear_error(content):
    with pytest.raises(SchemaError):
        Policy.from_dict(content)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    with pytest.raises(SchemaError, match=r"policy\.toml: it is not a TOML file"):
        Policy.from_toml(written(tmp_path, "name: n"))


def test_what_is_given_up_is_always_explained():
    bare = Policy(name="n", use="u", criteria=Policy.default("protect").criteria)
    assert "does not say why it promises like recall and coverage" in bare.explanation
    for policy in (bare, replace(bare, why="Because."), Policy.default()):
        assert policy.explanation.count(CANNOT_ALL_HOLD) == 1
