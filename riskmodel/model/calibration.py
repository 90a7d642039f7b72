"""From margins to probabilities: a strictly increasing logistic curve that knows its own error."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from riskmodel.errors import ModelIntegrityError, RiskModelError

Floats = NDArray[np.float64]

#: Smallest slope that a fit may return. A positive slope keeps the order of the margins.
MINIMUM_SLOPE = 1e-3
#: Precision of the prior on the slope, centred on 1: worth about one row's evidence. It decides
#: only where the rows can't: perfectly separated classes, or one constant margin.
SLOPE_PRECISION = 1.0
_STEPS = 100
_TOLERANCE = 1e-10


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
        matrix = np.asarray(self.covariance, dtype=np.float64)
        problems = []
        if not np.isfinite([self.intercept, self.slope]).all() or self.slope <= 0:
            problems.append("intercept and slope must be finite, and the slope positive")
        if matrix.shape != (2, 2) or not np.isfinite(matrix).all():
            problems.append("covariance must be 2 x 2 and finite")
        elif matrix[0, 1] != matrix[1, 0] or np.linalg.eigvalsh(matrix)[0] < -1e-9 * (
            1 + np.trace(matrix)
        ):
            problems.append("covariance must be symmetric and have no negative eigenvalue")
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
        margins, outcomes, weights = _checked(margin, y, sample_weight)
        codes = _codes(person, len(margins))
        centre = float(np.average(margins, weights=weights))
        positive = float((weights * outcomes).sum())
        if positive in (0.0, float(weights.sum())):
            estimate, limited = np.array([_rate_of_one_class(outcomes, weights), 1.0]), False
        else:
            estimate, limited = _maximise(margins - centre, outcomes, weights)
        spread = _sandwich(estimate, margins - centre, outcomes, weights, codes)
        shift = np.array([[1.0, -centre], [0.0, 1.0]])
        covariance = shift @ spread @ shift.T
        off_diagonal = float(covariance[0, 1])
        return cls(
            intercept=float(estimate[0] - estimate[1] * centre),
            slope=float(estimate[1]),
            covariance=(
                (float(covariance[0, 0]), off_diagonal),
                (off_diagonal, float(covariance[1, 1])),
            ),
            n_rows=len(margins),
            n_people=int(codes.max()) + 1,
            limited=limited,
        )

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
        reach = NormalDist().inv_cdf(0.5 + level / 2) * np.sqrt(variance)
        middle = self.log_odds(margins)
        return expit(middle - reach), expit(middle + reach)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
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


def _checked(
    margin: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    margins, outcomes = (np.asarray(part, dtype=np.float64) for part in (margin, y))
    weights = np.ones_like(margins) if sample_weight is None else np.asarray(sample_weight, float)
    one_length = margins.shape == outcomes.shape == weights.shape
    if margins.ndim != 1 or not len(margins) or not one_length:
        raise RiskModelError("Calibration needs margin, y and weights of one length, at least 1.")
    if not np.isfinite(margins).all() or not np.isin(outcomes, (0.0, 1.0)).all():
        raise RiskModelError("Calibration needs finite margins and outcomes that are 0 or 1.")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise RiskModelError("Calibration needs weights of zero or more with a positive sum.")
    return margins, outcomes, weights / weights[weights > 0].mean()


def _codes(person: ArrayLike | None, n_rows: int) -> NDArray[np.int64]:
    if person is None:
        return np.arange(n_rows)
    codes: NDArray[np.int64] = np.unique(np.asarray(person), return_inverse=True)[1]
    return codes


def _rate_of_one_class(outcomes: Floats, weights: Floats) -> float:
    """Return the log-odds of a rate that never varied: each side gets half a row more."""
    positive = float((weights * outcomes).sum()) + 0.5
    return float(logit(positive / (float(weights.sum()) + 1.0)))


def _maximise(x: Floats, y: Floats, weights: Floats) -> tuple[Floats, bool]:
    """Return (intercept, slope) with the largest posterior where slope >= MINIMUM_SLOPE."""
    rate = logit(np.average(y, weights=weights))
    estimate = _newton(np.array([rate, 1.0]), x, y, weights, free=(True, True))
    if estimate[1] >= MINIMUM_SLOPE:
        return estimate, False
    # the posterior is concave, so its best point under the limit lies on the limit
    start = np.array([rate, MINIMUM_SLOPE])
    return _newton(start, x, y, weights, free=(True, False)), True


def _posterior(estimate: Floats, x: Floats, y: Floats, weights: Floats) -> float:
    odds = estimate[0] + estimate[1] * x
    likelihood = weights * (y * odds - np.logaddexp(0.0, odds))
    return float(likelihood.sum() - SLOPE_PRECISION * (estimate[1] - 1.0) ** 2 / 2)


def _information(estimate: Floats, x: Floats, weights: Floats) -> Floats:
    p = expit(estimate[0] + estimate[1] * x)
    curvature = weights * p * (1 - p)
    cross = (curvature * x).sum()
    return np.array(
        [[curvature.sum(), cross], [cross, (curvature * x * x).sum() + SLOPE_PRECISION]]
    )


def _newton(
    estimate: Floats, x: Floats, y: Floats, weights: Floats, *, free: tuple[bool, bool]
) -> Floats:
    """Climb by Newton steps, halved while they lead down."""
    moving = np.flatnonzero(free)
    height = _posterior(estimate, x, y, weights)
    for _ in range(_STEPS):
        residual = weights * (y - expit(estimate[0] + estimate[1] * x))
        slope_pull = SLOPE_PRECISION * (1.0 - estimate[1])
        gradient = np.array([residual.sum(), (residual * x).sum() + slope_pull])[moving]
        step = np.zeros(2)
        information = _information(estimate, x, weights)[np.ix_(moving, moving)]
        step[moving] = np.linalg.solve(information, gradient)
        while (reached := _posterior(estimate + step, x, y, weights)) < height:
            step /= 2
            if np.abs(step).max() < _TOLERANCE:
                return estimate
        estimate, height = estimate + step, reached
        if np.abs(step).max() < _TOLERANCE:
            break
    return estimate


def _sandwich(
    estimate: Floats, x: Floats, y: Floats, weights: Floats, codes: NDArray[np.int64]
) -> Floats:
    """Return the covariance of (intercept, slope) that holds when rows of a person go together."""
    residual = weights * (y - expit(estimate[0] + estimate[1] * x))
    scores = np.stack([np.bincount(codes, residual), np.bincount(codes, residual * x)])
    clusters = scores.shape[1]
    small_sample = clusters / max(clusters - 1, 1)
    bread = np.linalg.inv(_information(estimate, x, weights))
    covariance = small_sample * bread @ (scores @ scores.T) @ bread
    symmetric: Floats = (covariance + covariance.T) / 2
    return symmetric
