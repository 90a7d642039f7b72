"""Curves of calibration by group: plain shares, intervals that count people, small cells gone."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.group_calibration import CURVE_COLUMNS, group_calibration_table
from riskmodel.errors import SchemaError
from riskmodel.statistics.bootstrap import interval, person_weights


def world(n=4000, rows_a_person=1, seed=0):
    rng = np.random.default_rng(seed)
    who = np.tile(np.arange(n // rows_a_person), rows_a_person)
    p = 1 / (1 + np.exp(-rng.normal(-1.5, 1, n)))
    sex = pd.DataFrame({"sex": np.where(who % 4 == 0, "f", "m")})
    truth = np.where(sex["sex"] == "f", np.minimum(1.6 * p, 1), p)
    y = (rng.random(n // rows_a_person)[who] < truth).astype(float)
    return y, p, sex, who


def test_each_bin_is_plain_and_all_rows_are_in_one():
    y, p, sex, who = world()
    table = group_calibration_table(y, p, sex, person=who)
    assert list(table.columns) == list(CURVE_COLUMNS)
    assert table["n"].sum() == len(y)
    assert table["positives"].sum() == y.sum()
    edges = np.quantile(p, [0.5, 0.75, 0.9, 0.95])
    top = (p > edges[-1]) & (sex["sex"] == "f").to_numpy()
    row = table[(table["group"] == "f") & (table["bin"] == 4)].iloc[0]
    assert row["n"] == top.sum()
    assert row["predicted"] == pytest.approx(p[top].mean())
    assert row["observed"] == pytest.approx(y[top].mean())


def test_planted_underestimation_of_one_group_is_found_and_not_of_the_other():
    table = group_calibration_table(*world(n=20_000)[:3], person=np.arange(20_000))
    outside = (table["low"] > table["predicted"]) | (table["high"] < table["predicted"])
    assert outside[table["group"] == "f"].mean() > 0.7
    assert outside[table["group"] == "m"].mean() <= 0.2


def test_the_interval_is_that_of_resampling_people():
    y, p, sex, who = world(rows_a_person=4)
    table = group_calibration_table(y, p, sex, person=who)
    row = table[(table["group"] == "m") & (table["bin"] == 0)].iloc[0]
    mine = (p <= np.quantile(p, 0.5)) & (sex["sex"] == "m").to_numpy()
    weights = np.concatenate(list(person_weights(who, 1000)))[:, mine]
    low, high = interval(weights @ y[mine] / weights.sum(axis=1))
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.12)


def test_few_people_in_a_bin_are_withheld_however_many_rows_they_have():
    p, y = np.tile([0.1, 0.9], 40), np.tile([0.0, 1.0, 0.0, 0.0], 20)
    few = group_calibration_table(y, p, pd.DataFrame({"g": ["a"] * 80}), person=np.arange(80) % 6)
    assert few[["predicted", "observed", "low", "high"]].isna().all().all()
    assert few["n"].sum() == 80


def test_who_was_not_observed_is_left_out_and_nobody_is_an_empty_table():
    y, p, sex, who = world(n=400)
    y[:100] = np.nan
    assert group_calibration_table(y, p, sex, person=who)["n"].sum() == 300
    assert group_calibration_table(np.full(400, np.nan), p, sex, person=who).empty
    with pytest.raises(SchemaError, match="as many rows"):
        group_calibration_table(y, p[:-1], sex, person=who)
