"""Bins hold equal counts; errors by chance are what simulation shows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskmodel.statistics.bins import BinnedGaps, quantile_bins


@given(st.integers(1, 12), st.integers(1, 40), st.integers(0, 100))
def test_distinct_values_fall_into_bins_of_equal_count(bins, per_bin, seed):
    chance = np.random.default_rng(seed).permutation(bins * per_bin) / (bins * per_bin)
    counts = np.bincount(quantile_bins(chance, bins), minlength=bins)
    assert abs(counts - per_bin).max() <= 1


@given(arrays(float, st.integers(0, 40), elements=st.sampled_from([0.1, 0.2, 0.3, 0.9])))
def test_equal_values_share_a_bin_and_order_is_kept(chance):
    bin_of = quantile_bins(chance, 4)
    for value in np.unique(chance):
        assert len(set(bin_of[chance == value])) == 1
    assert (np.diff(bin_of[np.argsort(chance)]) >= 0).all()


@given(st.data())
def test_the_error_is_that_of_a_loop_over_bins(data):
    n = data.draw(st.integers(1, 40))
    p = data.draw(arrays(float, n, elements=st.floats(0, 1)))
    y = data.draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    weights = data.draw(arrays(float, (3, n), elements=st.integers(0, 3).map(float)))
    edges = np.quantile(p, np.linspace(0, 1, 11)[1:-1])
    bin_of = [sum(edge <= value for edge in edges) for value in p]
    found = BinnedGaps.from_probabilities(y, p).error(weights)
    for error, weight in zip(found, weights, strict=True):
        gaps = [
            abs(sum(weight[i] * (y[i] - p[i]) for i in range(n) if bin_of[i] == place))
            for place in range(10)
        ]
        expected = sum(gaps) / weight.sum() if weight.sum() else np.nan
        assert np.isclose(error, expected, equal_nan=True)


def test_the_error_by_chance_is_what_outcomes_drawn_from_the_probabilities_show():
    rng = np.random.default_rng(1)
    for n in (300, 5_000):
        p = rng.beta(1, 8, n)
        drawn = [
            BinnedGaps.from_probabilities((rng.random(n) < p).astype(float), p) for _ in range(300)
        ]
        errors = [gaps.error(np.ones((1, n)))[0] for gaps in drawn]
        assert abs(np.mean(errors) / drawn[0].by_chance - 1) < 0.06


def test_no_rows_have_no_error():
    none = BinnedGaps.from_probabilities(np.zeros(0), np.zeros(0))
    assert np.isnan(none.by_chance)
    assert np.isnan(none.error(np.zeros((2, 0)))).all()
