"""No count of 1 to 7 leaves; the others leave in fives, and intervals no narrower than before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.disclosure.rounding import (
    is_small,
    moved_interval,
    round_amounts,
    round_counts,
    round_figures,
    rounded_up,
    step_of,
)


@given(st.integers(0, 10**6))
def test_a_count_is_withheld_or_near_and_in_fives(count):
    (found,) = round_counts([count])
    if 1 <= count <= 7:
        assert np.isnan(found)
    else:
        assert found % 5 == 0
        assert abs(found - count) <= 2


def test_small_is_one_to_seven_and_amounts_are_rounded_all_the_same():
    assert is_small(np.array([0.0, 1.0, 7.0, 8.0])).tolist() == [False, True, True, False]
    assert round_amounts([0.0, 3.0, 7.4]).tolist() == [0.0, 5.0, 5.0]


@given(
    st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(-0.1, 0.1),
    st.sampled_from([0.01, 0.05]),
)  # fmt: skip
def test_an_interval_moves_with_its_value_and_is_no_narrower(value, down, up, move, step):
    (low,), (high,) = moved_interval([value], [value - down], [value + up], [value + move], step)
    assert low <= value + move + 1e-6
    assert high >= value + move - 1e-6
    assert high - low >= down + up - 1e-5
    assert high - low <= down + up + 2 * step + 1e-5


def test_an_interval_stays_where_values_can_be_and_is_undefined_with_the_value():
    low, high = moved_interval(
        [0.9, 0.5], [0.8, 0.4], [0.97, 0.6], [0.95, np.nan], 0.01, within=(0.0, 1.0)
    )
    assert (low[0], high[0]) == (0.85, 1.0)
    assert np.isnan([low[1], high[1]]).all()


def test_what_an_interval_holds_it_goes_on_holding():
    low, high = moved_interval([0.02], [-0.01], [0.05], [0.06], 0.01, holds=0.0)
    assert (low[0], high[0]) == (0.0, 0.09)
    clear = moved_interval([0.05], [0.01], [0.09], [0.02], 0.01, holds=0.0)
    assert clear[0][0] == pytest.approx(-0.02)


def test_widths_of_few_people_are_coarse():
    assert step_of([50, 100]).tolist() == [0.05, 0.01]
    assert rounded_up([0.031, 0.02], [0.05, 0.01]).tolist() == [0.05, 0.02]


def test_days_have_two_figures():
    assert round_figures([91_250.0, 5_475.0, 11.0, 0.0]).tolist() == [91_000, 5_500, 11, 0]
