"""What of the accuracy table may leave: one length of list, and no figure that is a count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.disclosure.rounding import (
    WITHHELD,
    is_small,
    moved_interval,
    round_amounts,
    step_of,
)
from riskmodel.model.evaluation.evaluation import Evaluation
from riskmodel.statistics.arrays import FloatArray, divide

MODEL = "model"
"""The name of the model that is audited, beside the baselines."""
COUNTS = ("recall", "net_benefit")
"""Figures that say, of people listed, the very count that precision is rounded for."""


def disclose_accuracy(
    accuracy: Evaluation | None, k: int, *, precise: bool = True
) -> Evaluation | None:
    """Return the evaluation at the audited length of list, rounded; no date on its own.

    Parameters
    ----------
    accuracy : Evaluation or None
    k : int
    precise : bool, default True
        Whether the count behind the model's precision is published elsewhere; if it is withheld
        there, no precision of the model is shown here.
    """
    if accuracy is None:
        return None
    table = accuracy.table[~accuracy.table["metric"].isin(COUNTS) & accuracy.table["share"].isna()]
    table = table[table["k"].isna() | (table["k"] == k)]
    numbers = [
        name for name in table.columns
        if name in {"value", "low", "high", "difference", "difference_low", "difference_high",
                    "date_low", "date_high"}
    ]  # fmt: skip
    # a rate of k people to three decimals is a count
    digits = np.where(table["k"].isna(), 3, 2)
    rounded = table.assign(
        **{name: _round_rows(table[name], digits) for name in numbers},
        **{name: round_amounts(table[name]) for name in ("n", "n_people")},
    )
    of_list = table["metric"] == "precision"
    shown = pd.concat(
        [rounded[~of_list], _precision_of_fives(table[of_list], precise)]
    ).sort_index()
    return replace(accuracy, table=shown.reset_index(drop=True), by_date=accuracy.by_date[:0])


def _precision_of_fives(table: pd.DataFrame, precise: bool) -> pd.DataFrame:
    """Return rows of precision from rounded counts: of 100 places two decimals are a count."""
    lengths = table["k"].to_numpy(dtype=float, na_value=np.nan)
    rows, dates = (table[name].to_numpy(dtype=float) for name in ("n", "n_dates"))
    places = np.fmin(lengths * dates, rows)
    hits = np.round(table["value"].to_numpy(dtype=float) * places)
    hidden = is_small(hits) | is_small(places - hits)
    hidden |= (table["model"] == MODEL).to_numpy() & (not precise)
    value = np.where(hidden, np.nan, divide(round_amounts(hits), round_amounts(places)))
    low, high = moved_interval(
        table["value"], table["low"], table["high"], value, step_of(places), within=(0.0, 1.0)
    )
    beside = ("difference", "difference_low", "difference_high", "date_low", "date_high")
    return table.assign(
        value=value,
        low=low,
        high=high,
        note=np.where(hidden, WITHHELD, table["note"].to_numpy(dtype=object)),
        **dict.fromkeys(beside, np.nan),
        **{name: round_amounts(table[name]) for name in ("n", "n_people")},
    )


def _round_rows(values: pd.Series, digits: NDArray[np.int64]) -> FloatArray:
    scale = 10.0**digits
    return np.asarray(np.round(values.to_numpy(dtype=float) * scale) / scale)
