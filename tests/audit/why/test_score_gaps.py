"""The contributions of the features add up to the gap in mean score, whatever the groups."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.why import score_gaps
from riskmodel.audit.why.score_gaps import ALL_OTHERS, SCORE_GAP_COLUMNS, score_gap_table
from riskmodel.model.estimator import RepeatHarmEstimator

N, FEATURES = 600, [f"x{i}" for i in range(14)]


@pytest.fixture(scope="module")
def world():
    """x0 alone drives the score, and stands higher for b."""
    rng = np.random.default_rng(0)
    sex = np.where(rng.random(N) < 0.4, "b", "a")
    X = pd.DataFrame(rng.normal(size=(N, len(FEATURES))), columns=FEATURES)
    X["x0"] += 1.5 * (sex == "b")
    X.loc[::7, "x3"] = np.nan
    y = rng.random(N) < 1 / (1 + np.exp(-2 * X["x0"]))
    fitted = RepeatHarmEstimator(n_estimators=12, n_jobs=1).fit(X, y)
    return fitted, X, pd.DataFrame({"sex": sex})


def test_contributions_add_up_to_the_gap_in_mean_margin(world):
    fitted, X, columns = world
    table = score_gap_table(fitted.scorer_, X, columns, person=range(N))
    margin, b = fitted.decision_function(X), (columns["sex"] == "b").to_numpy()
    gap = margin[b].mean() - margin[~b].mean()
    assert table["contribution"].sum() == pytest.approx(gap, abs=1e-9)
    assert table["gap"].to_numpy() == pytest.approx(gap, abs=1e-9)
    assert table["share"].sum() == pytest.approx(1.0)
    assert (table["gap_low"] < gap).all() and (table["gap_high"] > gap).all()


def test_the_planted_feature_comes_first_and_the_rest_is_one_row(world):
    fitted, X, columns = world
    table = score_gap_table(fitted.scorer_, X, columns, person=range(N), features_shown=3)
    assert tuple(table.columns) == SCORE_GAP_COLUMNS
    assert table["feature"].iloc[0] == "x0" and table["share"].iloc[0] > 0.8
    assert table["feature"].tolist()[3:] == [ALL_OTHERS]
    first, b = table.iloc[0], (columns["sex"] == "b").to_numpy()
    assert first["value_group"] == pytest.approx(X.loc[b, "x0"].mean())
    assert first["value_reference"] == pytest.approx(X.loc[~b, "x0"].mean())
    assert first["mean_group"] - first["mean_reference"] == pytest.approx(first["contribution"])


def test_means_of_a_feature_are_of_those_who_have_one(world):
    fitted, X, columns = world
    table = score_gap_table(fitted.scorer_, X, columns, person=range(N), features_shown=20)
    row = table.set_index("feature").loc["x3"]
    assert row["value_group"] == pytest.approx(X.loc[columns["sex"] == "b", "x3"].mean())


def test_chunks_change_nothing(world, monkeypatch):
    fitted, X, columns = world
    whole = score_gap_table(fitted.scorer_, X, columns, person=range(N))
    monkeypatch.setattr(score_gaps, "_ROWS_AT_ONCE", 77)
    parts = score_gap_table(fitted.scorer_, X, columns, person=range(N))
    pd.testing.assert_frame_equal(whole, parts, rtol=1e-9, atol=1e-12)


def test_a_small_group_is_left_out(world):
    fitted, X, columns = world
    few = columns.assign(sex=np.where(np.arange(N) < 7, "few", columns["sex"]))
    table = score_gap_table(fitted.scorer_, X, few, person=range(N))
    assert table["group"].unique().tolist() == ["b"]
    same = np.where(np.arange(N) < 40, "few", columns["sex"])  # 40 rows of 4 people
    rows = np.where(np.arange(N) < 40, np.arange(N) % 4, np.arange(N))
    table = score_gap_table(fitted.scorer_, X, pd.DataFrame({"sex": same}), person=rows)
    assert "few" not in table["group"].to_numpy()


def test_one_group_gives_an_empty_table(world):
    fitted, X, _ = world
    table = score_gap_table(fitted.scorer_, X, pd.DataFrame({"sex": ["a"] * N}), person=range(N))
    assert table.empty and tuple(table.columns) == SCORE_GAP_COLUMNS


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from(["largest", "overall"]))
def test_they_add_up_for_any_groups(world, seed, n_groups, reference):
    fitted, X, _ = world
    rng = np.random.default_rng(seed)
    columns = pd.DataFrame({"any": rng.integers(0, n_groups, N).astype(str)})
    chosen = Settings(reference=reference)
    table = score_gap_table(
        fitted.scorer_, X, columns, person=rng.integers(0, N, N), settings=chosen
    )
    sums = table.groupby("group").agg(added=("contribution", "sum"), gap=("gap", "first"))
    assert (sums["added"] - sums["gap"]).abs().max() <= 1e-9 or sums.empty
