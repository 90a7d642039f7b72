"""Tables of an audit with known figures, beyond those that the small one measures."""

import numpy as np
import pandas as pd

HOSTILE, PATH = '<script>document.title = "ran"</script>', "../../etc/passwd"
"""Names that try to be markup and a path."""

SUMMARY = {
    "k": 100, "n_dates": 1, "as_of": ["2020-01-01"], "horizon_days": 730, "entries_listed": 100,
    "people_listed": 100, "people_scored": 5000, "listed_observed": 100,
    "listed_no_later_serious": 75, "later_serious": 400, "later_serious_not_listed": 375,
    "offences_later": 500, "offences_listed": 40, "offences_no_suspect": 125,
}  # fmt: skip
"""Of one audit with victims, exact."""


def rates_of(characteristic, groups, metrics, **more):
    """Rows as every table of rates has them, one value apart from the next."""
    rows = [
        {
            "characteristic": characteristic, "group": group, "metric": metric,
            "value": 0.2 + 0.05 * i + 0.01 * j, "low": 0.1 + 0.05 * i, "high": 0.4 + 0.05 * i,
            "numerator": 20.0 + i, "denominator": 100.0, "withheld": False, "people": 100.0,
        }
        for i, group in enumerate(groups)
        for j, metric in enumerate(metrics)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**more)


def gaps_of(characteristic, groups, metrics):
    """Rows as every table of gaps has them; the last group has none."""
    rows = [
        {
            "characteristic": characteristic, "group": group, "reference": "Male", "metric": metric,
            "status": "measured", "reason": "", "difference": -0.08, "difference_low": -0.13,
            "difference_high": -0.03, "difference_se": 0.02, "ratio": 0.8, "ratio_low": 0.7,
            "ratio_high": 0.9, "log_ratio_se": 0.1, "simultaneous_low": -0.15,
            "simultaneous_high": -0.01, "detectable": 0.07,
        }
        for group in groups
        for metric in metrics
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    last = table["group"] == groups[-1]
    numbers = [name for name in table if name.startswith(("difference", "ratio", "simultaneous"))]
    table.loc[last, numbers] = np.nan
    return table.assign(
        status=table["status"].mask(last, "insufficient evidence"),
        reason=table["reason"].mask(last, "fewer than 8 people"),
    )


def why_tables():
    features = ["count_1y", "incidents_serious_ever", "all others"]
    return {
        "score_gaps": pd.DataFrame(
            {
                "characteristic": "sex", "group": "Female", "reference": "Male",
                "feature": features, "mean_group": 0.1, "mean_reference": 0.2,
                "contribution": [-0.3, -0.1, 0.05], "share": [0.8, 0.3, -0.1],
                "value_group": [1.0, 0.4, np.nan], "value_reference": [2.0, 0.5, np.nan],
                "gap": -0.35, "gap_low": -0.5, "gap_high": -0.2, "people": 100,
            }
        ),
        "matched_gaps": pd.DataFrame(
            {
                "characteristic": ["sex"], "group": "Female", "reference": "Male",
                "metric": "selection_rate", "people": 200.0, "matched_people": 150.0, "gap": -0.05,
                "matched_gap": -0.01, "low": -0.03, "high": 0.01,
            }
        ),
        "proxy_models": pd.DataFrame(
            {
                "characteristic": "sex", "group": ["Female", "Male"], "n": 100.0, "auc": 0.61,
                "auc_low": 0.55, "auc_high": 0.66, "top_features": "count_1y", "withheld": False,
            }
        ),
        "recording": pd.DataFrame(
            {
                "characteristic": "sex", "group": "Female", "reference": "Male",
                "metric": "precision", "scale": "difference", "verdict": "pass",
                "factor": [3.0, 1.4], "direction": "more often",
                "assumption": ["alike, listed or not", "only of those listed"],
                "overturns": True, "note": "",
            }
        ),
    }  # fmt: skip


RATES = ("selection_rate", "precision", "recall", "false_positive_rate", "false_negative_rate")
ESTIMATES = ("mean_probability", "mean_probability_later", "mean_probability_clear", "brier", "auc",
             "calibration_slope", "observed_over_expected", "outcome_rate")  # fmt: skip
SHARES = ("share_of_pool", "share_of_list", "share_of_later_harm", "share_of_later_offences",
          "share_of_harm_days")  # fmt: skip
SEXES = ("Female", "Male", "Not recorded")


def measured_tables():
    """Every table that an audit may hold beyond those of the small one, with known figures."""
    coverage = ("coverage", "victim_coverage", "harm_coverage")
    late = ("recorded_late", "lag_median_days", "support_withdrawn")
    listed = rates_of("sex", SEXES, (*SHARES, *RATES, *ESTIMATES))
    held = {("Female", "share_of_list"): (2, 0.02), ("Female", "share_of_harm_days"): (12, 0.12)}
    for (group, metric), (count, value) in held.items():
        row = (listed["group"] == group) & (listed["metric"] == metric)
        listed.loc[row, ["numerator", "value"]] = [count, value]
    readings = ("allegation", "charge or later")
    curve = pd.DataFrame({"bin": [0, 1], "n": 100.0, "predicted": [0.1, 0.3],
                          "observed": [0.12, 0.25], "low": [0.05, 0.15], "high": [0.2, 0.4],
                          "positives": [12.0, 25.0]})  # fmt: skip
    curves = [curve.assign(characteristic="sex", group=group) for group in SEXES]
    few = rates_of("sex", SEXES, ("precision",))
    gaps = gaps_of("sex", SEXES[::2], RATES)
    return {
        "listed": listed,
        "gaps": gaps,
        "lengths": rates_of("sex", SEXES, RATES, k=50),
        "length_gaps": gaps.assign(k=50),
        "gate": rates_of("sex", SEXES, RATES),
        "gate_gaps": gaps,
        "suspects": rates_of("sex", SEXES, ("share_of_offences", "share_of_covered", "coverage")),
        "suspect_gaps": gaps_of("sex", SEXES[::2], ("coverage",)),
        "redrawn": few.assign(redrawn_low=0.05, redrawn_high=0.5),
        "group_calibration": pd.concat(curves, ignore_index=True),
        "victim_lengths": rates_of("sex", SEXES, coverage, k=50),
        "gate_victims": rates_of("sex", SEXES, coverage),
        "gate_victim_gaps": gaps_of("sex", SEXES[::2], coverage),
        "victim_bounds": pd.DataFrame(
            {"characteristic": ["sex"], "group": "Female", "reference": "Male", "metric":
             "coverage", "difference": -0.1, "low_bound": -0.4, "high_bound": 0.3,
             "share_not_recorded": 0.26}
        ),
        "reporting": rates_of("sex", SEXES, late),
        "label_groups": pd.concat(
            [rates_of("sex", SEXES, ("precision", "recall"), reading=one) for one in readings]
        ),
        **why_tables(),
    }  # fmt: skip
