"""A criterion says what it promises, of whom, and refuses what it cannot mean."""

import pytest

from riskmodel.audit.policies.criteria import METRICS, Criterion
from riskmodel.errors import SchemaError


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scale", ["difference", "ratio"])
def test_every_metric_can_be_promised_on_either_scale(metric, scale):
    described = Criterion(metric=metric, tolerance=0.2, scale=scale).describe()
    assert described.startswith(metric.replace("_", " "))


def test_all_mistakes_of_a_criterion_are_told_at_once():
    with pytest.raises(SchemaError) as caught:
        Criterion(metric="luck", tolerance=2, scale="log")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tolerance": "0.1"}, "Criterion.tolerance: must be a number"),
        ({"tolerance": True}, "Criterion.tolerance: must be a number"),
        ({"tolerance": float("nan")}, "Criterion.tolerance: a share above 0"),
        ({"metric": 3}, "Criterion.metric: must be text"),
        ({"metric": ["recall"]}, "Criterion.metric: must be text"),
        ({"characteristics": "sex"}, "Criterion.characteristics: must be a list of texts"),
        ({"groups": [1]}, "Criterion.groups: must be a list of texts"),
        ({"scale": None}, "Criterion.scale: must be text"),
        ({"groups": ["f"]}, "name the one that the groups or the reference are of"),
        ({"reference": "f"}, "name the one that the groups or the reference are of"),
        (
            {"characteristics": ["sex", "age"], "groups": ["f"]},
            "name the one that the groups or the reference are of",
        ),
        (
            {"characteristics": ["sex"], "groups": ["f"], "reference": "f"},
            "the reference is not compared with itself",
        ),
    ],
)
def test_a_value_that_means_nothing_is_a_clear_error(changes, problem):
    with pytest.raises(SchemaError) as caught:
        Criterion(**({"metric": "recall", "tolerance": 0.1} | changes))
    assert [said for said in caught.value.problems if problem in said] == caught.value.problems


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "recall: within 10 points of the reference group"),
        ({"tolerance": 0.025}, "recall: within 2.5 points of the reference group"),
        (
            {"metric": "observed_over_expected", "tolerance": 0.2},
            "observed over expected: within 0.2 of the reference group",
        ),
        (
            {"scale": "ratio", "tolerance": 0.2},
            "recall: 0.8 to 1.25 times the reference group",
        ),
        (
            {"characteristics": ["sex"], "groups": ["f"], "reference": "m"},
            "recall (f): within 10 points of “m”",
        ),
    ],
)
def test_a_tolerance_is_read_in_points_where_the_rate_is_a_share(changes, text):
    assert Criterion(**({"metric": "recall", "tolerance": 0.1} | changes)).describe() == text
