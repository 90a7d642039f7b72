"""Entries, exits, stays and time on the list, held against sets that anyone can form."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.monitoring.changes import ENDED, REMOVED, list_moves, removals, time_on_list

PEOPLE = [f"p{i}" for i in range(8)]
DATES = pd.date_range("2012-01-01", periods=5, freq="MS")


def rows_of(lists, people=PEOPLE):
    """Rows of past scores in which these sets were listed, one set a date."""
    return pd.DataFrame(
        [
            {"person_id": person, "as_of": date, "probability": 0.5, "y": 0.0,
             "listed": person in listed, "digest": ""}
            for date, listed in zip(DATES, lists, strict=False)
            for person in people
        ]
    )  # fmt: skip


lists = st.lists(st.sets(st.sampled_from(PEOPLE)), min_size=1, max_size=5)


@given(lists)
def test_entered_and_stayed_are_this_list_left_and_stayed_the_one_before(given_lists):
    found = list_moves(rows_of(given_lists))
    assert len(found) == len(given_lists) - 1
    for row, was, is_now in zip(
        found.to_dict("records"), given_lists[:-1], given_lists[1:], strict=True
    ):
        assert row["entered"] + row["stayed"] == row["k"] == len(is_now)
        assert row["left"] + row["stayed"] == len(was)
        assert row["entered"] == len(is_now - was)
        if was:
            assert row["share_stayed"] == len(was & is_now) / len(was)
        else:
            assert pd.isna(row["share_stayed"])


@given(lists)
def test_time_on_the_list_adds_up_to_all_places(given_lists):
    found = time_on_list(rows_of(given_lists))
    ever = set().union(*given_lists)
    assert (found["dates_listed"] * found["people"]).sum() == sum(map(len, given_lists))
    assert found["people"].sum() == found["in_a_row"].sum() == len(ever)
    assert (found["dates_listed"] * found["in_a_row"]).sum() <= sum(map(len, given_lists))


def test_planted_moves_as_text():
    rows = rows_of([{"p0", "p1"}, {"p1", "p2"}, {"p1", "p0"}])
    rows = rows[~((rows["person_id"] == "p0") & (rows["as_of"] == DATES[1]))]  # no row: no estimate
    found = list_moves(rows)
    shown = found[["previous", "days", "entered", "left", "stayed", "left_without_estimate"]]
    assert shown.to_string(index=False).splitlines() == [
        "  previous  days  entered  left  stayed  left_without_estimate",
        "2012-01-01  31.0        1     1       1                      1",
        "2012-02-01  29.0        1     1       1                      0",
    ]
    times = time_on_list(rows)
    assert times.to_dict("list") == {
        "dates_listed": [1, 2, 3], "people": [1, 1, 1], "in_a_row": [2, 0, 1],
        "of_dates": [3, 3, 3],
    }  # fmt: skip


def test_of_a_table_that_is_the_list_alone_nobody_knows_why_people_left():
    rows = rows_of([{"p0", "p1"}, {"p1"}])
    found = list_moves(rows[rows["listed"]])
    assert found["left"].tolist() == [1]
    assert found["left_without_estimate"].isna().all()


def test_another_model_is_told():
    rows = rows_of([{"p0"}, {"p0"}, {"p0"}])
    rows["digest"] = rows["digest"].where(rows["as_of"] < DATES[2], "another")
    assert list_moves(rows)["same_model"].tolist() == [True, False]


@pytest.fixture
def actions():
    return pd.DataFrame(
        [
            ("p0", "removal", "2012-01-10", None),
            ("p1", "visit", "2012-01-05", "2012-01-20"),
            ("p2", "Removed", "2012-02-10", None),  # was not on the list before
            ("p3", "visit", "2012-01-05", None),
        ],
        columns=["person_id", "kind", "start", "end"],
    ).assign(
        start=lambda table: pd.to_datetime(table["start"]),
        end=lambda table: pd.to_datetime(table["end"]),
    )


def test_removals_are_of_people_listed_and_in_between(actions):
    found = removals(rows_of([{"p0", "p1", "p3"}, {"p1", "p3"}, {"p2"}]), actions)
    by = found.set_index(["as_of", "reason"])[["people", "left"]]
    assert by.loc[(DATES[1], REMOVED)].tolist() == [1, 1]
    assert by.loc[(DATES[1], ENDED)].tolist() == [1, 0]  # the visit ended and p1 stayed listed
    assert by.loc[DATES[2]].to_numpy().sum() == 0
