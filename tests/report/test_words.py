"""Numbers as text: withheld, undefined and zero are three different things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.report.words import (
    count_text,
    interval_text,
    number_text,
    points_interval,
    points_text,
    share_text,
)

NAN = float("nan")


def test_withheld_undefined_and_zero_differ():
    assert len({count_text(None), share_text(NAN), count_text(0), share_text(0)}) == 4


@given(st.integers(0, 10**9))
def test_a_count_reads_back(count):
    assert int(count_text(count).replace(",", "")) == count


@pytest.mark.parametrize(
    ("difference", "text"),
    [(-0.1, "−10 pts"), (0.004, "±0 pts"), (0.256, "+26 pts"), (NAN, "–")],
)
def test_gaps_are_signed_points(difference, text):
    assert points_text(difference) == text


def test_an_interval_with_an_undefined_end_is_not_shown():
    assert interval_text(NAN, 0.2) == points_interval(0.1, NAN) == ""
    assert points_interval(-0.1, 0.05) == "−10 to +5"


@pytest.mark.parametrize(
    ("metric", "text"),
    [("precision", "12.5%"), ("auc", "0.125"), ("observed_over_expected", "0.12")],
)
def test_each_metric_reads_on_its_own_scale(metric, text):
    assert number_text(0.125, metric) == text
