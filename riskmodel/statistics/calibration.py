"""Are the probabilities right? Brier, log loss, ECE, in the large, intercept and slope.

Each measure takes ``weight`` as None, ``(n,)`` or, for a bootstrap, ``(R, n)``, and returns a
number or ``(R,)``. What cannot be computed (nobody weighted, one class only, separated classes)
is NaN.

References
----------
Van Calster et al. (2019), BMC Medicine 17:230, for intercept and slope; Brier (1950).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.statistics.arrays import (
    FloatArray,
    as_outcomes,
    as_probabilities,
    divide,
    number_or_rows,
    weight_rows,
    weighted_sums,
)
from riskmodel.statistics.cells import wilson
from riskmodel.statistics.logistic import fit_intercept, fit_line

SAME_LOG_ODDS = 1e-8  # a spread below this is rounding, not a range of log-odds
CLOSEST = 1e-9  # a probability of 0 or 1 is read as this far from it: its log-odds are finite


class CalibrationLine(NamedTuple):
    """Logistic regression of the outcome on the log-odds: 0 and 1 when calibrated."""

    intercept: FloatArray | float
    slope: FloatArray | float


def _mean_loss(loss: FloatArray, weight: npt.ArrayLike | None) -> FloatArray | float:
    rows, single = weight_rows(weight, len(loss))
    return number_or_rows(divide(weighted_sums(rows, loss), rows.sum(axis=1)), single)


def brier(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Weighted mean of ``(y - p) ** 2``.

    Examples
    --------
    >>> round(brier([1, 0], [0.8, 0.4]), 3)
    0.1
    """
    outcomes = as_outcomes(y)
    return _mean_loss((outcomes - as_probabilities(p, len(outcomes))) ** 2, weight)


def log_loss(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Weighted mean of minus the log-likelihood; p is kept `CLOSEST` away from 0 and 1.

    Examples
    --------
    >>> round(log_loss([1, 0], [0.5, 0.5]), 4)
    0.6931
    """
    outcomes = as_outcomes(y)
    chance = np.clip(as_probabilities(p, len(outcomes)), CLOSEST, 1 - CLOSEST)
    return _mean_loss(-np.log(np.where(outcomes == 1, chance, 1 - chance)), weight)


def observed_over_expected(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Calibration in the large: observed outcomes over the sum of probabilities.

    Above 1 the probabilities are too low.

    Examples
    --------
    >>> round(observed_over_expected([1, 0, 0, 0], [0.2, 0.1, 0.1, 0.1]), 3)
    2.0
    """
    outcomes = as_outcomes(y)
    rows, single = weight_rows(weight, len(outcomes))
    expected = weighted_sums(rows, as_probabilities(p, len(outcomes)))
    return number_or_rows(divide(weighted_sums(rows, outcomes), expected), single)


def expected_calibration_error(
    y: npt.ArrayLike,
    p: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    bins: int = 10,
) -> FloatArray | float:
    """Mean over quantile bins of p of |observed - predicted|, weighted by the bin's share.

    The bins' edges come from the unweighted p, so all replicates share them; equal
    probabilities share a bin. It is above 0 even for perfect probabilities, the more so the
    fewer the rows: compare it with its interval and never with 0.

    Examples
    --------
    >>> round(expected_calibration_error([0, 0, 1, 1], [0.1, 0.1, 0.9, 0.9], bins=2), 3)
    0.1
    """
    outcomes = as_outcomes(y)
    chance = as_probabilities(p, len(outcomes))
    rows, single = weight_rows(weight, len(outcomes))
    bin_of = _quantile_bins(chance, bins)
    gaps = np.zeros((len(outcomes), bins))
    gaps[np.arange(len(outcomes)), bin_of] = outcomes - chance
    return number_or_rows(
        divide(np.abs(weighted_sums(rows, gaps)).sum(axis=1), rows.sum(axis=1)), single
    )


def _quantile_bins(chance: FloatArray, bins: int) -> npt.NDArray[np.intp]:
    if bins < 1:
        raise SchemaError(f"bins: {bins} given, 1 or more is allowed")
    if not len(chance):
        return np.zeros(0, dtype=np.intp)
    edges = np.quantile(chance, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, chance, side="right")


def calibration_table(
    y: npt.ArrayLike, p: npt.ArrayLike, *, bins: int = 10, level: float = 0.95
) -> pd.DataFrame:
    """Observed against predicted in quantile bins of p, for a chart or a report.

    Returns
    -------
    DataFrame
        One row per bin that has rows: bin, n, positives, predicted (mean p), observed (share),
        low and high (Wilson's interval of the share).

    Examples
    --------
    >>> calibration_table([0, 0, 1, 1], [0.1, 0.1, 0.8, 0.9], bins=2)[
    ...     ["n", "predicted", "observed"]].round(2)
       n  predicted  observed
    0  2       0.10       0.0
    1  2       0.85       1.0
    """
    outcomes = as_outcomes(y)
    chance = as_probabilities(p, len(outcomes))
    rows = pd.DataFrame({"bin": _quantile_bins(chance, bins), "y": outcomes, "p": chance})
    table = rows.groupby("bin").agg(
        n=("y", "size"), positives=("y", "sum"), predicted=("p", "mean"), observed=("y", "mean")
    )
    low, high = wilson(table["positives"].to_numpy(), table["n"].to_numpy(), level)
    return table.assign(low=low, high=high).astype({"positives": "int64"}).reset_index()


def calibration_intercept(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Calibration in the large on the log-odds: the intercept with the slope fixed at 1.

    0 when calibrated, above 0 when the probabilities are too low; NaN with one class only.

    Examples
    --------
    >>> round(calibration_intercept([1, 0], [0.5, 0.5]), 6)
    0.0
    """
    outcomes, logit, rows, single = _prepare(y, p, weight)
    both = _both_classes(rows, outcomes)
    intercept = np.full(len(rows), np.nan)
    intercept[both] = fit_intercept(rows[both], outcomes, logit)
    return number_or_rows(intercept, single)


def calibration_line(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> CalibrationLine:
    """Fit ``logit P(y = 1) = intercept + slope * logit(p)`` by Newton's method.

    All replicates are fitted together, each from the unweighted fit, to a step below 1e-8.

    Parameters
    ----------
    y : array of 0/1 (n,)
    p : array of probabilities (n,)
    weight : array (n,) or (R, n), optional

    Returns
    -------
    CalibrationLine
        A slope under 1 says that the probabilities are too extreme. NaN where the line does not
        exist: one class only, a single value of p, classes that p separates.

    Examples
    --------
    >>> line = calibration_line([0, 1, 0, 1, 1, 0], [0.2, 0.2, 0.2, 0.7, 0.7, 0.7])
    >>> round(line.intercept, 3), round(line.slope, 3)
    (0.167, 0.621)
    """
    outcomes, logit, rows, single = _prepare(y, p, weight)
    line = np.full((len(rows), 2), np.nan)
    centre, spread = (float(logit.mean()), float(logit.std())) if len(logit) else (0.0, 0.0)
    if spread > SAME_LOG_ODDS:
        x = (logit - centre) / spread
        start = np.zeros(2) if single else _unweighted_line(outcomes, x)
        line = fit_line(rows, outcomes, x, start)
        line[:, 1] /= spread
        line[:, 0] -= line[:, 1] * centre
    return CalibrationLine(number_or_rows(line[:, 0], single), number_or_rows(line[:, 1], single))


def _unweighted_line(outcomes: FloatArray, x: FloatArray) -> FloatArray:
    line = fit_line(np.ones((1, len(x))), outcomes, x, np.zeros(2))[0]
    return np.where(np.isnan(line), 0.0, line)


def calibration_slope(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> FloatArray | float:
    """Return the slope of `calibration_line`.

    Examples
    --------
    >>> round(calibration_slope([0, 1, 0, 1, 1, 0], [0.2, 0.2, 0.2, 0.7, 0.7, 0.7]), 3)
    0.621
    """
    return calibration_line(y, p, weight).slope


def _prepare(
    y: npt.ArrayLike, p: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
    outcomes = as_outcomes(y)
    chance = np.clip(as_probabilities(p, len(outcomes)), CLOSEST, 1 - CLOSEST)
    rows, single = weight_rows(weight, len(outcomes))
    return outcomes, np.log(chance) - np.log1p(-chance), rows, single


def _both_classes(rows: FloatArray, outcomes: FloatArray) -> npt.NDArray[np.intp]:
    positive = weighted_sums(rows, outcomes)
    return np.flatnonzero((positive > 0) & (weighted_sums(rows, 1 - outcomes) > 0))
