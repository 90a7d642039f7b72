"""A feature with its value as one plain English phrase, singular and plural as they should be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from riskmodel.snapshots.feature_words import sentence_parts
from riskmodel.snapshots.features import COLUMNS, Feature
from riskmodel.snapshots.pairs import AnyFeature, Difference, Ratio

_COUNTED = {
    "count": ("{record}", "{records}"),
    "incidents": ("separate {incident}", "separate {incidents}"),
    "victims": ("different victim{of_records}", "different victims{of_records}"),
    "places": ("different place{of_records}", "different places{of_records}"),
    "co_accused": (
        "other person named in the {same}incidents{of_records}",
        "other people named in the {same}incidents{of_records}",
    ),
    "neighbours": (
        "other person recorded at the {same}places{of_records}",
        "other people recorded at the {same}places{of_records}",
    ),
    "repeat_victims": (
        "victim named in two or more incidents{of_records}",
        "victims named in two or more incidents{of_records}",
    ),
    "repeat_places": (
        "place of two or more incidents{of_records}",
        "places of two or more incidents{of_records}",
    ),
}
_HARM = {
    "harm_sum": "of harm summed over the {records}{window}",
    "harm_max": "of harm for the gravest {record}{window}",
}
_SHORT = "the records, or the years in which the person could be recorded, do not reach back so far"
_PER_YEAR = " for each year at risk"


def tell(feature: AnyFeature, value: float) -> str:
    """Return a feature with its value in plain English; NaN is told as what is not known.

    Parameters
    ----------
    feature : Feature, Ratio or Difference
    value : float
        Its value for one person, in the feature's unit.

    Returns
    -------
    str
        A phrase without a full stop.

    Examples
    --------
    >>> tell(Feature("incidents", 730, serious=True), 3.0)
    '3 separate serious incidents in the last two years'
    >>> tell(Feature("count", None, group="violence"), 1.0)
    '1 reported offence of violence ever recorded'
    >>> tell(Feature("days_since_last"), 14.4)
    '14 days since the latest reported offence'
    >>> tell(Feature("victims", 730, serious=True, per_year_at_risk=True), 1.5)
    '1.5 different victims of serious reported offences in the last two years for each year at risk'
    >>> tell(Ratio(Feature("count", 90), Feature("count", 365)), 0.5)
    'a ratio of 0.5 of reported offences in the last 90 days to reported offences in the last year'
    """
    if isinstance(feature, Ratio | Difference):
        return _tell_pair(feature, value)
    return _tell_feature(feature, value) if math.isfinite(value) else _tell_missing(feature)


def _tell_feature(feature: Feature, value: float) -> str:
    parts = sentence_parts(feature)
    text = _TELLERS[feature.measure](feature.measure, parts, value)
    return text + _PER_YEAR * feature.per_year_at_risk


def _tell_count(measure: str, parts: Mapping[str, str], value: float) -> str:
    one, many = (text + "{window}" for text in _COUNTED[measure])
    if not value:
        return f"no {many.removeprefix('different ').removeprefix('separate ')}".format(**parts)
    number = _number(value)
    return f"{number} {(one if number == '1' else many).format(**parts)}"


def _tell_harm(measure: str, parts: Mapping[str, str], value: float) -> str:
    return f"{_days(value)} {_HARM[measure].format(**parts)}"


def _tell_gap(_: str, parts: Mapping[str, str], value: float) -> str:
    text = "on average between separate {incidents}{window}"
    return f"{_days(value)} {text.format(**parts)}"


def _tell_decayed(_: str, parts: Mapping[str, str], value: float) -> str:
    text = "{incident}" if _number(value) == "1" else "{incidents}"
    text += ", halved with every two years past"
    return f"{_number(value) if value else 'no'} separate {text.format(**parts)}"


def _tell_trend(measure: str, parts: Mapping[str, str], value: float) -> str:
    """Compare this window with those before it: harm is more or less, offences more or fewer."""
    number, harm = _number(abs(value)), measure == "trend_harm"
    what = "harm{of_records}" if harm else "{record}" if number == "1" else "{records}"
    if value == 0:
        what = "as much harm{of_records}" if harm else "as many {records}"
        return f"{what}{{window}} as {{before}}".format(**parts)
    less = "less" if harm else "fewer"
    size = f"{_days(abs(value)) if harm else number} {'more' if value > 0 else less}"
    return f"{size} {what}{{window}} than {{before}}".format(**parts)


def _tell_days(measure: str, parts: Mapping[str, str], value: float) -> str:
    what = {
        "days_since_first": "the first {record}",
        "days_since_last": "the latest {record}",
    }.get(measure, "{column}")
    days = "less than 1 day" if value < 1 else _days(math.floor(value))
    return f"{days} since {what.format(**parts)}"


def _tell_age(_: str, __: Mapping[str, str], value: float) -> str:
    years = _number(math.floor(value))
    return f"{years} {'year' if years == '1' else 'years'} of age"


def _tell_covariate(_: str, parts: Mapping[str, str], value: float) -> str:
    return f"{parts['column']}: {_number(value)}"


def _tell_pair(feature: Ratio | Difference, value: float) -> str:
    one, two = feature.first.sentence, feature.second.sentence
    ratio = isinstance(feature, Ratio)
    if not math.isfinite(value):
        why = "one of the two is not known" + ", or the second is 0" * ratio
        return f"not known: {feature.sentence} ({why})"
    if ratio:
        return f"a ratio of {_number(value)} of {one} to {two}"
    if value == 0:
        return f"no difference between {one} and {two}"
    return f"{_number(abs(value))} {'more' if value > 0 else 'less'} for {one} than for {two}"


def _tell_missing(feature: Feature) -> str:
    if feature.measure == "days_since_last":
        return f"no {sentence_parts(feature)['record']} on record"
    reasons = list(_why_missing(feature))
    return f"not known: {feature.sentence}" + (f" ({'; or '.join(reasons)})" if reasons else "")


def _why_missing(feature: Feature) -> list[str]:
    """Return what can make a feature's value missing."""
    if feature.measure in COLUMNS:
        return []
    reasons = [_SHORT] if feature.window_days is not None else []
    if feature.measure == "days_since_first":
        reasons.append("there is none on record")
    if feature.measure == "gap":
        reasons.append("there are fewer than two")
    if feature.per_year_at_risk:
        reasons.append("under 30 days at risk in that time")
    return reasons


def _days(value: float) -> str:
    number = _number(value)
    return f"{number} {'day' if number == '1' else 'days'}"


def _number(value: float) -> str:
    """Return a number as people write it: 1,825 or 18.3 or 0.04.

    Examples
    --------
    >>> [_number(value) for value in (1825.0, 18.25, 0.25, -0.04, 0.004, 0.0)]
    ['1,825', '18.2', '0.25', '-0.04', 'less than 0.01', '0']
    """
    if 0 < abs(value) < 0.01:
        return "less than 0.01" if value > 0 else "between -0.01 and 0"
    if abs(value) < 1:
        return f"{value + 0.0:.2f}".rstrip("0").rstrip(".")
    return f"{value:,.1f}".removesuffix(".0")


_TELLERS: dict[str, Callable[[str, Mapping[str, str], float], str]] = {
    **dict.fromkeys(_COUNTED, _tell_count),
    **dict.fromkeys(_HARM, _tell_harm),
    **dict.fromkeys(("days_since_first", "days_since_last", "days_since_date"), _tell_days),
    **dict.fromkeys(("trend_count", "trend_harm"), _tell_trend),
    "gap": _tell_gap,
    "decayed": _tell_decayed,
    "age": _tell_age,
    "covariate": _tell_covariate,
}
