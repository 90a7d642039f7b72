"""Tables that ask where gaps come from, as they are published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskmodel.audit.disclosure.audit_counts import people_key
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.gate import GateGaps
from riskmodel.audit.disclosure.group_counts import key_of
from riskmodel.audit.disclosure.rates import STEP
from riskmodel.audit.disclosure.rounding import (
    COARSE,
    FINE,
    MANY,
    WITHHELD,
    moved_interval,
    round_figures,
    step_of,
)
from riskmodel.audit.victims.bounds import victim_bounds
from riskmodel.statistics.arrays import FloatArray, divide

_NAMES = ["characteristic", "group", "reference"]


def redrawn(table: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals with the list drawn anew beside the published rates."""
    key = ["characteristic", "metric", "group"]
    shown = rates.set_index(key)
    at = pd.MultiIndex.from_frame(table[key].astype(str))
    value, low, high, step = (
        shown[name].reindex(at).to_numpy(dtype=float) for name in ("value", "low", "high", STEP)
    )
    ends = moved_interval(table["value"], table["redrawn_low"], table["redrawn_high"], value, step)
    return table[["characteristic", "group", "metric"]].assign(
        value=value, low=low, high=high, redrawn_low=ends[0], redrawn_high=ends[1]
    )


def bounds_of_victims(table: pd.DataFrame, rates: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the bounds that the published counts give, and no others."""
    counted = victim_bounds(rates, gaps) if len(rates) and len(gaps) else table.iloc[:0]
    keys = [*_NAMES, "metric"]
    asked = table[keys].merge(counted, on=keys, how="left")
    known = asked["low_bound"].notna() & asked["difference"].notna()
    columns = ["difference", "low_bound", "high_bound", "share_not_recorded"]
    return asked[keys].assign(**{name: asked[name].where(known).round(4) for name in columns})


def score_gaps(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return what each feature adds to the gap in mean score, to two decimals.

    Means of the features themselves have one decimal, of groups of a hundred or more: finer, they
    would give the sum over few people.
    """
    people = _pool(table, context, "group")
    base = _pool(table, context, "reference", everyone=True)
    shown = ~np.isnan(people) & ~np.isnan(base)
    found = table[[*_NAMES, "feature"]].copy()
    for name in ("mean_group", "mean_reference", "contribution", "gap"):
        if name in table:
            found[name] = np.where(shown, table[name].astype(float).round(2), np.nan)
    for name, many in (("value_group", people >= MANY), ("value_reference", base >= MANY)):
        if name in table:
            found[name] = np.where(shown & many, table[name].astype(float).round(1), np.nan)
    if "gap" in found:
        found["share"] = np.round(divide(found["contribution"], found["gap"]), 2)
        if "gap_low" in table:
            found["gap_low"], found["gap_high"] = moved_interval(
                table["gap"], table["gap_low"], table["gap_high"], found["gap"], FINE, holds=0.0
            )
    elif "share" in table:
        found["share"] = np.where(shown, table["share"].astype(float).round(2), np.nan)
    return found[[name for name in table.columns if name in found]]


def _pool(
    table: pd.DataFrame, context: Context, side: str, *, everyone: bool = False
) -> FloatArray:
    """Return the printed size of each row's group; inf for a reference that is no group."""
    keys = [
        key_of("list", str(row["characteristic"]), str(row[side]), "people")
        for row in table.to_dict("records")
    ]
    return np.array(
        [
            np.inf if everyone and key not in context.ledger.ids else context.printed(key)
            for key in keys
        ],
        dtype=float,
    )


def matched_gaps(table: pd.DataFrame, gaps: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return what is left of a gap among people alike, beside the published gap."""
    rows = table.to_dict("records")
    people, alike = (
        context.print_all(people_key("matched", row, name) for row in rows)
        for name in ("people", "matched_people")
    )
    others = [context.is_guarded(people_key("matched", row, "others")) for row in rows]
    alike = np.where(np.array(others, dtype=bool), np.nan, alike)
    step = step_of(alike)
    matched = np.where(
        np.isnan(alike) | np.isnan(people), np.nan,
        np.round(np.round(table["matched_gap"].astype(float) / step) * step, 6),
    )  # fmt: skip
    low, high = moved_interval(
        table["matched_gap"], table["low"], table["high"], matched, step, holds=0.0
    )
    return table[[*_NAMES, "metric"]].assign(
        people=people,
        matched_people=alike,
        gap=np.where(np.isnan(matched), np.nan, _published(table, gaps)),
        matched_gap=matched,
        low=low,
        high=high,
    )


def _published(table: pd.DataFrame, gaps: pd.DataFrame) -> FloatArray:
    """Return the published gap of each row; NaN where there is none with this reference."""
    keys = [*_NAMES, "metric"]
    if gaps.empty:
        return np.full(len(table), np.nan)
    found = gaps.set_index(keys)["difference"]
    at = pd.MultiIndex.from_frame(table[keys].astype(str))
    return np.asarray(found.reindex(at).to_numpy(dtype=float))


def proxy_models(table: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return how well the features tell each group, to two decimals."""
    rows = table.to_dict("records")
    n = context.print_all(people_key("proxy", row, "n") for row in rows)
    auc = np.where(np.isnan(n), np.nan, table["auc"].astype(float).round(2))
    step = np.where(n >= MANY, FINE, COARSE)
    low, high = moved_interval(
        table["auc"], table["auc_low"], table["auc_high"], auc, step, within=(0.0, 1.0)
    )
    told = np.where(np.isnan(auc), "", table["top_features"])
    columns = {"n": n, "auc": auc, "auc_low": low, "auc_high": high, "top_features": told}
    withheld = {"withheld": np.isnan(auc)} if "withheld" in table else {}
    return table[["characteristic", "group"]].assign(**columns, **withheld)


def recording(table: pd.DataFrame, gate: GateGaps) -> pd.DataFrame:
    """Return how differently harm would have to be recorded for a verdict to turn.

    The factor is worked out from the gate's list, and withheld as its gaps are.
    """
    shown = np.array(
        [
            gate.may_show(*(str(row[name]) for name in ("characteristic", "metric", *_NAMES[1:])))
            for row in table.to_dict("records")
        ],
        dtype=bool,
    )
    columns = [*_NAMES, "metric", "verdict", "factor", "direction", "assumption", "note"]
    factor = np.where(shown, round_figures(table["factor"].astype(float)), np.nan)
    note = np.where(shown, table["note"], WITHHELD)
    direction = np.where(shown, table["direction"], "")
    found = table.assign(factor=factor, note=note, direction=direction)
    return found[[name for name in columns if name in table]]
