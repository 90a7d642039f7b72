"""A feature with its value as one plain English phrase, singular and plural as they should be."""

from __future__ import annotations

import math
from collections.abc import Callable

from riskmodel.snapshots.features import SCALARS, WINDOWED, Feature
from riskmodel.snapshots.windows import window_phrase

_COUNTED = {
    "count": ("reported offence", "reported offences"),
    "incidents": ("separate incident", "separate incidents"),
    "victims": ("different victim", "different victims"),
    "serious": ("separate serious incident", "separate serious incidents"),
    "co_accused": (
        "other person named in the same incidents",
        "other people named in the same incidents",
    ),
    "repeat_victims": (
        "victim named in two or more incidents",
        "victims named in two or more incidents",
    ),
}
_DAYS_SINCE = {
    "days_since_first": "the first reported offence",
    "days_since_last": "the latest reported offence",
    "days_since_last_serious": "the latest serious reported offence",
}
_HARM = {
    "harm_sum": "summed over the reported offences",
    "harm_max": "for the gravest reported offence",
}
_BEFORE = "the yearly mean of the four years before"


def tell(feature: Feature, value: float) -> str:
    """Return a feature with its value in plain English; NaN is told as what is not known.

    Parameters
    ----------
    feature : Feature
    value : float
        Its value for one person, in the feature's unit.

    Returns
    -------
    str
        A phrase without a full stop.

    Examples
    --------
    >>> tell(Feature("serious", 730), 3.0)
    '3 separate serious incidents in the last two years'
    >>> tell(Feature("count", None, group="violence"), 1.0)
    '1 reported offence of violence ever recorded'
    >>> tell(Feature("days_since_last"), 14.4)
    '14 days since the latest reported offence'
    """
    if math.isnan(value):
        return _tell_missing(feature)
    return _TELLERS[feature.measure](feature, value)


def _tell_missing(feature: Feature) -> str:
    if feature.measure == "days_since_last_serious":
        return "no serious reported offence on record"
    reaching_back = feature.measure in WINDOWED or feature.measure in SCALARS[3:5]
    why = " (the records do not reach back that far)" if reaching_back else ""
    return f"not known: {feature.sentence}{why}"


def _tell_count(feature: Feature, value: float) -> str:
    one, many = _COUNTED[feature.measure]
    words = [one if value == 1 else many]
    if feature.group:
        words.append(f"of {_plain(feature.group)}")
    if feature.evidence:
        words.append(f"standing as {_plain(feature.evidence)}")
    if feature.measure in WINDOWED:
        words.append(window_phrase(feature.window_days))
    return f"{_number(value) if value else 'no'} {' '.join(words)}"


def _tell_harm(feature: Feature, value: float) -> str:
    days = _amount(value, "day", "days")
    return f"{days} of harm {_HARM[feature.measure]} {window_phrase(feature.window_days)}"


def _tell_days(feature: Feature, value: float) -> str:
    what = _DAYS_SINCE.get(feature.measure) or _plain(str(feature.column))
    days = "less than 1 day" if value < 1 else _amount(math.floor(value), "day", "days")
    return f"{days} since {what}"


def _tell_harm_growth(_: Feature, value: float) -> str:
    if value == 0:
        return f"as much harm in the last year as {_BEFORE}"
    size = f"{_amount(abs(value), 'day', 'days')} {'more' if value > 0 else 'less'} harm"
    return f"{size} in the last year than {_BEFORE}"


def _tell_count_growth(_: Feature, value: float) -> str:
    if value == 0:
        return f"as many reported offences in the last year as {_BEFORE}"
    noun = "reported offence" if _number(abs(value)) == "1" else "reported offences"
    size = f"{_number(abs(value))} {'more' if value > 0 else 'fewer'} {noun}"
    return f"{size} in the last year than {_BEFORE}"


def _tell_age(_: Feature, value: float) -> str:
    return f"{_amount(math.floor(value), 'year', 'years')} of age"


def _tell_covariate(feature: Feature, value: float) -> str:
    return f"{feature.sentence}: {_number(value)}"


def _amount(value: float, one: str, many: str) -> str:
    number = _number(value)
    return f"{number} {one if number == '1' else many}"


def _number(value: float) -> str:
    """Return a number as people write it: 1,825 or 18.3."""
    return f"{value:,.1f}".removesuffix(".0")


def _plain(name: str) -> str:
    return name.replace("_", " ")


_TELLERS: dict[str, Callable[[Feature, float], str]] = {
    **dict.fromkeys(_COUNTED, _tell_count),
    **dict.fromkeys(_HARM, _tell_harm),
    **dict.fromkeys((*_DAYS_SINCE, "days_since_date"), _tell_days),
    "escalation_harm": _tell_harm_growth,
    "escalation_count": _tell_count_growth,
    "age": _tell_age,
    "covariate": _tell_covariate,
}
