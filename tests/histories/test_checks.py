import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.checks import Problem, check_table

GOOD_EVENTS = """
source_id person_id event_time       recorded_time    offence
e1        p1        2010-01-01T10:00 2010-01-02T00:00 A
e2        .         2010-01-05T10:00 2010-01-05T10:00 B
"""


def sentences(checked):
    return [str(problem) for problem in checked.problems]


def test_good_events_pass_with_optional_columns_filled(table):
    checked = check_table("events", table(GOOD_EVENTS))
    assert sentences(checked) == []
    assert not checked.invalid.any()
    assert checked.frame["evidence"].tolist() == ["allegation", "allegation"]
    assert checked.frame["origin"].tolist() == ["reported", "reported"]
    assert checked.frame["victim_id"].isna().all()
    assert checked.frame["event_time"].dtype == "datetime64[us]"


def test_an_arrow_table_is_read_like_a_frame(table):
    frame = table(GOOD_EVENTS)
    from_arrow = check_table("events", pa.Table.from_pandas(frame)).frame
    pd.testing.assert_frame_equal(from_arrow, check_table("events", frame).frame)


@pytest.mark.parametrize("wrong", [[1, 2], "events.csv", pd.Series([1])])
def test_what_is_no_table_is_refused_with_its_type(wrong):
    with pytest.raises(SchemaError, match=f"not {type(wrong).__name__}"):
        check_table("events", wrong)


def test_no_table_is_a_table_of_no_rows():
    checked = check_table("actions", None)
    assert len(checked.frame) == 0
    assert "list_version" in checked.frame.columns
    assert sentences(checked) == []


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("source_id", ".", "events.source_id: missing, in 1 row"),
        ("source_id", "e2", "events.source_id: occurs before, recorded no later, in 1 row"),
        ("event_time", ".", "events.event_time: missing, in 1 row"),
        ("event_time", "soon", "events.event_time: not a time"),
        ("event_time", "0999-01-01", "events.event_time: not in the years 1900 to 2100"),
        ("recorded_time", "2150-01-01", "events.recorded_time: not in the years 1900 to 2100"),
        ("recorded_time", "2009-12-31", "events.recorded_time: recorded before it happened"),
        ("offence", ".", "events.offence: missing, in 1 row"),
    ],
)
def test_each_broken_rule_is_one_sentence(table, column, cell, sentence):
    frame = table(GOOD_EVENTS)
    frame.loc[0, column] = np.nan if cell == "." else cell
    checked = check_table("events", frame)
    assert len(checked.problems) == 1
    assert sentences(checked)[0].startswith(sentence)
    assert checked.invalid.sum() == 1


@pytest.mark.parametrize("value", [np.inf, -np.inf, -5, 1500, 1980.5, "old", True])
def test_an_absurd_year_of_birth_is_a_problem_of_its_row(value):
    people = pd.DataFrame(
        {"person_id": ["a", "b"], "birth_year": pd.Series([1980, value], dtype=object)}
    )
    checked = check_table("people", people)
    assert checked.invalid.tolist() == [False, True]


def test_all_mistakes_are_gathered_and_none_shows_a_value(table):
    frame = table("""
    source_id person_id event_time recorded_time    offence evidence
    secret-1  Mallory   tomorrow   2010-01-02T00:00 A       hearsay
    secret-1  Mallory   2010-01-05 2009-01-05T10:00 .       charge
    """)
    said = sentences(check_table("events", frame))
    assert len(said) == 4
    for value in ("secret", "Mallory", "tomorrow", "hearsay", "2010-01-05T"):
        assert not any(value in sentence for sentence in said)


def test_missing_and_unknown_columns_are_structural(table):
    frame = table("source_id person_id when offence colour\ne1 p1 2010-01-01 A red")
    checked = check_table("events", frame)
    assert all(problem.rows == 0 for problem in checked.problems)
    assert [sentence.split(";")[0] for sentence in sentences(checked)[:2]] == [
        "events.event_time: the column is missing",
        "events.recorded_time: the column is missing",
    ]
    assert "unknown columns when, colour; allowed are source_id" in sentences(checked)[2]


def test_a_repeated_column_and_names_that_are_not_text_are_structural(table):
    frame = table(GOOD_EVENTS)
    doubled = pd.concat([frame, frame[["offence"]]], axis=1)
    assert "events.offence: the column is there more than once" in sentences(
        check_table("events", doubled)
    )
    numbered = frame.assign(**{"place": "x"}).rename(columns={"place": 7})
    assert "events: 1 columns have names that are not text" in sentences(
        check_table("events", numbered)
    )


@pytest.mark.parametrize("name", ["sex", "self_defined_ethnicity", "Age_at_Release"])
@pytest.mark.parametrize("where", ["people", "events", "spells"])
def test_protected_columns_are_refused_where_features_read(name, where):
    frame = pd.DataFrame({"person_id": ["p1"], name: ["x"]})
    said = sentences(check_table(where, frame))
    assert any(f"{where}.{name}: a protected characteristic" in text for text in said)


@pytest.mark.parametrize("where", ["groups", "victims"])
def test_protected_columns_are_welcome_where_the_audit_reads(where):
    key = "person_id" if where == "groups" else "victim_id"
    checked = check_table(where, pd.DataFrame({key: ["a"], "sex": ["F"]}))
    assert sentences(checked) == []
    assert checked.frame["sex"].tolist() == ["F"]


def test_static_covariates_of_people_are_kept_as_given():
    people = pd.DataFrame({"person_id": ["a"], "division": pd.Categorical(["x"]), "rank": [3]})
    frame = check_table("people", people).frame
    assert frame["division"].dtype == "category"
    assert frame["rank"].tolist() == [3]


def test_dates_of_one_life_are_held_against_each_other(table):
    frame = table("""
    person_id birth_date birth_year death_date left_date
    a         1980-02-01 1980       2010-01-01 2009-01-01
    b         1980-02-01 1981       .          .
    c         1980-02-01 .          1979-01-01 .
    d         1980-02-01 .          .          1970-01-01
    """)
    assert sentences(check_table("people", frame)) == [
        "people.death_date: before birth_date, in 1 row",
        "people.left_date: before birth_date, in 1 row",
        "people.birth_year: not the year of birth_date, in 1 row",
    ]


@pytest.mark.parametrize("where", ["spells", "actions"])
def test_nothing_ends_before_it_starts(table, where):
    frame = table("""
    person_id start      recorded_time end
    p1        2010-02-01 2010-02-01    2010-01-31
    p1        2010-02-01 2010-02-01    2010-02-01
    p1        2010-02-01 2010-02-01    .
    """)
    assert check_table(where, frame).invalid.tolist() == [True, False, False]


def test_of_repeated_events_the_one_recorded_first_is_kept(table):
    frame = table("""
    source_id person_id event_time recorded_time offence
    e1        p1        2010-01-01 2010-03-01    A
    e1        p1        2010-01-01 2010-02-01    B
    e1        p1        soon       2010-01-01    C
    """)
    assert check_table("events", frame).kept()["offence"].tolist() == ["B"]


def test_of_repeated_people_equal_rows_are_kept_once_and_differing_rows_not_at_all(table):
    frame = table("""
    person_id birth_year division
    same      1980       north
    same      1980       north
    differ    1980       north
    differ    1981       north
    """)
    checked = check_table("people", frame)
    assert checked.kept()["person_id"].tolist() == ["same"]
    assert sorted(problem.rows for problem in checked.problems) == [1, 2]


def test_rows_set_aside_are_as_they_came_with_every_reason(table):
    frame = table(GOOD_EVENTS).set_axis([10, 20])
    frame.loc[20, "event_time"] = "soon"
    frame.loc[20, "offence"] = np.nan
    aside = check_table("events", frame).set_aside()
    assert aside.index.tolist() == [20]
    assert aside["event_time"].tolist() == ["soon"]
    assert aside["problem"].iloc[0].count(";") == 1
    assert "event_time: not a time" in aside["problem"].iloc[0]
    assert "offence: missing" in aside["problem"].iloc[0]


def test_a_problem_reads_as_a_sentence():
    assert str(Problem("events", "", "unknown")) == "events: unknown"
    assert str(Problem("events", "offence", "missing", 1_200)) == (
        "events.offence: missing, in 1,200 rows"
    )


def test_a_key_that_is_missing_is_not_told_as_repeated_too():
    times = ["2020-01-01T10:00", "2020-01-02T10:00"]
    events = pd.DataFrame({"event_time": times, "recorded_time": times, "offence": ["1", "1"]})
    problems = check_table("events", events).problems
    assert [
        problem.rule.split(";")[0] for problem in problems if problem.column == "source_id"
    ] == ["the column is missing"]
    hints = check_table("events", events[["offence"]]).problems
    assert any('recorded_time="event_time"' in problem.rule for problem in hints)
