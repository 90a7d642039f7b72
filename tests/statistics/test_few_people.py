"""Intervals hold their level where few people are behind them, by every outcome there can be."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from riskmodel.statistics.bootstrap import Interval
from riskmodel.statistics.few_people import (
    difference_limits,
    share_limits,
    t_over_normal,
    widened,
    wider_of,
)

SHARES = (0.05, 0.1, 0.25, 0.5)


def limits_of_counts(hits, n):
    share = hits / n
    return share_limits(share, share * (1 - share) / n, np.full(len(hits), n))


@pytest.mark.parametrize(
    ("n", "others"), [(8, 40), (8, 200), (20, 20), (20, 200), (40, 200), (100, 200)]
)
def test_a_difference_of_two_shares_is_missed_by_no_more_than_2_5_percent_a_side(n, others):
    first, second = np.arange(n + 1), np.arange(others + 1)
    one, other = limits_of_counts(first, n), limits_of_counts(second, others)
    low, high = difference_limits(
        (first / n)[:, np.newaxis], Interval(*(end[:, np.newaxis] for end in one)),
        second / others, other,
    )  # fmt: skip
    for p, q in itertools.product(SHARES, repeat=2):
        chance = np.outer(binom.pmf(first, n, p), binom.pmf(second, others, q))
        assert chance[low > p - q + 1e-12].sum() < 0.027  # and no more than .025 but in one case
        assert chance[high < p - q - 1e-12].sum() < 0.027


@pytest.mark.parametrize("n", [8, 20, 100])
def test_a_share_of_people_who_count_once_holds_its_level(n):
    hits = np.arange(n + 1)
    low, high = limits_of_counts(hits, n)
    for p in np.linspace(0.02, 0.98, 25):
        chance = binom.pmf(hits, n, p)
        assert chance[(low > p) | (high < p)].sum() <= 0.05


@pytest.mark.parametrize(("people", "level"), [(12, 0.9), (40, 0.95)])
def test_people_whose_rows_all_agree_count_once(people, level):
    # each person has 5 rows that are all alike: as many facts as people
    rng, missed, repeats = np.random.default_rng(0), 0, 1500
    for _ in range(repeats):
        own = rng.random(people) < 0.3
        share, variance = own.mean(), own.mean() * (1 - own.mean()) / people
        low, high = share_limits(share, variance, people, level)
        missed += (low > 0.3) | (high < 0.3)
    assert missed / repeats < 1 - level


def test_it_is_clopper_and_pearsons_where_many_people_count_once():
    low, high = share_limits(0.3, 0.3 * 0.7 / 100_000, 100_000)
    assert low == pytest.approx(beta.ppf(0.025, 30_000, 70_001), rel=1e-4)
    assert high == pytest.approx(beta.ppf(0.975, 30_001, 70_000), rel=1e-4)


@given(st.floats(0, 1), st.floats(0, 0.2), st.integers(2, 10_000))
def test_limits_hold_the_share_and_stay_within_0_and_1(share, variance, people):
    low, high = share_limits(share, variance, people)
    assert 0 <= low <= share + 1e-9 and share - 1e-9 <= high <= 1
    fewer_low, fewer_high = share_limits(share, variance, max(2, people // 2))
    assert fewer_low <= low + 1e-9 and fewer_high >= high - 1e-9


def test_rows_of_a_person_count_for_more_only_where_many_people_are_behind_each_part():
    # 40 people with 4 rows each that differ as much as rows of different people
    narrow, wide = (share_limits(0.3, 0.21 / 160, 40, fewest=few) for few in (30, 29))
    assert (narrow.high - narrow.low) < 0.6 * (wide.high - wide.low)


def test_undefined_stays_undefined_and_does_not_hide_the_other():
    low, high = share_limits(np.array([np.nan, 0.5]), np.array([np.nan, 0.01]), np.array([0, 20]))
    assert np.isnan(low[0]) and np.isnan(high[0]) and low[1] < 0.5 < high[1]
    assert wider_of(Interval(np.nan, 1.0), Interval(0.2, np.nan)) == (0.2, 1.0)


def test_few_people_widen_and_many_do_not():
    assert t_over_normal(8, 0.95) > 1.2
    assert t_over_normal(10_000, 0.95) == pytest.approx(1, abs=1e-3)
    low, high = widened(np.array([1.0]), Interval(np.array([0.9]), np.array([1.1])), [10_000])
    np.testing.assert_allclose([low, high], [[0.9], [1.1]], atol=1e-4)


def test_what_moves_together_is_surer_in_the_difference():
    one, other = Interval(0.4, 0.6), Interval(0.2, 0.4)
    apart = difference_limits(0.5, one, 0.3, other, 0.0)
    together = difference_limits(0.5, one, 0.3, other, 0.9)
    assert together.high - together.low < (apart.high - apart.low) / 2
    assert difference_limits(0.5, one, 0.3, other, 1.0) == pytest.approx((0.2, 0.2))
