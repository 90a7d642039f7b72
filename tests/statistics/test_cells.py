"""Resampling cells is resampling rows; intervals of small cells are wide, and empty ones NaN."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.errors import SchemaError
from riskmodel.statistics.cells import count_cells, rate, resample_cells, wilson

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=12)


@given(COUNTS, st.integers(1, 4), st.integers(0, 3))
def test_each_date_keeps_its_rows_and_an_empty_cell_stays_empty(counts, n_dates, seed):
    strata = np.arange(len(counts)) % n_dates
    draws = resample_cells(counts, 6, seed, strata=strata)
    for date in np.unique(strata):
        assert (
            draws[:, strata == date].sum(axis=1) == np.array(counts)[strata == date].sum()
        ).all()
    assert not draws[:, np.array(counts) == 0].any()
    assert (draws >= 0).all()


def test_cells_match_plain_resampling_of_rows():
    rng = np.random.default_rng(0)
    n = 300
    cell = rng.choice(4, size=n, p=[0.6, 0.25, 0.1, 0.05])
    counts = np.bincount(cell, minlength=4)
    by_rows = np.array([np.bincount(cell[rng.integers(0, n, n)], minlength=4) for _ in range(4000)])
    by_cells = resample_cells(counts, 4000, seed=1)
    assert np.allclose(by_cells.mean(axis=0), by_rows.mean(axis=0), atol=0.7)
    assert np.allclose(np.cov(by_cells.T), np.cov(by_rows.T), atol=6)
    assert np.allclose(by_cells.var(axis=0), counts * (1 - counts / n), rtol=0.12)
    shares = [rate(draws[:, 3], draws[:, 2] + draws[:, 3]) for draws in (by_rows, by_cells)]
    assert np.allclose(np.quantile(shares[0], [0.05, 0.5, 0.95]),
                       np.quantile(shares[1], [0.05, 0.5, 0.95]), atol=0.03)  # fmt: skip


@pytest.mark.parametrize("counts", [[1.5, 2.0], [-1, 2], [[1, 2]]])
def test_counts_are_whole_numbers_of_zero_or_more(counts):
    with pytest.raises(SchemaError, match="counts"):
        resample_cells(counts, 2)


def test_one_stratum_per_cell():
    with pytest.raises(SchemaError, match="strata"):
        resample_cells([1, 2], 2, strata=["a"])


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.booleans(), st.booleans(), st.integers(0, 2)),
        min_size=1,
        max_size=40,
    )
)
def test_cells_count_every_row_once_and_list_every_combination(rows):
    group, outcome, listed, year = map(list, zip(*rows, strict=True))
    dates = [np.datetime64(f"20{10 + each}-01-01") for each in year]
    table = count_cells(group, outcome, listed, dates)
    assert table["n"].sum() == len(rows)
    assert len(table) == 4 * len(set(group)) * len(set(year))
    assert not table.duplicated(["as_of", "group", "outcome", "listed"]).any()
    plain = pd.DataFrame({"as_of": dates, "group": group, "outcome": outcome, "listed": listed})
    for row in table.itertuples():
        same = (plain["group"] == row.group) & (plain["outcome"] == row.outcome)
        same &= (plain["listed"] == row.listed) & (plain["as_of"] == row.as_of)
        assert same.sum() == row.n


def test_cells_without_dates_have_one_stratum():
    assert count_cells(["A"], [1], [0])["n"].tolist() == [0, 0, 1, 0]


def test_a_group_that_is_missing_or_a_flag_that_is_none_is_refused():
    with pytest.raises(SchemaError, match="Not recorded"):
        count_cells(["A", None], [1, 0], [0, 0])
    with pytest.raises(SchemaError, match="outcome: neither 0 nor 1 in 1 rows"):
        count_cells(["A"], [np.nan], [0])


@given(st.integers(0, 50), st.integers(1, 50), st.floats(0.5, 0.99))
def test_wilson_solves_its_own_equation(hits, n, level):
    hits = min(hits, n)
    low, high = wilson(hits, n, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    assert 0 <= low <= hits / n <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:
            distance = abs(hits / n - bound) / np.sqrt(bound * (1 - bound) / n)
            assert np.isclose(distance, z, rtol=1e-6)


def test_wilson_of_nobody_is_undefined_and_of_three_is_wide():
    low, high = wilson([0, 0, 3], [0, 3, 3])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert low[1] == 0
    assert 0.5 < high[1] < 0.6
    assert high[2] == 1


@given(arrays(int, 3, elements=st.integers(0, 5)))
def test_a_rate_over_nobody_is_undefined(denominator):
    assert (np.isnan(rate([0, 1, 2], denominator)) == (denominator == 0)).all()


@pytest.mark.parametrize("call", [lambda: wilson(4, 3), lambda: wilson(1, 3, level=0)])
def test_wilson_refuses_what_is_no_share(call):
    with pytest.raises(SchemaError):
        call()
