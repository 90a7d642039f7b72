"""Who was worked, and results with and without them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.monitoring.actions import (
    ALL,
    NOT_WORKED,
    WORKED,
    is_removal,
    removal_starts,
    worked,
    worked_and_not,
)

AS_OF = pd.Timestamp("2012-01-01")
COLUMNS = ["person_id", "start", "recorded_time", "end", "kind"]


def actions_of(*rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(COLUMNS[1:4], "datetime64[us]"))


def rows_of(y):
    n = len(y)
    return pd.DataFrame(
        {
            "person_id": pd.Series([f"p{i}" for i in range(n)], dtype="str"),
            "as_of": AS_OF,
            "listed": True,
            "probability": 0.5,
            "y": np.array(y, dtype=float),
        }
    )


@pytest.mark.parametrize(
    ("start", "recorded", "end", "kind", "counts"),
    [
        ("2012-01-01", "2012-01-02", None, "visit", True),
        ("2012-01-30", "2012-02-02", None, None, True),
        ("2012-01-31", "2012-01-31", None, "visit", False),  # 30 days on
        ("2011-06-01", "2011-06-01", None, "visit", True),  # still under way
        ("2011-06-01", "2011-06-01", "2012-01-01", "visit", False),  # over by then
        ("2012-01-05", "2012-01-05", None, "Removal", False),
        ("2012-01-05", "2014-02-01", None, "visit", False),  # written once the outcome was known
    ],
)
def test_what_counts_as_worked(start, recorded, end, kind, counts):
    actions = actions_of(("p0", start, recorded, end, kind))
    found = worked(rows_of([0, 0]), actions, within_days=30, horizon_days=730)
    assert found.tolist() == [counts, False]


def test_several_actions_of_one_person_are_one_person_worked():
    one = ("p0", "2012-01-05", "2012-01-05", None, "visit")
    rows = pd.concat([rows_of([0]), rows_of([0]).assign(as_of=pd.Timestamp("2011-01-01"))])
    assert worked(rows, actions_of(one, one), within_days=30).tolist() == [True, False]
    assert not is_removal(actions_of(one)).any()


def test_a_removal_starts_where_it_is_said_to_and_is_no_work():
    visit = ("p0", "2012-01-05", "2012-01-05", None, "visit")
    taken_off = ("p1", "2012-01-06", "2012-01-07", None, " REMOVED ")
    actions = actions_of(visit, taken_off)
    starts = removal_starts(actions)
    assert starts.to_numpy().tolist() == [["p1", pd.Timestamp("2012-01-06")]]
    assert worked(rows_of([0, 0]), actions, within_days=30).tolist() == [True, False]


def test_planted_results_with_and_without_those_worked():
    y = [1.0] * 3 + [0.0] * 7 + [1.0] * 8 + [0.0] * 2 + [np.nan]
    worked_people = [(f"p{i}", "2012-01-05", "2012-01-05", None, "visit") for i in range(10)]
    found = worked_and_not(rows_of(y), actions_of(*worked_people)).set_index("who")
    assert found["precision"].tolist() == pytest.approx([11 / 20, 0.3, 0.8])
    assert found["listed"].tolist() == [21, 10, 11]
    assert found["listed_observed"].tolist() == [20, 10, 10]
    assert found.loc[NOT_WORKED, "observed_over_expected"] == pytest.approx(8 / 5)
    assert (found["low"] < found["precision"]).all() and (found["precision"] < found["high"]).all()


def test_one_person_on_many_lists_counts_once_in_the_interval():
    twelve = pd.concat([rows_of([1, 0]).assign(as_of=AS_OF + pd.DateOffset(months=m))
                        for m in range(12)])  # fmt: skip
    once, often = (worked_and_not(rows, actions_of()).iloc[0] for rows in (rows_of([1, 0]), twelve))
    assert often["people"] == 2 and often["listed"] == 24
    assert (often["low"], often["high"]) == (once["low"], once["high"])


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0, np.nan]), st.booleans()), max_size=30))
def test_the_two_parts_add_up_to_all(people):
    rows = rows_of([y for y, _ in people])
    actions = actions_of(
        *((f"p{i}", AS_OF, AS_OF, None, None) for i, (_, was) in enumerate(people) if was)
    )
    found = worked_and_not(rows, actions).set_index("who")
    counts = found[["listed", "people", "listed_observed"]]
    assert (counts.loc[WORKED] + counts.loc[NOT_WORKED] == counts.loc[ALL]).all()
    sums = found[["expected", "observed"]].fillna(0)
    assert (sums.loc[WORKED] + sums.loc[NOT_WORKED] == sums.loc[ALL]).all()
    assert found["precision"].isna().equals(found["listed_observed"] == 0)
