"""Rates by group of each date are those of an audit of that date; together they are sharper."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import INSUFFICIENT, MEASURED
from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import Settings
from riskmodel.monitoring.group_periods import METRICS, group_periods

SETTINGS = Settings(n_replicates=200)
N = 600


@pytest.fixture(scope="module")
def rows():
    """Four dates; of those listed the first half goes on to the outcome twice as often."""
    rng = np.random.default_rng(0)
    parts = []
    for date in pd.date_range("2012-01-01", periods=4, freq="MS"):
        listed = np.arange(N) % 5 == 0
        chance = np.where(listed, np.where(np.arange(N) < N // 2, 0.8, 0.4), 0.1)
        parts.append(
            pd.DataFrame(
                {"person_id": [f"{date:%m}-{i}" for i in range(N)], "as_of": date, "listed": listed,
                 "probability": chance, "y": (rng.random(N) < chance).astype(float)}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def groups(rows):
    number = rows["person_id"].str.split("-").str[1].astype(int)
    half = np.where(number < N // 2, "first", "second")
    return pd.DataFrame({"person_id": rows["person_id"], "half": half, "few": number < 3})


@pytest.fixture(scope="module")
def found(rows, groups):
    return group_periods(rows, groups, settings=SETTINGS)


def test_each_date_is_the_audits_table_of_that_date(rows, groups, found):
    of_date = rows[rows["as_of"] == "2012-02-01"].reset_index(drop=True)
    columns = groups.set_index("person_id").loc[of_date["person_id"]].reset_index(drop=True)
    tables = group_table(of_date["y"], of_date["listed"], of_date["probability"],
                         columns.astype("str"), settings=SETTINGS, warn=False)  # fmt: skip
    expected = tables.rates[tables.rates["metric"].isin(METRICS)].set_index(
        ["characteristic", "group", "metric"]
    )
    mine = found.rates[found.rates["as_of"] == "2012-02-01"]
    mine = mine.set_index(["characteristic", "group", "metric"]).loc[expected.index]
    for name in ("value", "numerator", "denominator", "withheld"):
        pd.testing.assert_series_equal(mine[name], expected[name], check_dtype=False)


def test_all_dates_together_add_up(found):
    precision = found.rates[found.rates["metric"] == "precision"]
    together = precision[precision["as_of"].isna()].set_index(["characteristic", "group"])
    apart = precision.dropna(subset=["as_of"]).groupby(["characteristic", "group"])
    assert (apart["n"].sum().loc[together.index] == together["n"]).all()
    assert (apart["numerator"].sum().loc[together.index] == together["numerator"]).all()


def test_a_planted_gap_shows_over_all_dates_and_sharper_than_in_one(found):
    gaps = found.gaps[(found.gaps["metric"] == "precision") & (found.gaps["group"] == "second")]
    if gaps.empty:  # the second half is the reference
        gaps = found.gaps[(found.gaps["metric"] == "precision") & (found.gaps["group"] == "first")]
    together = gaps[gaps["as_of"].isna()].iloc[0]
    assert together["status"] == MEASURED
    assert abs(together["difference"]) == pytest.approx(0.4, abs=0.12)
    assert together["difference_low"] * together["difference_high"] > 0
    width = gaps["difference_high"] - gaps["difference_low"]
    assert width[gaps["as_of"].isna()].iloc[0] < 0.7 * width[gaps["as_of"].notna()].min()


def test_small_cells_are_withheld(found):
    few = found.rates[(found.rates["characteristic"] == "few") & (found.rates["group"] == "True")]
    of_dates = few[few["as_of"].notna() & (few["metric"] == "selection_rate")]
    assert of_dates["withheld"].all() and of_dates["value"].isna().all()
    gaps = found.gaps[(found.gaps["characteristic"] == "few") & found.gaps["as_of"].notna()]
    assert (gaps["status"] == INSUFFICIENT).all()


def test_n_is_people_and_of_calibration_those_observed(found, rows):
    of_all = found.rates[found.rates["as_of"].isna() & (found.rates["characteristic"] == "half")]
    n = of_all.set_index(["group", "metric"])["n"]
    assert n["first", "observed_over_expected"] == n["first", "selection_rate"] == len(rows) / 2
    assert n["first", "precision"] + n["second", "precision"] == rows["listed"].sum()


def test_one_date_alone_has_no_rows_of_all_dates(rows, groups):
    only = rows[rows["as_of"] == rows["as_of"].iloc[0]]
    assert group_periods(only, groups, settings=SETTINGS).rates["as_of"].notna().all()
