"""Gaps as a table: how wide, how sure, and how small a gap could have been seen."""

import pandas as pd
import pytest

from riskmodel.report.parts.gap_tables import gap_table
from tests.report.made_up_audit import gaps_of


def test_a_gap_stands_with_both_intervals_and_the_smallest_visible(measured):
    table = gap_table(measured.gaps, "sex")
    row = dict(zip(table.headings, table.rows[0], strict=True))
    assert row["Gap"].text == "−8 pts" and row["Gap"].value == pytest.approx(-0.08)
    assert row["Interval"].text == "−13 to −3"
    assert row["All comparisons at once"].text == "−15 to −1"
    assert row["Smallest visible"].text == "7 pts"


def test_a_gap_that_could_not_be_measured_says_why_and_has_no_number(measured):
    last = gap_table(measured.gaps, "sex").rows[-1]
    assert (last[2].text, last[2].under) == ("Insufficient evidence", "fewer than 8 people")
    assert last[2].value is None


def test_gaps_without_the_later_columns_still_stand(measured):
    old = measured.gaps.drop(columns=["simultaneous_low", "simultaneous_high", "detectable"])
    assert gap_table(old, "sex").rows[0][4].text == "–"


def test_gaps_of_a_metric_that_is_no_share_are_not_in_points():
    row = gap_table(gaps_of("sex", ("Female", "Other"), ("auc",)), "sex").rows[0]
    assert [cell.text for cell in row[2:]] == [
        "−0.08", "−0.13 to −0.03", "−0.15 to −0.01", "0.07",
    ]  # fmt: skip


def test_gaps_of_several_dates_say_theirs(measured):
    dates = [pd.Timestamp("2020-01-01"), pd.NaT]
    dated = pd.concat([measured.gaps.iloc[[0]].assign(as_of=date) for date in dates])
    assert [row[0].under for row in gap_table(dated, "sex").rows] == ["2020-01-01", "all dates"]
    assert gap_table(measured.gaps, "sex").rows[0][0].under == ""
