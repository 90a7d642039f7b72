"""A rate is withheld with its counts, follows from them as printed, and its interval with it."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.rates import RATE_COLUMNS
from riskmodel.audit.disclosure import published
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.result import FairnessAudit


def rate(metric, numerator, denominator, group="a", people=50):
    value = numerator / denominator
    span = (value, value - 0.05, value + 0.05)
    return ("sex", group, metric, *span, numerator, denominator, False, people)


def audit_of(*rows, table="listed"):
    measured = {table: pd.DataFrame(rows, columns=list(RATE_COLUMNS))}
    return FairnessAudit(
        model_digest="0" * 64, model={}, policy=Policy.default(), verdicts=(),
        summary={"k": 100, "n_dates": 1}, measured=measured,
    )  # fmt: skip


def shown(*rows, table="listed"):
    return published(audit_of(*rows, table=table)).measured[table]


@pytest.mark.parametrize(
    ("row", "withheld"),
    [
        (rate("precision", 3, 100), True),
        (rate("precision", 97, 100), True),
        (rate("precision", 50, 100), False),
        (rate("precision", 0, 100), False),
        (rate("precision", 0, 5), True),
        (rate("share_of_list", 4, 400), True),
        (rate("share_of_list", 400, 400), False),
        (rate("precision", 20, 40, people=7), True),
        (rate("share_of_list", 20, 400, people=4), True),
    ],
)
def test_small_counts_and_small_remainders_are_withheld(row, withheld):
    found = shown(row).iloc[0]
    assert found["withheld"] == withheld
    assert np.isnan(found["value"]) == withheld
    assert np.isnan(found["low"]) == withheld
    assert "people" not in found  # an exact count


def test_rates_come_from_rounded_counts_and_intervals_move_with_them():
    found = shown(rate("precision", 23, 99)).iloc[0]
    assert (found["numerator"], found["denominator"]) == (25, 100)
    assert found["value"] == 0.25
    assert (found["low"], found["high"]) == pytest.approx((0.2, 0.3))


def test_what_is_left_of_two_printed_counts_is_their_difference():
    """Two of three are printed; the third is no third rounding of its own."""
    rows = shown(
        rate("precision", 22, 43), rate("false_positive_rate", 21, 97), rate("recall", 22, 60),
        rate("outcome_rate", 60, 157), rate("false_negative_rate", 38, 60),
    ).set_index("metric")  # fmt: skip
    printed = rows[["numerator", "denominator"]].to_numpy().tolist()
    assert printed == [[20, 45], [25, 95], [20, 60], [60, 155], [40, 60]]
    assert rows.loc["recall", "value"] + rows.loc["false_negative_rate", "value"] == 1


def test_observed_over_expected_holds_no_exact_sum():
    """A published outcome rate over a mean to three decimals: 20 / 100 over 0.123."""
    rows = (rate("outcome_rate", 19, 101), rate("observed_over_expected", 19, 12.4567))
    found = shown(*rows).set_index("metric").loc["observed_over_expected"]
    assert found["value"] == pytest.approx(0.2 / 0.123, abs=1e-3)
    assert np.isnan(found["denominator"])
    alone = shown(rate("observed_over_expected", 3, 12.5), rate("outcome_rate", 3, 50))
    assert alone["withheld"].all()


def test_means_of_those_who_went_on_need_many_people():
    few = shown(rate("outcome_rate", 60, 200), rate("mean_probability_later", 20.5, 60))
    many = shown(rate("outcome_rate", 60, 300), rate("mean_probability_later", 20.5, 60))
    assert few["withheld"].tolist() == [False, True]
    assert many["withheld"].tolist() == [False, False]
    assert many["value"].iloc[1] == 0.34
    assert np.isnan(many["numerator"].iloc[1])


def test_days_on_the_list_are_withheld_where_their_offences_are():
    rows = (rate("coverage", 3, 100), rate("harm_coverage", 5475.0, 90000.0))
    assert shown(*rows, table="victims")["withheld"].all()
    rows = (rate("coverage", 30, 120), rate("harm_coverage", 5475.0, 90000.0))
    days = shown(*rows, table="victims").iloc[1]
    assert days["value"] == 0.06
    assert np.isnan(days["numerator"])


def test_one_share_of_days_is_never_withheld_alone():
    rows = [
        each
        for group, later in (("a", 3), ("b", 40), ("c", 60))
        for each in (
            rate("outcome_rate", later, 200, group), rate("selection_rate", 20, 200, group),
            rate("share_of_harm_days", later * 100.0, 10300.0, group),
        )
    ]  # fmt: skip
    found = shown(*rows)
    days = found[found["metric"] == "share_of_harm_days"].set_index("group")["withheld"]
    assert days.to_dict() == {"a": True, "b": True, "c": False}


def test_lags_are_whole_days():
    rows = (rate("recorded_late", 30, 200), rate("lag_median_days", 2469, 200))
    found = shown(*rows, table="reporting").iloc[1]
    assert found["value"] == 12
    assert found["low"] <= 12 <= found["high"]


def test_an_undefined_rate_is_undefined_and_not_withheld():
    row = ("sex", "a", "precision", np.nan, np.nan, np.nan, 0.0, 0.0, False, 0)
    found = shown(row).iloc[0]
    assert np.isnan(found["value"])
    assert not found["withheld"]
