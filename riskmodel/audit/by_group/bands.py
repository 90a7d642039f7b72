"""Bands of probability by group: how many fall in each, and what share went on to harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.by_group.estimates import Estimate, rate_rows
from riskmodel.audit.by_group.measures import Rate
from riskmodel.audit.by_group.rates import RATE_COLUMNS, Settings, Sums, sums_by_groups

BAND_COLUMNS = ("band", *RATE_COLUMNS)
BAND_RATES = (
    Rate("outcome_rate", "outcome", "observed"),
    Rate("observed_over_expected", "outcome", "expected", proportion=False, cell="observed"),
    Rate("mean_probability", "probability", "people", proportion=False),
)
_SHARE = Rate("share_of_group", "people", "of_group", proportion=False, cell="people")
_SEPARATOR = "\x1f"


def band_table(
    y: ArrayLike,
    probability: ArrayLike,
    band: ArrayLike,
    groups: pd.DataFrame,
    *,
    person: ArrayLike,
    order: Sequence[str] = (),
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Return rates by characteristic, group and band, as `group_table` does by group.

    Parameters
    ----------
    y : array of float, shape (n,)
        NaN where the outcome was not observed.
    probability : array, shape (n,)
    band : array of str, shape (n,)
    groups : DataFrame of str, shape (n, characteristics)
    person : array, shape (n,)
    order : sequence of str
        Bands from the lowest to the highest.
    settings : Settings, optional

    Returns
    -------
    DataFrame
        ``BAND_COLUMNS``; metrics share_of_group, outcome_rate, observed_over_expected (the
        calibration of the band in the group) and mean_probability.
    """
    chosen = settings or Settings()
    outcome, chance = np.asarray(y, dtype=float), np.asarray(probability, dtype=float)
    seen = ~np.isnan(outcome)
    quantities = pd.DataFrame(
        {
            "people": 1.0,
            "observed": seen,
            "outcome": outcome == 1,
            "expected": np.where(seen, chance, 0.0),
            "probability": chance,
        }
    ).astype(float)
    names = pd.Series(np.asarray(band, dtype=object)).astype("str")
    both = groups.reset_index(drop=True).apply(lambda group: group + _SEPARATOR + names)
    tables = []
    for name, sums in sums_by_groups(quantities, both, person, chosen).items():
        sized = _with_group_size(sums)
        tables += [
            rate_rows(name, sized, Estimate.of(rate, sized, chosen), chosen)
            for rate in (_SHARE, *BAND_RATES)
        ]
    table = _split_label(pd.concat(tables, ignore_index=True))
    return _in_order(table, [*order, *sorted(set(table["band"]) - set(order))])


def _with_group_size(sums: Sums) -> Sums:
    """Add the size of each band's whole group, as a quantity."""
    parents = pd.factorize(pd.Series(sums.levels).str.split(_SEPARATOR).str[0])[0]
    member = (parents[:, np.newaxis] == parents[np.newaxis]).astype(float)
    point = {**sums.point, "of_group": sums.point["people"] @ member}
    draws = {**sums.draws, "of_group": sums.draws["people"] @ member}
    return replace(sums, point=point, draws=draws)


def _split_label(table: pd.DataFrame) -> pd.DataFrame:
    parts = table["group"].str.split(_SEPARATOR)
    table = table.assign(group=parts.str[0], band=parts.str[1])
    return table[["characteristic", "group", "band", *RATE_COLUMNS[2:]]]


def _in_order(table: pd.DataFrame, bands: Sequence[str]) -> pd.DataFrame:
    """Sort bands within their group, and leave all else as it is."""
    place = table["band"].map({band: i for i, band in enumerate(bands)})
    blocks = table[["characteristic", "metric", "group"]].agg(_SEPARATOR.join, axis=1)
    keys = pd.DataFrame({"block": pd.factorize(blocks)[0], "place": place})
    return table.loc[keys.sort_values(["block", "place"]).index].reset_index(drop=True)
