"""Keep a calibration's shape, and move its level to where the world is now."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from riskmodel.errors import RiskModelError
from riskmodel.model.calibration.reading import Calibration

_FARTHEST = 32.0  # log-odds


def anchored(
    calibration: Calibration, margin: ArrayLike, rate: float, *, weight: ArrayLike | None = None
) -> Calibration:
    """Return the calibration, shifted on the log-odds until the mean probability is `rate`.

    A curve fitted on margins of a held-out date says how steep margins are out of sample. Its
    level is that date's gap to the dates *before* it, whose model is not the one to be used: the
    final model has learnt from the held-out date as well. Where the base rate has drifted, the
    level must come from the final model's own margins.

    Parameters
    ----------
    calibration : fitted calibration
    margin : array of shape (n,)
        Margins, by the model to be used, of the people whose base rate is known or forecast: those
        of the newest closed date, or those of the date to be scored.
    rate : float
        Their base rate, between 0 and 1 and neither.
    weight : array of shape (n,), optional

    Raises
    ------
    RiskModelError
        No margins, a rate outside (0, 1), or no shift that reaches it.

    Notes
    -----
    Known as recalibration in the large. The standard errors stay what they were: the error of
    `rate` is not in the intervals. `riskmodel.model.calibration.base_rate` states it.

    Examples
    --------
    >>> from riskmodel.model.calibration.logistic import LogisticCalibration
    >>> straight = LogisticCalibration(0.0, 1.0, ((0.0, 0.0), (0.0, 0.0)), 10, 10)
    >>> moved = anchored(straight, [-1.0, 0.0, 1.0], 0.2)
    >>> round(float(moved.transform([-1.0, 0.0, 1.0]).mean()), 6), moved.slope
    (0.2, 1.0)
    """
    margins = np.asarray(margin, dtype=np.float64)
    if not margins.size or not np.isfinite(margins).all() or not 0 < rate < 1:
        raise RiskModelError(
            "anchored needs finite margins, at least 1, and a rate between 0 and 1 that is neither."
        )

    weights = None if weight is None else np.asarray(weight, dtype=np.float64)

    def above(by: float) -> float:
        return float(np.average(calibration.shifted(by).transform(margins), weights=weights)) - rate

    reach = 1.0
    while above(-reach) > 0 or above(reach) < 0:
        reach *= 2
        if reach > _FARTHEST:
            raise RiskModelError(
                f"anchored: no shift of this calibration gives {len(margins)} margins a mean "
                "probability equal to the rate. Choose logistic or beta calibration."
            )
    return calibration.shifted(float(brentq(above, -reach, reach, xtol=1e-12)))
