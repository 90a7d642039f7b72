import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.histories.events import EventHistories
from riskmodel.histories.time_at_risk import NEVER
from riskmodel.snapshots.censoring import censoring_weights, end_of_follow_up

HORIZON = 20
SEEDS = range(3)
days = st.integers(0, 2 * HORIZON)


@given(
    st.lists(days, min_size=1, max_size=8),
    st.lists(st.just(NEVER - 1) | days, min_size=1, max_size=8),
)
def test_where_risk_does_not_depend_on_the_calendar_the_weights_give_back_every_row(lengths, times):
    """Each time is met once under each length of follow-up: the two are independent, exactly."""
    lengths[0] = max(lengths[0], HORIZON)
    followed, after = (grid.ravel() for grid in np.meshgrid(lengths, times))
    weight = censoring_weights(followed, after, HORIZON)
    offends = after < HORIZON
    assert weight.sum() == pytest.approx(len(after))
    assert weight[offends].sum() == pytest.approx(offends.sum())
    known = (followed >= HORIZON) | (offends & (after < followed))
    np.testing.assert_array_equal(weight > 0, known)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planted_hazard_comes_back_and_the_naive_share_does_not(seed):
    rng = np.random.default_rng(seed)
    n, hazard = 20_000, 0.03
    after = rng.exponential(1 / hazard, n).astype(np.int64)
    followed = rng.integers(0, 30, n)
    truth = 1 - np.exp(-hazard * HORIZON)
    weight = censoring_weights(followed, after, HORIZON)
    known = weight > 0
    estimate = np.average(after < HORIZON, weights=weight)
    assert estimate == pytest.approx(truth, abs=0.015)
    assert np.mean(after[known] < HORIZON) > truth + 0.05


@given(st.lists(st.integers(-5, HORIZON - 1), min_size=1, max_size=10))
def test_where_no_row_is_followed_to_the_end_none_is_weighted(lengths):
    after = np.arange(len(lengths))
    assert not censoring_weights(np.array(lengths), after, HORIZON).any()


@given(st.lists(st.integers(HORIZON, 99), min_size=1, max_size=10), days)
def test_where_every_row_is_followed_all_weigh_one(lengths, after):
    weight = censoring_weights(np.array(lengths), np.full(len(lengths), after), HORIZON)
    assert (weight == 1).all()


def test_follow_up_ends_with_the_data_or_the_labels_less_the_allowance():
    events = pd.DataFrame(
        {"source_id": ["e"], "person_id": ["p"], "event_time": ["2010-01-01T05:00"],
         "recorded_time": ["2010-01-02"], "offence": ["A"]}
    )  # fmt: skip
    histories = EventHistories(events, data_end="2012-01-01")
    for known_at, allowance, expected in (
        ("2011-01-01", 0, "2011-01-01"),
        ("2013-01-01", 0, "2012-01-01"),
        ("2013-01-01", 31, "2011-12-01"),
        (None, 1, "2011-12-31"),
    ):
        end = end_of_follow_up(histories, known_at, allowance)
        assert np.int64(end).astype("datetime64[us]") == np.datetime64(expected)
