"""Rates by group equal a plain oracle; what is undefined or too small says so."""

import warnings

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn_metrics
from fairlearn.metrics import MetricFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from riskmodel.audit.by_group.gaps import INSUFFICIENT, MEASURED
from riskmodel.audit.by_group.group_metrics import LIST_MEASURES, MEASURES, group_table, list_tables
from riskmodel.audit.by_group.rates import Settings
from riskmodel.errors import SchemaError, SmallGroupWarning
from riskmodel.statistics.calibration import calibration_slope
from riskmodel.statistics.discrimination import auc

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
        "mean_probability_later": seen["p"][seen["y"] == 1].mean(),
        "mean_probability_clear": seen["p"][seen["y"] == 0].mean(),
        "brier": ((seen["y"] - seen["p"]) ** 2).mean(),
        "auc": auc(seen["y"], seen["p"]),
        "calibration_slope": calibration_slope(seen["y"], seen["p"]),
    }


@settings(max_examples=25)
@given(data=st.data(), n=st.integers(1, 60))
def test_every_rate_equals_the_oracle_or_is_withheld(data, n):
    y = data.draw(npst.arrays(float, n, elements=st.sampled_from([0.0, 1.0, np.nan])))
    listed = data.draw(npst.arrays(bool, n))
    group = data.draw(npst.arrays("U1", n, elements=st.sampled_from(["a", "b", "c"])))
    probability = data.draw(npst.arrays(float, n, elements=st.floats(0.01, 1.0)))
    rates = table_of(y, listed, group, probability, settings=Settings(n_replicates=5)).rates
    assert len(rates) == (len(MEASURES) - 2) * len(set(group))
    for row in rates.itertuples():
        expected = oracle(y, listed, probability, group, row.group)[row.metric]
        if row.withheld:
            assert np.isnan(row.value)
        else:
            np.testing.assert_allclose(row.value, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
            assert np.isnan(row.value) or row.low <= row.value <= row.high


def _zero_free(metric):
    """A metric of fairlearn's, on predictions that are flags."""
    return lambda y_true, y_pred: metric(y_true, y_pred, pos_label=1)


FAIRLEARN = {
    "selection_rate": (fairlearn_metrics.selection_rate, None),
    "recall": (_zero_free(fairlearn_metrics.true_positive_rate), 1.0),
    "false_positive_rate": (_zero_free(fairlearn_metrics.false_positive_rate), 0.0),
    "false_negative_rate": (_zero_free(fairlearn_metrics.false_negative_rate), 1.0),
}
"""Metrics by name, and the outcome without which fairlearn says 0 (or 1) and means nothing."""


@settings(max_examples=20)
@given(data=st.data(), n=st.integers(10, 80))
def test_every_rate_that_fairlearn_defines_equals_its_metric_frame(data, n):
    y = data.draw(npst.arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    listed = data.draw(npst.arrays(bool, n))
    group = data.draw(npst.arrays("U1", n, elements=st.sampled_from(["a", "b"])))
    chance = data.draw(npst.arrays(float, n, elements=st.floats(0.01, 1.0)))
    rates = table_of(y, listed, group, chance, settings=Settings(n_replicates=2)).rates
    mine = rates[~rates["withheld"]].set_index(["metric", "group"])["value"]
    by_group = pd.Series(group, name="group")
    for name, (metric, needed) in FAIRLEARN.items():
        frame = MetricFrame(
            metrics=metric, y_true=y, y_pred=listed.astype(int), sensitive_features=by_group
        )
        for level, expected in frame.by_group.items():
            defined = needed is None or (y[group == level] == needed).any()
            if defined and (name, level) in mine.index:
                assert mine[name, level] == pytest.approx(expected)
    means = MetricFrame(
        metrics=fairlearn_metrics.mean_prediction, y_true=y, y_pred=chance,
        sensitive_features=by_group,
    ).by_group  # fmt: skip
    for level, expected in means.items():
        if ("mean_probability", level) in mine.index:
            assert mine["mean_probability", level] == pytest.approx(expected)


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


def several(seed=0, n=1500, dates=1):
    """People of two characteristics whose estimates are too low for one group."""
    rng = np.random.default_rng(seed)
    who = np.tile(np.arange(n), dates)
    groups = pd.DataFrame(
        {"sex": rng.choice(["f", "m"], n, p=[0.3, 0.7]), "age": rng.choice(["a", "b", "c"], n)}
    ).iloc[who].reset_index(drop=True)  # fmt: skip
    margin = rng.normal(-1, 1, n)[who] + rng.normal(0, 0.3, n * dates)
    chance = 1 / (1 + np.exp(-margin))
    y = (rng.random(n)[who] < np.where(groups["sex"] == "f", chance, chance**1.2)).astype(float)
    offences = np.where(y == 1, 1 + rng.poisson(1, n)[who], 0)
    harm = offences * rng.exponential(100, n)[who]
    lists = {"k=300": margin > np.quantile(margin, 0.8), "k=75": margin > np.quantile(margin, 0.95)}
    return y, lists, chance, margin, groups, who, np.repeat(np.arange(dates), n), offences, harm


def by_hand(world, n_replicates):
    """Every measure of the first list for sex, under plain resampling of people."""
    y, lists, chance, margin, groups, who, _, offences, harm = world
    listed, rng = next(iter(lists.values())), np.random.default_rng(9)
    people = int(who.max()) + 1
    rows_of = [np.flatnonzero(who == person) for person in range(people)]
    found = []
    for _ in range(n_replicates):
        rows = np.concatenate([rows_of[person] for person in rng.integers(0, people, people)])
        sex = groups["sex"].to_numpy()[rows]
        for level in ("f", "m"):
            rates = oracle(y[rows], listed[rows], chance[rows], sex, level)
            own = sex == level
            rates["auc"] = auc(y[rows][own], margin[rows][own])
            rates["share_of_later_offences"] = offences[rows][own].sum() / offences[rows].sum()
            rates["share_of_harm_days"] = harm[rows][own].sum() / harm[rows].sum()
            found.append(rates | {"group": level})
    return pd.DataFrame(found)


@pytest.mark.parametrize("dates", [1, 3])
def test_every_interval_is_that_of_plain_resampling_of_people(dates):
    world = several(n=900, dates=dates)
    y, lists, chance, margin, groups, who, as_of, offences, harm = world
    found = list_tables(
        y, lists, chance, margin, groups, person=who, as_of=as_of, offences=offences, harm=harm,
        settings=Settings(n_replicates=1500),
    )  # fmt: skip
    rates = found.rates["k=300"].query("characteristic == 'sex'").set_index(["metric", "group"])
    gaps = found.gaps["k=300"].query("characteristic == 'sex'").set_index("metric")
    plain = by_hand(world, 500)
    assert set(rates.index.levels[0]) == {measure.name for measure in MEASURES}
    for name in rates.index.levels[0]:
        apart = plain[plain["group"] == "f"][name].to_numpy() - plain[plain["group"] == "m"][name]
        for level in ("f", "m"):
            draws = plain[plain["group"] == level][name]
            low, high = np.quantile(draws, [0.025, 0.975])
            ours = rates.loc[(name, level)]
            assert (ours["high"] - ours["low"]) / (high - low) == pytest.approx(1.06, abs=0.2), name
            assert ours["low"] == pytest.approx(low, abs=0.25 * (high - low)), name
        if name in gaps.index:
            ratio = gaps.loc[name, "difference_se"] / apart.std()
            assert ratio == pytest.approx(1.05, abs=0.18), name


def test_within_a_cell_people_differ_and_the_mean_is_as_unsure_as_a_mean_is():
    # all people of a group are alike in every count: only their probabilities differ
    chance = np.random.default_rng(0).uniform(0.1, 0.9, 400)
    rates = table_of(np.zeros(400), np.ones(400), ["a"] * 400, chance,
                     settings=Settings(n_replicates=4000)).rates.set_index("metric")  # fmt: skip
    row = rates.loc["mean_probability"]
    half = 1.96 * chance.std() / 20
    assert row["high"] - row["low"] == pytest.approx(2 * half, rel=0.05)


def test_the_first_list_has_all_metrics_and_the_others_their_own():
    y, lists, chance, margin, groups, who, _, offences, harm = several(n=400)
    found = list_tables(y, lists, chance, margin, groups, person=who, offences=offences,
                        harm=harm, settings=QUICK)  # fmt: skip
    assert set(found.rates["k=300"]["metric"]) == {measure.name for measure in MEASURES}
    assert set(found.rates["k=75"]["metric"]) == {measure.name for measure in LIST_MEASURES}
    alone = list_tables(y, {"k=75": lists["k=75"]}, chance, margin, groups, person=who,
                        settings=QUICK).rates["k=75"].set_index(["metric", "group"])  # fmt: skip
    both = found.rates["k=75"].set_index(["metric", "group"])
    assert both.loc["precision", "value"].equals(alone.loc["precision", "value"])
    assert "share_of_harm_days" not in alone.index


def test_offences_and_harm_of_nobody_known_are_left_out():
    y, lists, chance, margin, groups, who, *_ = several(n=200)
    nothing = np.full(len(y), np.nan)
    rates = list_tables(y, lists, chance, margin, groups, person=who, offences=nothing,
                        harm=nothing, settings=QUICK).rates["k=300"]  # fmt: skip
    assert not {"share_of_later_offences", "share_of_harm_days"} & set(rates["metric"])


def test_a_planted_lack_of_calibration_shows_in_every_figure_of_it():
    y, lists, chance, margin, groups, who, *_ = several(n=20_000)
    gaps = list_tables(y, lists, chance, margin, groups, person=who, settings=QUICK).gaps["k=300"]
    mine = gaps.query("characteristic == 'sex'").set_index("metric")
    assert mine.loc["observed_over_expected", "difference_low"] > 0.1
    assert mine.loc["calibration_slope", "difference_high"] < 0  # of chance ** 1.2 it is 1.2 and up
    assert mine.loc["brier", "status"] == mine.loc["auc", "status"] == MEASURED


def test_everyone_is_a_reference_for_every_metric():
    y, lists, chance, margin, groups, who, *_ = several(n=3000)
    overall = Settings(n_replicates=60, reference="overall")
    found = list_tables(y, lists, chance, margin, groups, person=who, settings=overall)
    gaps = found.gaps["k=300"]
    assert set(gaps["reference"]) == {"Everyone"} and set(found.rates["k=300"]["group"]) == {
        "f", "m", "a", "b", "c"}  # fmt: skip
    whole = {"auc": auc(y, margin), "calibration_slope": calibration_slope(y, chance)}
    rates = found.rates["k=300"].set_index(["metric", "group"])["value"]
    for name, value_of_all in whole.items():
        difference = gaps[(gaps["metric"] == name) & (gaps["group"] == "f")]["difference"].item()
        assert rates[name, "f"] - difference == pytest.approx(value_of_all, rel=1e-6)


def test_nobody_stands_on_one_date_twice():
    y, lists, chance, margin, groups, who, *_ = several(n=40, dates=2)
    with pytest.raises(SchemaError, match="a second time on one date in 40 rows"):
        list_tables(y, lists, chance, margin, groups, person=who, as_of=np.zeros(len(y)))
