"""Places beside later harm: the two groups furthest apart, each in one sentence."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.report.parts.shares import furthest_apart, share_sentence
from tests.report.made_up_audit import rates_of


def test_few_places_and_much_later_harm_are_said_in_one_sentence(measured):
    sentence = share_sentence(measured.listed)
    assert sentence.startswith(
        "“Female” holds 2 of 100 places (2%) and accounts for 12% of days of later harm."
    )


def test_who_is_not_recorded_is_nobody_to_speak_of(measured):
    table = measured.listed.copy()
    row = (table["group"] == "Not recorded") & (table["metric"] == "share_of_harm_days")
    table.loc[row, "value"] = 0.99
    assert furthest_apart(table) == furthest_apart(measured.listed)


def test_without_shares_or_beyond_them_nothing_is_said(measured):
    no_shares = measured.listed[measured.listed["metric"] == "precision"]
    assert share_sentence(no_shares) == ""
    hidden = measured.listed.assign(value=np.nan)
    assert share_sentence(hidden) == ""


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=6))
def test_the_first_holds_the_fewest_places_for_its_harm_and_the_last_the_most(shares):
    groups = [f"group {i}" for i in range(len(shares))]
    rates = rates_of("sex", groups, ("share_of_list", "share_of_later_harm"))
    rates["value"] = np.array(shares).ravel() / 100
    apart = pd.Series([harm - places for places, harm in shares], index=groups)
    widest, said = furthest_apart(rates)
    if apart.max() <= 0:
        assert (widest, said) == (0.0, [])
        return
    assert round(100 * widest) == apart.max()
    ends = [next(name for name in groups if f"“{name}”" in one) for one in said]
    assert (apart[ends[0]], apart[ends[-1]]) == (apart.max(), apart.min())
    assert len(ends) == (2 if apart.max() > apart.min() else 1)
