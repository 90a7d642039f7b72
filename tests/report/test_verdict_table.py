"""The table of verdicts: the widest gap on its own scale, and who was not compared."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.verdict_table import verdict_table

FAIL = {
    "characteristic": "age_band", "verdict": "fail", "criterion": "Precision: within 10 points",
    "metric": "precision", "group": "18-24", "reference": "35-44", "scale": "difference",
    "gap": -0.2, "low": -0.3, "high": -0.1, "reason": "wholly outside", "not_compared": 0,
}  # fmt: skip


def row(**more):
    (found,) = verdict_table(pd.DataFrame([FAIL | more])).rows
    return found


def test_a_verdict_stands_with_its_promise_its_widest_gap_and_the_reason():
    assert [cell.text for cell in row()] == [
        "Age band", "Fail", "Precision: within 10 points", "−20 pts", "wholly outside",
    ]  # fmt: skip
    assert (row()[3].under, row()[3].value) == ("−30 to −10 · 18-24 against 35-44", -0.2)


@pytest.mark.parametrize(
    ("verdict", "text", "look"),
    [
        ("pass", "Pass", "badge pass"),
        ("fail", "Fail", "badge fail"),
        ("insufficient evidence", "Insufficient evidence", "badge insufficient"),
        ("withheld", "Withheld", "badge withheld"),
    ],
)
def test_every_verdict_is_said_in_words_and_not_by_its_look_alone(verdict, text, look):
    assert (row(verdict=verdict)[1].text, row(verdict=verdict)[1].look) == (text, look)


def test_a_ratio_is_no_difference_in_points():
    widest = row(scale="ratio", gap=0.7, low=0.5, high=0.9)[3]
    assert (widest.text, widest.under) == ("× 0.70", "0.50 to 0.90 · 18-24 against 35-44")


@pytest.mark.parametrize(("group", "text"), [("18-24", "withheld"), ("", "–")])
def test_a_withheld_gap_is_not_one_that_nobody_could_measure(group, text):
    widest = row(gap=np.nan, low=np.nan, high=np.nan, group=group)[3]
    assert (widest.text, widest.under, widest.value) == (text, "", None)


@pytest.mark.parametrize(("count", "said"), [(0, ""), (1, "1 group not"), (3, "3 groups not")])
def test_who_could_not_be_compared_is_counted(count, said):
    under = row(not_compared=count)[4].under
    assert under.startswith(said) and bool(under) == bool(said)
