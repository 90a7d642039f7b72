"""Drift is zero where nothing changed, and finds what was planted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.monitoring.drift import (
    drift_by_period,
    feature_drift,
    index_interval,
    score_drift,
    stability_index,
)
from riskmodel.snapshots.table import Snapshots

N = 4_000


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "count": rng.poisson(0.7, N).astype("float32"),  # half of all rows share one value
            "days": rng.exponential(200, N).astype("float32"),
            "missing": np.where(rng.random(N) < 0.3, np.nan, rng.normal(size=N)).astype("float32"),
            "constant": np.ones(N, "float32"),
        }
    )


@pytest.fixture(scope="module")
def model(X):
    y = (X["count"] + np.random.default_rng(1).normal(size=N) > 1.5).astype(float)
    estimator = RepeatHarmEstimator(n_estimators=5)
    return train(Snapshots.from_table(X, y), estimator=estimator, n_replicates=10)


def test_the_training_table_itself_is_stable(model, X):
    found = feature_drift(model, X).set_index("feature")
    assert (found["change"] == "stable").all()
    assert (found["psi"] < 0.005).all()  # the reference is kept to the nearest 1 %
    assert found.loc["missing", "share_missing_then"] == pytest.approx(X["missing"].isna().mean())
    assert (found["share_missing_now"] == found["share_missing_then"]).all()
    assert found.loc["constant", "psi"] == pytest.approx(0)


def test_a_fresh_draw_of_the_same_world_stays_near_what_chance_brings(model):
    rng = np.random.default_rng(7)
    psi = []
    for _ in range(30):
        rows = pd.DataFrame(
            {"count": rng.poisson(0.7, 500), "days": rng.exponential(200, 500),
             "missing": np.where(rng.random(500) < 0.3, np.nan, rng.normal(size=500)),
             "constant": np.ones(500)}
        )  # fmt: skip
        found = feature_drift(model, rows).set_index("feature")
        psi.append(found.loc["days", "psi"])
        expected = found.loc["days", "by_chance"]
    assert np.mean(psi) == pytest.approx(expected, rel=0.4)


@pytest.mark.parametrize(
    ("feature", "change"),
    [
        ("count", lambda column: column + 1),
        ("days", lambda column: column * 3),
        ("missing", lambda column: column.where(np.arange(N) % 2 == 0)),
        ("constant", lambda column: column + 1),
    ],
)
def test_a_planted_change_is_found_in_its_column_alone(model, X, feature, change):
    found = feature_drift(model, X.assign(**{feature: change(X[feature])}))
    assert found["feature"].iloc[0] == feature
    assert found["change"].iloc[0] == "stop"
    assert (found["change"].iloc[1:] == "stable").all()


def test_columns_in_any_order_but_no_other_columns(model, X):
    shuffled = feature_drift(model, X[["days", "constant", "missing", "count"]])
    pd.testing.assert_frame_equal(shuffled, feature_drift(model, X))
    with pytest.raises(ModelMismatchError, match="days"):
        feature_drift(model, X.drop(columns="days"))
    with pytest.raises(SchemaError, match="no rows"):
        feature_drift(model, X.iloc[:0])


def test_few_rows_are_said_to_be_too_few(model, X):
    assert feature_drift(model, X.iloc[:40]).set_index("feature").loc["days", "change"] == (
        "too few rows"
    )


def test_a_feature_that_was_never_there_at_training(X):
    table = X.assign(missing=np.float32("nan"))
    y = (X["count"] > 1).astype(float)
    model = train(
        Snapshots.from_table(table, y), estimator=RepeatHarmEstimator(n_estimators=5),
        n_replicates=10,
    )  # fmt: skip
    assert (feature_drift(model, table)["change"] == "stable").all()
    assert feature_drift(model, X)["change"].tolist()[0] == "stop"


def test_estimates_drift_when_the_people_do(model, X):
    same = score_drift(model, model.estimates(X))
    assert same["estimate"].tolist()[0] in ("margin", "probability", "expected_harm")
    assert (same["change"] == "stable").all()
    more = X.assign(count=X["count"] + 1)
    assert "stop" in score_drift(model, model.estimates(more))["change"].tolist()


shares = st.lists(st.floats(0.001, 1), min_size=2, max_size=12)


@given(shares, st.randoms(use_true_random=False))
def test_the_index_is_zero_for_the_same_symmetric_and_never_negative(weights, random):
    then = np.array(weights) / sum(weights)
    now = then.copy()
    random.shuffle(now)
    assert stability_index(then, then) == 0
    assert stability_index(then, now) >= 0
    assert stability_index(then, now) == pytest.approx(stability_index(now, then))


@pytest.mark.parametrize("tilt", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("n_now", [300, 3_000])
def test_the_interval_holds_the_index_without_chance(tilt, n_now):
    rng, n_then, bins = np.random.default_rng(0), 20_000, 10
    then = np.full(bins, 1 / bins)
    now = np.linspace(1 - tilt, 1 + tilt, bins) / bins
    truth, inside = stability_index(then, now), 0
    for _ in range(400):
        seen = [rng.multinomial(n, shares) / n for n, shares in ((n_then, then), (n_now, now))]
        low, high = index_interval(stability_index(*seen), bins, 1 / n_then + 1 / n_now)
        inside += low <= truth <= high
    assert inside / 400 > 0.91


def test_each_date_on_its_own_and_the_feature_that_moved_most(model, X):
    dates = pd.Series(pd.to_datetime(np.where(np.arange(N) < N // 2, "2021-01-01", "2020-01-01")))
    moved = X.assign(days=X["days"].where(np.arange(N) >= N // 2, X["days"] * 4))
    found = drift_by_period(model, moved, dates)
    assert found["as_of"].tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")]
    assert found["stop"].tolist() == [0, 1] and found["feature"].iloc[1] == "days"
    later = feature_drift(model, moved.iloc[: N // 2])
    assert found["largest_psi"].iloc[1] == later["psi"].iloc[0]
    assert (found[["stable", "look", "stop", "too_few"]].sum(axis=1) == found["features"]).all()


def test_a_table_without_an_estimate_has_no_drift_of_it(model, X):
    estimates = model.estimates(X)[["margin", "probability"]]
    assert sorted(score_drift(model, estimates)["estimate"]) == ["margin", "probability"]
