"""The report's words: names of metrics and models, numbers as text."""

from __future__ import annotations

from typing import Any

import pandas as pd

UNDEFINED = "–"
WITHHELD = "withheld"
METRIC_NAMES = {
    "share_of_pool": "Share of pool",
    "share_of_list": "Share of list",
    "share_of_later_harm": "Share of those who went on",
    "share_of_offences": "Share of offences",
    "share_of_group": "Share of group",
    "outcome_rate": "Went on to serious harm",
    "selection_rate": "Listed",
    "precision": "Precision",
    "recall": "Recall",
    "false_positive_rate": "False-positive rate",
    "false_negative_rate": "False-negative rate",
    "observed_over_expected": "Observed ÷ estimated",
    "mean_probability": "Mean estimate",
    "coverage": "On the list",
    "scored_not_listed": "Scored, not listed",
    "outside_cohort": "Named, not in cohort",
    "no_suspect_named": "No suspect named",
    "victim_coverage": "Victims covered",
    "harm_coverage": "Harm covered",
    "mean_captured": "Mean captured, k = 50 to 500",
    "captured": "Captured",
    "captured_of_all": "Captured of all, named or not",
    "harm_captured": "Harm captured",
    "harm_captured_capped": "Harm captured, capped",
    "auc": "AUC",
    "brier": "Brier score",
    "calibration_slope": "Calibration slope",
    "calibration_in_the_large": "Observed ÷ estimated, overall",
}
MODEL_NAMES = {
    "model": "this model",
    "expected_harm": "this model, by expected harm",
    "logistic": "plain logistic model",
    "v100_sum": "summed harm, one year (V100-style)",
    "v100_repeat": "summed harm, if accused more than once",
    "rfgv": "RFGV ranks",
    "prior_count": "prior count",
    "prior_serious": "prior serious count",
    "decayed_serious": "decayed serious count",
    "elastic_net": "penalised logistic model",
    "ogrs3": "OGRS3, recalibrated",
    "explainable_boosting": "explainable boosting",
    "default_trees": "boosted trees, default settings",
}
EVIDENCE_NAMES = {"no_action": "no further action", "support_withdrawn": "victim withdrew support"}
VERDICT_NAMES = {
    "pass": "Pass",
    "fail": "Fail",
    "insufficient evidence": "Insufficient evidence",
    "withheld": "Withheld",
}
RATIOS = frozenset(["observed_over_expected", "calibration_slope", "calibration_in_the_large"])
_PLAIN = RATIOS | {"auc", "brier"}


def metric_name(metric: str) -> str:
    """Return a metric's name for a heading.

    Examples
    --------
    >>> metric_name("false_positive_rate"), metric_name("something_new")
    ('False-positive rate', 'Something new')
    """
    return METRIC_NAMES.get(metric, metric.replace("_", " ").capitalize())


def plain_name(name: str) -> str:
    """Return a column's name as words.

    Examples
    --------
    >>> plain_name("sexual_orientation")
    'Sexual orientation'
    """
    text = str(name).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def count_text(count: Any) -> str:
    """Return a count with thousands; a missing one is withheld.

    Examples
    --------
    >>> count_text(12345.0), count_text(None)
    ('12,345', 'withheld')
    """
    return WITHHELD if count is None or pd.isna(count) else f"{float(count):,.0f}"


def share_text(share: Any, digits: int = 0) -> str:
    """Return a share as per cent; undefined is a dash, never 0.

    Examples
    --------
    >>> share_text(0.256), share_text(float("nan"))
    ('26%', '–')
    """
    return UNDEFINED if share is None or pd.isna(share) else f"{100 * float(share):.{digits}f}%"


def number_text(value: Any, metric: str = "") -> str:
    """Return a rate as its metric is read: per cent, or a plain number for ratios and scores.

    Examples
    --------
    >>> number_text(1.2, "observed_over_expected"), number_text(0.125, "recall")
    ('1.20', '12.5%')
    """
    if value is None or pd.isna(value):
        return UNDEFINED
    if metric in _PLAIN:
        return f"{float(value):.3f}" if metric in {"auc", "brier"} else f"{float(value):.2f}"
    return share_text(value, 1)


def interval_text(low: Any, high: Any, metric: str = "") -> str:
    """Return an interval as "low to high"; empty where it is undefined.

    Examples
    --------
    >>> interval_text(0.1, 0.25)
    '10% to 25%'
    """
    if pd.isna(low) or pd.isna(high):
        return ""
    if metric in _PLAIN:
        return f"{number_text(low, metric)} to {number_text(high, metric)}"
    return f"{share_text(low)} to {share_text(high)}"


def points_text(difference: Any) -> str:
    """Return a difference of shares in points, signed.

    Examples
    --------
    >>> points_text(-0.042), points_text(0.1)
    ('−4 pts', '+10 pts')
    """
    if pd.isna(difference):
        return UNDEFINED
    points = round(100 * float(difference))
    sign = "−" if points < 0 else "+" if points > 0 else "±"
    return f"{sign}{abs(points)} pts"


def points_interval(low: Any, high: Any) -> str:
    """Return an interval of a difference of shares in points.

    Examples
    --------
    >>> points_interval(-0.1, 0.05)
    '−10 to +5'
    """
    if pd.isna(low) or pd.isna(high):
        return ""
    return " to ".join(points_text(end).removesuffix(" pts") for end in (low, high))
