"""Past estimates beside later outcomes: sums done by hand, and NaN where there are none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.monitoring.realised import _CALIBRATION, realised
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.calibration import brier, calibration_slope, observed_over_expected
from riskmodel.statistics.cells import wilson
from riskmodel.statistics.discrimination import precision_at_k


def tables(y, probability, as_of=None):
    n = len(y)
    people = [f"p{i}" for i in range(n)]
    dates = pd.Series(pd.Timestamp("2020-01-01") if as_of is None else as_of, index=range(n))
    snapshots = Snapshots.from_table(
        pd.DataFrame({"x": np.zeros(n)}), y, person_id=people, as_of=dates
    )
    p = np.asarray(probability, dtype=float)
    scores = pd.DataFrame(
        {"person_id": people, "as_of": dates, "probability": p, "margin": np.log(p / (1 - p))}
    )
    return scores, snapshots


def test_by_hand():
    scores, snapshots = tables([1, 0, np.nan, 1], [0.5, 0.25, 0.9, 0.25])
    row = realised(scores, snapshots, k=2).iloc[0]
    assert (row["n"], row["n_observed"], row["k"]) == (4, 3, 2)
    assert (row["expected"], row["observed"], row["observed_over_expected"]) == (1.0, 2.0, 2.0)
    assert (row["listed_observed"], row["precision"]) == (1, 1.0)
    assert 0 < row["precision_low"] < 1 == row["precision_high"]


def test_the_ratio_has_the_interval_of_the_observed_share():
    scores, snapshots = tables([1] * 6 + [0] * 34, [0.3] * 40)
    row = realised(scores, snapshots, k=5).iloc[0]
    low, high = wilson(6, 40)
    assert row["observed_over_expected"] == pytest.approx(0.5)
    assert row["observed_over_expected_low"] == pytest.approx(low * 40 / 12)
    assert row["observed_over_expected_high"] == pytest.approx(high * 40 / 12)
    assert np.isnan(row["calibration_slope"])  # one probability has no line


def test_the_slope_is_that_of_the_statistics():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.1, 0.9, 300)
    y = (rng.random(300) < p).astype(float)
    scores, snapshots = tables(y, p)
    found = realised(scores, snapshots, k=5)["calibration_slope"].iloc[0]
    assert found == pytest.approx(calibration_slope(y, p))


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), min_size=1, max_size=40),
       st.integers(1, 50))  # fmt: skip
def test_agrees_with_the_statistics_and_with_any_order_of_rows(rows, k):
    y = np.array([float(outcome) for outcome, _ in rows])
    p = np.array([chance for _, chance in rows])
    scores, snapshots = tables(y, p)
    found = realised(scores.sample(frac=1, random_state=0), snapshots, k=k).iloc[0]
    assert found["observed_over_expected"] == pytest.approx(observed_over_expected(y, p))
    assert found["brier"] == pytest.approx(brier(y, p))
    ids = scores["person_id"]
    assert found["precision"] == pytest.approx(precision_at_k(y, scores["margin"], ids, k))


def test_each_date_on_its_own_and_nothing_observed_is_not_zero():
    dates = pd.to_datetime(["2020-01-01", "2020-01-01", "2021-01-01"])
    scores, snapshots = tables([1, 0, np.nan], [0.5, 0.5, 0.5], dates)
    found = realised(scores, snapshots, k=1)
    assert found["as_of"].tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")]
    later = found.iloc[1]
    assert (later["n"], later["n_observed"]) == (1, 0)
    undefined = [*_CALIBRATION, "precision", "precision_low", "precision_high"]
    assert later[undefined].isna().all()


def test_people_without_an_estimate_or_without_a_row_since():
    scores, snapshots = tables([1, 0, 1], [0.5, 0.5, 0.5])
    scores.loc[0, ["probability", "margin"]] = np.nan
    found = realised(scores, snapshots.subset([True, True, False])).iloc[0]
    assert (found["n"], found["n_observed"], found["observed"]) == (2, 1, 0.0)


def test_mistakes_are_named_without_values():
    scores, snapshots = tables([1, 0], [0.5, 0.5])
    with pytest.raises(SchemaError, match="repeat a person") as raised:
        realised(pd.concat([scores, scores]), snapshots, k=0)
    assert "k: a whole number" in str(raised.value) and "p0" not in str(raised.value)
    with pytest.raises(SchemaError, match="margin"):
        realised(scores.drop(columns="margin"), snapshots)
