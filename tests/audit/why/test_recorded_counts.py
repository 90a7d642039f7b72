"""Counts behind rates: read back from tables, and what they would be if recorded otherwise."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import EVERYONE, Settings
from riskmodel.audit.why.recorded_counts import (
    ALIKE,
    ASSUMPTIONS,
    LISTED_ONLY,
    CountRate,
    Counts,
    counts_by_group,
    rate_of,
    sampling_variance,
)

METRICS = (
    "precision", "recall", "outcome_rate", "selection_rate", "false_positive_rate",
    "false_negative_rate", "observed_over_expected",
)  # fmt: skip
METRICS_OF_VICTIMS = ("coverage", "victim_coverage", "harm_coverage")


@st.composite
def counts(draw):
    """A group's counts: listed and not, with and without later harm, and of its victims."""
    cells = [float(draw(st.integers(1, 50))) for _ in range(4)]
    listed_later, listed_clear, other_later = cells[:3]
    covered, uncovered = (float(draw(st.integers(1, 50))) for _ in range(2))
    return Counts(
        {
            "listed_outcome": np.float64(listed_later),
            "listed_observed": np.float64(listed_later + listed_clear),
            "outcome": np.float64(listed_later + other_later),
            "observed": np.float64(sum(cells)),
            "covered": np.float64(covered),
            "suffered": np.float64(covered + uncovered),
        }
    )


@given(counts(), st.sampled_from(ASSUMPTIONS))
def test_harm_recorded_as_often_leaves_every_count(group, assumption):
    same = group.recorded(np.asarray(1.0), assumption)
    for name, count in group.of.items():
        assert same.of[name] == pytest.approx(count, nan_ok=True), name


@given(counts(), st.sampled_from(ASSUMPTIONS), st.floats(1, 10))
def test_recorded_more_and_then_less_is_as_before(group, assumption, factor):
    more = group.recorded(np.asarray(factor), assumption)
    back = more.recorded(np.asarray(1 / factor), assumption)
    for name, count in group.of.items():
        assert back.of[name] == pytest.approx(count, nan_ok=True), name


@given(counts(), st.floats(1, 10))
def test_precision_falls_by_the_factor_and_recall_only_where_the_listed_are_watched(group, factor):
    before = {name: rate_of(name, group).value() for name in (*METRICS[:3], "coverage")}
    for assumption in ASSUMPTIONS:
        after = group.recorded(np.asarray(factor), assumption)
        assert rate_of("precision", after).value() == pytest.approx(before["precision"] / factor)
        recall, coverage = (rate_of(name, after).value() for name in ("recall", "coverage"))
        if assumption == ALIKE:
            assert recall == pytest.approx(before["recall"])
            assert coverage == pytest.approx(before["coverage"])
            outcome_rate = rate_of("outcome_rate", after).value()
            assert outcome_rate == pytest.approx(before["outcome_rate"] / factor)
        else:
            assert recall <= before["recall"] + 1e-12
            odds = before["coverage"] / (1 - before["coverage"]) / factor
            assert coverage == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize(
    ("listed_later", "others_later", "assumption", "possible"),
    [
        (8.0, 10.0, ALIKE, True),  # 10 of 10 listed, 12.5 of the 90 others
        (8.1, 10.0, ALIKE, False),
        (8.1, 10.0, LISTED_ONLY, False),
        (1.0, 72.0, ALIKE, True),
        (1.0, 73.0, ALIKE, False),
        (1.0, 73.0, LISTED_ONLY, True),  # the others stay as they are
    ],
)
def test_nobody_goes_on_to_harm_who_is_not_there(listed_later, others_later, assumption, possible):
    group = Counts(
        {
            "listed_outcome": np.float64(listed_later),
            "listed_observed": np.float64(10),
            "outcome": np.float64(listed_later + others_later),
            "observed": np.float64(100),
        }
    )
    of = group.recorded(np.asarray(0.8), assumption).of
    assert np.isnan([of["listed_outcome"], of["outcome"]]).tolist() == [not possible] * 2


@given(counts(), counts())
def test_everyone_moves_with_a_part_and_by_no_more(whole, part):
    after = part.recorded(np.asarray(2.0), ALIKE)
    moved = whole.with_part(part, after)
    for name, count in whole.of.items():
        change = after.of[name] - part.of[name]
        assert moved.of[name] - count == pytest.approx(change, nan_ok=True), name


def audited():
    rng = np.random.default_rng(0)
    n = 900
    group = pd.DataFrame({"sex": rng.choice(["f", "m"], n), "faith": rng.choice(list("abc"), n)})
    y = np.where(rng.random(n) < 0.1, np.nan, (rng.random(n) < 0.4).astype(float))
    listed, chance = rng.random(n) < 0.3, rng.uniform(0.1, 0.9, n)
    return group_table(y, listed, chance, group, settings=Settings(n_replicates=5)).rates


def test_counts_read_from_a_table_give_its_rates_again():
    rates = audited()
    found = counts_by_group(rates)
    for row in rates[rates["metric"].isin(METRICS)].itertuples():
        rate = rate_of(row.metric, found[row.characteristic, row.group])
        assert rate.value() == pytest.approx(row.value), (row.group, row.metric)


def test_everyone_is_the_sum_of_the_groups_of_any_characteristic():
    found = counts_by_group(audited())
    wholes = [found[name, EVERYONE] for name in ("sex", "faith")]
    assert all(whole.holds_all for whole in wholes)
    assert not any(one.holds_all for (_, group), one in found.items() if group != EVERYONE)
    assert wholes[0].of["people"] == wholes[1].of["people"] == 900
    for name, count in wholes[0].of.items():
        assert count == pytest.approx(wholes[1].of[name], nan_ok=True), name


def test_what_the_counts_do_not_say_is_no_rate():
    people = counts_by_group(audited())["sex", "f"]
    assert rate_of("auc", people) is None
    assert all(rate_of(metric, people) is None for metric in METRICS_OF_VICTIMS)
    assert rate_of("precision", people) is not None


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_variance_is_that_of_drawn_counts(share, log):
    """Of a share, binomial; of observed over expected, the share of Poisson's that is left."""
    n, rng = 2000, np.random.default_rng(0)
    drawn = CountRate(rng.binomial(n, share, 20_000).astype(float), np.array(float(n)))
    said = sampling_variance(CountRate(np.array(n * share), np.array(float(n))), log=log)
    assert said == pytest.approx(drawn.value(log=log).var(), rel=0.05)
    ratio = CountRate(rng.poisson(n * share, 20_000).astype(float), np.array(float(n)), False)
    said = sampling_variance(CountRate(np.array(n * share), np.array(float(n)), False), log=log)
    assert said == pytest.approx(ratio.value(log=log).var(), rel=0.05)


def test_a_rate_of_nought_or_one_is_not_one_without_doubt():
    for hits in (0.0, 10.0):
        assert sampling_variance(CountRate(np.array(hits), np.array(10.0))) > 0
    nobody = CountRate(np.array(0.0), np.array(0.0))
    assert np.isnan(nobody.value()) and np.isfinite(sampling_variance(nobody))
