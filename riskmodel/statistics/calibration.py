"""Are the probabilities right? Brier, log loss, ECE, in the large, intercept and slope.

Each measure takes ``weight`` as None, ``(n,)`` or, for a bootstrap, ``(R, n)``, and returns a
number or ``(R,)``. What cannot be computed (nobody weighted, one class only, separated classes)
is NaN.

References
----------
Van Calster et al. (2019), BMC Medicine 17:230, for intercept and slope; Brier (1950).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskmodel.statistics.arrays import (
    FloatArray,
    as_outcomes,
    as_probabilities,
    divide,
    number_or_rows,
    weight_rows,
    weighted_sums,
)
from riskmodel.statistics.bins import BINS, BinnedGaps, quantile_bins
from riskmodel.statistics.cells import wilson
from riskmodel.statistics.logistic import LineFitter, fit_intercept

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
    return _mean_loss(log_losses(outcomes, as_probabilities(p, len(outcomes))), weight)


def log_losses(outcomes: FloatArray, chance: FloatArray) -> FloatArray:
    """Return minus the log-likelihood of each row, p kept `CLOSEST` away from 0 and 1.

    Examples
    --------
    >>> log_losses(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(4)
    array([0.6931, 0.6931])
    """
    kept = np.clip(chance, CLOSEST, 1 - CLOSEST)
    losses: FloatArray = -np.log(np.where(outcomes == 1, kept, 1 - kept))
    return losses


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
    bins: int = BINS,
) -> FloatArray | float:
    """Mean over quantile bins of p of |observed - predicted|, weighted by the bin's share.

    The bins' edges come from the unweighted p, so all replicates share them; equal
    probabilities share a bin. It is above 0 even for perfect probabilities, the more so the
    fewer the rows, and a resample adds to that: compare it with what chance alone gives
    (`BinnedGaps.by_chance`) and never with 0.

    Examples
    --------
    >>> round(expected_calibration_error([0, 0, 1, 1], [0.1, 0.1, 0.9, 0.9], bins=2), 3)
    0.1
    """
    outcomes = as_outcomes(y)
    chance = as_probabilities(p, len(outcomes))
    rows, single = weight_rows(weight, len(outcomes))
    binned = BinnedGaps.from_probabilities(outcomes, chance, bins)
    return number_or_rows(binned.error(rows), single)


def calibration_table(
    y: npt.ArrayLike, p: npt.ArrayLike, *, bins: int = BINS, level: float = 0.95
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
    rows = pd.DataFrame({"bin": quantile_bins(chance, bins), "y": outcomes, "p": chance})
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
    outcomes = as_outcomes(y)
    logit = _log_odds(as_probabilities(p, len(outcomes)))
    rows, single = weight_rows(weight, len(outcomes))
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
    outcomes = as_outcomes(y)
    chance = as_probabilities(p, len(outcomes))
    rows, single = weight_rows(weight, len(outcomes))
    line = CalibrationFitter.from_probabilities(outcomes, chance).fit(rows)
    return CalibrationLine(number_or_rows(line[:, 0], single), number_or_rows(line[:, 1], single))


@dataclass(frozen=True)
class CalibrationFitter:
    """The line of `calibration_line` under any weights: log-odds are taken and sorted once.

    Attributes
    ----------
    fitter : LineFitter or None
        Of the log-odds less their mean `centre`, over their deviation `spread`; None where that
        is no more than rounding.
    """

    fitter: LineFitter | None
    centre: float
    spread: float

    @classmethod
    def from_probabilities(cls, outcomes: FloatArray, chance: FloatArray) -> CalibrationFitter:
        """Take the log-odds.

        Examples
        --------
        >>> y, p = np.array([0.0, 1, 0, 1, 1, 0]), np.array([0.2, 0.2, 0.2, 0.7, 0.7, 0.7])
        >>> CalibrationFitter.from_probabilities(y, p).fit(np.ones((1, 6))).round(3)
        array([[0.167, 0.621]])
        """
        logit = _log_odds(chance)
        centre, spread = (float(logit.mean()), float(logit.std())) if len(logit) else (0.0, 0.0)
        if spread <= SAME_LOG_ODDS:
            return cls(None, centre, spread)
        return cls(LineFitter.from_data(outcomes, (logit - centre) / spread), centre, spread)

    def fit(self, rows: FloatArray) -> FloatArray:
        """Return intercept and slope for each row of weights, (R, 2); NaN without a line."""
        if self.fitter is None:
            return np.full((len(rows), 2), np.nan)
        line = self.fitter.fit(rows)
        slope = line[:, 1] / self.spread
        return np.column_stack([line[:, 0] - slope * self.centre, slope])


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


def _log_odds(chance: FloatArray) -> FloatArray:
    kept = np.clip(chance, CLOSEST, 1 - CLOSEST)
    log_odds: FloatArray = np.log(kept) - np.log1p(-kept)
    return log_odds


def _both_classes(rows: FloatArray, outcomes: FloatArray) -> npt.NDArray[np.intp]:
    positive = weighted_sums(rows, outcomes)
    return np.flatnonzero((positive > 0) & (weighted_sums(rows, 1 - outcomes) > 0))
