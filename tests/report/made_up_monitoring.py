"""What became of a model, and what else could have been chosen, with known figures."""

import pandas as pd

from riskmodel.audit.alternatives.frontier import FRONTIER_COLUMNS
from riskmodel.audit.over_time import Alert
from tests.report.made_up_audit import SEXES, gaps_of, rates_of

ALERT = Alert(
    measure="psi", where="count_1y", value=0.3, low=0.2, high=0.4, limit=0.25, side="above",
    certainty="clear", consequence="retrain",
    sentence="The stability index of count_1y is 0.30, above 0.25. Consequence: retrain.",
)  # fmt: skip


def frontier():
    """The chosen model, a trial of the search, and one only to compare."""
    rows = pd.DataFrame(
        {
            "name": ["chosen", "trial 3", "threshold optimiser"],
            "kind": ["chosen", "search", "comparator"], "chosen": [True, False, False],
            "settings": ["", "num_leaves=7", ""], "precision": [0.35, 0.34, 0.3],
            "precision_low": 0.28, "precision_high": 0.42, "metric": "precision",
            "characteristic": "sex", "group": "Female", "reference": "Male",
            "gap": [0.12, 0.06, 0.01], "gap_low": 0.0, "gap_high": 0.2,
            "not_worse": [True, True, False], "on_frontier": [True, True, False],
            "reads_group": [False, False, True],
            "legal_note": ["", "", "cut-offs by group may be direct discrimination"], "note": "",
        }
    )  # fmt: skip
    return rows.reindex(columns=list(FRONTIER_COLUMNS))


def over_time_tables():
    """Every table of a monitoring, of two dates."""
    dates = pd.to_datetime(["2020-01-01", "2020-02-01"])
    shares = {"precision": [0.3, 0.2], "low": 0.1, "high": 0.4}
    drift = {"psi": 0.3, "by_chance": 0.01, "change": "stop", "share_missing_then": 0.0,
             "share_missing_now": 0.1, "n": 100, "bins": 10, "low": 0.2, "high": 0.4}  # fmt: skip
    return {
        "periods": pd.DataFrame(
            {"as_of": dates, "n": 500, "n_observed": 400, "expected": 50.4, "observed": 40.0,
             "observed_over_expected": 0.8, "observed_over_expected_low": 0.6,
             "observed_over_expected_high": 1.0, "brier": 0.09, "calibration_slope": 0.9,
             "k": 60, "listed_observed": 60, "listed_outcome": [18, 12],
             "precision": [0.3, 0.2], "precision_low": [0.2, 0.1], "precision_high": [0.4, 0.3]}
        ),
        "group_periods": rates_of("sex", SEXES, ("precision",), as_of=dates[0], n=50),
        "group_period_gaps": gaps_of("sex", SEXES[::2], ("precision",)).assign(as_of=dates[0]),
        "drift_periods": pd.DataFrame(
            {"as_of": dates, "n": 500, "features": 2, "stable": 1, "look": 0, "stop": 1,
             "too_few": 0, "largest_psi": 0.3, "feature": "count_1y"}
        ),
        "drift": pd.DataFrame([{"feature": "count_1y"} | drift]),
        "drift_estimates": pd.DataFrame([{"estimate": "margin"} | drift]),
        "changes": pd.DataFrame(
            {"as_of": dates[1:], "previous": dates[:1], "days": 31.0, "k": 60, "entered": 15,
             "left": 15, "stayed": 45, "share_stayed": 0.75, "same_model": True,
             "left_without_estimate": pd.array([pd.NA], dtype="Int64")}
        ),
        "time_on_list": pd.DataFrame(
            {"dates_listed": [1, 2], "people": [30, 45], "in_a_row": [30, 45], "of_dates": 2}
        ),
        "removals": pd.DataFrame(
            {"as_of": dates[1:], "previous": dates[:1], "reason": "moved away", "people": 9,
             "left": 8}
        ),
        "actions": pd.DataFrame(
            {"who": ["all", "worked"], "listed": 60, "people": 55, "listed_observed": 60,
             "expected": 20.1, "observed": [18.0, 12.0], "observed_over_expected": 0.9, **shares}
        ),
        "overrides": pd.DataFrame(
            {"direction": ["added", "removed"], "n": 20, "people": 20, "share": 0.2,
             "share_low": 0.1, "share_high": 0.3, "observed": 20, "outcome_rate": 0.25,
             "low": 0.1, "high": 0.5}
        ),
        "random_order": pd.DataFrame(
            {"arm": ["listed", "not listed", "difference"], "n": [40, 40, 80], "people": 40,
             "dates": 2, "observed": 40.0, "outcome_rate": [0.2, 0.25, -0.05], "low": -0.2,
             "high": 0.4, "p_value": 0.6, "not_observed": 0}
        ),
    }  # fmt: skip
