"""What the model may look at: a small closed grammar, each feature with its sentence.

A feature is data, not code: it is written to JSON, travels in the bundle, and reads only what
was recorded before ``as_of``. Windows are ``[as_of - window, as_of)`` by event time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from riskmodel.errors import LeakageError, SchemaError
from riskmodel.schema import EVIDENCE, ORIGINS, is_protected
from riskmodel.snapshots.feature_words import as_tuple, name_of, sentence_of

COUNTED = (
    "count",
    "incidents",
    "harm_sum",
    "victims",
    "places",
    "co_accused",
    "neighbours",
    "repeat_victims",
    "repeat_places",
)
"""Measures that add up over a lookback window, so that a rate per year at risk makes sense."""

WINDOWED = (*COUNTED, "harm_max", "gap", "trend_count", "trend_harm")
"""Measures over a lookback window."""

SCALARS = ("days_since_first", "days_since_last", "decayed")
"""Measures over the whole history."""

COLUMNS = ("age", "days_since_date", "covariate")
"""Measures read from the people table."""

MEASURES = (*WINDOWED, *SCALARS, *COLUMNS)
FILTERS = ("group", "evidence", "serious", "victim", "place", "origin")
EACH = "each"
LONGEST_DAYS = 36_525
"""Longest lookback window, a hundred years; None is "ever"."""


@dataclass(frozen=True)
class Feature:
    """One column of the model's input: a measure over a window of the records that pass.

    Parameters
    ----------
    measure : str
        ``count`` of records; ``incidents``, ``victims``, ``places``: distinct ones; ``harm_sum``,
        ``harm_max`` in days; ``co_accused``, ``neighbours``: other people with a known record in
        the same incidents, at the same places; ``repeat_victims``, ``repeat_places``: those of
        two or more incidents; ``gap``: mean days between incidents; ``trend_count``,
        ``trend_harm``: this window less the mean of the four before it; ``days_since_first``,
        ``days_since_last``; ``decayed``: incidents with a half-life of two years; ``age``,
        ``days_since_date``, ``covariate`` from the people table.
    window_days : int or None
        Length of the lookback window; None is "ever". Missing (NaN) where it reaches before the
        data begin, or before the person could be recorded.
    group : str or None
        Only offences of one offence group; ``"each"`` stands for one column per group.
    evidence : str, tuple of str or None
        Only records that stood so, as known before ``as_of``.
    serious : bool or None
        Only serious offences of the task's edition, or only the others.
    victim : bool or None
        Only records that name a victim, or only those that do not.
    place : bool, str, tuple of str or None
        Only records with a place, without, or at the named places.
    origin : str or None
        Only records reported, or only police-generated ones.
    per_year_at_risk : bool
        Divide by the years of the window in which the person was not known to be in custody;
        missing under 30 days at risk.
    column : str or None
        Column of the people table for ``days_since_date`` and ``covariate``.
    justification : str
        Why a protected attribute is needed; required for ``age``.

    Raises
    ------
    SchemaError
        If the parts do not fit each other; all that is wrong at once.
    LeakageError
        If a protected column is named, or a window reaches past ``as_of``.

    Examples
    --------
    >>> feature = Feature("victims", 730, serious=True, per_year_at_risk=True)
    >>> feature.name
    'victims_serious_2y_per_year'
    >>> feature.sentence
    'different victims of serious reported offences in the last two years, per year at risk'
    """

    measure: str
    window_days: int | None = None
    group: str | None = None
    evidence: str | tuple[str, ...] | None = None
    serious: bool | None = None
    victim: bool | None = None
    place: bool | str | tuple[str, ...] | None = None
    origin: str | None = None
    per_year_at_risk: bool = False
    column: str | None = None
    justification: str = ""

    def __post_init__(self) -> None:
        for name in ("evidence", "place"):
            object.__setattr__(self, name, _settled(getattr(self, name)))
        if self.column is not None and is_protected(self.column):
            raise LeakageError(
                f"{self.column!r} is a protected characteristic: no feature may read it. "
                "Put it in the groups table, which only the audit reads"
            )
        if isinstance(self.window_days, int) and self.window_days < 1:
            raise LeakageError(
                f"Feature.window_days: {self.window_days} given; a lookback window ends before "
                "as_of and has at least 1 day, anything else would touch the outcome"
            )
        if problems := list(self._problems()):
            raise SchemaError(problems, advice=f"Measures: {', '.join(MEASURES)}.")

    def _problems(self) -> Iterator[str]:
        if self.measure not in MEASURES:
            yield f"Feature.measure: {self.measure!r} is not one of the measures"
            return
        yield from self._window_problems()
        yield from self._filter_problems()
        if (self.measure in COLUMNS[1:]) != (self.column is not None):
            yield "Feature.column: for days_since_date and covariate, and only for them"
        for name in ("group", "column"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value):
                yield f"Feature.{name}: a name, or None"
        if self.per_year_at_risk and self.measure not in COUNTED:
            yield f"Feature.per_year_at_risk: for {', '.join(COUNTED)}"
        if self.measure == "age" and not self.justification.strip():
            yield "Feature.justification: age is protected; say why the model needs it"

    def _window_problems(self) -> Iterator[str]:
        if self.window_days is None:
            if self.measure.startswith("trend"):
                yield f"Feature.window_days: {self.measure} needs a number of days"
            return
        if not isinstance(self.window_days, int) or isinstance(self.window_days, bool):
            yield "Feature.window_days: a whole number of days from 1, or None for ever"
        elif self.window_days > LONGEST_DAYS:
            yield f"Feature.window_days: at most {LONGEST_DAYS:,} days; None is ever"
        if self.measure not in WINDOWED:
            yield f"Feature.window_days: {self.measure} has no window"

    def _filter_problems(self) -> Iterator[str]:
        if self.measure in COLUMNS and any(getattr(self, name) is not None for name in FILTERS):
            yield f"Feature: {self.measure} is read from the people table and has no filter"
        unknown = [level for level in as_tuple(self.evidence) if level not in EVIDENCE[:-1]]
        if unknown or self.evidence == ():
            yield f"Feature.evidence: some of {', '.join(EVIDENCE[:-1])}"
        if self.origin is not None and self.origin not in ORIGINS:
            yield f"Feature.origin: {' or '.join(ORIGINS)}"
        for name in ("serious", "victim"):
            if getattr(self, name) not in (None, True, False):
                yield f"Feature.{name}: True, False or None"
        places = () if isinstance(self.place, bool) else as_tuple(self.place)
        if self.place == () or not all(isinstance(place, str) and place for place in places):
            yield "Feature.place: True, False, a place or several, or None"

    @property
    def leaves(self) -> tuple[Feature, ...]:
        """The features that this one is made of: itself."""
        return (self,)

    @property
    def name(self) -> str:
        """Name of the column, such as ``harm_sum_2y``: letters, digits and underscores."""
        return name_of(self)

    @property
    def sentence(self) -> str:
        """What the column counts, in plain English; a value is put before it."""
        return sentence_of(self)

    def expand(self, groups: Iterable[str]) -> tuple[Feature, ...]:
        """Return this feature, or one for each offence group where it says ``"each"``."""
        if self.group != EACH:
            return (self,)
        return tuple(replace(self, group=group) for group in groups)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict without the parts that are not set."""
        parts = {item.name: getattr(self, item.name) for item in fields(self)}
        unset = {item.name: item.default for item in fields(self)}
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in parts.items()
            if value != unset[key] or value is not unset[key]
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Feature:
        """Return the feature that `to_dict` wrote.

        Raises
        ------
        SchemaError
            If a part is unknown.
        """
        allowed = [item.name for item in fields(cls)]
        if unknown := sorted(set(content) - set(allowed)):
            raise SchemaError(f"feature: {unknown} given, allowed are {', '.join(allowed)}")
        if "measure" not in content:
            raise SchemaError("feature: no measure given")
        return cls(**content)


def _settled(value: Any) -> Any:
    """Return one of several values as itself, and others as a tuple in one fixed order."""
    if not isinstance(value, (list, tuple)):
        return value
    if not all(isinstance(part, str) for part in value):
        return tuple(value)  # refused by the checks
    several = tuple(sorted(set(value)))
    return several[0] if len(several) == 1 else several
