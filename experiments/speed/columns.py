"""The 150 columns that every method computes, declared in the library's grammar."""

from __future__ import annotations

from typing import Any

from words import EVIDENCE, GROUPS, LONG_WINDOWS, WINDOWS

from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.pairs import AnyFeature, Difference, Ratio


def declare_columns() -> tuple[AnyFeature, ...]:
    """Return the 150 features, in the order of the matrix."""
    return (*_over_windows(), *_by_category(), *_since_and_between(), *_pairs())


def columns_as_json() -> list[dict[str, Any]]:
    """Return the same as a list that JSON can hold, with the name of each column."""
    return [{"name": column.name, **column.to_dict()} for column in declare_columns()]


def _over_windows() -> list[AnyFeature]:
    found: list[AnyFeature] = []
    for days in WINDOWS:
        for measure in ("count", "incidents", "harm_sum", "harm_max", "victims"):
            found.append(Feature(measure, days))
        found.append(Feature("incidents", days, serious=True))
    return found


def _by_category() -> list[AnyFeature]:
    return [
        *(Feature("count", days, group=group) for days in LONG_WINDOWS for group in GROUPS),
        *(Feature("count", days, evidence=e) for days in LONG_WINDOWS for e in EVIDENCE[:-1]),
        *(Feature("harm_sum", days, group=group) for days in (1825, None) for group in GROUPS),
    ]


def _since_and_between() -> list[AnyFeature]:
    return [
        Feature("days_since_first"),
        Feature("days_since_last"),
        Feature("days_since_last", serious=True),
        Feature("days_since_last", group=GROUPS[0]),
        Feature("trend_count", 365),
        Feature("trend_harm", 365),
        *(Feature("repeat_victims", days) for days in LONG_WINDOWS),
        *(Feature("co_accused", days) for days in (365, None)),
        *(Feature("places", days) for days in LONG_WINDOWS),
        *(Feature("gap", days) for days in (1825, None)),
        Feature("incidents", 730, per_year_at_risk=True),
        Feature("victims", 730, serious=True, per_year_at_risk=True),
        *(Feature("victims", days, serious=True) for days in (730, 1825)),
    ]


def _pairs() -> list[AnyFeature]:
    return [
        Ratio(Feature("harm_sum", 1825, serious=True), Feature("harm_sum", 1825)),
        Ratio(Feature("count", evidence="allegation"), Feature("count")),
        Difference(Feature("incidents", 90), Feature("incidents", 365)),
        Difference(Feature("harm_sum", 90), Feature("harm_sum", 365)),
    ]
