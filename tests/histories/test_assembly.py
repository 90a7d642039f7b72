import pandas as pd

from riskmodel.histories.assembly import assemble, known_before, person_codes
from riskmodel.histories.checks import check_table
from riskmodel.histories.cross_checks import HISTORY_TABLES


def parts_of(**tables):
    return assemble({name: check_table(name, tables.get(name)).frame for name in HISTORY_TABLES})


EVENTS = """
source_id person_id event_time recorded_time offence
e2        b         2010-02-01 2010-02-01    A
e1        b         2010-02-01 2010-02-01    A
e3        a         2010-03-01 2010-03-09    A
e4        .         2010-03-01 2010-03-02    A
"""


def test_the_last_word_on_order_is_the_id(table):
    parts = parts_of(events=table(EVENTS))
    assert parts.events["source_id"].tolist() == ["e3", "e1", "e2"]
    assert parts.unnamed["source_id"].tolist() == ["e4"]


def test_listed_are_those_with_a_row_in_people(table):
    parts = parts_of(events=table(EVENTS), people=pd.DataFrame({"person_id": ["b", "c"]}))
    assert parts.persons.tolist() == ["a", "b", "c"]
    assert parts.listed.tolist() == [False, True, True]


def test_codes_are_positions_among_the_persons(table):
    parts = parts_of(events=table(EVENTS))
    ids = pd.Series(["b", None, "z", "a"], dtype="str")
    assert person_codes(ids, parts.persons).tolist() == [1, -1, -1, 0]


def test_covariates_come_after_the_dates_of_life_in_a_fixed_order(table):
    people = pd.DataFrame({"zeta": [1], "person_id": ["a"], "alpha": [2]})
    assert parts_of(people=people).people.columns.tolist() == [
        "birth_date", "death_date", "left_date", "recordable_from", "alpha", "zeta",
    ]  # fmt: skip


def test_persons_known_only_by_later_events_drop_out_and_codes_close_up(table):
    spells = table("person_id start recorded_time end\nb 2010-02-02 2010-02-02 2010-02-20")
    parts = parts_of(events=table(EVENTS), spells=spells)
    known = known_before(parts, pd.Timestamp("2010-02-10"))
    assert known.persons.tolist() == ["b"]
    assert known.events["person_code"].tolist() == [0, 0]
    assert known.spells["end"].isna().all()
    assert parts.spells["end"].notna().all()


def test_spells_of_persons_not_yet_known_drop_out_with_them(table):
    spells = table("person_id start recorded_time\na 2010-02-02 2010-02-02")
    parts = parts_of(events=table(EVENTS), spells=spells)
    assert len(known_before(parts, pd.Timestamp("2010-02-10")).spells) == 0
    assert len(known_before(parts, pd.Timestamp("2010-03-10")).spells) == 1


def test_of_a_spell_told_twice_at_one_moment_the_later_end_holds_before_it_is_over(table):
    spells = table("""
    person_id start      recorded_time end
    b         2010-02-02 2010-02-03    2010-02-05
    b         2010-02-02 2010-02-03    2010-02-20
    """)
    parts = parts_of(events=table(EVENTS), spells=spells)
    known = known_before(parts, pd.Timestamp("2010-02-10"))
    assert known.spells["end"].isna().tolist() == [True]
