"""What the model may look at: a closed list of measures, each with its sentence.

A feature is data, not code: it is written to JSON, travels in the bundle, and reads only what
was recorded before ``as_of``. Windows are ``[as_of - window, as_of)`` by event time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.schema import EVIDENCE, is_protected
from riskmodel.snapshots.windows import window_name, window_phrase

WINDOWED = ("count", "incidents", "harm_sum", "harm_max", "victims", "serious", "co_accused")
"""Measures over a lookback window, in the order of the compiled pass."""

SCALARS = (
    "days_since_first",
    "days_since_last",
    "days_since_last_serious",
    "escalation_harm",
    "escalation_count",
    "repeat_victims",
)
"""Measures over the whole history, in the order of the compiled pass."""

COLUMNS = ("age", "days_since_date", "covariate")
"""Measures read from the people table."""

DEFAULT_WINDOWS = (90, 365, 730, 1825, None)
EACH = "each"
AGE_JUSTIFICATION = (
    "Offending falls with age in nearly every cohort studied; without age a long-past record of an "
    "older person is read as if it were recent. The ablation in the report shows what it changes."
)

_YEARS_BEFORE = "the yearly mean of the four years before"
_SENTENCES = {
    "count": "reported offences {filter}{window}",
    "incidents": "separate incidents {window}",
    "harm_sum": "summed harm in days of the reported offences {window}",
    "harm_max": "harm in days of the gravest reported offence {window}",
    "victims": "different victims {window}",
    "serious": "separate serious incidents {window}",
    "co_accused": "different people named in the same incidents {window}",
    "days_since_first": "days since the first reported offence",
    "days_since_last": "days since the latest reported offence",
    "days_since_last_serious": "days since the latest serious reported offence",
    "escalation_harm": f"harm of the last year less {_YEARS_BEFORE}",
    "escalation_count": f"reported offences of the last year less {_YEARS_BEFORE}",
    "repeat_victims": "victims named in two or more incidents",
    "age": "age in years",
    "days_since_date": "days since {column}",
    "covariate": "{column}",
}


@dataclass(frozen=True)
class Feature:
    """One column of the model's input.

    Parameters
    ----------
    measure : str
        One of ``WINDOWED``, ``SCALARS`` or ``COLUMNS``.
    window_days : int or None
        Length of the lookback window of a windowed measure; None is "ever". Missing (NaN) as of
        dates before which the data do not reach that far back.
    group, evidence : str or None
        Count only offences of one offence group, or of one evidence level as known before
        ``as_of``. ``group="each"`` stands for one column per group of the task's offences.
    column : str or None
        Column of the people table for ``days_since_date`` and ``covariate``.
    justification : str
        Why a protected attribute is needed; required for ``age``.

    Raises
    ------
    SchemaError
        If the parts do not fit each other.
    LeakageError
        If a protected column is named.

    Examples
    --------
    >>> feature = Feature("count", 365, group="violence")
    >>> feature.name, feature.sentence
    ('count_violence_1y', 'reported offences of violence in the last year')
    """

    measure: str
    window_days: int | None = None
    group: str | None = None
    evidence: str | None = None
    column: str | None = None
    justification: str = ""

    def __post_init__(self) -> None:
        if self.column is not None and is_protected(self.column):
            raise LeakageError(
                f"{self.column!r} is a protected characteristic: no feature may read it. "
                "Put it in the groups table, which only the audit reads"
            )
        problems = list(self._problems())
        if problems:
            raise SchemaError(problems, advice=f"Measures: {', '.join(_SENTENCES)}.")

    def _problems(self) -> Iterable[str]:
        known = self.measure in _SENTENCES
        if not known:
            yield f"Feature.measure: {self.measure!r} is not one of the measures"
        if self.window_days is not None and self.measure not in WINDOWED:
            yield f"Feature.window_days: {self.measure} has no window"
        if self.window_days is not None and self.window_days < 1:
            yield "Feature.window_days: a whole number of days from 1, or None for ever"
        if (self.group or self.evidence) and self.measure != "count":
            yield "Feature.group and Feature.evidence: only a count can be filtered"
        if self.group and self.evidence:
            yield "Feature: filter on a group or on an evidence level, not on both"
        if self.evidence is not None and self.evidence not in EVIDENCE[:-1]:
            yield f"Feature.evidence: one of {', '.join(EVIDENCE[:-1])}"
        if (self.measure in COLUMNS[1:]) != (self.column is not None):
            yield "Feature.column: for days_since_date and covariate, and only for them"
        if self.measure == "age" and not self.justification.strip():
            yield "Feature.justification: age is protected; say why the model needs it"

    @property
    def name(self) -> str:
        """Name of the column, such as ``harm_sum_2y``."""
        if self.measure == "covariate":
            return str(self.column)
        parts = [self.measure, self.group, self.evidence]
        if self.measure == "days_since_date":
            parts = ["days_since", self.column]
        if self.measure in WINDOWED:
            parts.append(window_name(self.window_days))
        return "_".join(part for part in parts if part)

    @property
    def sentence(self) -> str:
        """What the column counts, in plain English; a value is put before it."""
        wanted = f"of {self.group} " if self.group else ""
        wanted += f"standing as {self.evidence} " if self.evidence else ""
        text = _SENTENCES[self.measure].format(
            window=window_phrase(self.window_days), filter=wanted, column=self.column
        )
        return text.replace("_", " ")

    def expand(self, groups: Iterable[str]) -> tuple[Feature, ...]:
        """Return this feature, or one for each offence group where it says ``"each"``."""
        if self.group != EACH:
            return (self,)
        return tuple(Feature(self.measure, self.window_days, group=group) for group in groups)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict without the parts that are not set."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Feature:
        """Return the feature that `to_dict` wrote."""
        return cls(**content)


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
    latest and latest serious reported offence; escalation; repeat victims; co-accused; age.

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
    features = [Feature(measure, days) for days in windows for measure in WINDOWED[:6]]
    filtered = (365, 1825, None)
    features += [Feature("count", days, group=EACH) for days in filtered]
    features += [
        Feature("count", days, evidence=level) for level in EVIDENCE[:-1] for days in filtered
    ]
    features += [Feature(measure) for measure in SCALARS]
    if co_accused:
        features += [Feature("co_accused", days) for days in (365, None)]
    if age:
        features.append(Feature("age", justification=age_justification))
    return tuple(features)


def describe_features(features: Iterable[Feature]) -> list[tuple[str, str]]:
    """Return ``(name, sentence)`` for each feature, for documentation and reports.

    Examples
    --------
    >>> describe_features([Feature("victims", 730)])
    [('victims_2y', 'different victims in the last two years')]
    """
    return [(feature.name, feature.sentence) for feature in features]
