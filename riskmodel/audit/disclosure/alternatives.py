"""Models beside the chosen one, as they are published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.alternatives.alternatives import Alternatives
from riskmodel.audit.disclosure.rounding import is_small, moved_interval, round_amounts, step_of
from riskmodel.statistics.arrays import FloatArray, divide

_SAID = (
    "name", "kind", "chosen", "settings", "metric", "characteristic", "group", "reference",
    "not_worse", "on_frontier", "reads_group", "legal_note", "note", "picked",
)  # fmt: skip


def published_alternatives(found: Alternatives) -> Alternatives:
    """Return the frontier fit to be published: precision and gaps, and no count.

    Every row is another list of the same people. Its counts less those of the next would be those
    of the few who are on one and not on the other: rates are worked out from counts in fives, gaps
    are given in whole points, and neither where a count behind it is small.
    """
    return found.with_tables(frontier=_disclosed(found.frontier), later=_disclosed(found.later))


def _disclosed(table: pd.DataFrame) -> pd.DataFrame:
    if table.empty:
        return table
    top, bottom = (table[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    precision = _rate(top, bottom)
    mine, base = (
        _rate(*(table[f"{side}_{part}"].to_numpy(dtype=float)
                for part in ("numerator", "denominator")))
        for side in ("group", "reference")
    )  # fmt: skip
    sizes = (table[f"{side}_denominator"].to_numpy(dtype=float) for side in ("group", "reference"))
    steps = step_of(np.fmin(*sizes))
    gap = np.round(np.abs(mine - base), 2)
    columns: dict[str, Any] = {"precision": np.round(precision, 2), "gap": gap}
    chosen = table["chosen"].to_numpy(dtype=bool)
    for name, step in (("precision", step_of(bottom)), ("gap", steps)):
        shown = columns[name]
        low, high = moved_interval(
            table[name], table[f"{name}_low"], table[f"{name}_high"], shown, step,
            within=(0.0, 1.0),
        )  # fmt: skip
        apart = shown - _of_chosen(shown, chosen)
        ends = moved_interval(
            table[f"{name}_difference"], table[f"{name}_difference_low"],
            table[f"{name}_difference_high"], apart, step, holds=0.0,
        )  # fmt: skip
        columns |= {f"{name}_low": low, f"{name}_high": high, f"{name}_difference": apart,
                    f"{name}_difference_low": ends[0],
                    f"{name}_difference_high": ends[1]}  # fmt: skip
    found = table[[name for name in _SAID if name in table]].assign(**columns)
    return found[[name for name in table.columns if name in found]]


def _rate(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Return a rate from counts in fives; NaN where a count or what lies between is small."""
    hidden = is_small(top) | is_small(bottom) | is_small(bottom - top)
    return np.where(hidden, np.nan, divide(round_amounts(top), round_amounts(bottom)))


def _of_chosen(values: FloatArray, chosen: np.ndarray) -> float:
    mine = values[chosen]
    return float(mine[0]) if len(mine) else float("nan")
