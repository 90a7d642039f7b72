"""No count of 1 to 7 leaves; the others leave in fives."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.rounding import interval_around, is_small, round_amounts, round_counts


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


def test_an_interval_holds_the_value_and_is_undefined_with_it():
    table = pd.DataFrame({"low": [0.201, 0.2], "high": [0.299, 0.3]})
    low, high = interval_around(table, np.array([0.35, np.nan]))
    assert (low[0], high[0]) == (0.2, 0.35)
    assert np.isnan(low[1])
    assert np.isnan(high[1])
