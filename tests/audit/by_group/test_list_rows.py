"""What is counted of each row, and what is wrong with rows that can't be counted."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.list_rows import CLEAR, LATER, UNSEEN, ListRows
from riskmodel.errors import SchemaError

GROUPS = pd.DataFrame({"sex": ["f", "m", "f", "m"]})


def rows(**options):
    given = {"y": [1.0, 0.0, np.nan, 1.0], "lists": {"a": [1, 0, 1, 0], "b": [1, 1, 0, 0]}}
    given |= {"probability": [0.5, 0.1, 0.2, 0.4], "margin": [0.0, -2, -1, 0]} | options
    return ListRows.checked(**given, groups=GROUPS, person=None)


def test_every_row_has_one_outcome_and_each_list_its_own_counts():
    found = rows()
    assert found.outcome.tolist() == [LATER, CLEAR, UNSEEN, LATER]
    counts = found.counts(slice(None))
    assert (counts["clear"].astype(int) + counts["outcome"] + counts["unseen"] == 1).all()
    assert counts["listed@a"].tolist() == [True, False, True, False]
    assert counts["listed_observed@a"].tolist() == [True, False, False, False]
    assert counts["missed@b"].tolist() == [False, False, False, True]
    assert found.listed_code.tolist() == [3, 2, 1, 0]


def test_estimates_of_who_was_not_observed_count_in_the_mean_alone():
    found = rows().estimates(np.arange(4))
    assert found["probability"].sum() == pytest.approx(1.2)
    assert found["expected"].sum() == pytest.approx(1.0)
    np.testing.assert_allclose(found["brier"], [0.25, 0.01, 0, 0.36])
    split = found["probability_later"] + found["probability_clear"]
    np.testing.assert_allclose(split, found["expected"])


def test_amounts_not_observed_are_none_and_unknown_ones_are_left_out():
    found = rows(amounts={"harm": [5.0, 0, np.nan, 7], "offences": [np.nan] * 4})
    assert found.amounts["harm"].tolist() == [5, 0, 0, 7]
    assert set(found.amounts) == {"harm"}


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(SchemaError) as caught:
        rows(y=[2, 0, 1, 1], lists={"a": [1, 0, 7, 0]}, margin=[np.nan, 0, 0, 0],
             probability=[0.1, 0.2, 0.3, 1.2])  # fmt: skip
    assert len(caught.value.problems) == 4
