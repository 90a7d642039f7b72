"""Counts by cell: their bootstrap, Wilson intervals, rates that may be undefined.

With the list held fixed, a rate by group depends on the rows only through the number of rows in
each (as_of, group, outcome, listed) cell. Resampling a date's rows with replacement is then a
multinomial draw over its cells: the same distribution, at the cost of the cells, not of the rows.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import FloatArray, IntArray, divide
from riskmodel.statistics.bootstrap import Interval

CELL_COLUMNS = ("as_of", "group", "outcome", "listed")


def count_cells(
    group: npt.ArrayLike,
    outcome: npt.ArrayLike,
    listed: npt.ArrayLike,
    as_of: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Count rows by (as_of, group, outcome, listed): every combination, zeros as well.

    Parameters
    ----------
    group : array of str (n,)
        Missing is not allowed: say "Not recorded".
    outcome, listed : array of 0/1 or bool (n,)
    as_of : array of datetimes (n,), optional
        One date for all rows by default (NaT in the table).

    Returns
    -------
    DataFrame
        Columns as_of, group, outcome (bool), listed (bool), n (int64), sorted.

    Examples
    --------
    >>> count_cells(["A", "A", "B"], [1, 0, 1], [True, False, False])["n"].tolist()
    [1, 0, 0, 1, 0, 0, 1, 0]
    """
    rows = pd.DataFrame(
        {
            "as_of": pd.NaT if as_of is None else np.asarray(as_of, dtype="datetime64[us]"),
            "group": np.asarray(group, dtype=object),
            "outcome": _as_flags(outcome, "outcome"),
            "listed": _as_flags(listed, "listed"),
        }
    )
    missing = int(rows["group"].isna().sum())
    if missing:
        raise SchemaError(f'group: missing in {missing} rows; "Not recorded" is a group')
    flags = pd.Index([False, True])
    levels = [pd.Index(rows[name].unique()).sort_values() for name in ("as_of", "group")]
    grid = pd.MultiIndex.from_product([*levels, flags, flags], names=list(CELL_COLUMNS))
    counts = rows.groupby(list(CELL_COLUMNS), dropna=False).size()
    return counts.reindex(grid, fill_value=0).rename("n").reset_index()


def _as_flags(values: npt.ArrayLike, name: str) -> npt.NDArray[np.bool_]:
    numbers = np.asarray(values, dtype=np.float64)
    wrong = int((~np.isin(numbers, (0.0, 1.0))).sum())
    if wrong:
        raise SchemaError(f"{name}: neither 0 nor 1 in {wrong} rows")
    return np.asarray(numbers == 1, dtype=np.bool_)


def resample_cells(
    counts: npt.ArrayLike,
    n_replicates: int,
    seed: int = 0,
    *,
    strata: npt.ArrayLike | None = None,
) -> IntArray:
    """Draw the cell counts that resampling each stratum's rows with replacement would give.

    Parameters
    ----------
    counts : array of int (cells,)
    n_replicates : int
    seed : int
    strata : array (cells,), optional
        The as_of date of each cell: each date keeps its number of rows. One stratum by default.

    Returns
    -------
    int64 array (n_replicates, cells)

    Notes
    -----
    Exact for any count of rows with the list held fixed. Dates are drawn apart from each other,
    so a person in several dates is not kept together: for a figure over many dates
    `person_weights` is the wider and more honest interval.

    Examples
    --------
    >>> draws = resample_cells([3, 7, 5], n_replicates=4, strata=["2010", "2010", "2011"])
    >>> (draws[:, 0] + draws[:, 1]).tolist(), draws[:, 2].tolist()
    ([10, 10, 10, 10], [5, 5, 5, 5])
    """
    cells = np.asarray(counts)
    if cells.ndim != 1 or not np.issubdtype(cells.dtype, np.integer) or (cells < 0).any():
        raise SchemaError("counts: one whole number of 0 or more per cell is allowed")
    labels = np.zeros(len(cells), dtype=np.int64) if strata is None else np.asarray(strata)
    if labels.shape != cells.shape:
        raise SchemaError(f"strata: shape {labels.shape} given, {cells.shape} expected")
    rng = np.random.default_rng(seed)
    draws = np.zeros((n_replicates, len(cells)), dtype=np.int64)
    for stratum in np.unique(labels):
        # an empty cell stays empty: numpy would leave rounding's remainder in the last one
        filled = np.flatnonzero((labels == stratum) & (cells > 0))
        if len(filled):
            total = int(cells[filled].sum())
            draws[:, filled] = rng.multinomial(total, cells[filled] / total, size=n_replicates)
    return draws


def rate(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> FloatArray:
    """Divide counts; NaN, never 0, where nobody is in the denominator.

    Examples
    --------
    >>> rate([1, 0], [4, 0])
    array([0.25,  nan])
    """
    return divide(numerator, denominator)


def wilson(successes: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Wilson's score interval of a share: honest for small n and for shares of 0 and 1.

    Parameters
    ----------
    successes, n : number or array of counts, broadcast together
    level : float in (0, 1)

    Returns
    -------
    Interval
        NaN where n is 0.

    References
    ----------
    E. B. Wilson (1927), Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(0, 3)
    >>> round(float(low), 3), round(float(high), 3)
    (0.0, 0.561)
    """
    if not 0 < level < 1:
        raise SchemaError(f"level: {level} given, between 0 and 1 is allowed")
    hits, trials = np.broadcast_arrays(
        np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    )
    if ((hits < 0) | (hits > trials)).any():
        raise SchemaError("successes: between 0 and n is allowed")
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = divide(hits + z**2 / 2, np.where(trials > 0, trials + z**2, 0.0))
    inside = divide(hits * (trials - hits), trials) + z**2 / 4
    half = divide(z * np.sqrt(inside), np.where(trials > 0, trials + z**2, 0.0))
    low = np.where(hits == 0, np.where(trials > 0, 0.0, np.nan), centre - half)
    high = np.where(hits == trials, np.where(trials > 0, 1.0, np.nan), centre + half)
    return Interval(float(low) if low.ndim == 0 else low, float(high) if high.ndim == 0 else high)
