"""Rates by group as they are published: worked out from the counts as printed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from riskmodel.audit.by_group.rates import RATE_COLUMNS, SMALLEST_CELL
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.group_counts import ALL, key_of
from riskmodel.audit.disclosure.ledger import Key, Row
from riskmodel.audit.disclosure.measures import (
    DAYS,
    LAG,
    MEAN,
    OVER_EXPECTED,
    RATE,
    SHARE,
    Kind,
    Measure,
)
from riskmodel.audit.disclosure.rounding import COARSE, FINE, moved_interval, step_of
from riskmodel.statistics.arrays import divide

STEP = "step"
"""A column that does not leave: to what the interval's half-widths are rounded up."""
MANY_MEANS = 2500
"""People from which a mean has a third decimal."""
_COARSE_RATIO = 0.1
_CHANCES = ("mean_probability", "mean_probability_later", "mean_probability_clear", "auc", "brier")


class _Figure(NamedTuple):
    value: float
    numerator: float
    denominator: float
    withheld: bool
    step: float


def disclose_rates(table: pd.DataFrame, kind: Kind, context: Context) -> pd.DataFrame:
    """Return a table of rates (``RATE_COLUMNS``) fit to be published, with the column `STEP`.

    A rate is withheld where its numerator or denominator is, where what lies between them is a
    count of 1 to 7, or where it rests on 1 to 7 different people. A metric of which nothing is
    known is left out.
    """
    columns = [*kind.within, *RATE_COLUMNS[:-1]]
    if table.empty:
        return pd.DataFrame(columns=columns)
    known = table[table["metric"].isin(kind.measures)].reset_index(drop=True)
    rows = [
        _figure(row, kind.measures[row["metric"]], kind, context)
        for row in known.to_dict("records")
    ]
    found = pd.DataFrame(rows, columns=list(_Figure._fields), index=known.index)
    found = _hide_second_of_days(known, found, kind)
    low, high = moved_interval(
        known["value"], known["low"], known["high"], found["value"], found["step"],
        within=_within(known, kind),
    )  # fmt: skip
    shown = known.assign(
        value=found["value"],
        low=low,
        high=high,
        numerator=found["numerator"],
        denominator=found["denominator"],
        withheld=found["withheld"].astype(bool),
        **{STEP: found["step"]},
    )
    order = [name for name in table.columns if name in columns]
    return shown[[*order, STEP]]


def _figure(row: Row, measure: Measure, kind: Kind, context: Context) -> _Figure:
    keys = _Keys.of(row, measure, kind)
    top, bottom = context.printed(keys.top), context.printed(keys.bottom)
    many = context.ledger.value(keys.bottom)
    people = row.get("people", np.nan)
    withheld = (
        bool(row["withheld"])
        or np.isnan(top)
        or np.isnan(bottom)
        or (bool(measure.rest) and context.is_guarded(keys.rest))
        or (0 < people < SMALLEST_CELL)
        or many < measure.fewest
    )
    undefined = pd.isna(row["value"])
    worked = {
        RATE: lambda: _part(top, bottom),
        SHARE: lambda: _part(top, bottom),
        OVER_EXPECTED: lambda: _over_expected(row, top, bottom, many),
        MEAN: lambda: round(float(row["value"]), 3 if many >= MANY_MEANS else 2),
        DAYS: lambda: _in_steps(float(row["value"]), float(step_of(bottom))),
        LAG: lambda: round(float(row["value"])),
    }
    value = np.nan if withheld or undefined else worked[measure.kind]()
    counted = measure.kind in {RATE, SHARE}
    hides_top = withheld or not (counted or measure.kind == OVER_EXPECTED)
    hides_bottom = measure.kind in {DAYS, OVER_EXPECTED}
    return _Figure(
        value,
        np.nan if hides_top else top,
        np.nan if hides_bottom else bottom,
        withheld,
        _step(measure, bottom, many),
    )


class _Keys(NamedTuple):
    top: Key
    bottom: Key
    rest: Key

    @classmethod
    def of(cls, row: Row, measure: Measure, kind: Kind) -> _Keys:
        within = tuple(str(row[name]) for name in kind.within)
        whose = (str(row["characteristic"]), str(row["group"]))
        base = (ALL, ALL) if measure.kind == SHARE else whose
        return cls(
            key_of(kind.root, *whose, measure.top, within),
            key_of(kind.root, *base, measure.bottom, within),
            key_of(kind.root, *whose, measure.rest, within),
        )


def _part(top: float, bottom: float) -> float:
    return float(divide(top, bottom))


def _over_expected(row: Row, top: float, bottom: float, observed: float) -> float:
    """Return the published outcome rate over the mean estimate: no exact sum stands in it."""
    mean = round(float(divide(row["denominator"], observed)), 3)
    return round(_part(_part(top, bottom), mean), 3)


def _in_steps(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)


def _step(measure: Measure, bottom: float, many: float) -> float:
    if measure.kind == LAG:
        return 1.0
    if measure.kind == MEAN:
        return 0.001 if many >= MANY_MEANS else FINE
    coarse = _COARSE_RATIO if measure.kind == OVER_EXPECTED else COARSE
    return float(step_of(bottom, coarse))


def _within(table: pd.DataFrame, kind: Kind) -> tuple[Any, Any]:
    """Return what each value can be at least and at most."""
    kinds = table["metric"].map({name: one.kind for name, one in kind.measures.items()})
    part = kinds.isin([RATE, SHARE, DAYS]) | table["metric"].isin(_CHANCES)
    low = np.where(part | kinds.isin([OVER_EXPECTED, LAG]), 0.0, -np.inf)
    return low, np.where(part, 1.0, np.inf)


def _hide_second_of_days(table: pd.DataFrame, found: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Withhold a second share of days where one alone is withheld: shares add up to 1."""
    names = [name for name, one in kind.measures.items() if name == "share_of_harm_days"]
    for name in names:
        for _, rows in table[table["metric"] == name].groupby("characteristic"):
            hidden = found.loc[rows.index, "withheld"].astype(bool)
            if hidden.sum() == 1:
                smallest = rows.loc[~hidden, "value"].idxmin() if (~hidden).any() else None
                if smallest is not None and not pd.isna(smallest):
                    found.loc[smallest, "withheld"] = True
                    found.loc[smallest, ["value", "numerator"]] = np.nan
    return found
