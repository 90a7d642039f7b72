"""Gaps are paired, and absent where they would mean nothing."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import (
    GAP_COLUMNS,
    INSUFFICIENT,
    MEASURED,
    joined,
    rate_tables,
    reference_group,
    stacked,
)
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import Settings, sums_by_group, sums_by_groups
from riskmodel.statistics.few_people import share_limits

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


def test_a_gap_to_everyone_is_paired_with_the_group_within_it():
    found, sums = tables({"a": [1] * 90 + [0] * 10, "b": [1] * 10 + [0] * 10}, reference="overall")
    assert set(found.gaps["reference"]) == {"Everyone"}
    rows = found.gaps.set_index("group")
    assert rows.loc["a", "difference"] == pytest.approx(0.9 - 100 / 120)
    # almost everyone is in a: what moves a moves everyone
    apart = HIT.of(sums.draws)[:, 0].std()
    assert rows.loc["a", "difference_se"] < apart
    named, _ = tables(
        {"a": [1, 0] * 20, "b": [1, 0] * 10}, reference="overall", reference_groups={"g": "b"}
    )
    assert named.gaps["reference"].tolist() == ["b"]


def test_a_gap_is_at_least_as_unsure_as_the_limits_of_its_groups():
    found, _ = tables({"a": [1] * 30 + [0] * 70, "b": [1] * 2 + [0] * 6})
    row = found.gaps.iloc[0]
    low, high = share_limits(
        np.array([0.25, 0.3]), np.array([0.25 * 0.75 / 8, 0.21 / 100]), [8, 100]
    )
    own = np.hypot(0.25 - low[0], high[1] - 0.3), np.hypot(high[0] - 0.25, 0.3 - low[1])
    assert row["difference_low"] <= -0.05 - 0.97 * own[0]
    assert row["difference_high"] >= -0.05 + 0.97 * own[1]
    assert row["difference_se"] >= (row["difference_high"] - row["difference_low"]) / (2 * 1.96)


def test_the_smallest_gap_that_would_show_is_found_four_times_in_five():
    rng, found = np.random.default_rng(0), []
    quiet, _ = tables({"a": [1] * 60 + [0] * 140, "b": [1] * 60 + [0] * 140})
    detectable = quiet.gaps.iloc[0]["detectable"]
    for _ in range(60):
        hits = {"a": rng.random(200) < 0.3, "b": rng.random(200) < 0.3 + detectable}
        row = tables({g: each.astype(float) for g, each in hits.items()})[0].gaps.iloc[0]
        found.append(row["difference_low"] > 0 or row["difference_high"] < 0)
    assert 0.65 < np.mean(found) < 0.95


def many_characteristics(rng, n=800, names=6):
    """Characteristics that have nothing to do with the hits."""
    groups = pd.DataFrame({f"c{i}": rng.choice(["a", "b", "c"], n) for i in range(names)})
    rows = pd.DataFrame({"people": np.ones(n), "hits": (rng.random(n) < 0.4).astype(float)})
    settings = Settings(n_replicates=200)
    sums = sums_by_groups(rows, groups, np.arange(n), settings)
    parts = [rate_tables(name, each, [HIT], settings, size="people") for name, each in sums.items()]
    return joined(parts).gaps


def test_simultaneous_intervals_hold_all_gaps_at_once_and_others_do_not():
    rng, apart, at_once = np.random.default_rng(0), 0, 0
    for _ in range(60):
        gaps = many_characteristics(rng)
        apart += bool(((gaps["difference_low"] > 0) | (gaps["difference_high"] < 0)).any())
        at_once += bool(((gaps["simultaneous_low"] > 0) | (gaps["simultaneous_high"] < 0)).any())
        assert (gaps["simultaneous_low"] <= gaps["difference_low"]).all()
    assert at_once <= 7  # of 60 at 95 %: more has a chance under 1 in 100
    assert apart >= 12  # twelve gaps at 95 % each


def test_one_comparison_alone_needs_no_more_than_its_own_interval():
    row = tables({"a": [1, 0] * 100, "b": [1, 0, 0] * 50})[0].gaps.iloc[0]
    own, all_at_once = (
        row[f"{kind}_high"] - row[f"{kind}_low"] for kind in ("difference", "simultaneous")
    )
    assert own <= all_at_once < 1.1 * own
