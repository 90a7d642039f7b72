"""A limit that is crossed raises an alert that names what follows, and whether chance may do it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.over_time import CHANCE, CLEAR, NO_INTERVAL
from riskmodel.audit.policies.thresholds import Threshold
from riskmodel.monitoring.alerts import measured_values, not_held, raise_alerts

DATE = pd.Timestamp("2012-01-01")


def periods(value, low, high):
    row = {"as_of": DATE, "precision": value, "precision_low": low, "precision_high": high,
           "observed_over_expected": 1.0, "observed_over_expected_low": 0.9,
           "observed_over_expected_high": 1.1}  # fmt: skip
    return {"periods": pd.DataFrame([row])}


def gaps(difference, low, high, as_of=pd.NaT, status="measured", wide=None):
    row = {
        "as_of": as_of, "characteristic": "sex", "group": "f", "reference": "m",
        "metric": "precision", "status": status, "difference": difference,
        "difference_low": low, "difference_high": high,
        "simultaneous_low": math.nan if wide is None else wide[0],
        "simultaneous_high": math.nan if wide is None else wide[1],
    }  # fmt: skip
    return {"group_period_gaps": pd.DataFrame([row])}


@pytest.mark.parametrize(
    ("value", "low", "high", "certainty"),
    [
        (0.10, 0.05, 0.14, CLEAR),
        (0.10, 0.05, 0.20, CHANCE),
        (0.10, np.nan, np.nan, NO_INTERVAL),
        (0.15, 0.1, 0.2, None),
        (0.30, 0.2, 0.4, None),
        (np.nan, np.nan, np.nan, None),
    ],
)
def test_below_a_limit(value, low, high, certainty):
    rule = Threshold(measure="precision", below=0.15, consequence="retrain")
    found = raise_alerts([rule], periods(value, low, high))
    assert [alert.certainty for alert in found] == ([] if certainty is None else [certainty])
    for alert in found:
        assert (alert.consequence, alert.side, alert.limit) == ("retrain", "below", 0.15)
        assert "as of 2012-01-01" in alert.sentence
        assert ("retrain" in alert.sentence) == alert.stands == (certainty != CHANCE)


def test_several_thresholds_of_one_measure_each_speak():
    rules = [
        Threshold(measure="precision", below=0.3, consequence="retest"),
        Threshold(measure="precision", below=0.2, above=0.9, consequence="ethics referral"),
    ]
    assert [a.consequence for a in raise_alerts(rules, periods(0.1, 0, 0.2))] == [
        "retest", "ethics referral",
    ]  # fmt: skip
    high = raise_alerts(rules, periods(0.95, 0.92, 0.99))
    assert [(a.side, a.limit, a.certainty) for a in high] == [("above", 0.9, CLEAR)]


@pytest.mark.parametrize(
    ("difference", "low", "high", "certainty"),
    [
        (-0.2, -0.3, -0.12, CLEAR),
        (0.2, 0.12, 0.3, CLEAR),
        (-0.2, -0.35, -0.05, CHANCE),
        (0.2, -0.2, 0.6, CHANCE),
        (-0.05, -0.4, 0.3, None),
    ],
)
def test_a_gap_counts_by_its_size_on_either_side(difference, low, high, certainty):
    rule = Threshold(measure="gap:precision", above=0.1, consequence="ethics referral")
    found = raise_alerts([rule], gaps(difference, low, high))
    assert [alert.certainty for alert in found] == ([] if certainty is None else [certainty])
    for alert in found:
        assert alert.value == difference and "sex: f beside m" in alert.sentence


def test_gaps_are_judged_over_all_dates_together_and_with_the_wider_interval():
    rule = Threshold(measure="gap:precision", above=0.1)
    one_date, all_dates = gaps(0.5, 0.4, 0.6, DATE), gaps(0.05, 0, 0.1)
    both = {"group_period_gaps": pd.concat(
        [one_date["group_period_gaps"], all_dates["group_period_gaps"]])}  # fmt: skip
    assert not raise_alerts([rule], both)
    assert raise_alerts([rule], one_date)[0].certainty == CLEAR
    wide = gaps(0.5, 0.4, 0.6, wide=(0.05, 0.95))
    assert raise_alerts([rule], wide)[0].certainty == CHANCE
    assert not raise_alerts([rule], gaps(0.5, 0.4, 0.6, status="insufficient evidence"))


def test_drift_that_chance_alone_would_bring_is_no_alert_and_features_share_one():
    rule = Threshold(measure="psi", above=0.25)
    drift = pd.DataFrame(
        {"feature": ["a", "b", "c", "d"], "psi": [0.9, 0.4, 0.3, 0.1],
         "low": [0.5, 0.3, 0.2, 0.0], "high": [1.2, 0.5, 0.4, 0.2],
         "by_chance": [0.3, 0.02, 0.02, 0.02]}
    )  # fmt: skip
    (alert,) = raise_alerts([rule], {"drift": drift})
    assert (alert.where, alert.certainty) == ("feature b", CLEAR)
    assert "2 of 4 features are." in alert.sentence
    estimates = drift.rename(columns={"feature": "estimate"}).iloc[1:2]
    both = raise_alerts([rule], {"drift": drift, "drift_estimates": estimates})
    assert [alert.where for alert in both] == ["feature b", "estimate b"]


def test_changes_and_overrides():
    tables = {
        "changes": pd.DataFrame({"as_of": [DATE], "share_stayed": [0.3]}),
        "overrides": pd.DataFrame(
            {"direction": ["kept", "overridden"], "share": [0.99, 0.01],
             "share_low": [0.9, 0.0], "share_high": [1.0, 0.05]}
        ),
    }  # fmt: skip
    rules = [Threshold(measure="share_stayed", below=0.5),
             Threshold(measure="override_share", below=0.02),
             Threshold(measure="psi", above=0.1)]  # fmt: skip
    found = raise_alerts(rules, tables)
    assert [(a.measure, a.certainty) for a in found] == [
        ("share_stayed", NO_INTERVAL), ("override_share", CHANCE),
    ]  # fmt: skip
    assert not_held(rules, tables) == ("psi",)


numbers = st.floats(-1, 1)


@given(numbers, st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.01, 0.9))
def test_an_alert_is_raised_where_the_threshold_is_crossed_and_clear_only_beyond(
    value, below, above, limit
):
    rule = Threshold(measure="gap:precision", above=limit)
    tables = gaps(value, value - below, value + above)
    found = raise_alerts([rule], tables)
    assert bool(found) == (abs(value) > limit)
    assert [v.value for v in measured_values(tables)] == [value]
    for alert in found:
        inside = [edge for edge in np.linspace(alert.low, alert.high, 101) if abs(edge) < limit]
        assert (alert.certainty == CLEAR) == (not inside) or math.isclose(
            min(abs(alert.low), abs(alert.high)), limit, abs_tol=1e-9
        )
