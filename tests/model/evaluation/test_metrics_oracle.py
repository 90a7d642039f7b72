"""Metrics are what a slow and plain reading of their definitions gives, on any small table."""

from dataclasses import replace
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, recall_score

from riskmodel.model.evaluation.costs import Costs
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.ranking import rank_descending

COSTS = Costs(miss=3, false_listing=0.5)


@st.composite
def tables(draw):
    """Two dates, people on either or both, outcomes, scores with ties, probabilities."""
    sizes = draw(st.tuples(st.integers(2, 14), st.integers(2, 14)))
    n = sum(sizes)
    y = draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n))
    scores = draw(st.lists(st.sampled_from([0.0, 1.0, 2.5]), min_size=n, max_size=n))
    p = draw(st.lists(st.floats(0.01, 0.99), min_size=n, max_size=n))
    people = [f"p{i}" for size in sizes for i in range(size)]
    dates = np.repeat(pd.to_datetime(["2003-01-01", "2004-01-01"]), sizes)
    table = Snapshots.from_table(
        pd.DataFrame({"x": np.zeros(n)}), np.array(y), person_id=people, as_of=dates
    )
    return table, np.array(scores), np.array(p)


def by_hand(y, score, p, ids, k):
    """One date, as a person would work it out."""
    n = len(y)
    listed = rank_descending(score, ids, seed=0).rank <= k
    hits, false = int(y[listed].sum()), int((1 - y[listed]).sum())
    treated = p >= 0.5 / 3.5
    bins = pd.cut(p, [-1, *np.unique(np.quantile(p, np.linspace(0, 1, 11)[1:-1])), 2], right=False)
    gaps = pd.Series(y - p).groupby(np.asarray(bins.codes)).sum().abs()
    return {
        "recall": recall_score(y, listed) if y.any() else np.nan,
        "precision": hits / min(k, n),
        "net_benefit_of_list": (3 * hits - 0.5 * false) / n,
        "brier": brier_score_loss(y, p, pos_label=1, labels=[0, 1]),
        "log_loss": log_loss(y, p, labels=[0, 1]),
        "ece": gaps.sum() / n,
        "net_benefit": (y[treated].sum() - (1 - y[treated]).sum() * 0.5 / 3) / n,
    }


@settings(max_examples=30, deadline=None)
@given(tables(), st.integers(1, 12))
def test_every_new_metric_is_the_mean_over_dates_of_its_definition(drawn, k):
    table, scores, p = drawn
    found = evaluate_scores(
        table, {"s": scores}, probabilities={"s": p}, reference="s", ks=(k, "25%"),
        costs=COSTS, n_replicates=2,
    )  # fmt: skip
    for cut in (str(k), "25%"):
        parts = []
        for date in table.dates:
            rows = (table.as_of == date).to_numpy()
            length = k if cut != "25%" else ceil(rows.sum() / 4)
            ids = table.person_id.to_numpy()[rows]
            parts.append(by_hand(table.y.to_numpy()[rows], scores[rows], p[rows], ids, length))
        for name, expected in pd.DataFrame(parts).mean().items():
            label = f"net_benefit@{cut}" if name == "net_benefit_of_list" else name
            label = f"{name}@{cut}" if name in ("recall", "precision") else label
            assert np.isclose(found.value(label, "s"), expected, equal_nan=True), label


def world(n=900, seed=0):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1.5, 1.2, n)
    p = 1 / (1 + np.exp(-log_odds))
    y = (rng.random(n) < p).astype(float)
    table = Snapshots.from_table(pd.DataFrame({"x": p}), y)
    counts = table.serious_count * rng.integers(1, 4, n)
    return replace(table, serious_count=counts, totals=table.totals * 4), p


@pytest.fixture(scope="module")
def evaluated():
    table, p = world()
    noisy = np.random.default_rng(1).permutation(p)
    return table, evaluate_scores(
        table, {"good": p, "noise": noisy}, probabilities={"good": p, "noise": noisy},
        reference="noise", ks=(90, 900, "10%", "100%"), costs=COSTS, n_replicates=200,
    )  # fmt: skip


@pytest.mark.parametrize(
    "metric", ["captured", "precision", "recall", "harm_captured", "net_benefit"]
)
def test_a_share_and_the_same_number_of_people_are_one_list_in_every_resample(evaluated, metric):
    _, found = evaluated
    for k, share in ((90, "10%"), (900, "100%")):
        for model in found.models:
            left, right = (found.row(metric, model, cut) for cut in (k, share))
            assert left.drop(["k", "share", "note"]).equals(right.drop(["k", "share", "note"]))


def test_recall_counts_people_of_the_cohort_where_captured_counts_everyones_offences(evaluated):
    table, found = evaluated
    assert found.value("recall@100%", "good") == 1
    assert found.value("captured@100%", "good") < 1
    listed = rank_descending(table.X["x"], table.person_id).rank <= 90
    assert found.value("recall@90", "good") == pytest.approx(table.y[listed].sum() / table.y.sum())


def test_listing_the_whole_cohort_is_worth_what_listing_everyone_is(evaluated):
    table, found = evaluated
    share = table.y.mean()
    everyone = 3 * share - 0.5 * (1 - share)
    for model in found.models:
        assert found.value("net_benefit@100%", model) == pytest.approx(everyone)
    assert (
        f"listing everyone {everyone:.3f}, no one 0" in found.row("net_benefit@90", "good")["note"]
    )
    note = found.row("net_benefit", "good")["note"]
    assert note == f"listed from p = 0.143 ({COSTS}); everyone {everyone / 3:.3f}, no one 0"


def test_a_list_cut_at_the_threshold_has_the_net_benefit_of_the_probabilities(evaluated):
    table, _ = evaluated
    p = table.X["x"].to_numpy(dtype=float)
    k = int((p >= COSTS.threshold).sum())
    found = evaluate_scores(
        table, {"good": p}, probabilities={"good": p}, reference="good", ks=(k,), costs=COSTS,
        n_replicates=2,
    )  # fmt: skip
    of_list, of_chances = (
        found.value(name, "good") for name in (f"net_benefit@{k}", "net_benefit")
    )
    assert of_list == pytest.approx(COSTS.miss * of_chances)


def test_the_unit_of_the_costs_scales_a_list_and_leaves_probabilities_alone():
    table, p = world(300)
    cheap, dear = (
        evaluate_scores(
            table, {"s": p}, probabilities={"s": p}, reference="s", ks=(50,),
            costs=Costs(miss=4 * unit, false_listing=unit), n_replicates=20,
        )
        for unit in (1, 8)
    )  # fmt: skip
    ends = ["value", "low", "high"]
    left, right = (found.row("net_benefit@50", "s")[ends].astype(float) for found in (cheap, dear))
    assert np.allclose(8 * left, right)
    assert cheap.row("net_benefit", "s")[ends].equals(dear.row("net_benefit", "s")[ends])
    assert (cheap.costs, dear.costs) == (Costs(miss=4), Costs(miss=32, false_listing=8))


def test_differences_of_probabilities_are_paired_and_surer_than_their_parts(evaluated):
    _, found = evaluated
    for metric in ("brier", "log_loss", "ece", "net_benefit", "calibration_slope"):
        good, noise = (found.row(metric, model) for model in ("good", "noise"))
        assert good["difference"] == pytest.approx(good["value"] - noise["value"])
        assert good["low"] <= good["value"] <= good["high"]
        assert noise["difference_low"] == noise["difference_high"] == 0
        sign = 1 if metric in ("net_benefit", "calibration_slope") else -1
        assert min(sign * good["difference_low"], sign * good["difference_high"]) > 0


def test_perfect_calibration_is_not_called_miscalibrated():
    """The error of good probabilities is near what chance gives, and its interval holds it."""
    table, p = world(20_000, seed=4)
    row = evaluate_scores(
        table, {"s": p}, probabilities={"s": p}, reference="s", ks=(), n_replicates=100
    ).row("ece", "s")
    by_chance = float(row["note"].split()[-1])
    assert 0.4 * by_chance < row["value"] < 2 * by_chance
    assert row["low"] < row["value"] < row["high"]
