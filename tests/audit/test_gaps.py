"""Gaps are paired, and absent where they would mean nothing."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.gaps import (
    GAP_COLUMNS,
    INSUFFICIENT,
    MEASURED,
    rate_tables,
    reference_group,
    stacked,
)
from riskmodel.audit.rates import Rate, Settings, sums_by_group

HIT = Rate("hit", "hits", "people")


def tables(hits_by_group, **options):
    rows = pd.DataFrame(
        [{"g": g, "people": 1.0, "hits": h} for g, hits in hits_by_group.items() for h in hits]
    )
    settings = Settings(n_replicates=200, **options)
    sums = sums_by_group(rows[["people", "hits"]], rows["g"], np.arange(len(rows)), settings)
    return rate_tables("g", sums, [HIT], settings, size="people"), sums


def test_difference_and_ratio_are_of_the_points():
    found, _ = tables({"a": [1] * 30 + [0] * 30, "b": [1] * 10 + [0] * 40})
    row = found.gaps.iloc[0]
    assert (row["group"], row["reference"]) == ("b", "a")
    assert row["difference"] == pytest.approx(0.2 - 0.5)
    assert row["ratio"] == pytest.approx(0.4)
    assert row["difference_low"] < row["difference"] < row["difference_high"]


def test_a_ratio_to_nothing_is_undefined():
    found, _ = tables({"a": [0] * 60, "b": [1] * 10 + [0] * 40})
    row = found.gaps.iloc[0]
    assert row["status"] == MEASURED
    assert np.isnan(row["ratio"])
    assert row["difference"] == pytest.approx(0.2)


def test_a_small_reference_group_leaves_nothing_to_compare_with():
    found, _ = tables(
        {"a": [1, 0] * 3, "b": [1, 0] * 30, "c": [0, 1] * 10}, reference_groups={"g": "a"}
    )
    assert (found.gaps["status"] == INSUFFICIENT).all()
    assert found.gaps["reason"].str.startswith("reference group").all()


def test_one_group_has_no_gap_and_neither_has_only_not_recorded():
    assert tables({"a": [1, 0] * 10})[0].gaps.empty
    found, sums = tables({"Not recorded": [1, 0] * 10})
    assert reference_group(sums, "people") is None
    assert list(found.gaps.columns) == list(GAP_COLUMNS)
    assert found.gaps.empty


def test_nothing_stacked_keeps_its_columns():
    assert list(stacked([], GAP_COLUMNS).columns) == list(GAP_COLUMNS)
