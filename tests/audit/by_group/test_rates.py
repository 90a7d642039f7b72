"""Sums by group and what resampling makes of them; people are counted once."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import Settings, group_codes, ordered_levels, sums_by_group
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


def test_people_who_are_alike_and_people_one_by_one_give_the_same_spread():
    rows, group = world()
    settings = Settings(n_replicates=4000)
    by_cells = HIT.of(sums_by_group(rows, group, np.arange(len(rows)), settings).draws)
    one_by_one = rows.assign(own=np.arange(len(rows)) / 7.0)  # nobody is like another
    by_people = HIT.of(sums_by_group(one_by_one, group, np.arange(len(rows)), settings).draws)
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


@pytest.mark.parametrize("rows_a_person", [1, 3])
def test_the_order_of_rows_changes_no_sum_and_no_draw(rows_a_person):
    rows, group = world()
    who, order = np.arange(len(rows)) // rows_a_person, np.random.default_rng(1).permutation(600)
    ids = np.array([f"p{i:04d}" for i in who])
    settings = Settings(n_replicates=20)
    first = sums_by_group(rows, group, ids, settings)
    second = sums_by_group(
        rows.iloc[order].reset_index(drop=True), group.iloc[order].reset_index(drop=True),
        ids[order], settings,
    )  # fmt: skip
    np.testing.assert_array_equal(first.point["hits"], second.point["hits"])
    np.testing.assert_array_equal(first.draws["hits"], second.draws["hits"])


def test_shares_of_all_add_up_to_1():
    rows, group = world()
    sums = sums_by_group(rows, group, np.arange(len(rows)), Settings(n_replicates=5))
    assert SHARE.of(sums.point).sum() == pytest.approx(1)
    np.testing.assert_allclose(SHARE.of(sums.draws).sum(axis=1), 1)


def test_not_recorded_comes_last():
    groups = pd.Series(["Zoroastrian", "Not recorded", "male x Not recorded", "Asian"])
    assert ordered_levels(groups)[:2] == ("Asian", "Zoroastrian")
    codes, levels = group_codes(groups)
    assert [levels[code] for code in codes] == groups.tolist()


def test_all_wrong_settings_are_told_at_once():
    with pytest.raises(SchemaError) as caught:
        Settings(n_replicates=0, level=1.0, minimum_cell=3, reference="smallest")
    assert len(caught.value.problems) == 4


def test_the_fewest_people_are_those_of_the_smallest_part_that_there_is():
    rows = pd.DataFrame({"n": np.ones(30), "hits": np.r_[np.ones(28), 0.0, 0.0]})
    group = pd.Series(["a"] * 30)
    sums = sums_by_group(rows, group, np.r_[np.arange(28) % 10, 50, 50], Settings())
    assert sums.fewest_people(HIT).tolist() == [1]  # one person holds both rows that are no hit
    assert sums.fewest_people(SHARE).tolist() == [11]
    every = sums_by_group(rows.assign(hits=1.0), group, np.arange(30), Settings())
    assert every.fewest_people(HIT).tolist() == [30]  # nobody is no part


def test_the_sums_of_one_list_stand_under_plain_names():
    rows = pd.DataFrame({"n": np.ones(20), "on@x": [1.0, 0] * 10, "on@y": [0.0] * 20})
    sums = sums_by_group(rows, pd.Series(["a"] * 20), np.arange(20), Settings(n_replicates=5))
    assert set(sums.of_list("x").point) == {"n", "on"}
    assert sums.of_list("x").people("on").tolist() == [10]
    assert sums.of_list("y").people("on").tolist() == [0]


def test_everyone_together_is_the_sum_of_the_groups_and_each_person_once():
    rows, group = world(n=60)
    who = np.tile(np.arange(20), 3)  # a person may be in both groups
    sums = sums_by_group(rows, group, who, Settings(n_replicates=5)).together()
    assert sums.point["n"].tolist() == [60]
    assert sums.people("n").tolist() == [20]
    np.testing.assert_array_equal(sums.draws["n"], np.full((5, 1), 60.0))
    pooled = sums_by_group(rows, group, np.arange(60), Settings(n_replicates=5)).together()
    assert pooled.people("n").tolist() == [60]
