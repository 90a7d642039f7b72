"""Logistic calibration: a straight line on the log-odds, strictly increasing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.log_odds_line import fit_line, is_covariance
from riskmodel.model.calibration.rows import Floats, HeldOutRows, reach
from riskmodel.statistics.log_odds import expit


@dataclass(frozen=True)
class LogisticCalibration:
    """``probability = sigmoid(intercept + slope * margin)``, with ``slope > 0``.

    The curve is strictly increasing, so calibration makes no ties and changes no order.

    Parameters
    ----------
    intercept, slope : float
        On the log-odds scale.
    covariance : pair of pairs of float
        Of (intercept, slope): a sandwich estimate, clustered by person where persons were given.
    n_rows, n_people : int
        What it was fitted on.
    limited : bool
        True where the rows asked for a slope under `MINIMUM_SLOPE`: out of sample the margins
        did not put the outcome in order.

    Raises
    ------
    ModelIntegrityError
        A parameter is not finite, the slope not positive, or the covariance not a covariance.

    Notes
    -----
    Platt (1999), "Probabilistic outputs for support vector machines". The slope has a normal
    prior with mean 1 and precision `SLOPE_PRECISION`; against thousands of rows it is nothing.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> margin = rng.normal(size=20_000)
    >>> y = rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * margin - 1)))
    >>> fitted = LogisticCalibration.fit(margin, y)
    >>> round(fitted.intercept, 1), round(fitted.slope, 1)
    (-1.0, 0.5)
    """

    intercept: float
    slope: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    n_rows: int
    n_people: int
    limited: bool = False

    def __post_init__(self) -> None:
        problems = []
        if not np.isfinite([self.intercept, self.slope]).all() or self.slope <= 0:
            problems.append("intercept and slope must be finite, and the slope positive")
        if not is_covariance(np.asarray(self.covariance, dtype=np.float64), 2):
            problems.append("covariance must be 2 x 2, finite, symmetric, no eigenvalue below 0")
        if problems:
            raise ModelIntegrityError("The calibration can't be: " + "; ".join(problems) + ".")

    @classmethod
    def fit(
        cls,
        margin: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        person: ArrayLike | None = None,
    ) -> LogisticCalibration:
        """Fit on margins that did not see these outcomes.

        Parameters
        ----------
        margin : array of shape (n,)
            Log-odds from a model that was learnt on other people, or on earlier dates.
        y : array of shape (n,)
            1 where the outcome happened, else 0.
        sample_weight : array of shape (n,), optional
            Zero or more; ones by default.
        person : array of shape (n,), optional
            Who each row is about: rows of one person are not independent.

        Raises
        ------
        RiskModelError
            No rows, unequal lengths, values that are not finite, outcomes other than 0 and 1, or
            no positive weight.
        """
        rows = HeldOutRows.checked(margin, y, sample_weight, person)
        line = fit_line([rows.margin], rows)
        intercept, slope = line.estimate.tolist()
        first, second = (tuple(row) for row in line.covariance.tolist())
        return cls(intercept, slope, (first, second), len(rows), rows.n_people, line.limited)

    def log_odds(self, margin: ArrayLike) -> Floats:
        """Return the calibrated log-odds, shape (n,)."""
        calibrated: Floats = self.intercept + self.slope * np.asarray(margin, dtype=np.float64)
        return calibrated

    def transform(self, margin: ArrayLike) -> Floats:
        """Return the probability of each margin, shape (n,).

        Examples
        --------
        >>> LogisticCalibration(0.0, 1.0, ((0, 0), (0, 0)), 1, 1).transform([0.0])
        array([0.5])
        """
        probability: Floats = expit(self.log_odds(margin))
        return probability

    def interval(
        self, margin: ArrayLike, margin_variance: ArrayLike = 0.0, *, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Return (low, high) of the probability: the error of the margin and of this curve.

        It covers at its level, in large samples, where the curve is of this family and margins
        mean at scoring what they meant when it was fitted; a change in the world is in neither.

        Parameters
        ----------
        margin, margin_variance : array of shape (n,)
            The margin and the variance of its estimate.
        level : float
            Between 0 and 1.
        """
        margins = np.asarray(margin, dtype=np.float64)
        (var_a, cov), (_, var_b) = self.covariance
        variance = self.slope**2 * np.asarray(margin_variance, dtype=np.float64)
        # numerically the quadratic form can fall a hair under zero
        variance = variance + np.maximum(var_a + 2 * cov * margins + var_b * margins**2, 0.0)
        width = reach(level) * np.sqrt(variance)
        middle = self.log_odds(margins)
        return expit(middle - width), expit(middle + width)

    def shifted(self, by: float) -> LogisticCalibration:
        """Return this curve with `by` added to its log-odds."""
        return replace(self, intercept=self.intercept + by)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values. They have no "kind": a calibration without one is logistic."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LogisticCalibration:
        """Read what `to_dict` wrote."""
        first, second = ((float(a), float(b)) for a, b in values["covariance"])
        return cls(
            intercept=float(values["intercept"]),
            slope=float(values["slope"]),
            covariance=(first, second),
            n_rows=int(values["n_rows"]),
            n_people=int(values["n_people"]),
            limited=bool(values["limited"]),
        )
