"""Calibration curves by group: what share went on to harm, beside what was estimated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.by_group.estimates import table_of
from riskmodel.audit.by_group.rates import Settings, group_codes
from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray, IntArray, as_outcomes, divide
from riskmodel.statistics.few_people import share_limits

CURVE_COLUMNS = (
    "characteristic", "group", "bin", "n", "predicted", "observed", "low", "high", "positives",
)  # fmt: skip
CUTS = (0.5, 0.75, 0.9, 0.95)
"""Shares of people below each cut: the bins are narrower where lists are drawn."""


def group_calibration_table(
    y: ArrayLike,
    probability: ArrayLike,
    groups: pd.DataFrame,
    *,
    person: ArrayLike,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return the calibration curve of each group, in a few bins that all groups share.

    Parameters
    ----------
    y : array of float, shape (n,)
        NaN where the outcome was not observed: left out.
    probability : array, shape (n,)
    groups : DataFrame of str, shape (n, characteristics)
    person : array, shape (n,)
        Whose row it is: intervals count people and not their rows.
    settings : Settings, optional
        Level and minimum cell.

    Returns
    -------
    DataFrame
        ``CURVE_COLUMNS``, a row per characteristic, group and bin that has anyone of the group;
        ``bin`` counts from 0, ``predicted`` is the mean estimate. NaN where a bin holds fewer
        different people than the minimum.

    Examples
    --------
    >>> sex, p = pd.DataFrame({"sex": ["f", "m"] * 50}), np.arange(100) / 100
    >>> table = group_calibration_table(p > 0.4, p, sex, person=np.arange(100))
    >>> table.loc[:1, ["group", "bin", "n", "predicted", "observed"]].round(2)
      group  bin   n  predicted  observed
    0     f    0  25       0.24      0.16
    1     f    1  13       0.62      1.00
    """
    chosen, outcome = settings or Settings(), np.asarray(y, dtype=np.float64)
    chance = np.asarray(probability, dtype=np.float64)
    if not len(outcome) == len(chance) == len(groups) == len(np.asarray(person)):
        raise SchemaError("y, probability, groups, person: as many rows of each are expected")
    seen = ~np.isnan(outcome)
    later, p = as_outcomes(outcome[seen]), chance[seen]
    who = pd.factorize(np.asarray(person)[seen])[0]
    if not len(p):
        return pd.DataFrame(columns=list(CURVE_COLUMNS))
    place = np.searchsorted(np.quantile(p, CUTS), p, side="left")
    parts = []
    for name in groups.columns:
        code, levels = group_codes(groups[name][seen])
        cell, keys = pd.factorize(code * (len(CUTS) + 1) + place, sort=True)
        bins = _bins(cell, later, p, who, chosen)
        group = np.array(levels, dtype=object)[keys // (len(CUTS) + 1)]
        named = {"characteristic": np.full(len(keys), str(name), dtype=object), "group": group}
        parts.append(named | {"bin": keys % (len(CUTS) + 1)} | bins)
    return table_of(parts, CURVE_COLUMNS)


def _bins(
    cell: IntArray, later: FloatArray, chance: FloatArray, who: IntArray, settings: Settings
) -> dict[str, NDArray[Any]]:
    """Return what stands in each cell's row, withheld where few people are in it."""
    n, positives = np.bincount(cell), np.bincount(cell, weights=later)
    observed = positives / n
    # the share's variance by resampling people: squares of what each adds about the share
    pair, keys = pd.factorize(cell * (int(who.max()) + 1) + who)
    added = np.bincount(pair, weights=later - observed[cell])
    of_pair = keys // (int(who.max()) + 1)
    people = np.bincount(of_pair, minlength=len(n))
    variance = np.bincount(of_pair, weights=np.square(added), minlength=len(n)) / n**2
    low, high = share_limits(observed, variance, people, settings.level)
    shown = people >= settings.minimum_cell
    figures: dict[str, FloatArray] = {
        "predicted": divide(np.bincount(cell, weights=chance), n),
        "observed": observed,
        "low": np.asarray(low),
        "high": np.asarray(high),
    }
    counts: dict[str, NDArray[Any]] = {"n": n, "positives": positives.astype(np.int64)}
    return counts | {name: np.where(shown, v, np.nan) for name, v in figures.items()}
