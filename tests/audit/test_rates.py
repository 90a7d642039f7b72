"""Rates are ratios of sums; resampling moves the sums; nothing undefined is called 0."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.rates import (
    Estimate,
    Rate,
    Settings,
    ordered_levels,
    rate_draws,
    rate_rows,
    sums_by_group,
)
from riskmodel.errors import SchemaError

HIT = Rate("hit", "hits", "n")
SHARE = Rate("share", "n", "n", of_all=True)


def world(seed=0, n=600):
    rng = np.random.default_rng(seed)
    group = pd.Series(rng.choice(["a", "b"], size=n, p=[0.7, 0.3]))
    return pd.DataFrame({"n": np.ones(n), "hits": (rng.random(n) < 0.3).astype(float)}), group


def test_points_are_the_plain_sums():
    rows, group = world()
    sums = sums_by_group(rows, group, np.arange(len(rows)), Settings(n_replicates=3))
    expected = rows.groupby(group.to_numpy()).sum()
    assert sums.levels == ("a", "b")
    np.testing.assert_array_equal(sums.point["hits"], expected["hits"])
    np.testing.assert_allclose(HIT.of(sums.point), expected["hits"] / expected["n"])


def test_a_resample_keeps_the_number_of_people():
    rows, group = world()
    sums = sums_by_group(rows, group, np.arange(len(rows)), Settings(n_replicates=50))
    np.testing.assert_array_equal(sums.draws["n"].sum(axis=1), len(rows))


def test_cells_and_people_give_the_same_spread():
    rows, group = world()
    settings = Settings(n_replicates=4000)
    who, cell = np.arange(len(rows)), rows["hits"].to_numpy().astype(int)
    by_people = HIT.of(sums_by_group(rows, group, who, settings).draws)
    by_cells = HIT.of(sums_by_group(rows, group, who, settings, cell).draws)
    np.testing.assert_allclose(by_people.mean(axis=0), by_cells.mean(axis=0), atol=0.003)
    np.testing.assert_allclose(by_people.std(axis=0), by_cells.std(axis=0), rtol=0.06)


def test_people_in_many_rows_are_drawn_whole_so_the_interval_is_wider():
    rows, group = world(n=200)
    many = pd.concat([rows] * 5, ignore_index=True)
    groups = pd.concat([group] * 5, ignore_index=True)
    who = np.tile(np.arange(200), 5)
    whole = HIT.of(sums_by_group(many, groups, who, Settings(n_replicates=800)).draws)
    apart = HIT.of(sums_by_group(many, groups, np.arange(1000), Settings(n_replicates=800)).draws)
    ratio = whole.std(axis=0) / apart.std(axis=0)
    np.testing.assert_allclose(ratio, np.sqrt(5), rtol=0.15)


def test_the_order_of_rows_changes_nothing():
    rows, group = world()
    who, order = np.arange(len(rows)), np.random.default_rng(1).permutation(len(rows))
    settings = Settings(n_replicates=20)
    ids = np.array([f"p{i:04d}" for i in who])
    first = sums_by_group(rows, group, ids, settings)
    second = sums_by_group(
        rows.iloc[order].reset_index(drop=True), group.iloc[order].reset_index(drop=True),
        ids[order], settings,
    )  # fmt: skip
    np.testing.assert_array_equal(first.point["hits"], second.point["hits"])


@pytest.mark.parametrize("hits", [0.0, 1.0])
def test_a_share_of_0_or_1_still_has_an_interval(hits):
    rows = pd.DataFrame({"n": np.ones(40), "hits": np.full(40, hits)})
    sums = sums_by_group(rows, pd.Series(["a"] * 40), np.arange(40), Settings())
    low, high = np.quantile(rate_draws(sums, HIT, seed=0), [0.025, 0.975])
    assert 0.02 < high - low < 0.15


def test_the_interval_of_a_share_of_0_counts_people_and_not_rows():
    rows = pd.DataFrame({"n": np.ones(40), "hits": np.zeros(40)})
    group = pd.Series(["a"] * 40)
    apart = sums_by_group(rows, group, np.arange(40), Settings())
    crowded = sums_by_group(rows, group, np.tile(np.arange(10), 4), Settings())
    wide, narrow = (np.quantile(rate_draws(s, HIT, 0), 0.975) for s in (crowded, apart))
    assert wide > 2 * narrow


def test_a_ratio_whose_numerator_is_0_still_has_an_interval():
    rows = pd.DataFrame({"n": np.ones(40), "hits": np.zeros(40), "expected": np.full(40, 0.1)})
    sums = sums_by_group(rows, pd.Series(["a"] * 40), np.arange(40), Settings())
    ratio = Rate("ratio", "hits", "expected", proportion=False)
    assert 0.2 < np.quantile(rate_draws(sums, ratio, 0), 0.975) < 1.5


def test_nobody_in_the_denominator_is_undefined():
    rows = pd.DataFrame({"n": [0.0, 1.0], "hits": [0.0, 1.0]})
    sums = sums_by_group(rows, pd.Series(["a", "b"]), [0, 1], Settings(n_replicates=5))
    assert np.isnan(HIT.of(sums.point)[0])
    assert np.isnan(rate_draws(sums, HIT, 0)[:, 0]).all()


def test_shares_of_all_add_up_to_1():
    rows, group = world()
    sums = sums_by_group(rows, group, np.arange(len(rows)), Settings(n_replicates=5))
    assert SHARE.of(sums.point).sum() == pytest.approx(1)
    np.testing.assert_allclose(SHARE.of(sums.draws).sum(axis=1), 1)


def test_not_recorded_comes_last():
    groups = pd.Series(["Zoroastrian", "Not recorded", "male x Not recorded", "Asian"])
    assert ordered_levels(groups)[:2] == ("Asian", "Zoroastrian")


def test_all_wrong_settings_are_told_at_once():
    with pytest.raises(SchemaError) as caught:
        Settings(n_replicates=0, level=1.0, minimum_cell=3)
    assert len(caught.value.problems) == 3


def many_rows(people):
    """Forty rows of one group, held by so many people; half of each person's rows are hits."""
    rows = pd.DataFrame({"n": np.ones(40), "hits": np.arange(40) // people % 2.0})
    return sums_by_group(rows, pd.Series(["a"] * 40), np.arange(40) % people, Settings())


@pytest.mark.parametrize(("people", "withheld"), [(1, True), (7, True), (8, False), (40, False)])
def test_the_minimum_counts_people_and_not_their_rows(people, withheld):
    sums = many_rows(people)
    assert sums.people("n").tolist() == [people]
    estimate = Estimate(HIT, HIT.of(sums.point), rate_draws(sums, HIT, seed=0))
    found = rate_rows("c", sums, estimate, Settings()).iloc[0]
    assert bool(found["withheld"]) == withheld
    assert found["denominator"] == 40
    assert np.isnan(found["value"]) == withheld


def test_the_fewest_people_are_those_of_the_smallest_part_that_there_is():
    rows = pd.DataFrame({"n": np.ones(30), "hits": np.r_[np.ones(28), 0.0, 0.0]})
    group = pd.Series(["a"] * 30)
    sums = sums_by_group(rows, group, np.r_[np.arange(28) % 10, 50, 50], Settings())
    assert sums.fewest_people(HIT).tolist() == [1]  # one person holds both rows that are no hit
    assert sums.fewest_people(SHARE).tolist() == [11]
    every = sums_by_group(rows.assign(hits=1.0), group, np.arange(30), Settings())
    assert every.fewest_people(HIT).tolist() == [30]  # nobody is no part
