"""Resampling cells is resampling rows; intervals of small cells are wide, and empty ones NaN."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import divide
from riskmodel.statistics.cells import resample_cells, wilson

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=12)


@given(COUNTS, st.integers(0, 3))
def test_people_are_kept_in_number_and_an_empty_cell_stays_empty(counts, seed):
    draws = resample_cells(counts, 6, seed)
    assert (draws.sum(axis=1) == sum(counts)).all()
    assert not draws[:, np.array(counts) == 0].any()
    assert (draws >= 0).all()


@pytest.mark.parametrize("n", [40, 300])  # few people a cell are drawn one by one
def test_cells_match_plain_resampling_of_rows(n):
    rng = np.random.default_rng(0)
    cell = np.sort(rng.choice(4, size=n, p=[0.6, 0.25, 0.1, 0.05]))
    counts = np.bincount(cell, minlength=4)
    by_rows = np.array([np.bincount(cell[rng.integers(0, n, n)], minlength=4) for _ in range(4000)])
    by_cells = resample_cells(counts, 4000, seed=1)
    assert np.allclose(by_cells.mean(axis=0), by_rows.mean(axis=0), atol=0.0025 * n)
    assert np.allclose(np.cov(by_cells.T), np.cov(by_rows.T), atol=0.02 * n)
    assert np.allclose(by_cells.var(axis=0), counts * (1 - counts / n), rtol=0.12)
    shares = [divide(draws[:, 3], draws[:, 2] + draws[:, 3]) for draws in (by_rows, by_cells)]
    assert np.allclose(np.nanquantile(shares[0], [0.05, 0.5, 0.95]),
                       np.nanquantile(shares[1], [0.05, 0.5, 0.95]), atol=0.03)  # fmt: skip


@pytest.mark.parametrize("counts", [[1.5, 2.0], [-1, 2], [[1, 2]]])
def test_counts_are_whole_numbers_of_zero_or_more(counts):
    with pytest.raises(SchemaError, match="counts"):
        resample_cells(counts, 2)


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


@pytest.mark.parametrize("call", [lambda: wilson(4, 3), lambda: wilson(1, 3, level=0)])
def test_wilson_refuses_what_is_no_share(call):
    with pytest.raises(SchemaError):
        call()
