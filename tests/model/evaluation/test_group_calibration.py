"""Planted miscalibration of one group comes back, and small groups say nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.group_calibration import KINDS, MEASURES, calibration_by_group
from riskmodel.schema import NOT_RECORDED
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics import calibration


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def planted(n=3_000, n_dates=2, seed=0):
    """Three groups: as they should be, estimates half of the truth, estimates too extreme."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1.5, 1.0, n * n_dates)
    group = np.tile(rng.choice(["fair", "low", "steep"], n), n_dates)
    truth = np.where(group == "steep", 0.5 * log_odds, log_odds)
    p = np.where(group == "low", sigmoid(truth) / 2, sigmoid(log_odds))
    y = (rng.random(len(p)) < sigmoid(truth)).astype(float)
    table = Snapshots.from_table(
        pd.DataFrame({"x": p}),
        y,
        person_id=np.tile([f"p{i}" for i in range(n)], n_dates),
        as_of=np.repeat(pd.date_range("2003", periods=n_dates, freq="YS"), n),
    )
    return table, p, pd.Series(group, name="area")


@pytest.fixture(scope="module")
def world():
    return planted()


@pytest.fixture(scope="module")
def found(world):
    return calibration_by_group(*world, n_replicates=200)


def test_planted_miscalibration_comes_back_in_its_own_group(found):
    ratio, slope = found["observed_over_expected"], found["slope"]
    assert ratio["low"] == pytest.approx(2, abs=0.2)
    assert slope["steep"] == pytest.approx(0.5, abs=0.15)
    for name in ("observed_over_expected", "slope"):
        assert found.loc["fair", f"{name}_low"] < 1 < found.loc["fair", f"{name}_high"]
    assert found.loc["low", "observed_over_expected_low"] > 1.5
    assert found.loc["steep", "slope_high"] < 0.8
    assert found.loc["fair", "ece"] < 2 * found.loc["fair", "ece_by_chance"]
    assert found.loc["low", "ece_low"] > 3 * found.loc["low", "ece_by_chance"]


def test_each_group_is_what_the_plain_functions_say_of_its_rows(world, found):
    table, p, group = world
    for name, row in found.iterrows():
        mine = (group == name).to_numpy()
        y, chance = table.y.to_numpy()[mine], p[mine]
        plain = {
            "observed": y.mean(),
            "expected": chance.mean(),
            "observed_over_expected": calibration.observed_over_expected(y, chance),
            "slope": calibration.calibration_slope(y, chance),
            "ece": calibration.expected_calibration_error(y, chance),
        }
        assert tuple(plain) == MEASURES
        for measure, expected in plain.items():
            assert np.isclose(row[measure], expected)
            assert row[f"{measure}_low"] <= expected <= row[f"{measure}_high"]
        assert (row["n"], row["n_people"]) == (mine.sum(), table.person_id[mine].nunique())


def test_the_table_has_its_documented_columns(found):
    assert found.dtypes.astype(str).to_dict() == KINDS
    assert found.index.name == "area"
    assert (found["note"] == "").all()


def test_people_are_resampled_with_all_their_rows():
    table, p, group = planted(n=1_000, n_dates=1)
    frame = pd.concat([table.to_frame()] * 4, ignore_index=True)
    dates = np.repeat(pd.date_range("2003", periods=4, freq="YS"), 1_000)

    def width(people):
        many = Snapshots.from_table(frame[["x"]], frame["y"], person_id=people, as_of=dates)
        row = calibration_by_group(many, np.tile(p, 4), pd.concat([group] * 4)).loc["fair"]
        return row["observed_high"] - row["observed_low"]

    strangers = [f"{person}-{row}" for row, person in enumerate(frame["person_id"])]
    assert width(frame["person_id"]) > 1.6 * width(
        strangers
    )  # half the spread, were they strangers


def test_missing_and_blank_are_a_level_and_stand_last(world):
    table, p, group = world
    hidden = group.where(np.arange(len(group)) % 3 > 0).mask(np.arange(len(group)) % 5 == 0, " ")
    found = calibration_by_group(table, p, hidden, n_replicates=20)
    assert list(found.index) == ["fair", "low", "steep", NOT_RECORDED]
    blank = (hidden.isna() | (hidden == " ")).to_numpy()
    assert found.loc[NOT_RECORDED, "n"] == blank.sum()
    assert found["n"].sum() == len(table)


def test_small_groups_and_single_classes_are_missing_with_a_note(world):
    table, p, group = world
    person = table.person_id
    few = group.mask(person.isin([f"p{i}" for i in range(29)]), "few")
    few = few.mask(person.isin([f"p{i}" for i in range(100, 140)]) & (table.y == 0), "clear")
    few = few.mask(person.isin([f"p{i}" for i in range(200, 800)]) & (table.y == 1), "harmed")
    found = calibration_by_group(table, p, few, n_replicates=20)
    measures = [name for name in KINDS if name.startswith(MEASURES)]
    for name, note in (("few", "fewer than 30 people"), ("clear", "none with the outcome; 0."),
                       ("harmed", "all with the outcome; 0.")):  # fmt: skip
        assert found.loc[name, measures].isna().all()
        assert found.loc[name, "note"].startswith(note)
        assert found.loc[name, "n"] > 0
    assert found.loc["few", ["n", "n_people"]].tolist() == [58, 29]
    assert found.loc[["fair", "low", "steep"], measures].notna().all(axis=None)
    more = calibration_by_group(table, p, few, n_replicates=20, minimum=29)
    assert more.loc["few", "note"] == ""


def test_only_observed_rows_count_and_the_rest_may_be_anything(world):
    table, p, group = world
    unseen = np.arange(len(table)) % 4 == 0
    partly = replace(table, y=table.y.mask(unseen), observed=pd.Series(~unseen))
    left = calibration_by_group(partly, np.where(unseen, np.nan, p), group, n_replicates=20)
    kept = group[~unseen].reset_index(drop=True)
    right = calibration_by_group(table.subset(~unseen), p[~unseen], kept, n_replicates=20)
    pd.testing.assert_frame_equal(left, right)


def test_the_order_of_rows_changes_nothing(world):
    table, p, group = world
    order = np.random.default_rng(3).permutation(len(table))
    parts = {
        name: getattr(table, name).iloc[order].reset_index(drop=True)
        for name in ("y", "person_id", "as_of", "observed")
    }
    left = calibration_by_group(table, p, group, n_replicates=20)
    moved = replace(table, **parts)
    right = calibration_by_group(moved, p[order], group.iloc[order], n_replicates=20)
    pd.testing.assert_frame_equal(left, right)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_small_table_is_measured_or_noted(data):
    n = data.draw(st.integers(1, 12))
    y = data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n))
    p = data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n))
    group = data.draw(st.lists(st.sampled_from(["a", "b", None]), min_size=n, max_size=n))
    table = Snapshots.from_table(pd.DataFrame({"x": p}), y)
    minimum = data.draw(st.integers(1, 4))
    found = calibration_by_group(
        table, p, pd.Series(group, dtype=object), minimum=minimum, n_replicates=5
    )
    assert found["n"].sum() == n
    noted = found["note"] != ""
    assert found.loc[noted, "observed"].isna().all()
    assert found.loc[~noted, ["observed", "expected", "ece"]].notna().all(axis=None)
    assert (found.loc[~noted, "n_people"] >= minimum).all()


def test_mistakes_are_refused(world):
    table, p, group = world
    with pytest.raises(SchemaError, match="groups: 5999 rows given"):
        calibration_by_group(table, p, group.iloc[1:])
    with pytest.raises(SchemaError, match="probability: shape"):
        calibration_by_group(table, p[1:], group)
    with pytest.raises(SchemaError, match="probability: outside"):
        calibration_by_group(table, p + 1, group)
    with pytest.raises(SchemaError, match="minimum: 0 given"):
        calibration_by_group(table, p, group, minimum=0)
    nothing = replace(table, y=table.y * np.nan, observed=table.observed & False)
    with pytest.raises(SchemaError, match="observed in none of 6000 rows"):
        calibration_by_group(nothing, p, group)
