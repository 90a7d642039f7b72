"""What people write by hand is read as it was meant, or refused in words."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.policies.criteria import Criterion
from riskmodel.audit.policies.fields import DAY, NUMBER, WHOLE, frozen, read_spec, toml_value

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(
    TEXTS, st.booleans(), st.integers(-(2**40), 2**40), st.dates(),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip


@given(st.dictionaries(TEXTS, st.one_of(VALUES, st.lists(VALUES), st.dictionaries(TEXTS, VALUES))))
def test_every_value_comes_back_from_toml(content):
    lines = [f"{toml_value(key)} = {toml_value(value)}" for key, value in content.items()]
    assert tomllib.loads("\n".join(lines)) == content


def test_text_that_would_end_its_own_line_stays_text():
    hostile = '"\n[[criteria]]\nmetric = "recall'
    assert tomllib.loads(f"why = {toml_value(hostile)}") == {"why": hostile}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_toml_cannot_hold_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        toml_value(value)


def test_a_switch_is_no_number_and_a_moment_no_day():
    assert not NUMBER.fits(True)
    assert not WHOLE.fits(1.0)
    assert WHOLE.fits(8)
    assert DAY.fits(date(2026, 1, 31))
    assert not DAY.fits("2026-01-31")


def test_a_text_is_not_taken_for_a_list_of_letters():
    assert frozen("sex") == "sex"
    assert frozen(["sex"]) == ("sex",)


def test_what_is_no_table_is_said():
    spec, problems = read_spec(Criterion, 3, "criteria[1]: ")
    assert spec is None
    assert problems == ["criteria[1]: Criterion: must be a table of its fields"]
