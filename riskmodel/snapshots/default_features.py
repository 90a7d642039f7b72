"""The features that a model starts from, and the columns that the rules in use read."""

from __future__ import annotations

from collections.abc import Iterable

from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.features import EACH, Feature
from riskmodel.snapshots.pairs import AnyFeature, Ratio

DEFAULT_WINDOWS = (90, 365, 730, 1825, None)
AGE_JUSTIFICATION = (
    "Offending falls with age in nearly every cohort studied; without age a long-past record of an "
    "older person is read as if it were recent. The ablation in the report shows what it changes."
)
RULE_AGE_JUSTIFICATION = (
    "A published formula (OGRS3) reads age, and a model is held against it as it was published. "
    "No model reads the columns of the rules."
)

RULES: dict[str, AnyFeature] = {
    "harm_1y": Feature("harm_sum", 365, origin="reported"),
    "incidents_1y": Feature("incidents", 365, origin="reported"),
    "victims_1y": Feature("victims", 365, origin="reported"),
    "days_since_last": Feature("days_since_last"),
    "prior_count": Feature("incidents"),
    "prior_serious": Feature("incidents", serious=True),
    "decayed_serious": Feature("decayed", serious=True),
    "evidence_share": Ratio(
        Feature("harm_sum", 365, evidence="allegation"), Feature("harm_sum", 365)
    ),
    "days_since_first": Feature("days_since_first"),
    "age": Feature("age", justification=RULE_AGE_JUSTIFICATION),
}
"""What the rules in use read, by column; always computed, never masked, and never features."""


def default_features(
    *,
    windows: tuple[int | None, ...] = DEFAULT_WINDOWS,
    age: bool = True,
    age_justification: str = AGE_JUSTIFICATION,
    co_accused: bool = True,
) -> tuple[Feature, ...]:
    """Return the features that a model starts from.

    Count, incidents, harm, gravest harm, victims and serious incidents over each window; counts
    by offence group and by evidence over one year, five years and ever; days since the first,
    latest and latest serious reported offence; counts that fade with the years; trends; repeat
    victims; co-accused; age.

    Parameters
    ----------
    windows : tuple of int or None
        Lookback windows in days; None is "ever".
    age : bool, default True
        Include age, which is protected and needs `age_justification`.
    age_justification : str
        Stands in the report beside the ablation.
    co_accused : bool, default True
        Include the number of different people named in the same incidents.

    Returns
    -------
    tuple of Feature

    Examples
    --------
    >>> names = [feature.name for feature in default_features()]
    >>> names[:3], "age" in names
    (['count_90d', 'incidents_90d', 'harm_sum_90d'], True)
    """
    over_windows = ("count", "incidents", "harm_sum", "harm_max", "victims")
    features = []
    for days in windows:
        features += [Feature(measure, days) for measure in over_windows]
        features.append(Feature("incidents", days, serious=True))
    filtered = (365, 1825, None)
    features += [Feature("count", days, group=EACH) for days in filtered]
    features += [
        Feature("count", days, evidence=level) for level in EVIDENCE[:-1] for days in filtered
    ]
    features += [Feature("days_since_first"), Feature("days_since_last")]
    features += [Feature("days_since_last", serious=True)]
    features += [Feature("decayed"), Feature("decayed", serious=True)]
    features += [Feature("trend_harm", 365), Feature("trend_count", 365)]
    features.append(Feature("repeat_victims"))
    if co_accused:
        features += [Feature("co_accused", days) for days in (365, None)]
    if age:
        features.append(Feature("age", justification=age_justification))
    return tuple(features)


def describe_features(features: Iterable[AnyFeature]) -> list[tuple[str, str]]:
    """Return ``(name, sentence)`` for each feature, for documentation and reports.

    Examples
    --------
    >>> describe_features([Feature("victims", 730)])
    [('victims_2y', 'different victims in the last two years')]
    """
    return [(feature.name, feature.sentence) for feature in features]
