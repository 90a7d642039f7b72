"""What lists amount to agrees with the audit's own tables, whatever the order of rows."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.alternatives.measures import measure
from riskmodel.audit.alternatives.rates import METRICS
from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import Settings

N = 1200
SETTINGS = Settings(n_replicates=200)


def rows(seed=0):
    """Three dates of 400 people in three groups; some outcomes are not known."""
    rng = np.random.default_rng(seed)
    person = np.tile(np.arange(N // 3), 3)
    group = np.array(["a", "b", "c"])[rng.integers(0, 3, N // 3)][person]
    y = (rng.random(N) < 0.3).astype(float)
    y[rng.random(N) < 0.1] = np.nan
    listed = rng.random((N, 4)) < 0.3
    sex = np.array(["f", "m"])[rng.integers(0, 2, N // 3)][person]
    return listed, y, person, pd.DataFrame({"part": group, "sex": sex})


@pytest.mark.parametrize("reference", ["largest", "overall"])
@pytest.mark.parametrize("metric", METRICS)
def test_the_widest_gap_is_that_of_the_audits_table(metric, reference):
    listed, y, person, columns = rows()
    settings = Settings(n_replicates=50, reference=reference)
    found = measure(listed, y, person, columns, metric=metric, settings=settings)
    for place in range(listed.shape[1]):
        gaps = group_table(
            y, listed[:, place], np.full(N, 0.5), columns, person=person, settings=settings
        ).gaps
        gaps = gaps[gaps["metric"] == metric]
        widest = gaps.loc[gaps["difference"].abs().idxmax()]
        assert np.isclose(found.gap[place], abs(widest["difference"]))
        where = found.widest[place]
        named = (where.characteristic, where.group, where.reference)
        assert named == tuple(widest[["characteristic", "group", "reference"]])
        one = where.group_numerator / where.group_denominator
        other = where.reference_numerator / where.reference_denominator
        assert np.isclose(one - other, widest["difference"])


def test_precision_is_of_those_listed_whose_outcome_is_known():
    listed, y, person, columns = rows()
    found = measure(listed, y, person, columns, metric="recall", settings=SETTINGS)
    expected = [np.nanmean(y[on_list]) for on_list in listed.T]
    assert np.allclose(found.precision, expected)
    assert np.allclose(found.numerator / found.denominator, expected)


def test_draws_spread_as_resampled_people_do():
    """One row a person: the spread of a share is known."""
    rng = np.random.default_rng(1)
    listed, y = np.ones((900, 1), dtype=bool), (rng.random(900) < 0.3).astype(float)
    half = pd.DataFrame({"half": ["a", "b"] * 450})
    settings = Settings(n_replicates=2000)
    found = measure(listed, y, np.arange(900), half, metric="precision", settings=settings)
    p = y.mean()
    assert np.isclose(found.precision_drawn.std(), np.sqrt(p * (1 - p) / 900), rtol=0.06)
    assert np.isclose(found.gap_drawn.mean(), found.gap[0], atol=0.01)


def test_lists_that_are_alike_are_drawn_alike():
    listed, y, person, columns = rows()
    twice = listed[:, [0, 0]]
    found = measure(twice, y, person, columns, metric="precision", settings=SETTINGS)
    assert (found.precision_drawn[:, 0] == found.precision_drawn[:, 1]).all()
    assert (found.gap_drawn[:, 0] == found.gap_drawn[:, 1]).all()


def test_the_order_of_rows_changes_nothing():
    listed, y, person, columns = rows()
    order = np.random.default_rng(2).permutation(N)
    one = measure(listed, y, person, columns, metric="precision", settings=SETTINGS)
    other = measure(
        listed[order], y[order], person[order], columns.iloc[order].reset_index(drop=True),
        metric="precision", settings=SETTINGS,
    )  # fmt: skip
    assert np.array_equal(one.precision_drawn, other.precision_drawn)
    assert np.array_equal(one.gap_drawn, other.gap_drawn)
    assert one.widest == other.widest


def test_no_list_gains_by_leaving_a_group_off():
    """List 1 hardly lists anybody of the group whose gap is wide: it has no gap at all."""
    y = np.tile([1.0, 0.0, 0.0, 1.0], 100)
    group = pd.DataFrame({"part": ["a"] * 300 + ["b"] * 100})
    everyone = np.ones(400, dtype=bool)
    few = np.r_[np.ones(300, dtype=bool), np.arange(100) < 7]
    found = measure(
        np.column_stack([everyone, few]), y, np.arange(400), group,
        metric="precision", settings=SETTINGS,
    )  # fmt: skip
    assert found.lost.tolist() == [0, 1]
    assert not np.isnan(found.gap[0]) and np.isnan(found.gap[1])
    assert found.widest[1].group == ""


def test_a_group_that_the_first_list_hardly_lists_is_compared_for_no_list():
    y = np.tile([1.0, 0.0, 0.0, 1.0], 100)
    group = pd.DataFrame({"part": ["a"] * 200 + ["b"] * 100 + ["c"] * 100})
    listed = np.arange(400)[:, np.newaxis] % 100 < [15, 60]
    listed[:300] = True
    found = measure(listed, y, np.arange(400), group, metric="precision", settings=SETTINGS)
    assert found.compared == 1
    assert {where.group for where in found.widest} == {"b"}


def test_without_any_group_to_compare_there_is_no_gap():
    listed, y, person, columns = rows()
    alone = columns[["sex"]].assign(sex="Not recorded")
    found = measure(listed, y, person, alone, metric="precision", settings=SETTINGS)
    assert found.compared == 0
    assert np.isnan(found.gap).all() and np.isnan(found.gap_drawn).all()
    assert found.lost.tolist() == [0, 0, 0, 0]


def test_a_share_of_nothing_has_an_interval_all_the_same():
    """Of ten listed, none went on to harm: resampling alone would be certain of that."""
    y = np.r_[np.zeros(20), np.ones(20), np.tile([0.0, 1.0], 60)]
    group = pd.DataFrame({"part": ["a"] * 40 + ["b"] * 120})
    listed = np.r_[np.ones(20, dtype=bool), np.zeros(20, dtype=bool), np.ones(120, dtype=bool)]
    found = measure(
        listed[:, np.newaxis], y, np.arange(160), group, metric="precision", settings=SETTINGS
    )
    assert found.gap[0] == 0.5
    only_b = np.sqrt(0.25 / 120)
    assert found.gap_drawn.std() > 1.1 * only_b
