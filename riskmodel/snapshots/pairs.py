"""Two features made one column: a ratio or a difference, JSON both ways like their parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

from riskmodel.errors import SchemaError
from riskmodel.snapshots.features import COLUMNS, EACH, Feature


@dataclass(frozen=True)
class _Pair:
    """Two features made one column."""

    first: Feature
    second: Feature
    measure: ClassVar[str]
    words: ClassVar[str]
    pattern: ClassVar[str]

    def __post_init__(self) -> None:
        for part in (self.first, self.second):
            if not isinstance(part, Feature) or part.measure in COLUMNS or part.group == EACH:
                raise SchemaError(
                    f"{type(self).__name__}: two features over records are expected, "
                    "each of one offence group at most"
                )

    @property
    def leaves(self) -> tuple[Feature, ...]:
        """The two features that this one is made of."""
        return (self.first, self.second)

    @property
    def name(self) -> str:
        """Name of the column, such as ``count_90d_per_count_1y``."""
        return f"{self.first.name}_{self.words}_{self.second.name}"

    @property
    def sentence(self) -> str:
        """What the column says, in plain English."""
        return self.pattern.format(self.first.sentence, self.second.sentence)

    def expand(self, groups: Iterable[str]) -> tuple[Self, ...]:  # noqa: ARG002 - as Feature's
        """Return this feature alone."""
        return (self,)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        return {self.measure: [self.first.to_dict(), self.second.to_dict()]}


@dataclass(frozen=True)
class Ratio(_Pair):
    """The first feature per unit of the second; missing where the second is 0 or missing.

    Examples
    --------
    >>> Ratio(Feature("harm_sum", 365, evidence="allegation"), Feature("harm_sum", 365)).name
    'harm_sum_allegation_1y_per_harm_sum_1y'
    """

    measure: ClassVar[str] = "ratio"
    words: ClassVar[str] = "per"
    pattern: ClassVar[str] = "ratio of {} to {}"


@dataclass(frozen=True)
class Difference(_Pair):
    """The first feature less the second; missing where either is.

    Examples
    --------
    >>> Difference(Feature("count", 90), Feature("count", 365)).sentence
    'reported offences in the last 90 days, less reported offences in the last year'
    """

    measure: ClassVar[str] = "difference"
    words: ClassVar[str] = "less"
    pattern: ClassVar[str] = "{}, less {}"


AnyFeature: TypeAlias = Feature | Ratio | Difference


def feature_from_dict(content: dict[str, Any]) -> AnyFeature:
    """Return the feature, ratio or difference that ``to_dict`` wrote.

    Raises
    ------
    SchemaError
        If it is none of them.
    """
    for kind in (Ratio, Difference):
        if kind.measure in content:
            parts = content[kind.measure]
            if len(content) != 1 or not isinstance(parts, list) or len(parts) != 2:
                raise SchemaError(f"{kind.measure}: a list of two features is expected")
            return kind(*(Feature.from_dict(part) for part in parts))
    return Feature.from_dict(content)
