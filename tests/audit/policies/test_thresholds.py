"""A threshold names the figure, the limit and what follows."""

import math

import pytest

from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.thresholds import (
    CONSEQUENCES,
    MEASURES,
    USUAL_THRESHOLDS,
    Threshold,
    gap_thresholds,
)
from riskmodel.errors import SchemaError


@pytest.mark.parametrize(
    ("value", "crossed"),
    [(0.79, True), (0.8, False), (1.0, False), (1.25, False), (1.26, True), (math.nan, False)],
)
def test_action_is_due_outside_the_limits_and_not_at_them(value, crossed):
    band = Threshold(measure="observed_over_expected", below=0.8, above=1.25)
    assert band.is_crossed(value) is crossed


def test_a_gap_counts_whichever_way_it_points():
    (gap,) = gap_thresholds((Criterion(metric="precision", tolerance=0.1),))
    assert [gap.is_crossed(value) for value in (-0.11, -0.1, 0.0, 0.11)] == [
        True,
        False,
        False,
        True,
    ]
    assert not Threshold(measure="precision", below=0.1).is_crossed(0.2)


def test_a_ratio_is_not_watched_as_a_difference():
    assert gap_thresholds((Criterion(metric="recall", tolerance=0.2, scale="ratio"),)) == ()


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("consequence", CONSEQUENCES)
def test_every_measure_can_have_every_consequence(measure, consequence):
    threshold = Threshold(measure=measure, above=0.5, consequence=consequence)
    assert threshold.describe().endswith(f"above 0.5: {consequence}")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"above": None}, "give above, below or both"),
        ({"above": "0.2"}, "Threshold.above: must be a number, or left out"),
        ({"above": math.inf}, "must be finite"),
        ({"below": 0.3}, "Threshold.below: must be smaller than above"),
        ({"below": 0.2}, "Threshold.below: must be smaller than above"),
        ({"measure": "gap:luck"}, "Threshold.measure: 'gap:luck' given"),
        ({"consequence": "nothing"}, "Threshold.consequence: 'nothing' given"),
        ({"consequence": None}, "Threshold.consequence: must be text"),
    ],
)
def test_a_threshold_that_means_nothing_is_a_clear_error(changes, problem):
    with pytest.raises(SchemaError) as caught:
        Threshold(**({"measure": "psi", "above": 0.2} | changes))
    assert [said for said in caught.value.problems if problem in said] == caught.value.problems


@pytest.mark.parametrize("use", ["prioritise", "protect"])
def test_the_default_watches_the_usual_and_every_gap_that_it_promises(use):
    policy = Policy.default(use)
    watched = {threshold.measure for threshold in policy.thresholds}
    assert watched >= {threshold.measure for threshold in USUAL_THRESHOLDS}
    assert watched >= {f"gap:{criterion.metric}" for criterion in policy.criteria}
    assert {threshold.consequence for threshold in policy.thresholds} == set(CONSEQUENCES)
