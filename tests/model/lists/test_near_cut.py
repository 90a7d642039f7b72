"""Lists of each date, and what intervals leave open of a rank."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.model.lists.near_cut import interval_ranks, list_of_each_date, near_cut
from riskmodel.snapshots.table import Snapshots


def test_each_date_has_its_own_list():
    rows = Snapshots.from_table(
        pd.DataFrame({"score": [3.0, 2.0, 1.0, 1.0, 2.0, 3.0]}), np.zeros(6),
        person_id=list("abcabc"), as_of=["2015-01-01"] * 3 + ["2016-01-01"] * 3,
    )  # fmt: skip
    listed = list_of_each_date(rows, rows.X["score"].to_numpy(), ListLength(k=2), seed=0)
    assert listed.tolist() == [True, True, False, False, True, True]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_interval_ranks_hold_every_order_that_the_intervals_allow(pairs):
    low, high = np.sort(np.array(pairs), axis=1).T
    best, worst = interval_ranks(low, high)
    for at in (low, high, (low + high) / 2):
        lowest = np.array([1 + (np.delete(at, i) > at[i]).sum() for i in range(len(at))])
        assert (best <= lowest).all()
        assert (lowest <= worst).all()


def test_a_list_of_everybody_has_no_cut():
    assert not near_cut(np.zeros(2), np.ones(2), np.zeros(2), k=2).any()
