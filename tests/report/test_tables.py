"""Cells and tables: withheld, undefined and zero look different, and a figure keeps its number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.report.tables import (
    FIGURES,
    by_group,
    date_text,
    decimal,
    decimal_cell,
    gap_cell,
    plain_table,
    rate_cell,
    signed,
    text,
)
from riskmodel.report.words import UNDEFINED, WITHHELD, count_text
from tests.report.made_up_audit import gaps_of, rates_of


def rate(**more):
    return rates_of("sex", ("Female",), ("precision",)).assign(**more).iloc[0]


def test_withheld_undefined_and_zero_are_three_cells():
    zero = rate_cell(rate(value=0.0, low=0.0, numerator=0.0))
    hidden, undefined = rate_cell(rate(withheld=True)), rate_cell(rate(value=np.nan))
    assert [cell.text for cell in (zero, hidden, undefined)] == ["0.0%", WITHHELD, UNDEFINED]
    assert [cell.value for cell in (zero, hidden, undefined)] == [0.0, None, None]


def test_a_withheld_rate_shows_neither_counts_nor_interval():
    assert rate_cell(rate(withheld=True)).under == ""


def test_a_rate_stands_with_its_interval_and_counts_and_a_score_without_counts():
    assert rate_cell(rate()).under == "10% to 40% · 20 of 100"
    assert "of" not in rate_cell(rate(metric="auc")).under
    assert rate_cell(rate(numerator=np.nan)).under == "10% to 40%"


def test_a_gap_that_is_not_there_says_why_and_has_no_number():
    shown, missing = (
        gap_cell(row) for _, row in gaps_of("sex", ("Female", "Other"), ("recall",)).iterrows()
    )
    assert (shown.text, shown.under, shown.value) == ("−8 pts", "−13 to −3", -0.08)
    assert (missing.under, missing.value) == ("fewer than 8 people", None)


def test_each_group_has_a_row_and_each_metric_that_is_there_a_column():
    rates = rates_of("sex", ("b", "a"), ("recall", "precision"))
    known = rates[(rates["group"] != "a") | (rates["metric"] != "recall")]
    table = by_group(known, ["precision", "auc", "recall"], caption="c", first="Sex")
    assert table.headings == ["Sex", "Precision", "Recall"]
    assert [row[0].text for row in table.rows] == ["b", "a"]
    assert [cell.text for cell in table.rows[1][1:]] == ["26.0%", UNDEFINED]


def test_rows_of_several_keys_stay_apart():
    rates = pd.concat([rates_of("sex", ("a",), ("recall",), reading=one) for one in ("x", "y")])
    key = ("group", "reading")
    table = by_group(rates, ["recall"], caption="c", first="Sex", key=key)
    assert [(row[0].text, row[0].under) for row in table.rows] == [("a", "x"), ("a", "y")]


def test_columns_of_figures_keep_their_numbers_and_all_others_are_text():
    rows = pd.DataFrame({"name": ["a", ""], "n": [1234, None], "share": [0.25, np.nan]})
    columns = [("name", "Name", text), ("n", "People", count_text), ("share", "Share", decimal)]
    table = plain_table(rows, columns, "c")
    assert table.texts == {0}
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["a", "1,234", "0.25"],
        [UNDEFINED, WITHHELD, UNDEFINED],
    ]
    assert [cell.value for cell in table.rows[0]] == [None, 1234.0, 0.25]
    assert all(cell.value is None and cell.look == "quiet" for cell in table.rows[1])


@pytest.mark.parametrize("write", FIGURES)
def test_what_is_undefined_is_never_written_as_a_number(write):
    assert write(float("nan")) in {UNDEFINED, WITHHELD}


@given(st.floats(-1e6, 1e6))
def test_decimals_and_signs_read_back(number):
    for shown in (decimal(number), signed(number)):
        assert float(shown.replace("−", "-")) == pytest.approx(number, abs=0.0051)
    assert decimal_cell(number).value == number


def test_a_date_is_its_day_and_no_date_a_dash():
    assert date_text(pd.Timestamp("2020-02-29 13:00")) == "2020-02-29"
    assert date_text(pd.NaT) == UNDEFINED
