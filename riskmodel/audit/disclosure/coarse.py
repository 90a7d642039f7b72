"""Rates by group that leave without their counts, date by date.

A rate to a step of its own says a count no closer than a count in fives would: within 2. Where one
group (or one date of a group) is withheld, a second is, so that neither follows from the whole.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.gaps import GAP_COLUMNS
from riskmodel.audit.by_group.rates import SMALLEST_CELL
from riskmodel.audit.disclosure.gaps import disclose_gaps
from riskmodel.audit.disclosure.measures import LIST_MEASURES, MEAN, RATE
from riskmodel.audit.disclosure.rates import STEP
from riskmodel.audit.disclosure.rounding import is_small, moved_interval
from riskmodel.statistics.arrays import FloatArray

STEPS = (0.05, 0.1, 0.2)
CLOSEST = 2.0
"""How close a published rate may say its count."""
_COLUMNS = ("as_of", "characteristic", "group", "metric", "value", "low", "high", "withheld")


def step_without_counts(bottom: FloatArray) -> FloatArray:
    """Return the step of rates with these denominators; NaN where none is coarse enough.

    Examples
    --------
    >>> step_without_counts([100.0, 50.0, 8.0]).tolist()
    [0.05, 0.1, nan]
    """
    numbers = np.asarray(bottom, dtype=float)
    step = np.full(numbers.shape, np.nan)
    for each in reversed(STEPS):
        step = np.where(numbers * each / 2 >= CLOSEST, each, step)
    return step


def coarse_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Return rates by date and group to steps, without counts; only rates and means of people."""
    kinds = {name: one.kind for name, one in LIST_MEASURES.items() if one.kind in {RATE, MEAN}}
    known = table[table["metric"].isin(kinds)].reset_index(drop=True)
    if known.empty:
        return pd.DataFrame(columns=list(_COLUMNS))
    top, bottom = (known[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    people = known["people"].to_numpy(dtype=float) if "people" in known else bottom
    rates = (known["metric"].map(kinds) == RATE).to_numpy()
    size = np.where(rates, bottom, known.get("n", people))
    step = step_without_counts(size)
    hidden = known["withheld"].to_numpy(dtype=bool) | np.isnan(step)
    hidden |= rates & (is_small(top) | is_small(bottom) | is_small(bottom - top))
    hidden |= (people > 0) & (people < SMALLEST_CELL)
    hidden = _in_company(known, hidden, size)
    exact = known["value"].to_numpy(dtype=float)
    value = np.where(hidden, np.nan, np.round(np.round(exact / step) * step, 6))
    low, high = moved_interval(
        exact, known["low"], known["high"], value, np.nan_to_num(step, nan=1.0)
    )
    shown = known.assign(value=value, low=low, high=high, withheld=hidden)
    return shown[list(_COLUMNS)]


def _in_company(
    table: pd.DataFrame, hidden: NDArray[np.bool_], size: FloatArray
) -> NDArray[np.bool_]:
    """Withhold a second wherever one alone is: among groups of a date, among dates of a group."""
    found = hidden.copy()
    rows = table[["as_of", "characteristic", "group", "metric"]].astype(str)
    together = [
        list(indices)
        for names in (["as_of", "characteristic", "metric"], ["group", "characteristic", "metric"])
        for indices in rows.groupby(names).indices.values()
    ]
    before = -1
    while before != int(found.sum()):
        before = int(found.sum())
        for places in together:
            chosen = np.array(places)
            if len(chosen) > 1 and found[chosen].sum() == 1:
                open_ones = chosen[~found[chosen]]
                found[open_ones[np.argmin(size[open_ones])]] = True
    return found


def coarse_gaps(gaps: pd.DataFrame, shown: pd.DataFrame, exact: pd.DataFrame) -> pd.DataFrame:
    """Return gaps between the published rates of each date."""
    if gaps.empty or shown.empty:
        return gaps.iloc[:0]
    parts = []
    for date, mine in gaps.groupby(gaps["as_of"].astype(str), sort=False):
        rates = shown[shown["as_of"].astype(str) == date]
        rates = rates.assign(**{STEP: STEPS[0]})
        of_date = exact[exact["as_of"].astype(str) == date]
        found = disclose_gaps(mine, rates, of_date, {})
        found = found[found["metric"].isin(set(rates["metric"]))]
        parts.append(found.assign(as_of=mine["as_of"]))
    table = pd.concat(parts)
    return table[["as_of", *(name for name in GAP_COLUMNS if name in table)]].reset_index(drop=True)
