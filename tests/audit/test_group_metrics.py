"""Rates by group equal a plain oracle; what is undefined or too small says so."""

import warnings

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn_metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from riskmodel.audit.gaps import INSUFFICIENT, MEASURED
from riskmodel.audit.group_metrics import LIST_RATES, group_table
from riskmodel.audit.rates import Settings
from riskmodel.errors import SchemaError, SmallGroupWarning

QUICK = Settings(n_replicates=60)


def table_of(y, listed, group, probability=None, **options):
    chance = np.full(len(y), 0.5) if probability is None else probability
    groups = pd.DataFrame({"group": pd.Series(group, dtype="str")})
    options.setdefault("settings", QUICK)
    return group_table(y, listed, chance, groups, warn=False, **options)


def value(tables, metric, group):
    rows = tables.rates.set_index(["metric", "group"])
    return rows.loc[(metric, group), "value"]


def gap(tables, metric, group):
    return tables.gaps.set_index(["metric", "group"]).loc[(metric, group)]


def oracle(y, listed, probability, group, level):
    """Each rate by hand, in plain pandas; NaN where nobody is in the denominator."""
    rows = pd.DataFrame({"y": y, "listed": listed, "p": probability, "g": group})
    mine = rows[rows["g"] == level]
    seen = mine[mine["y"].notna()]

    def share(hit, base):
        return hit.sum() / base.sum() if base.sum() else np.nan

    return {
        "share_of_pool": len(mine) / len(rows),
        "share_of_list": share(mine["listed"], rows["listed"]),
        "share_of_later_harm": share(mine["y"] == 1, rows["y"] == 1),
        "outcome_rate": share(seen["y"] == 1, seen["y"] >= 0),
        "selection_rate": mine["listed"].mean(),
        "precision": share(seen["listed"] & (seen["y"] == 1), seen["listed"]),
        "recall": share(seen["listed"] & (seen["y"] == 1), seen["y"] == 1),
        "false_positive_rate": share(seen["listed"] & (seen["y"] == 0), seen["y"] == 0),
        "false_negative_rate": share(~seen["listed"] & (seen["y"] == 1), seen["y"] == 1),
        "observed_over_expected": share(seen["y"] == 1, seen["p"]),
        "mean_probability": mine["p"].mean(),
    }


@settings(max_examples=25)
@given(data=st.data(), n=st.integers(1, 60))
def test_every_rate_equals_the_oracle_or_is_withheld(data, n):
    y = data.draw(npst.arrays(float, n, elements=st.sampled_from([0.0, 1.0, np.nan])))
    listed = data.draw(npst.arrays(bool, n))
    group = data.draw(npst.arrays("U1", n, elements=st.sampled_from(["a", "b", "c"])))
    probability = data.draw(npst.arrays(float, n, elements=st.floats(0.01, 1.0)))
    rates = table_of(y, listed, group, probability, settings=Settings(n_replicates=5)).rates
    assert len(rates) == len(LIST_RATES) * len(set(group))
    for row in rates.itertuples():
        expected = oracle(y, listed, probability, group, row.group)[row.metric]
        if row.withheld:
            assert np.isnan(row.value)
        else:
            np.testing.assert_allclose(row.value, expected, rtol=1e-6, equal_nan=True)
            assert np.isnan(row.value) or row.low <= row.value <= row.high


def test_defined_rates_equal_fairlearns_own():
    rng = np.random.default_rng(0)
    y, listed = rng.integers(0, 2, 500), rng.random(500) < 0.3
    group = rng.choice(["a", "b"], 500)
    tables = table_of(y, listed, group)
    for name, metric in {
        "recall": fairlearn_metrics.true_positive_rate,
        "false_positive_rate": fairlearn_metrics.false_positive_rate,
        "false_negative_rate": fairlearn_metrics.false_negative_rate,
        "selection_rate": fairlearn_metrics.selection_rate,
    }.items():
        for level in "ab":
            mine = group == level
            assert value(tables, name, level) == pytest.approx(metric(y[mine], listed[mine]))


def confusion(true_negative, false_positive, false_negative, true_positive):
    counts = [true_negative, false_positive, false_negative, true_positive]
    return np.repeat([0, 0, 1, 1], counts), np.repeat([0, 1, 0, 1], counts)


def test_the_published_compas_error_rates_come_back():
    # ProPublica (2016), Broward County: counts of the two largest groups at the cut "medium"
    black, white = confusion(990, 805, 532, 1369), confusion(1139, 349, 461, 505)
    y, listed = (np.concatenate(pair) for pair in zip(black, white, strict=True))
    group = ["black"] * len(black[0]) + ["white"] * len(white[0])
    tables = table_of(y, listed, group, settings=Settings(n_replicates=500))
    assert value(tables, "false_positive_rate", "black") == pytest.approx(0.4485, abs=5e-5)
    assert value(tables, "false_positive_rate", "white") == pytest.approx(0.2345, abs=5e-5)
    assert value(tables, "false_negative_rate", "black") == pytest.approx(0.2799, abs=5e-5)
    assert value(tables, "false_negative_rate", "white") == pytest.approx(0.4772, abs=5e-5)
    found = gap(tables, "false_positive_rate", "white")
    assert found["reference"] == "black"
    assert found["difference_low"] < -0.214 < found["difference_high"] < -0.15


def test_no_positives_is_undefined_recall_and_never_0():
    y, listed = np.r_[np.zeros(20), [0, 1] * 10], np.tile([0, 1], 20)
    tables = table_of(y, listed, ["none"] * 20 + ["both"] * 20)
    assert np.isnan(value(tables, "recall", "none"))
    assert np.isnan(value(tables, "false_negative_rate", "none"))
    assert value(tables, "false_positive_rate", "none") == 0.5
    assert gap(tables, "recall", "none")["status"] == INSUFFICIENT


def test_a_group_of_3_is_withheld_and_has_no_gap():
    y, listed = np.tile([0, 1], 50), np.tile([0, 1, 1, 0], 25)
    group = ["tiny"] * 3 + ["big"] * 97
    tables = table_of(y, listed, group)
    mine = tables.rates[tables.rates["group"] == "tiny"]
    assert mine["withheld"].all()
    assert mine["value"].isna().all() and mine["low"].isna().all()
    found = tables.gaps[tables.gaps["group"] == "tiny"]
    assert (found["status"] == INSUFFICIENT).all()
    assert found["difference"].isna().all()


def test_a_group_of_one_class_is_not_compared_and_says_why():
    y = np.r_[np.zeros(60), np.tile([0, 1], 50)]
    listed = np.tile([0, 1], 80)
    found = gap(table_of(y, listed, ["one"] * 60 + ["two"] * 100), "precision", "one")
    assert found["status"] == INSUFFICIENT
    assert "all or none" in found["reason"]


def test_withheld_rates_are_warned_of_once_with_their_number():
    groups = pd.DataFrame({"group": ["tiny"] * 3 + ["big"] * 47})
    with pytest.warns(SmallGroupWarning, match=r"^\d+ rates .* in: group") as caught:
        group_table(np.tile([0, 1], 25), np.tile([0, 1], 25), np.full(50, 0.5), groups)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        large = groups.assign(group="big")
        group_table(np.tile([0, 1], 25), np.tile([0, 1], 25), np.full(50, 0.5), large)


def planted(rng, precision, n=4000):
    """Two groups listed alike, whose precision is as planted; everyone else at 10 %."""
    group = np.repeat(["a", "b"], n)
    listed = rng.random(2 * n) < 0.2
    chance = np.where(listed, np.where(group == "a", *precision), 0.1)
    return (rng.random(2 * n) < chance).astype(float), listed, group


def test_a_planted_gap_is_found_and_its_interval_holds_the_truth():
    y, listed, group = planted(np.random.default_rng(0), (0.5, 0.3))
    chosen = Settings(n_replicates=400, reference_groups={"group": "a"})
    found = gap(table_of(y, listed, group, settings=chosen), "precision", "b")
    assert found["status"] == MEASURED
    assert found["difference_low"] < -0.2 < found["difference_high"] < 0
    assert found["ratio_low"] < 0.6 < found["ratio_high"] < 1


def test_intervals_of_no_gap_hold_0_about_as_often_as_they_say():
    inside = 0
    for seed in range(12):
        y, listed, group = planted(np.random.default_rng(seed), (0.4, 0.4), n=800)
        found = table_of(y, listed, group, settings=Settings(n_replicates=200)).gaps
        row = found[found["metric"] == "precision"].iloc[0]
        inside += row["difference_low"] <= 0 <= row["difference_high"]
    assert inside >= 9  # of 12 at 95 %: fewer has a chance of 1 in 400


def test_whose_outcome_was_not_observed_counts_in_the_pool_and_in_no_rate_of_outcomes():
    y = np.r_[np.tile([0.0, 1.0], 20), np.full(10, np.nan)]
    listed = np.r_[np.tile([0, 1], 20), np.ones(10)]
    tables = table_of(y, listed, ["a"] * 50)
    assert value(tables, "selection_rate", "a") == 30 / 50
    assert value(tables, "precision", "a") == 1.0


def test_nobody_observed_leaves_the_list_and_no_more():
    tables = table_of(np.full(20, np.nan), np.tile([0, 1], 10), ["a"] * 20)
    assert value(tables, "selection_rate", "a") == 0.5
    assert np.isnan(value(tables, "recall", "a"))


def test_the_reference_is_the_largest_recorded_group_or_the_one_chosen():
    y, listed = np.tile([0, 1], 60), np.tile([0, 1, 1], 40)
    group = ["Not recorded"] * 60 + ["small"] * 20 + ["large"] * 40
    assert set(table_of(y, listed, group).gaps["reference"]) == {"large"}
    chosen = Settings(n_replicates=5, reference_groups={"group": "small"})
    assert set(table_of(y, listed, group, settings=chosen).gaps["reference"]) == {"small"}


def test_all_mistakes_are_told_at_once():
    groups = pd.DataFrame({"sex": ["f", None]})
    with pytest.raises(SchemaError) as caught:
        group_table([0, 2], [1, 5], [0.1, 1.5], groups)
    assert len(caught.value.problems) == 4
    with pytest.raises(SchemaError, match="2 expected"):
        group_table([0, 1, 1], [1, 0], [0.1, 0.5], groups.fillna("x"))
    with pytest.raises(SchemaError, match="no rows"):
        group_table([], [], [], groups.iloc[:0])
