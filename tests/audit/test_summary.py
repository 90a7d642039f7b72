"""Page one's counts of list entries, on a world small enough to count by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.scored_rows import ScoredRows
from riskmodel.audit.summary import list_summary
from riskmodel.histories.events import EventHistories


@pytest.fixture
def listed(tiny_rows):
    """p1 and p2 are on the list."""
    on_list = tiny_rows.person_id.isin(["p1", "p2"]).to_numpy()
    nothing, nobody = np.zeros(len(on_list)), np.zeros(len(on_list), dtype=bool)
    return ScoredRows(
        margin=nothing, probability=nothing, band=nothing.astype(object),
        listed=on_list, near_cut=nobody,
    )  # fmt: skip


def with_people(histories, **people):
    """The same events with other birth dates, or with a log of actions."""
    born = pd.DataFrame({"person_id": ["p1", "p2"], "birth_date": ["2000-01-01", "1980-01-01"]})
    columns = ["source_id", "person_id", "event_time", "recorded_time", "offence", "evidence"]
    events = histories.events[columns]
    return EventHistories(
        events, people.pop("people", born), dates_only=True,
        data_start="2010-01-01", data_end="2018-01-01", **people,
    )  # fmt: skip


@pytest.mark.parametrize(("born", "under_18"), [("1997-01-02", 1), ("1997-01-01", 0)])
def test_under_18_is_by_the_birthday_and_not_by_days_of_365(
    tiny, tiny_rows, listed, born, under_18
):
    people = pd.DataFrame({"person_id": ["p1", "p2"], "birth_date": [born, "1980-01-01"]})
    found = list_summary(tiny_rows, with_people(tiny, people=people), listed, 2)
    assert found["listed_under_18"] == under_18  # on 2015-01-01


def test_people_worked_are_counted_only_where_a_log_says_so(tiny, tiny_rows, listed):
    assert "listed_worked" not in list_summary(tiny_rows, tiny, listed, 2)
    actions = pd.DataFrame(
        {"person_id": ["p4"], "start": ["2014-01-01"], "recorded_time": ["2014-01-01"]}
    )
    logged = with_people(tiny, actions=actions.assign(kind="visit"))
    assert list_summary(tiny_rows, logged, listed, 2)["listed_worked"] == 0
    assert (
        list_summary(tiny_rows, logged, replace(listed, listed=~listed.listed), 2)["listed_worked"]
        == 1
    )


def test_who_has_no_birth_date_is_counted_and_never_taken_for_grown_up(tiny, tiny_rows, listed):
    one = pd.DataFrame({"person_id": ["p1", "p2"], "birth_date": ["1997-01-02", None]})
    found = list_summary(tiny_rows, with_people(tiny, people=one), listed, 2)
    assert (found["listed_under_18"], found["listed_age_not_recorded"]) == (1, 1)
    nobody = one.assign(birth_date=None)
    assert "listed_under_18" not in list_summary(
        tiny_rows, with_people(tiny, people=nobody), listed, 2
    )
