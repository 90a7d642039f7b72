"""Counts by cell: their bootstrap, and Wilson's interval of a share.

With the list held fixed, a rate by group depends on people only through how many are in each cell
(group, outcome, listed). Resampling people who have one row each is then a multinomial draw over
the cells: the same distribution, at the cost of the cells, not of the people.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import IntArray, divide
from riskmodel.statistics.bootstrap import Interval

FEW_A_CELL = 12
"""People a cell up to which it is quicker to draw each person than each cell's count."""


def resample_cells(
    counts: npt.ArrayLike, n_replicates: int, seed: int | tuple[int, ...] = 0
) -> IntArray:
    """Draw the cell counts that resampling the people in them with replacement would give.

    Parameters
    ----------
    counts : array of int (cells,)
    n_replicates : int
    seed : int or tuple of int

    Returns
    -------
    int64 array (n_replicates, cells)
        Each row adds up to the number of people; an empty cell stays empty.

    Examples
    --------
    >>> draws = resample_cells([3, 0, 5], n_replicates=4)
    >>> draws.sum(axis=1).tolist(), draws[:, 1].tolist()
    ([8, 8, 8, 8], [0, 0, 0, 0])
    """
    cells = np.asarray(counts)
    if cells.ndim != 1 or not np.issubdtype(cells.dtype, np.integer) or (cells < 0).any():
        raise SchemaError("counts: one whole number of 0 or more per cell is allowed")
    rng, filled = np.random.default_rng(seed), np.flatnonzero(cells)
    draws = np.zeros((n_replicates, len(cells)), dtype=np.int64)
    if not len(filled):
        return draws
    total = int(cells.sum())
    if total > FEW_A_CELL * len(filled):
        # empty cells are left out: numpy would leave rounding's remainder in the last one
        draws[:, filled] = rng.multinomial(total, cells[filled] / total, size=n_replicates)
        return draws
    cell_of_person = np.repeat(np.arange(len(cells)), cells)
    for drawn in draws:
        drawn[:] = np.bincount(
            cell_of_person[rng.integers(0, total, size=total)], minlength=len(cells)
        )
    return draws


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
