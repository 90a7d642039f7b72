"""Beta calibration: a line in log p and -log(1 - p), which bends where the logistic one can't."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.log_odds_line import fit_line, is_covariance
from riskmodel.model.calibration.rows import Floats, HeldOutRows, reach
from riskmodel.statistics.log_odds import expit

Row = tuple[float, float, float]


@dataclass(frozen=True)
class BetaCalibration:
    """``log-odds = intercept + a * log(s) - b * log(1 - s)``, ``s = sigmoid(margin)``.

    `a` is the slope far down, where margins are very negative, and `b` far up; with ``a == b`` it
    is the logistic curve. Both are positive, so the curve is strictly increasing.

    Parameters
    ----------
    intercept, a, b : float
    covariance : three rows of three floats
        Of (intercept, a, b): a sandwich estimate, clustered by person where persons were given.
    n_rows, n_people : int
        What it was fitted on.
    limited : bool
        True where the rows asked for a falling curve: both slopes stand at their limit.

    Raises
    ------
    ModelIntegrityError
        A parameter is not finite, a slope not positive, or the covariance not a covariance.

    Notes
    -----
    Kull, Silva Filho and Flach (2017), "Beta calibration", AISTATS. As there, a slope that comes
    out under its limit is set to the limit and the others are fitted anew; the slopes have the
    weak prior of the logistic calibration.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> margin = rng.normal(scale=3, size=50_000)
    >>> low, high = -np.logaddexp(0, -margin), np.logaddexp(0, margin)
    >>> y = rng.random(50_000) < 1 / (1 + np.exp(-(0.5 * low + 1.5 * high - 1)))
    >>> fitted = BetaCalibration.fit(margin, y)
    >>> round(fitted.a, 1), round(fitted.b, 1)
    (0.5, 1.5)
    """

    kind: ClassVar[str] = "beta"

    intercept: float
    a: float
    b: float
    covariance: tuple[Row, Row, Row]
    n_rows: int
    n_people: int
    limited: bool = False

    def __post_init__(self) -> None:
        problems = []
        if not np.isfinite([self.intercept, self.a, self.b]).all() or min(self.a, self.b) <= 0:
            problems.append("intercept, a and b must be finite, and a and b positive")
        if not is_covariance(np.asarray(self.covariance, dtype=np.float64), 3):
            problems.append("covariance must be 3 x 3, finite, symmetric, no eigenvalue below 0")
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
    ) -> BetaCalibration:
        """Fit on margins that did not see these outcomes; as `LogisticCalibration.fit`."""
        rows = HeldOutRows.checked(margin, y, sample_weight, person)
        line = fit_line(_terms(rows.margin), rows)
        intercept, a, b = line.estimate.tolist()
        first, second, third = (tuple(row) for row in line.covariance.tolist())
        covariance = (first, second, third)
        return cls(intercept, a, b, covariance, len(rows), rows.n_people, line.limited)

    def log_odds(self, margin: ArrayLike) -> Floats:
        """Return the calibrated log-odds, shape (n,)."""
        low, high = _terms(np.asarray(margin, dtype=np.float64))
        calibrated: Floats = self.intercept + self.a * low + self.b * high
        return calibrated

    def transform(self, margin: ArrayLike) -> Floats:
        """Return the probability of each margin, shape (n,)."""
        probability: Floats = expit(self.log_odds(margin))
        return probability

    def interval(
        self, margin: ArrayLike, margin_variance: ArrayLike = 0.0, *, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Return (low, high) of the probability: the error of the margin and of this curve.

        It covers under the conditions of `LogisticCalibration.interval`. Beyond the margins that
        it was fitted on the curve is an extrapolation, and the interval soon very wide.
        """
        margins = np.asarray(margin, dtype=np.float64)
        share = expit(margins)
        steepness = self.a * (1 - share) + self.b * share
        terms = np.stack([np.ones_like(margins), *_terms(margins)])
        of_curve = np.einsum("i...,ij,j...->...", terms, np.asarray(self.covariance), terms)
        # numerically the quadratic form can fall a hair under zero
        variance = steepness**2 * np.asarray(margin_variance) + np.maximum(of_curve, 0.0)
        width = reach(level) * np.sqrt(variance)
        middle = self.log_odds(margins)
        return expit(middle - width), expit(middle + width)

    def shifted(self, by: float) -> BetaCalibration:
        """Return this curve with `by` added to its log-odds."""
        return replace(self, intercept=self.intercept + by)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> BetaCalibration:
        """Read what `to_dict` wrote."""
        first, second, third = ((float(x), float(y), float(z)) for x, y, z in values["covariance"])
        return cls(
            intercept=float(values["intercept"]),
            a=float(values["a"]),
            b=float(values["b"]),
            covariance=(first, second, third),
            n_rows=int(values["n_rows"]),
            n_people=int(values["n_people"]),
            limited=bool(values["limited"]),
        )


def _terms(margin: Floats) -> tuple[Floats, Floats]:
    """Return log(s) and -log(1 - s) of s = sigmoid(margin), without forming s."""
    return -np.logaddexp(0.0, -margin), np.logaddexp(0.0, margin)
