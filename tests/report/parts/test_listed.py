"""Part 8: places against later harm in words, gaps with what the data could have shown."""

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.report.parts.gap_tables import gap_table
from riskmodel.report.parts.listed import ALL_WITHHELD, listed, redrawn_table
from riskmodel.report.parts.shares import furthest_apart, share_sentence


def folds(part):
    return [block for block in part.blocks if block.kind == "fold"]


def test_few_places_and_much_later_harm_are_said_in_one_sentence(measured):
    sentence = share_sentence(measured.listed)
    assert sentence.startswith(
        "“Female” holds 2 of 100 places (2%) and accounts for 12% of days of later harm."
    )


def test_who_is_not_recorded_is_nobody_to_speak_of(measured):
    table = measured.listed.copy()
    row = (table["group"] == "Not recorded") & (table["metric"] == "share_of_harm_days")
    table.loc[row, "value"] = 0.99
    assert furthest_apart(table) == furthest_apart(measured.listed)


def test_without_shares_or_beyond_them_nothing_is_said(measured):
    no_shares = measured.listed[measured.listed["metric"] == "precision"]
    assert share_sentence(no_shares) == ""
    hidden = measured.listed.assign(value=np.nan)
    assert share_sentence(hidden) == ""


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


def test_the_list_that_verdicts_read_is_said_to_be_another_one(contents):
    notes = [block.text for block in listed(contents).blocks if block.kind == "note"]
    assert any("top 5% of each date" in text for text in notes)
    labels = [fold.label for fold in folds(listed(contents))]
    assert "The longer list by sex, against “Male”" in labels


def test_an_interval_with_the_list_drawn_anew_stands_beside_the_other(measured):
    row = redrawn_table(measured.redrawn, "sex").rows[0]
    assert [cell.text for cell in row[2:]] == ["20.0%", "10% to 40%", "5% to 50%"]


def test_a_characteristic_of_which_all_is_withheld_has_no_empty_drawing(contents):
    nothing = contents.audit.listed.assign(value=np.nan, withheld=True)
    part = listed(replace(contents, audit=contents.audit.with_tables(listed=nothing)))
    assert [block.text for block in folds(part)[0].shown] == [ALL_WITHHELD]


def test_a_group_without_figures_is_counted_and_not_drawn(contents):
    table = contents.audit.listed.copy()
    table.loc[table["group"] == "Not recorded", "value"] = np.nan
    part = listed(replace(contents, audit=contents.audit.with_tables(listed=table)))
    drawings = [block for block in folds(part)[0].shown if block.kind == "drawing"]
    assert all("1 group is withheld or undefined" in one.caption for one in drawings)
    assert not any("Not recorded" in one.svg for one in drawings)


def test_whose_later_harm_is_covered_stands_beside_whose_places(contents):
    labels = [t.headings for fold in folds(listed(contents)) for t in
              (block.table for block in fold.folded)]  # fmt: skip
    assert any("Share of offences covered" in headings for headings in labels)
