"""Lengths of list are read, ordered and cut exactly."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.list_lengths import ListLength, read_lengths


@given(st.integers(1, 1_000), st.integers(1, 100_000))
def test_a_share_is_rounded_up_exactly(tenths, cohort):
    length = ListLength.read(f"{tenths / 10}%")
    assert length.people(cohort) == ceil(Fraction(tenths, 1_000) * cohort)
    assert 1 <= length.people(cohort) <= cohort


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_number_of_people_is_cut_to_the_cohort(k, cohort):
    assert ListLength.read(k).people(cohort) == min(k, cohort)


@given(st.integers(1, 1_000), st.booleans())
def test_what_is_printed_is_read_again(number, as_share):
    length = ListLength.read(f"{number / 10}%" if as_share else number)
    assert ListLength.read(str(length)) == length


def test_numbers_come_first_and_each_once():
    given = ["5%", np.int64(100), "1.0%", 50, 100.0, "100", "1%"]
    assert [str(length) for length in read_lengths(given)] == ["50", "100", "1%", "5%"]
    assert read_lengths([]) == ()


@pytest.mark.parametrize(
    "wrong",
    [0, -1, 1.5, float("nan"), float("inf"), True, None, "", "few", "%", "0%", "100.1%", "nan%"],
)  # fmt: skip
def test_anything_else_is_refused(wrong):
    with pytest.raises(SchemaError, match="whole numbers of 1 or more are allowed, and shares"):
        ListLength.read(wrong)


def test_all_mistakes_come_at_once():
    with pytest.raises(SchemaError) as found:
        read_lengths([0, 50, "0%"])
    assert len(found.value.problems) == 2
