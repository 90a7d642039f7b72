"""What became of a model leaves as an audit does: counts in fives, and no group by subtraction."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.gaps import GAP_COLUMNS, MEASURED
from riskmodel.audit.disclosure import published_over_time
from riskmodel.audit.disclosure.over_time import OVER_TIME_RULES
from riskmodel.audit.over_time import CHANCE, CLEAR, NO_INTERVAL, TABLES, Alert, OverTime
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.result import FairnessAudit

DATES = pd.to_datetime(["2020-01-01", "2021-01-01"])


def periods(hits):
    return pd.DataFrame(
        {
            "as_of": DATES, "n": [1003, 1011], "n_observed": [1003, 1011],
            "expected": [98.7, 102.3],
            "observed": [96, 104], "observed_over_expected": [0.97, 1.02],
            "observed_over_expected_low": [0.8, 0.85], "observed_over_expected_high": [1.1, 1.2],
            "brier": [0.0812, 0.0823], "calibration_slope": [1.011, 0.987], "k": 100,
            "listed_observed": 100, "listed_outcome": hits, "precision": np.divide(hits, 100),
            "precision_low": np.divide(hits, 100) - 0.05,
            "precision_high": np.divide(hits, 100) + 0.05,
        }
    )  # fmt: skip


def shown(alerts=(), **tables):
    return published_over_time(OverTime(tables=tables, alerts=alerts, model_digest="0" * 64, k=100))


def test_every_table_has_a_rule_or_stays_inside():
    assert set(OVER_TIME_RULES) | {"group_period_gaps"} == set(TABLES)


def test_periods_are_rounded_and_precision_follows():
    found = shown(periods=periods([23, 38])).tables["periods"]
    assert found["listed_outcome"].tolist() == [25, 40]
    assert found["precision"].tolist() == [0.25, 0.4]
    assert found["n"].tolist() == [1005, 1010]
    assert "expected" not in found  # an exact sum
    assert (found["precision_low"] <= found["precision"]).all()
    assert (found["precision_high"] - found["precision_low"] >= 0.1 - 1e-9).all()


@pytest.mark.parametrize("hits", [3, 97])
def test_a_small_count_or_remainder_of_one_list_is_withheld(hits):
    found = shown(periods=periods([hits, 38])).tables["periods"]
    assert np.isnan(found["precision"].iloc[0])
    assert np.isnan(found["listed_outcome"].iloc[0])
    assert found["precision"].iloc[1] == 0.4


def test_beside_an_audit_of_the_same_dates_no_date_follows_from_the_total():
    """Of 42 in all and 40 on one date, printed 40 and 40, the other would be 4 at most."""
    table = periods([2, 40])
    audit = FairnessAudit(
        model_digest="0" * 64, model={}, policy=Policy.default(), verdicts=(), measured={},
        summary={"k": 100, "n_dates": 2, "as_of": ["2020-01-01", "2021-01-01"],
                 "listed_later_serious": 40},
    )  # fmt: skip
    alone = OverTime(tables={"periods": table}, model_digest="0" * 64, k=100)
    assert published_over_time(alone).tables["periods"]["listed_outcome"].iloc[1] == 40
    beside = published_over_time(alone, beside=audit).tables["periods"]
    assert beside["listed_outcome"].isna().all()
    other = replace(audit, summary=audit.summary | {"as_of": ["2020-01-01"]})
    apart = published_over_time(alone, beside=other).tables["periods"]
    assert apart["listed_outcome"].iloc[1] == 40


def test_who_entered_is_withheld_with_who_stayed():
    """Of 100 places, 96 stayed is 4 entered: the length of the list is known."""
    changes = pd.DataFrame(
        {
            "as_of": DATES, "previous": DATES[0], "days": 365.0, "k": 100, "entered": [4, 30],
            "left": [4, 30], "stayed": [96, 70], "share_stayed": [0.96, 0.7], "same_model": True,
            "left_without_estimate": pd.array([1, 12], dtype="Int64"),
        }
    )  # fmt: skip
    found = shown(changes=changes).tables["changes"]
    assert found[["entered", "left", "stayed", "share_stayed"]].iloc[0].isna().all()
    assert found["share_stayed"].iloc[1] == 0.7
    assert found["left_without_estimate"].iloc[1] == 10


def test_worked_and_not_worked_add_up_to_all_and_are_withheld_together():
    actions = pd.DataFrame(
        {
            "who": ["all", "worked", "not worked"], "listed": [100, 40, 60],
            "people": [100, 40, 60], "listed_observed": [100, 40, 60],
            "expected": [30.0, 12.0, 18.0], "observed": [22, 2, 20],
            "observed_over_expected": [0.7, 0.2, 1.1], "precision": [0.22, 0.05, 0.33],
            "low": [0.1, 0.0, 0.2], "high": [0.3, 0.2, 0.5],
        }
    )  # fmt: skip
    found = shown(actions=actions).tables["actions"].set_index("who")
    assert np.isnan(found.loc["worked", "precision"])
    assert found["observed"].isna().sum() >= 2


def test_of_few_dates_the_time_on_the_list_stays_inside():
    table = pd.DataFrame({"dates_listed": [1, 2], "people": [40, 30], "in_a_row": [40, 30],
                          "of_dates": 2})  # fmt: skip
    assert shown(time_on_list=table).tables["time_on_list"].empty
    longer = pd.DataFrame({"dates_listed": [1, 2, 3, 4], "people": [40, 30, 9, 3],
                           "in_a_row": [40, 30, 20, 0], "of_dates": 4})  # fmt: skip
    found = shown(time_on_list=longer).tables["time_on_list"]
    assert found["people"].isna().tolist() == [False, False, True, True]
    assert found["in_a_row"].tolist() == [40, 30, 20, 0]


def test_gaps_by_date_are_those_of_the_published_rates():
    names = {"as_of": DATES[0], "characteristic": "sex", "metric": "selection_rate"}
    rates = pd.DataFrame(
        [
            {**names, "group": group, "value": top / 900, "low": 0.0, "high": 0.2,
             "numerator": top, "denominator": 900, "withheld": False, "people": top}
            for group, top in (("f", 43), ("m", 92))
        ]
    )  # fmt: skip
    gap = {**names, "group": "f", "reference": "m", "status": MEASURED, "reason": "",
           "difference": -49 / 900, "difference_low": -0.07, "difference_high": -0.03}  # fmt: skip
    gaps = pd.DataFrame([gap]).reindex(columns=["as_of", *GAP_COLUMNS])
    found = shown(group_periods=rates, group_period_gaps=gaps).tables
    assert found["group_periods"]["value"].tolist() == [0.05, 0.1]
    assert found["group_period_gaps"]["difference"].tolist() == [-0.05]


def alert(measure, where, value):
    return Alert(
        measure=measure, where=where, value=value, low=value - 0.0111, high=value + 0.0111,
        limit=0.5, side="below", certainty="clear", consequence="retest",
        sentence=f"exact {value}",
    )  # fmt: skip


def test_an_alert_keeps_its_consequence_and_loses_its_exact_figure():
    tables = {"periods": periods([23, 3])}
    alerts = (
        alert("precision", "as of 2020-01-01", 0.23), alert("precision", "as of 2021-01-01", 0.03),
        alert("gap:recall", "sex: f beside m", -0.123),
    )  # fmt: skip
    kept = shown(alerts, **tables).alerts
    assert kept[0].value == 0.25
    assert np.isnan([one.value for one in kept[1:]]).all()
    for one in kept:
        assert "exact" not in one.sentence
        assert "Consequence: retest." in one.sentence


@pytest.mark.parametrize("certainty", [CLEAR, CHANCE, NO_INTERVAL])
def test_an_alert_that_may_be_chance_is_published_without_a_consequence(certainty):
    exact = replace(alert("precision", "as of 2020-01-01", 0.23), certainty=certainty)
    (kept,) = shown((exact,), periods=periods([23, 38])).alerts
    assert ("retest" in kept.sentence) == kept.stands == (certainty != CHANCE)
    assert f": {certainty}." in kept.sentence


def test_drift_is_of_everyone_and_rounded():
    drift = pd.DataFrame({"feature": ["count_1y"], "psi": [0.12345], "low": [0.1], "high": [0.2],
                          "by_chance": [0.01], "change": ["look"], "share_missing_then": [0.0],
                          "share_missing_now": [0.12345], "n": [1003], "bins": [8]})  # fmt: skip
    found = shown(drift=drift).tables["drift"].iloc[0]
    assert (found["psi"], found["share_missing_now"], found["n"]) == (0.123, 0.12, 1005)


def test_random_order_says_its_arms_no_closer_than_their_counts():
    table = pd.DataFrame({
        "arm": ["listed", "not listed", "difference"], "n": [50, 50, 100],
        "people": [50, 50, 100], "dates": 4, "observed": [20.0, 25.0, np.nan],
        "outcome_rate": [0.4123, 0.4987, -0.0864], "low": [0.3, 0.4, -0.2],
        "high": [0.5, 0.6, 0.1], "p_value": [np.nan, np.nan, 0.4321], "not_observed": [0, 3, 3],
    })  # fmt: skip
    found = shown(random_order=table).tables["random_order"].set_index("arm")
    assert found["outcome_rate"].tolist() == [0.4, 0.5, -0.1]
    assert found.loc["difference", "p_value"] == 0.43
    assert np.isnan(found.loc["not listed", "not_observed"])


def test_overrides_follow_from_their_counts():
    table = pd.DataFrame({
        "direction": ["kept", "removed", "added", "overridden"], "n": [80, 21, 18, 39],
        "people": [70, 20, 18, 38], "share": np.array([80, 21, 18, 39]) / 119,
        "share_low": 0.1, "share_high": 0.9, "observed": [80, 21, 18, 39],
        "outcome_rate": [0.25, 3 / 21, 0.5, 12 / 39], "low": 0.1, "high": 0.9,
    })  # fmt: skip
    found = shown(overrides=table).tables["overrides"].set_index("direction")
    assert found.loc["kept", "n"] == 80
    assert np.isnan(found.loc["removed", "outcome_rate"])
    assert found["outcome_rate"].isna().sum() >= 2  # added, or all overridden, would say it
