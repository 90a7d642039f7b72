"""Holm's procedure holds its level, and its chances agree with the intervals they come from."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.audit.policies.multiple_comparisons import Gaps, holm
from riskmodel.statistics.bootstrap import Interval
from riskmodel.statistics.few_people import difference_limits, share_limits

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
CHANCES = arrays(float, st.integers(1, 12), elements=st.floats(0, 1))


def normal_gaps(gap, error, tolerance=0.1):
    values = np.atleast_1d(np.asarray(gap, dtype=float))
    half = np.broadcast_to(Z * error, values.shape)
    return Gaps(values, values - half, values + half, np.full(len(values), tolerance))


@given(CHANCES)
def test_holm_rejects_what_its_definition_does(chance):
    rejected = np.zeros(len(chance), dtype=bool)
    for step, place in enumerate(np.argsort(chance, kind="stable")):
        if chance[place] > 0.05 / (len(chance) - step):
            break
        rejected[place] = True
    np.testing.assert_array_equal(holm(chance, 0.05), rejected)


@given(CHANCES)
def test_holm_rejects_whatever_bonferroni_does_and_no_more_than_without_allowance(chance):
    rejected = holm(chance, 0.05)
    assert rejected[chance <= 0.05 / len(chance)].all()
    assert not rejected[chance > 0.05].any()


@given(st.floats(-0.5, 0.5), st.floats(0.001, 0.1))
def test_a_chance_below_half_the_level_is_an_interval_outside(gap, error):
    gaps = normal_gaps(gap, error)
    (chance,) = gaps.chance_within(LEVEL)
    farther = 1 - NormalDist().cdf((abs(gap) + 0.1) / error)
    if abs(chance - farther - (1 - LEVEL) / 2) > 1e-6:
        assert (chance - farther < (1 - LEVEL) / 2) == bool(gaps.beyond[0])


@pytest.mark.parametrize("error", [0.01, 0.1, 1.0])
def test_the_chance_is_level_at_the_edge_of_the_tolerance(error):
    rng = np.random.default_rng(0)
    chance = normal_gaps(0.1 + error * rng.normal(size=20_000), error).chance_within(LEVEL)
    for share in (0.01, 0.05, 0.2):
        assert (chance <= share).mean() == pytest.approx(share, rel=0.15)


def test_the_interval_may_be_longer_on_one_side():
    gap, tolerance = np.array([0.3, -0.3]), np.full(2, 0.1)
    even = Gaps(gap, gap - 0.1, gap + 0.1, tolerance)
    away = Gaps(gap, gap - np.array([0.1, 9.0]), gap + np.array([9.0, 0.1]), tolerance)
    np.testing.assert_allclose(away.chance_within(LEVEL), even.chance_within(LEVEL))


@pytest.mark.parametrize(("low", "high", "said"), [(-np.inf, -0.5, True), (-np.inf, 0.5, False)])
def test_a_ratio_of_nothing_is_judged_by_its_interval(low, high, said):
    gaps = Gaps(*(np.array([value]) for value in (-np.inf, low, high, 0.2)))
    assert gaps.outside(LEVEL).tolist() == [said]


def test_an_interval_without_width_leaves_its_chance_at_what_the_level_says():
    gaps = normal_gaps([0.3, 0.0], 0.0)
    np.testing.assert_allclose(gaps.chance_within(LEVEL), [0.025, 1.0])


def test_nothing_joined_is_nothing():
    assert Gaps.joined([]).outside(LEVEL).tolist() == []


def share(hits, people):
    value = hits / people
    size = np.broadcast_to(people, value.shape)
    return value, share_limits(value, value * (1 - value) / size, size, LEVEL)


@pytest.mark.parametrize(("few", "many"), [(8, 30), (20, 200), (100, 500)])
@pytest.mark.parametrize("base", [0.05, 0.2, 0.8])
@pytest.mark.parametrize("groups", [1, 5])
def test_of_counts_neither_false_fail_nor_false_pass_exceeds_the_level(few, many, base, groups):
    """Every true gap is exactly at the edge, where both mistakes are likeliest."""
    rng = np.random.default_rng([few, groups, int(100 * base)])
    tolerance = 0.1 if base < 0.5 else -0.1
    hits = rng.binomial(few, base + tolerance, (1_000, groups))
    value, limits = share(hits, few)
    at, base_limits = share(rng.binomial(many, base, (1_000, 1)), many)
    low, high = difference_limits(value, limits, at, Interval(*base_limits))
    edges = np.full(groups, abs(tolerance))
    every = [Gaps(*part, edges) for part in zip(value - at, low, high, strict=True)]
    failed = sum(gaps.outside(LEVEL).any() for gaps in every)
    passed = sum(gaps.inside.all() for gaps in every)
    assert failed <= 72  # 5 % of 1,000 is 50; more than 72 has a chance of 1 in 1,000
    assert passed <= 42  # 2.5 % is 25; more than 42 has a chance of 1 in 1,000
