"""What a count may look like once it leaves: none of 1 to 7, and the others in fives."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.rates import SMALLEST_CELL
from riskmodel.statistics.arrays import FloatArray

ROUNDED_TO = 5
WITHHELD = "withheld"


def round_counts(counts: ArrayLike) -> FloatArray:
    """Return counts rounded to 5; 1 to 7 are withheld (NaN), and nobody is 0.

    Examples
    --------
    >>> round_counts([0, 3, 8, 12, 13])
    array([ 0., nan, 10., 10., 15.])
    """
    numbers = np.asarray(counts, dtype=float)
    rounded = np.floor(numbers / ROUNDED_TO + 0.5) * ROUNDED_TO
    return np.where(is_small(numbers), np.nan, rounded)


def is_small(counts: FloatArray) -> NDArray[np.bool_]:
    """Return which counts are of 1 to 7."""
    return (counts > 0) & (counts < SMALLEST_CELL)


def round_amounts(amounts: ArrayLike) -> FloatArray:
    """Return amounts rounded to 5, small ones as well."""
    return np.floor(np.asarray(amounts, dtype=float) / ROUNDED_TO + 0.5) * ROUNDED_TO


def interval_around(table: pd.DataFrame, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return intervals to two decimals, wide enough to hold the value worked out again."""
    low, high = (np.round(table[name].to_numpy(dtype=float), 2) for name in ("low", "high"))
    return np.minimum(low, value), np.maximum(high, value)  # NaN where the value is
