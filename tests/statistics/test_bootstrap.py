"""People are resampled, not rows; percentiles leave out what is undefined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.statistics.bootstrap import (
    interval,
    person_weights,
    recentred,
    undefined_count,
)

CODES = st.lists(st.integers(0, 6), min_size=1, max_size=25)


def all_weights(codes, n_replicates, seed=0, **options):
    return np.concatenate(list(person_weights(codes, n_replicates, seed, **options)))


@given(CODES, st.integers(1, 20), st.integers(0, 5))
def test_weights_add_up_to_the_number_of_people(codes, n_replicates, seed):
    weights = all_weights(codes, n_replicates, seed)
    people, first = np.unique(codes, return_index=True)
    assert weights.shape == (n_replicates, len(codes))
    assert (weights[:, first].sum(axis=1) == len(people)).all()


@given(CODES)
def test_all_rows_of_a_person_are_drawn_together(codes):
    weights = all_weights(codes, 10)
    for person in set(codes):
        rows = weights[:, np.array(codes) == person]
        assert (rows == rows[:, :1]).all()


@given(CODES, st.integers(1, 30))
def test_the_size_of_blocks_changes_nothing(codes, chunk):
    assert (all_weights(codes, 21, chunk=chunk) == all_weights(codes, 21)).all()


@given(CODES, st.randoms(use_true_random=False))
def test_a_persons_weight_does_not_depend_on_the_order_of_rows(codes, random):
    order = list(range(len(codes)))
    random.shuffle(order)
    shuffled = all_weights(np.array(codes)[order], 8)
    assert (shuffled == all_weights(codes, 8)[:, order]).all()


def test_weights_have_the_multinomial_mean_and_variance():
    weights = all_weights(np.arange(20), 20_000, seed=1)
    assert np.allclose(weights.mean(axis=0), 1, atol=0.04)
    assert np.allclose(weights.var(axis=0), 1 - 1 / 20, atol=0.05)
    covariance = np.cov(weights[:, 0], weights[:, 1])[0, 1]
    assert abs(covariance + 1 / 20) < 0.03


def test_the_interval_of_a_mean_covers_its_theory():
    rng = np.random.default_rng(0)
    values = rng.normal(size=400)
    weights = all_weights(np.arange(400), 4_000)
    low, high = interval(weights @ values / 400)
    half = 1.96 * values.std() / np.sqrt(400)
    assert abs(low - (values.mean() - half)) < 0.15 * half
    assert abs(high - (values.mean() + half)) < 0.15 * half


def test_repeated_rows_of_people_widen_the_interval():
    values = np.random.default_rng(0).normal(size=200)
    rows, codes = np.repeat(values, 5), np.repeat(np.arange(200), 5)
    by_person = all_weights(codes, 1_000) @ rows / 1_000
    by_row = all_weights(np.arange(1_000), 1_000) @ rows / 1_000
    assert by_person.std() > 1.8 * by_row.std()  # the square root of 5 is 2.24


def test_a_block_stays_small():
    first = next(person_weights(np.arange(100_000), 1_000))
    assert first.nbytes <= 8_000_000


@given(
    st.lists(st.floats(-5, 5) | st.just(float("nan")), min_size=1, max_size=30),
    st.floats(0.1, 0.99),
)
def test_interval_is_numpys_percentile_of_what_is_defined(draws, level):
    low, high = interval(draws, level)
    defined = np.array(draws)[~np.isnan(draws)]
    assert undefined_count(draws) == len(draws) - len(defined)
    if not len(defined):
        assert np.isnan(low)
        assert np.isnan(high)
    else:
        expected = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
        assert np.allclose([low, high], expected)


def test_interval_goes_column_by_column():
    draws = np.column_stack([np.arange(101.0), np.full(101, np.nan), np.full(101, 3.0)])
    low, high = interval(draws, 0.9)
    assert np.allclose(low, [5, np.nan, 3], equal_nan=True)
    assert np.allclose(high, [95, np.nan, 3], equal_nan=True)
    assert undefined_count(draws).tolist() == [0, 101, 0]


@given(st.lists(st.floats(0, 10), min_size=2, max_size=30), st.floats(0, 10))
def test_recentred_replicates_keep_their_spread_and_take_the_estimates_place(draws, value):
    draws = np.array(draws)
    moved = recentred(draws, value)
    assert (moved >= 0).all()
    if draws.mean() - draws.min() <= value:
        assert np.isclose(moved.mean(), value)
        assert np.allclose(np.diff(moved), np.diff(draws))
    assert np.isnan(recentred(np.full(3, np.nan), value)).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: person_weights([], 5),
        lambda: person_weights([1], 0),
        lambda: person_weights([1], 5, chunk=0),
        lambda: interval([1.0], 1.0),
        lambda: interval([]),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_call(call):
    with pytest.raises(SchemaError):
        call()
