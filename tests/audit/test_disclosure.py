"""What is published: no count of 1 to 7, the others in fives, rates of those alone."""

import json

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import (
    WITHHELD,
    disclose_gaps,
    disclose_rates,
    disclose_summary,
    published,
)
from riskmodel.audit.gaps import MEASURED
from riskmodel.audit.rates import RATE_COLUMNS

COUNTS = {
    "listed": ["denominator"],
    "victims": ["denominator"],
    "bands": ["denominator"],
    "calibration": ["n", "positives"],
    "coverage": ["offences", "victims", "harm"],
    "data_quality": ["n", "missing"],
    "evidence": ["records_listed", "records_scored"],
    "label": ["listed_later", "scored_later", "listed_observed", "scored_observed"],
    "stability": ["kept"],
}


def rate(metric, numerator, denominator, group="a", people=50):
    value = numerator / denominator
    span = (value, value - 0.05, value + 0.05)
    return ("sex", group, metric, *span, numerator, denominator, False, people)


def rates(*rows):
    return pd.DataFrame(rows, columns=list(RATE_COLUMNS))


@pytest.mark.parametrize(
    ("row", "withheld"),
    [
        (rate("precision", 3, 100), True),
        (rate("precision", 97, 100), True),
        (rate("precision", 50, 100), False),
        (rate("precision", 0, 100), False),
        (rate("precision", 0, 5), True),
        (rate("share_of_list", 4, 400), True),
        (rate("share_of_list", 396, 400), False),
        (rate("observed_over_expected", 3, 12.5), True),
        (rate("mean_probability", 2.5, 40), False),
        (rate("precision", 20, 40, people=7), True),
        (rate("share_of_list", 20, 400, people=4), True),
        (rate("mean_probability", 2.5, 40, people=2), True),
    ],
)
def test_small_counts_and_small_remainders_are_withheld(row, withheld):
    found = disclose_rates(rates(row)).iloc[0]
    assert found["withheld"] == withheld
    assert np.isnan(found["value"]) == withheld
    assert np.isnan(found["low"]) == withheld
    assert "people" not in found  # an exact count


def test_rates_come_from_rounded_counts_and_intervals_hold_them():
    found = disclose_rates(rates(rate("precision", 23, 99))).iloc[0]
    assert (found["numerator"], found["denominator"]) == (25, 100)
    assert found["value"] == 0.25
    assert found["low"] <= 0.25 <= found["high"]


def test_days_on_the_list_are_withheld_where_their_offences_are():
    rows = rates(rate("coverage", 3, 100), rate("harm_coverage", 5475.0, 90000.0))
    assert disclose_rates(rows)["withheld"].all()


def test_a_gap_is_withheld_with_either_of_its_rates():
    shown = disclose_rates(
        rates(
            rate("precision", 50, 100, "a"), rate("precision", 3, 100, "b"),
            rate("precision", 24, 100, "c"),
        )
    )  # fmt: skip
    gaps = pd.DataFrame(
        {
            "characteristic": "sex", "metric": "precision", "group": ["b", "c"], "reference": "a",
            "status": MEASURED, "reason": "", "difference": [-0.47, -0.26],
            "difference_low": -0.5, "difference_high": -0.1, "difference_se": 0.1,
            "ratio": 0.5, "ratio_low": 0.3, "ratio_high": 0.9, "log_ratio_se": 0.1,
        }
    )  # fmt: skip
    found = disclose_gaps(gaps, shown).set_index("group")
    assert found.loc["b", "status"] == WITHHELD
    assert np.isnan(found.loc["b", "difference"])
    assert found.loc["c", "difference"] == pytest.approx(0.25 - 0.5)
    assert found["difference_se"].isna().all()


def test_page_one_is_rounded_and_what_was_asked_for_is_not():
    found = disclose_summary({"k": 33, "n_dates": 2, "listed": 3, "all": 101, "at": ["x"],
                              "aside": {"events": 6}})  # fmt: skip
    assert found == {"k": 33, "n_dates": 2, "listed": None, "all": 100, "at": ["x"],
                     "aside": {"events": None}}  # fmt: skip


def test_what_is_no_count_of_people_stays_as_it_is():
    found = disclose_summary({"dates_learnt_from": 3, "late_allowance_days": 7, "known_at": None})
    assert found == {"dates_learnt_from": 3, "late_allowance_days": 7, "known_at": None}


def test_no_small_count_is_left_in_any_table_of_a_real_audit(audited):
    shown = published(audited)
    for name, columns in COUNTS.items():
        table = shown.tables()[name]
        assert len(table), name
        for column in columns:
            counts = table[column].dropna()
            assert ((counts == 0) | (counts >= 10)).all(), (name, column)
            assert (counts % 5 == 0).all(), (name, column)
    hits = shown.listed.loc[shown.listed["metric"] != "mean_probability", "numerator"].dropna()
    assert ((hits == 0) | (hits >= 10)).all()


def test_no_exact_rate_is_left_in_a_real_audit(audited):
    shown = published(audited)
    rows = shown.listed[shown.listed["metric"].isin(["precision", "recall", "selection_rate"])]
    rows = rows.dropna(subset=["value"])
    assert len(rows)
    np.testing.assert_allclose(rows["value"], rows["numerator"] / rows["denominator"])
    json.dumps(shown.to_dict(), allow_nan=False)
