"""An interval on as many trials as there are people: never too sure of rows that repeat people."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.monitoring.shares import share_of_people
from riskmodel.statistics.cells import wilson

HITS = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30)


@given(HITS, st.integers(1, 5), st.sampled_from([0.5, 0.95]))
def test_rows_that_repeat_people_tell_nothing_new(hits, times, level):
    one = pd.Series(hits)
    person = pd.Series([f"p{i}" for i in range(len(hits))])
    repeated = share_of_people(pd.concat([one] * times), pd.concat([person] * times), level)
    assert repeated == pytest.approx(wilson(sum(hits), len(hits), level))


def test_of_nobody_nothing_is_known():
    low, high = share_of_people(pd.Series([], dtype=float), pd.Series([], dtype=str))
    assert np.isnan(low) and np.isnan(high)


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_the_interval_holds_its_level_however_alike_the_rows_of_a_person_are(alike):
    """Fifty people in eight rows each, and a share of 30 %; by rows it would hold half the time."""
    rng = np.random.default_rng(0)
    person, held = pd.Series(np.repeat(np.arange(50), 8)), []
    for _ in range(400):
        own = np.repeat(rng.random(50) < 0.3, 8)
        hits = np.where(rng.random(400) < alike, own, rng.random(400) < 0.3)
        low, high = share_of_people(pd.Series(hits.astype(float)), person)
        held.append(low <= 0.3 <= high)
    assert np.mean(held) > 0.92
