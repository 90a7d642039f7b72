"""Every row gets a group for every characteristic, and nobody is guessed or dropped."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.by_group.groups import (
    AGE_BAND,
    AGE_BANDS,
    MOST_GROUPS,
    age_band,
    birth_dates,
    group_columns,
    recorded_values,
)
from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.schema import NOT_RECORDED

GROUPS = pd.DataFrame(
    {
        "person_id": ["a", "b", "c"],
        "sex": ["female", "male", None],
        "ethnicity": ["White", "  ", "Black "],
    }
)


def ids(*names):
    return pd.Series(list(names), dtype="str")


def test_rows_are_aligned_by_person_and_not_by_position():
    columns = group_columns(ids("c", "a", "a", "nobody"), GROUPS)
    assert columns["sex"].tolist() == [NOT_RECORDED, "female", "female", NOT_RECORDED]
    assert columns["ethnicity"].tolist() == ["Black", "White", "White", NOT_RECORDED]


def test_ids_given_as_numbers_match_ids_held_as_text():
    groups = pd.DataFrame({"person_id": [7, 8], "sex": ["f", "m"]})
    assert group_columns(ids("8", "7"), groups)["sex"].tolist() == ["m", "f"]


def test_the_table_may_be_indexed_by_person():
    columns = group_columns(ids("b"), GROUPS.set_index("person_id"))
    assert columns["sex"].tolist() == ["male"]


def test_intersections_join_values_and_keep_what_is_not_recorded():
    columns = group_columns(ids("a", "b"), GROUPS, intersections=[("sex", "ethnicity")])
    assert columns["sex x ethnicity"].tolist() == ["female x White", f"male x {NOT_RECORDED}"]


def test_an_intersection_may_be_of_columns_that_are_not_shown_alone():
    columns = group_columns(
        ids("a"), GROUPS, characteristics=["sex"], intersections=[("sex", "ethnicity")]
    )
    assert list(columns) == ["sex", "sex x ethnicity"]


@pytest.mark.parametrize(
    ("birth", "day", "band"),
    [
        ("2000-06-01", "2010-06-01", "10-17"),
        ("2000-06-01", "2010-05-31", NOT_RECORDED),
        ("2000-06-01", "2018-05-31", "10-17"),
        ("2000-06-01", "2018-06-01", "18-24"),
        ("2000-02-29", "2025-02-28", "18-24"),
        ("2000-02-29", "2025-03-01", "25-34"),
        ("1950-01-01", "2024-01-01", "50+"),
        ("2030-01-01", "2024-01-01", NOT_RECORDED),
        (None, "2024-01-01", NOT_RECORDED),
    ],
)
def test_age_is_in_completed_years(birth, day, band):
    found = age_band(pd.to_datetime(pd.Series([birth])), pd.to_datetime(pd.Series([day])))
    assert found.tolist() == [band]


def test_the_age_band_is_as_of_each_row_and_comes_from_birth_dates():
    born = pd.to_datetime(pd.Series(["2000-01-01", "2000-01-01"]))
    dates = pd.to_datetime(pd.Series(["2017-01-01", "2019-01-01"]))
    columns = group_columns(ids("a", "a"), GROUPS, birth_date=born, as_of=dates)
    assert columns[AGE_BAND].tolist() == [AGE_BANDS[0], AGE_BANDS[1]]


def test_birth_dates_are_each_rows_own_and_none_where_none_is_on_record():
    event = {
        "source_id": ["1", "2"], "person_id": ["a", "b"], "event_time": ["2015-01-01"] * 2,
        "recorded_time": ["2015-01-01"] * 2, "offence": ["theft"] * 2,
    }  # fmt: skip
    people = pd.DataFrame({"person_id": ["a", "b"], "birth_date": ["1990-05-01", None]})
    histories = EventHistories(pd.DataFrame(event), people, dates_only=True)
    born = birth_dates(histories, ids("b", "a", "nobody", "a"))
    assert born.isna().tolist() == [True, False, True, False]
    assert set(born.dropna()) == {pd.Timestamp("1990-05-01")}
    assert birth_dates(EventHistories(pd.DataFrame(event), dates_only=True), ids("a")) is None


def test_all_mistakes_of_the_table_come_at_once_and_without_values():
    groups = pd.DataFrame({"person_id": ["secret", "secret", None], "sex": ["f", "f", "m"]})
    with pytest.raises(SchemaError) as caught:
        group_columns(ids("a"), groups)
    assert len(caught.value.problems) == 2
    assert "secret" not in str(caught.value)


def test_a_table_without_person_id_is_refused():
    with pytest.raises(SchemaError, match="person_id"):
        group_columns(ids("a"), GROUPS.drop(columns="person_id"))


def test_unknown_characteristics_are_named_with_those_there_are():
    with pytest.raises(SchemaError, match="'faith'") as caught:
        group_columns(ids("a"), GROUPS, characteristics=["faith"], intersections=[("sex", "sex")])
    assert "two or more different" in str(caught.value)
    assert "ethnicity" in str(caught.value)


def test_a_column_of_identifiers_is_no_characteristic():
    n = MOST_GROUPS + 1
    groups = pd.DataFrame({"person_id": range(n), "postcode": [f"P{i}" for i in range(n)]})
    people = pd.Series(range(n)).astype("str")
    with pytest.raises(SchemaError, match=r"groups\.postcode"):
        group_columns(people, groups)


@given(
    values=st.lists(st.one_of(st.none(), st.just(np.nan), st.just(pd.NA), st.text(max_size=5))),
)
def test_whatever_stands_in_a_column_each_row_has_one_group(values):
    found = recorded_values(pd.DataFrame({"sex": pd.Series(values, dtype=object)}))
    assert len(found) == len(values)
    assert all(
        isinstance(level, str) and level == level.strip() and level for level in found["sex"]
    )
