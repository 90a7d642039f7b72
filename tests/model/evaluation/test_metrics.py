"""Evaluations: truths about lists, pairs, dates and resamples, and clear errors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.evaluation_text import labels_of
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.discrimination import captured_at_k, mean_captured, precision_at_k

LIST_METRICS = (
    "captured", "captured_of_all", "precision", "recall", "harm_captured", "harm_captured_capped",
    "net_benefit",
)  # fmt: skip
CHANCE_METRICS = (
    "brier", "log_loss", "calibration_slope", "calibration_in_the_large", "ece", "net_benefit",
)  # fmt: skip


def world(n=600, n_dates=1, seed=0, outside=0.0):
    """People seen on several dates; chances are known, and `outside` incidents per date are not."""
    rng = np.random.default_rng(seed)
    pool = int(n * 1.3)
    people = np.concatenate([rng.permutation(pool)[:n] for _ in range(n_dates)])
    log_odds = rng.normal(-1.5, 1.2, pool)[people]
    p = 1 / (1 + np.exp(-log_odds))
    y = (rng.random(len(p)) < p).astype(float)
    dates = np.repeat(pd.date_range("2003-01-01", periods=n_dates, freq="6MS"), n)
    table = Snapshots.from_table(
        pd.DataFrame({"x": log_odds}),
        y,
        person_id=people.astype(str),
        as_of=dates,
        harm=y * rng.exponential(300, len(y)),
    )
    totals = table.totals.assign(
        serious_named=table.totals["serious_named"] + outside,
        serious_all=table.totals["serious_all"] + 2 * outside,
    )
    counts = table.serious_count * rng.integers(1, 4, len(y))
    totals[["serious_named", "serious_all"]] = totals[["serious_named", "serious_all"]].add(
        (counts - table.serious_count).groupby(table.as_of).sum(), axis=0
    )
    capped = table.harm.clip(upper=365)
    totals["harm_capped_named"] = capped.groupby(table.as_of).sum()
    made = replace(table, totals=totals, serious_count=counts, harm_capped=capped)
    scores = {"v100_sum": rng.poisson(np.exp(log_odds) * 5).astype(float), "model": log_odds}
    return made, scores, p


@pytest.fixture(scope="module")
def two_dates():
    return world(n_dates=2, outside=40.0)


@pytest.fixture(scope="module")
def evaluation(two_dates):
    table, scores, p = two_dates
    return evaluate_scores(table, scores, probabilities={"model": p}, n_replicates=200, seed=3)


def test_the_leading_figure_comes_first_and_every_metric_is_there(evaluation):
    assert evaluation.table["metric"].iloc[0] == "mean_captured"
    assert set(evaluation.table["metric"]) == {
        "mean_captured", "auc", *LIST_METRICS, *CHANCE_METRICS,
    }  # fmt: skip
    for metric in LIST_METRICS:
        rows = evaluation.table[evaluation.table["metric"] == metric]
        assert sorted(rows["k"].dropna().unique()) == [50, 100, 250, 500]
        assert sorted(rows["share"].dropna().unique()) == [0.01, 0.05]
        assert (rows["k"].isna() | rows["share"].isna()).all()
    for metric in CHANCE_METRICS:
        assert evaluation.row(metric, "model")["k"] is pd.NA
        with pytest.raises(SchemaError, match="no row"):
            evaluation.row(metric, "v100_sum")


def test_each_date_is_what_the_plain_functions_say(two_dates, evaluation):
    table, scores, _ = two_dates
    for date in table.dates:
        rows = (table.as_of == date).to_numpy()
        ids, amounts = table.person_id[rows], table.serious_count[rows]
        for name, values in scores.items():
            total = table.totals.loc[date]
            plain = {
                ("mean_captured", None): mean_captured(
                    amounts, values[rows], ids, total=total["serious_named"], seed=3
                ),
                ("captured_of_all", 50): captured_at_k(
                    amounts, values[rows], ids, 50, total=total["serious_all"], seed=3
                ),
                ("harm_captured", 250): captured_at_k(
                    table.harm[rows], values[rows], ids, 250, seed=3
                ),
                ("harm_captured_capped", 100): captured_at_k(
                    table.harm_capped[rows], values[rows], ids, 100, seed=3
                ),
                ("precision", 100): precision_at_k(table.y[rows], values[rows], ids, 100, seed=3),
                ("auc", None): roc_auc_score(table.y[rows], values[rows]),
            }  # fmt: skip
            dated = evaluation.by_date[
                (evaluation.by_date["as_of"] == date) & (evaluation.by_date["model"] == name)
            ]
            dated = dated[dated["share"].isna()]
            for (metric, k), value in plain.items():
                same = dated["k"].isna() if k is None else dated["k"].eq(k).fillna(False)
                found = dated[same & (dated["metric"] == metric)]["value"]
                assert np.isclose(found.item(), value), (metric, name)


def test_the_table_is_the_mean_over_dates_with_their_spread(evaluation):
    dated = evaluation.by_date.assign(label=labels_of(evaluation.by_date))
    over = dated.groupby(["label", "model"])["value"].agg(["mean", "min", "max", "count"])
    for label, row in zip(labels_of(evaluation.table), evaluation.table.itertuples(), strict=True):
        expected = over.loc[(label, row.model)]
        assert np.allclose([row.value, row.date_low, row.date_high], expected[:3])
        assert row.n_dates == expected["count"] == 2


def test_numbers_of_rows_people_and_dates_stand_beside_each_figure(two_dates, evaluation):
    table, _, _ = two_dates
    assert (evaluation.table["n"] == len(table)).all()
    assert (evaluation.table["n_people"] == table.person_id.nunique()).all()
    assert (evaluation.by_date["n"] == 600).all()
    assert evaluation.n_unobserved == 0


def test_intervals_hold_their_estimates_and_the_reference_differs_by_nothing(evaluation):
    table = evaluation.table
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).mean() > 0.95
    reference = table[(table["model"] == "v100_sum")]
    assert (reference[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    others = table[(table["model"] == "model") & table["difference"].notna()]
    assert set(others["metric"]) == {"mean_captured", "auc", *LIST_METRICS}
    assert (others["difference_low"] <= others["difference_high"]).all()
    assert (others["difference_high"] - others["difference_low"] > 0).all()


def test_pairing_makes_the_difference_surer_than_its_parts(two_dates):
    table, scores, _ = two_dates
    near = {**scores, "near": scores["v100_sum"] + 0.3 * scores["model"]}
    row = evaluate_scores(table, near, n_replicates=200).row("mean_captured", "near")
    assert row["difference_high"] - row["difference_low"] < 0.7 * (row["high"] - row["low"])


def test_a_copy_of_the_reference_differs_by_exactly_nothing(two_dates):
    table, scores, _ = two_dates
    copies = {**scores, "copy": scores["v100_sum"].copy()}
    found = evaluate_scores(table, copies, n_replicates=50).table
    rows = found[found["model"] == "copy"]
    assert (rows[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)


def test_a_common_shift_of_all_scores_changes_nothing(two_dates):
    table, scores, _ = two_dates
    shifted = {name: 2 * values + 64 for name, values in scores.items()}
    left, right = (evaluate_scores(table, each, n_replicates=50) for each in (scores, shifted))
    pd.testing.assert_frame_equal(left.table, right.table)


def test_perfect_scores_capture_most_and_no_score_beats_them(two_dates):
    table, scores, _ = two_dates
    every = {**scores, "perfect": table.serious_count.to_numpy()}
    found = evaluate_scores(table, every, n_replicates=50)
    for metric in ("mean_captured", "captured@50", "captured_of_all@100", "recall@5%", "auc"):
        best = found.value(metric, "perfect")
        assert all(found.value(metric, name) <= best for name in scores)
    assert found.value("precision@50", "perfect") == 1


def test_captured_grows_with_k(two_dates):
    table, scores, _ = two_dates
    found = evaluate_scores(table, scores, ks=(10, 70, 300, 600), n_replicates=20)
    for metric in ("captured", "captured_of_all", "harm_captured", "harm_captured_capped"):
        for name in scores:
            values = [found.value(metric, name, k) for k in (10, 70, 300, 600)]
            assert (np.diff(values) >= 0).all()


def test_share_of_all_is_below_the_share_of_those_with_a_named_suspect(evaluation):
    for k in (50, 500):
        assert evaluation.value("captured_of_all", "model", k) < evaluation.value(
            "captured", "model", k
        )


def test_calibrated_probabilities_are_found_calibrated():
    table, scores, p = world(n=4_000)
    found = evaluate_scores(table, scores, probabilities={"model": p}, n_replicates=100)
    for metric in ("calibration_slope", "calibration_in_the_large"):
        row = found.row(metric, "model")
        assert row["low"] - 0.05 < 1 < row["high"] + 0.05
    with pytest.raises(SchemaError, match="no row"):
        found.value("brier", "v100_sum")


def test_the_order_of_rows_and_of_dates_changes_nothing(two_dates):
    table, scores, _ = two_dates
    order = np.random.default_rng(0).permutation(len(table))
    parts = {
        name: getattr(table, name).iloc[order].reset_index(drop=True)
        for name in ("y", "harm", "harm_capped", "serious_count", "person_id", "as_of", "observed")
    }
    shuffled = replace(table, **parts)
    moved = {name: values[order] for name, values in scores.items()}
    left = evaluate_scores(table, scores, n_replicates=30)
    right = evaluate_scores(shuffled, moved, n_replicates=30)
    pd.testing.assert_frame_equal(left.table, right.table, check_exact=True)
    pd.testing.assert_frame_equal(left.by_date, right.by_date, check_exact=True)


def test_only_observed_rows_count():
    table, scores, _ = world(n=300)
    unobserved = np.zeros(300, dtype=bool)
    unobserved[::3] = True
    y = table.y.mask(unobserved)
    harm = table.harm.mask(unobserved)
    partly = replace(table, y=y, harm=harm, observed=pd.Series(~unobserved))
    garbled = {name: np.where(unobserved, np.nan, values) for name, values in scores.items()}
    found = evaluate_scores(partly, garbled, n_replicates=20)
    assert (found.n, found.n_unobserved) == (200, 100)
    kept = {name: values[~unobserved] for name, values in scores.items()}
    expected = evaluate_scores(table.subset(~unobserved), kept, n_replicates=20)
    pd.testing.assert_frame_equal(found.table, expected.table)


def test_what_cannot_be_computed_is_missing_never_zero():
    n = 120
    X = pd.DataFrame({"x": np.arange(n, dtype=float)})
    table = Snapshots.from_table(X, np.zeros(n))
    found = evaluate_scores(table, {"v100_sum": np.arange(n)}, n_replicates=10)
    undefined = ("captured", "captured_of_all", "recall", "harm_captured")
    for metric in ("mean_captured", "auc", *(f"{name}@50" for name in undefined)):
        row = found.row(metric, "v100_sum")
        assert row[["value", "low", "high", "date_low"]].isna().all()
        assert row["undefined"] == 10
        assert row["n_dates"] == 0
    assert found.value("precision@50", "v100_sum") == 0
    assert "undefined" in str(found)


def test_a_date_without_outcomes_is_left_out_of_the_mean_and_counted(two_dates):
    table, scores, _ = two_dates
    first = (table.as_of == table.dates[0]).to_numpy()
    empty = {
        name: getattr(table, name).mask(first, 0.0)
        for name in ("y", "harm", "harm_capped", "serious_count")
    }
    totals = table.totals.copy()
    totals.loc[table.dates[0]] = 0.0
    found = evaluate_scores(replace(table, **empty, totals=totals), scores, n_replicates=10)
    alone = evaluate_scores(
        table.subset(~first), {k: v[~first] for k, v in scores.items()}, n_replicates=10
    )
    assert found.row("captured@50", "model")["n_dates"] == 1
    assert np.isclose(found.value("captured@50", "model"), alone.value("captured@50", "model"))
    assert found.row("precision@50", "model")["n_dates"] == 2


def test_a_list_longer_than_the_cohort_is_all_of_it_and_says_so():
    table, scores, _ = world(n=80)
    found = evaluate_scores(table, scores, ks=(50, 100), n_replicates=20)
    row = found.row("precision@100", "model")
    assert row["value"] == table.y.mean()
    assert row["note"] == "on 1 of 1 dates the cohort is smaller than the list, which is all of it"
    assert found.row("precision@50", "model")["note"] == ""
    assert found.row("mean_captured", "model")["note"] != ""
    assert found.value("captured@100", "model") == 1
    assert "smaller than the list" in str(found)


def test_repeated_people_make_intervals_wider_than_rows_would():
    table, scores, _ = world(n=400)
    again = [table.to_frame().assign(serious=table.serious_count) for _ in range(4)]
    frame = pd.concat(again, ignore_index=True)
    dates = np.repeat(pd.date_range("2003", periods=4, freq="YS"), len(table))
    ids = frame["person_id"]
    repeated = {name: np.tile(values, 4) for name, values in scores.items()}

    def width(people):
        many = Snapshots.from_table(frame[["x"]], frame["y"], person_id=people, as_of=dates)
        row = evaluate_scores(many, repeated, n_replicates=150).row("auc", "model")
        return row["high"] - row["low"]

    strangers = [f"{person}-{row}" for row, person in enumerate(ids)]
    assert width(ids) > 1.6 * width(strangers)  # half the spread, were they strangers


def test_seeds_repeat_and_differ(two_dates):
    table, scores, _ = two_dates
    one, two, three = (
        evaluate_scores(table, scores, n_replicates=30, seed=seed).table for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one["low"].equals(three["low"])


@settings(max_examples=25)
@given(st.data())
def test_any_small_table_is_evaluated_or_undefined(data):
    n = data.draw(st.integers(1, 12))
    flags = st.sampled_from([0.0, 1.0, np.nan])
    y = data.draw(st.lists(flags, min_size=n, max_size=n))
    if np.isnan(y).all():
        y[0] = 1.0
    years = data.draw(st.lists(st.integers(2003, 2004), min_size=n, max_size=n))
    scores = data.draw(st.lists(st.sampled_from([0.0, 1.0, np.inf]), min_size=n, max_size=n))
    table = Snapshots.from_table(
        pd.DataFrame({"x": np.zeros(n)}),
        y,
        as_of=pd.to_datetime([f"{year}-01-01" for year in years]),
    )
    found = evaluate_scores(
        table,
        {"v100_sum": np.array(scores)},
        probabilities={"v100_sum": np.full(n, 0.3)},
        ks=(1, 5),
        n_replicates=5,
    )
    unbounded = found.table["metric"].isin(["log_loss", "net_benefit"])
    shares = found.table[~found.table["metric"].str.startswith("calibration") & ~unbounded]
    values = shares[["value", "low", "high"]].to_numpy()
    assert (np.isnan(values) | ((values >= 0) & (values <= 1 + 1e-12))).all()
    assert (found.table["value"].isna() == (found.table["n_dates"] == 0)).all()


def test_all_mistakes_come_at_once(two_dates):
    table, scores, p = two_dates
    missing = np.where(np.arange(len(table)) < 7, np.nan, scores["model"])
    with pytest.raises(SchemaError) as found:
        evaluate_scores(
            table,
            {"model": missing, "short": scores["model"][:-1]},
            probabilities={"other": p, "model": p * 3},
        )
    problems = "\n".join(found.value.problems)
    assert "reference: 'v100_sum' given, one of model, short is allowed" in problems
    assert "probabilities['other']: no score of that name" in problems
    assert "scores['model']: observed rows: missing in 7 rows" in problems
    assert "scores['short']: shape (1199,) given, (1200,) expected" in problems
    assert "probabilities['model']: probability: outside [0, 1]" in problems


def test_nothing_observed_is_an_error_with_advice():
    table = Snapshots.from_table(pd.DataFrame({"x": [1.0, 2.0]}), [np.nan, np.nan])
    with pytest.raises(SchemaError, match="observed in none of 2 rows"):
        evaluate_scores(table, {"v100_sum": np.zeros(2)})


def test_an_observed_row_without_an_outcome_is_refused_not_dropped(two_dates):
    table, scores, _ = two_dates
    with pytest.raises(SchemaError, match="y: missing in 1 rows"):
        evaluate_scores(replace(table, y=table.y.where(table.y.index > 0)), scores)


@pytest.mark.parametrize("ks", [(0,), (1.5,), (-1, 5), ("0%",), ("101%",), ("few",)])
def test_lengths_of_list_are_whole(two_dates, ks):
    table, scores, _ = two_dates
    with pytest.raises(SchemaError, match="ks"):
        evaluate_scores(table, scores, ks=ks)


def test_totals_that_cannot_be_are_refused(two_dates):
    table, scores, _ = two_dates
    with pytest.raises(SchemaError, match=r"totals\.serious_named: below the sum"):
        evaluate_scores(replace(table, totals=table.totals * 0), scores, n_replicates=2)
    with pytest.raises(SchemaError, match="no row for the as_of date"):
        evaluate_scores(replace(table, totals=table.totals.iloc[1:]), scores, n_replicates=2)


@pytest.mark.filterwarnings("ignore::riskmodel.errors.LateReportsWarning")
def test_built_snapshots_and_every_baseline_fit_together(small_world):
    from riskmodel.model.baselines.rules import BASELINES, baseline_scores
    from riskmodel.snapshots.build import build_snapshots
    from riskmodel.snapshots.cohort import Cohort
    from riskmodel.snapshots.task import Task

    histories = small_world.histories
    task = Task(cohort=Cohort(), offences=small_world.offences)
    dates = [histories.data_end - pd.Timedelta(days=days) for days in (1000, 800)]
    table = build_snapshots(histories, task, as_of=dates, known_at=histories.data_end)
    found = evaluate_scores(table, baseline_scores(table.rules, table.as_of), n_replicates=50)
    assert found.models == tuple(BASELINES)
    assert found.best_baseline in BASELINES
    assert found.table[found.table["model"] == "v100_sum"]["value"].between(0, 1).all()
