"""What each published rate is made of: the counts behind it, and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RATE = "rate"
"""One count over another, both of the group."""
SHARE = "share"
"""The count of the group over that of everyone."""
OVER_EXPECTED = "over expected"
"""The published outcome rate over the mean estimate."""
MEAN = "mean"
"""A mean over people, which is no count."""
DAYS = "days"
"""A share of days of harm: as withheld as the offences behind it."""
LAG = "lag"
"""Whole days between event and record."""


@dataclass(frozen=True)
class Measure:
    """How a rate is published: its kind, the counts behind it, and what lies between those.

    ``fewest`` is how many people the whole must have for the figure to be shown at all.
    """

    kind: str
    top: str
    bottom: str
    rest: str = ""
    fewest: int = 0


ENOUGH_FOR_PARTS = 250
"""People from which the means of two parts and of their whole, to two decimals, leave the size of
the parts as open as the rounding of counts does: (whole - part) / (other - part) moves by .01."""

LIST_MEASURES = {
    "share_of_pool": Measure(SHARE, "people", "people"),
    "share_of_list": Measure(SHARE, "listed", "listed"),
    "share_of_later_harm": Measure(SHARE, "outcome", "outcome"),
    "share_of_later_offences": Measure(SHARE, "offences", "offences"),
    "share_of_harm_days": Measure(DAYS, "outcome", "people"),
    "outcome_rate": Measure(RATE, "outcome", "observed", "clear"),
    "selection_rate": Measure(RATE, "listed", "people", "not_listed"),
    "precision": Measure(RATE, "listed_outcome", "listed_observed", "listed_clear"),
    "recall": Measure(RATE, "listed_outcome", "outcome", "missed"),
    "false_positive_rate": Measure(RATE, "listed_clear", "clear", "clear_not_listed"),
    "false_negative_rate": Measure(RATE, "missed", "outcome", "listed_outcome"),
    "observed_over_expected": Measure(OVER_EXPECTED, "outcome", "observed", "clear"),
    "calibration_slope": Measure(MEAN, "outcome", "observed", "clear"),
    "brier": Measure(MEAN, "outcome", "observed", "clear"),
    "auc": Measure(MEAN, "outcome", "observed", "clear"),
    "mean_probability": Measure(MEAN, "people", "people"),
    "mean_probability_later": Measure(MEAN, "outcome", "observed", "clear", ENOUGH_FOR_PARTS),
    "mean_probability_clear": Measure(MEAN, "clear", "observed", "outcome", ENOUGH_FOR_PARTS),
}
VICTIM_MEASURES = {
    "share_of_offences": Measure(SHARE, "offences", "offences"),
    "coverage": Measure(RATE, "offences_listed", "offences", "offences_other"),
    "scored_not_listed": Measure(RATE, "offences_scored", "offences", "offences_not_scored"),
    "outside_cohort": Measure(RATE, "offences_outside", "offences", "offences_not_outside"),
    "no_suspect_named": Measure(RATE, "offences_unnamed", "offences", "offences_named"),
    "victim_coverage": Measure(RATE, "victims_listed", "victims", "victims_other"),
    "harm_coverage": Measure(DAYS, "offences_listed", "offences", "offences_other"),
}
SUSPECT_MEASURES = {
    "share_of_offences": Measure(SHARE, "offences", "offences"),
    "share_of_covered": Measure(SHARE, "offences_listed", "offences_listed"),
    "coverage": Measure(RATE, "offences_listed", "offences", "offences_other"),
    "outside_cohort": Measure(RATE, "offences_outside", "offences", "offences_scored"),
    "harm_coverage": Measure(DAYS, "offences_listed", "offences", "offences_other"),
}
REPORTING_MEASURES = {
    "share_of_offences": Measure(SHARE, "offences", "offences"),
    "recorded_late": Measure(RATE, "late", "offences", "in_time"),
    "support_withdrawn": Measure(RATE, "withdrawn", "offences", "not_withdrawn"),
    "no_suspect_named": Measure(RATE, "unnamed", "offences", "named"),
    "charged_or_later": Measure(RATE, "charged", "offences", "not_charged"),
    "lag_median_days": Measure(LAG, "offences", "offences"),
    "lag_90_days": Measure(LAG, "offences", "offences"),
}
BAND_MEASURES = {
    "share_of_group": Measure(RATE, "people", "of_group", "other_bands"),
    "outcome_rate": Measure(RATE, "outcome", "observed", "clear"),
    "observed_over_expected": Measure(OVER_EXPECTED, "outcome", "observed", "clear"),
    "mean_probability": Measure(MEAN, "people", "people"),
}
LABEL_MEASURES = {name: LIST_MEASURES[name] for name in ("precision", "recall", "outcome_rate")}


@dataclass(frozen=True)
class Kind:
    """A kind of table: the root of its keys, its measures, and its columns beside group."""

    root: str
    measures: Mapping[str, Measure]
    within: tuple[str, ...] = ()


KINDS = {
    "listed": Kind("list", LIST_MEASURES),
    "victims": Kind("victims", VICTIM_MEASURES),
    "suspects": Kind("suspects", SUSPECT_MEASURES),
    "reporting": Kind("reporting", REPORTING_MEASURES),
    "bands": Kind("band", BAND_MEASURES, ("band",)),
    "label_groups": Kind("label", LABEL_MEASURES, ("reading",)),
}
"""The tables of rates that are published with their counts."""

WORKED = {
    ("list", "clear"): ("observed", "outcome"),
    ("list", "listed_clear"): ("listed_observed", "listed_outcome"),
    ("list", "missed"): ("outcome", "listed_outcome"),
}
"""Counts printed as the difference of two printed ones: a second rounding of what is already said
would only narrow it, and so would have more withheld."""

SPLITS = {
    "list": (
        ("people", "listed", "not_listed"),
        ("people", "observed", "not_observed"),
        ("observed", "outcome", "clear"),
        ("listed", "listed_observed", "listed_not_observed"),
        ("listed_observed", "listed_outcome", "listed_clear"),
        ("outcome", "listed_outcome", "missed"),
        ("clear", "listed_clear", "clear_not_listed"),
        ("not_observed", "listed_not_observed", "others_not_observed"),
    ),
    "victims": (
        ("offences", "offences_listed", "offences_other"),
        ("offences", "offences_scored", "offences_not_scored"),
        ("offences", "offences_outside", "offences_not_outside"),
        ("offences", "offences_unnamed", "offences_named"),
        ("victims", "victims_listed", "victims_other"),
    ),
    "suspects": (
        ("offences", "offences_listed", "offences_other"),
        ("offences", "offences_outside", "offences_scored"),
    ),
    "reporting": (
        ("offences", "late", "in_time"),
        ("offences", "withdrawn", "not_withdrawn"),
        ("offences", "unnamed", "named"),
        ("offences", "charged", "not_charged"),
    ),
    "band": (
        ("of_group", "people", "other_bands"),
        ("people", "observed", "not_observed"),
        ("observed", "outcome", "clear"),
    ),
    "label": (
        ("observed", "outcome", "clear"),
        ("listed_observed", "listed_outcome", "listed_clear"),
        ("outcome", "listed_outcome", "missed"),
    ),
}
"""Whole, part, and what lies between, of each kind of table."""
NO_PEOPLE = {
    "list": (("offences", "outcome", "further_offences"),),
    "victims": (
        ("offences", "victims", "repeated"),
        ("offences_listed", "victims_listed", "repeated_listed"),
    ),
    "suspects": (),
    "reporting": (),
    "band": (),
    "label": (),
}
"""Likewise, where what lies between counts nobody: it only says which count is the larger."""
