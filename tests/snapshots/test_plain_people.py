"""One person's dates and spells, read from plain mappings."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.problems import Problems
from riskmodel.snapshots.plain_people import (
    Spell,
    in_custody,
    lacking_columns,
    read_life,
    read_number,
    read_spells,
    time_in_custody,
)
from riskmodel.snapshots.plain_records import MISSING_TIME

NOBODY = {"person_id": "p", "start": "1970-01-01", "recorded_time": "1970-01-01"}
MICROSECONDS = st.integers(0, 40)


def test_a_year_of_birth_is_held_as_its_first_of_july_and_begins_with_the_year():
    life = read_life({"birth_year": "1970"}, Problems())
    assert (life.born, life.not_before) == (181 * 86_400_000_000, 0)
    assert read_life({}, Problems()).born == MISSING_TIME
    assert read_life({"birth_date": "1970-01-02", "birth_year": math.nan}, Problems()).born > 0


def test_numbers_are_read_as_they_come():
    problems = Problems()
    values = [read_number(value, "points", problems) for value in (2, "2.5", True)]
    assert values == [2.0, 2.5, 1.0]
    assert math.isnan(read_number(None, "points", problems))
    problems.raise_any()
    read_number("many", "points", problems)
    with pytest.raises(SchemaError, match=r"people\.points: not a number"):
        problems.raise_any()


@given(
    st.lists(st.tuples(MICROSECONDS, st.none() | MICROSECONDS, st.booleans()), max_size=5),
    MICROSECONDS,
    st.lists(MICROSECONDS, max_size=3),
)
def test_the_time_in_custody_is_that_of_the_moments_spent_there(told, t, begins):
    spells = [
        Spell(start, None if length is None else start + length, "custody" if held else "abroad")
        for start, length, held in told
    ]
    inside = {
        moment
        for spell in spells
        if spell.kind == "custody"
        for moment in range(spell.start, t if spell.end is None else min(spell.end, t))
    }
    begins = [min(begin, t) for begin in begins]
    expected = [sum(begin <= moment < t for moment in inside) for begin in begins]
    assert time_in_custody(spells, begins, t) == expected


def test_custody_lasts_to_the_moment_of_its_end():
    spell = Spell(10, 20, "custody")
    assert [in_custody([spell], t) for t in (10, 11, 20, 21)] == [False, True, True, False]
    assert in_custody([spell._replace(end=None)], 99)
    assert not in_custody([spell._replace(kind="abroad")], 11)


def test_a_spell_told_again_replaces_what_was_known_before():
    told = {**NOBODY, "recorded_time": "1970-01-03", "end": "1970-01-02"}
    at_once = {**told, "end": "1970-01-01"}
    later = {**told, "recorded_time": "1971-01-01", "end": "1970-12-31"}
    problems, t = Problems(), 9 * 86_400_000_000
    for rows in ([NOBODY, told, at_once, later], [later, at_once, told, NOBODY]):
        (spell,) = read_spells(rows, ["p"], "p", t, problems)
        assert spell == Spell(0, 86_400_000_000, "custody")
    assert read_spells([NOBODY], ["p", "q"], "q", t, problems) == []
    problems.raise_any()


def test_a_column_that_is_said_to_be_unknown_is_not_lacking():
    wanted = {"birth_date or birth_year": ("birth_date", "birth_year"), "points": ("points",)}
    assert lacking_columns(wanted, {"birth_year": None}) == ("points",)
    assert lacking_columns(wanted, {}) == tuple(wanted)
