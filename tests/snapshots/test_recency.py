"""Weights that fade: by the ratio asked for, and never so that a later date changes an earlier."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.recency import weighted_by_recency
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

DAYS = st.lists(st.integers(0, 4_000), min_size=1, max_size=20)


def rows_of(days, weight=None):
    dates = pd.Timestamp("2000-01-01") + pd.to_timedelta(days, unit="D")
    X = pd.DataFrame({"priors": np.arange(len(days), dtype=float)})
    return Snapshots.from_table(X, np.arange(len(days)) % 2, as_of=dates, weight=weight)


@given(DAYS, st.floats(1, 5_000))
def test_weights_halve_with_each_half_life(days, half_life):
    rows = rows_of(days, weight=np.full(len(days), 3.0))
    faded = weighted_by_recency(rows, half_life_days=half_life).weight
    expected = 3.0 * 0.5 ** ((max(days) - np.array(days)) / half_life)
    assert np.allclose(faded, expected)
    assert (rows.weight == 3.0).all()


@given(DAYS, st.integers(1, 3_000))
def test_a_later_date_changes_no_ratio_among_the_earlier(days, later):
    few = weighted_by_recency(rows_of(days), half_life_days=500).weight
    more = weighted_by_recency(rows_of([*days, max(days) + later]), half_life_days=500).weight[:-1]
    assert np.allclose(few / few.max(), more / more.max())


@pytest.mark.parametrize("half_life", [0, -1.0, np.inf, np.nan])
def test_a_half_life_that_is_none_is_refused(half_life):
    with pytest.raises(SchemaError, match="half_life_days"):
        weighted_by_recency(rows_of([0, 1]), half_life_days=half_life)


def test_weights_that_an_earlier_date_would_lose_are_refused():
    world = make_histories(60, seed=1)
    rows = build_snapshots(
        world.histories,
        Task(offences=world.offences, outcome=Outcome(censored="weighted")),
        as_of=["2018", "2020"],
        late_allowance_days=0,
    )
    with pytest.raises(SchemaError, match="weights of its own"):
        weighted_by_recency(rows, half_life_days=365)
