"""Rates with intervals: defined where anyone is, wide where few people are."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.estimates import Estimate, measure_draws, rate_rows
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import Settings, sums_by_group

HIT = Rate("hit", "hits", "n")
RATIO = Rate("ratio", "hits", "expected", proportion=False, cell="n")


def sums_of(who=None, **columns):
    rows = pd.DataFrame({"n": np.ones(40), **columns})
    people = np.arange(40) if who is None else who
    return sums_by_group(rows, pd.Series(["a"] * 40), people, Settings())


def row(measure, sums):
    return rate_rows("c", sums, Estimate.of(measure, sums, Settings()), Settings()).iloc[0]


@pytest.mark.parametrize("hits", [0.0, 1.0])
def test_a_share_of_0_or_1_still_has_an_interval(hits):
    sums = sums_of(hits=np.full(40, hits))
    low, high = np.quantile(measure_draws(sums, HIT, seed=0), [0.025, 0.975])
    assert 0.02 < high - low < 0.15
    found = row(HIT, sums)
    assert found["value"] == hits
    assert 0.05 < found["high"] - found["low"] < 0.15


def test_the_interval_of_a_share_of_0_counts_people_and_not_rows():
    apart, crowded = (sums_of(who, hits=np.zeros(40)) for who in (None, np.tile(range(10), 4)))
    wide, narrow = (np.quantile(measure_draws(s, HIT, 0), 0.975) for s in (crowded, apart))
    assert wide > 2 * narrow
    assert row(HIT, crowded)["high"] > 2 * row(HIT, apart)["high"]


def test_a_ratio_whose_numerator_is_0_still_has_an_interval():
    sums = sums_of(hits=np.zeros(40), expected=np.full(40, 0.1))
    assert 0.2 < np.quantile(measure_draws(sums, RATIO, 0), 0.975) < 1.5
    found = row(RATIO, sums)
    assert found["value"] == found["low"] == 0
    assert 0.5 < found["high"] < 1.5


def test_few_outcomes_make_observed_over_expected_as_unsure_as_their_share():
    sums = sums_of(hits=np.r_[np.ones(3), np.zeros(37)], expected=np.full(40, 0.1))
    share, ratio = row(HIT, sums), row(RATIO, sums)
    assert ratio["value"] == pytest.approx(share["value"] / 0.1)
    assert ratio["low"] == pytest.approx(share["low"] / 0.1)
    assert ratio["high"] == pytest.approx(share["high"] / 0.1, rel=0.02)


def test_nobody_in_the_denominator_is_undefined():
    rows = pd.DataFrame({"n": [0.0, 1.0], "hits": [0.0, 1.0]})
    sums = sums_by_group(rows, pd.Series(["a", "b"]), [0, 1], Settings(n_replicates=5))
    assert np.isnan(HIT.of(sums.point)[0])
    assert np.isnan(measure_draws(sums, HIT, 0)[:, 0]).all()
    assert np.isnan(Estimate.of(HIT, sums, Settings(n_replicates=5)).limits.low[0])


@pytest.mark.parametrize(("people", "withheld"), [(1, True), (7, True), (8, False), (40, False)])
def test_the_minimum_counts_people_and_not_their_rows(people, withheld):
    # half of each person's rows are hits
    sums = sums_of(np.arange(40) % people, hits=np.arange(40) // people % 2.0)
    assert sums.people("n").tolist() == [people]
    found = row(HIT, sums)
    assert bool(found["withheld"]) == withheld
    assert found["denominator"] == 40
    assert np.isnan(found["value"]) == withheld


def test_a_mean_of_few_people_is_as_wide_as_students_t():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"n": np.ones(10), "x": rng.normal(size=10)})
    settings = Settings(n_replicates=20_000)
    sums = sums_by_group(rows, pd.Series(["a"] * 10), np.arange(10), settings)
    mean = Rate("mean", "x", "n", proportion=False)
    low, high = Estimate.of(mean, sums, settings).limits
    half = 2.262 * rows["x"].std() / np.sqrt(10)
    assert (high - low)[0] == pytest.approx(2 * half, rel=0.05)
