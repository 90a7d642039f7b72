"""The report's words: names of metrics and models, numbers as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

UNDEFINED = "–"
WITHHELD = "withheld"
METRIC_NAMES = {
    "share_of_pool": "Share of pool",
    "share_of_list": "Share of list",
    "share_of_later_harm": "Share of those who went on",
    "share_of_later_offences": "Share of later offences",
    "share_of_harm_days": "Share of later harm",
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
    "mean_probability_later": "Of those who went on",
    "mean_probability_clear": "Of those who did not",
    "coverage": "On the list",
    "scored_not_listed": "Scored, not listed",
    "outside_cohort": "Named, not in cohort",
    "no_suspect_named": "No suspect named",
    "victim_coverage": "Victims covered",
    "harm_coverage": "Harm covered",
    "share_of_covered": "Share of offences covered",
    "recorded_late": "Recorded late",
    "lag_median_days": "Days until recorded, half",
    "lag_90_days": "Days until recorded, nine tenths",
    "support_withdrawn": "Support withdrawn",
    "charged_or_later": "Charged or later",
    "mean_captured": "Mean captured, k = 50 to 500",
    "captured": "Captured",
    "captured_of_all": "Captured of all, named or not",
    "harm_captured": "Harm captured",
    "harm_captured_capped": "Harm captured, capped",
    "auc": "AUC",
    "brier": "Brier score",
    "calibration_slope": "Calibration slope",
    "psi": "Stability index",
    "share_stayed": "Share that stayed",
    "override_share": "Share overridden",
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
_DAYS = frozenset(["lag_median_days", "lag_90_days"])
_PLAIN = RATIOS | _DAYS | {"auc", "brier"}
UNCOUNTED = _PLAIN | {"mean_probability", "mean_probability_later", "mean_probability_clear"}
"""Figures that are no count of people over another."""


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
        digits = 0 if metric in _DAYS else 3 if metric in {"auc", "brier"} else 2
        return f"{float(value):.{digits}f}"
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


def gap_text(difference: Any, metric: str) -> str:
    """Return a gap as its metric is read: points of shares, or a signed number.

    Examples
    --------
    >>> gap_text(-0.04, "recall"), gap_text(0.214, "auc")
    ('−4 pts', '+0.21')
    """
    if metric not in _PLAIN or pd.isna(difference):
        return points_text(difference)
    return f"{float(difference):+.2f}".replace("-", "−")


def gap_interval(low: Any, high: Any, metric: str) -> str:
    """Return an interval of a gap as its metric is read.

    Examples
    --------
    >>> gap_interval(-0.1, 0.05, "recall"), gap_interval(-0.1, 0.05, "auc")
    ('−10 to +5', '−0.10 to +0.05')
    """
    if metric not in _PLAIN or pd.isna(low) or pd.isna(high):
        return points_interval(low, high)
    return f"{gap_text(low, metric)} to {gap_text(high, metric)}"


def span_text(days: int | None) -> str:
    """Return a stretch of time as people say it.

    Examples
    --------
    >>> span_text(730), span_text(365), span_text(90), span_text(None)
    ('2 years', '1 year', '90 days', 'the outcome window')
    """
    if not days:
        return "the outcome window"
    years, rest = divmod(int(days), 365)
    if rest:
        return f"{days} days"
    return f"{years} year{'s' * (years > 1)}"


def withheld_said(sentence: str) -> str:
    """Return a sentence about rounded counts in which a withheld one is said to be.

    Examples
    --------
    >>> withheld_said("Of about withheld places, about withheld had no record.")
    'Of a withheld number of places, a withheld number had no record.'
    """
    of_them = re.sub(r"about withheld (?!had|were|of)(?=\w)", "a withheld number of ", sentence)
    return of_them.replace("about withheld", "a withheld number")


def joined(words: Sequence[str]) -> str:
    """Return words as a sentence lists them.

    Examples
    --------
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


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


def where_text(summary: dict[str, Any]) -> str:
    """Return on which dates the list was drawn up.

    Examples
    --------
    >>> where_text({"n_dates": 1, "as_of": []}), where_text({"n_dates": 3, "as_of": ["2011-01-01"]})
    ('of a table without dates', 'on each of 3 dates')
    """
    if summary["n_dates"] > 1:
        return f"on each of {summary['n_dates']} dates"
    return f"as of {summary['as_of'][0]}" if summary["as_of"] else "of a table without dates"
