"""Every measure of one set of probabilities at once, under many rows of weights.

A bootstrap asks for the same measures hundreds of times. Losses, bins and log-odds do not change
with the weights, so they are worked out once, here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.statistics.arrays import (
    FloatArray,
    as_outcomes,
    as_probabilities,
    divide,
    weighted_sums,
)
from riskmodel.statistics.bins import BINS, BinnedGaps
from riskmodel.statistics.calibration import CalibrationFitter, log_losses
from riskmodel.statistics.net_benefit import benefit_of_each

MEASURES = (
    "brier",
    "log_loss",
    "calibration_slope",
    "calibration_in_the_large",
    "ece",
    "net_benefit",
)


@dataclass(frozen=True)
class ChanceMeter:
    """Measures of probabilities under any weights.

    Attributes
    ----------
    each : float64 array (n, 5)
        Squared error, log loss and net benefit of each row, then outcome and probability.
    gaps : BinnedGaps
    fitter : CalibrationFitter
    """

    each: FloatArray
    gaps: BinnedGaps
    fitter: CalibrationFitter

    @classmethod
    def from_probabilities(
        cls, y: npt.ArrayLike, p: npt.ArrayLike, *, threshold: float, bins: int = BINS
    ) -> ChanceMeter:
        """Work out once what weights do not change.

        Parameters
        ----------
        y : array of 0/1 (n,)
        p : array of probabilities (n,)
        threshold : float in (0, 1)
            Of net benefit.
        bins : int
            Of the expected calibration error, of equal count.

        Examples
        --------
        >>> meter = ChanceMeter.from_probabilities([0, 1, 0, 1], [0.1, 0.4, 0.5, 0.8], threshold=0.3)
        >>> dict(zip(MEASURES, meter.measure(np.ones((1, 4)))[0].round(2).tolist()))["brier"]
        0.16
        """  # noqa: E501
        outcomes = as_outcomes(y)
        chance = as_probabilities(p, len(outcomes))
        columns = [
            (outcomes - chance) ** 2,
            log_losses(outcomes, chance),
            benefit_of_each(outcomes, chance, threshold),
            outcomes,
            chance,
        ]
        return cls(
            each=np.stack(columns).T,
            gaps=BinnedGaps.from_probabilities(outcomes, chance, bins),
            fitter=CalibrationFitter.from_probabilities(outcomes, chance),
        )

    def measure(self, rows: FloatArray) -> FloatArray:
        """Return `MEASURES` for each row of weights ``(R, n)``, shape (R, 6); NaN if undefined."""
        sums = weighted_sums(rows, self.each)
        means = divide(sums[:, :3], rows.sum(axis=1)[:, np.newaxis])
        return np.column_stack(
            [
                means[:, :2],
                self.fitter.fit(rows)[:, 1],
                divide(sums[:, 3], sums[:, 4]),
                self.gaps.error(rows),
                means[:, 2],
            ]
        )
