"""Isotonic calibration: the best curve that never falls, whatever its shape."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.log_odds_line import fit_line
from riskmodel.model.calibration.rows import Floats, HeldOutRows, reach
from riskmodel.statistics.bootstrap import person_weights
from riskmodel.statistics.log_odds import expit, logit

#: Resamples of people behind the standard error of the curve.
N_RESAMPLES = 100


@dataclass(frozen=True)
class IsotonicCalibration:
    """Straight pieces between knots, level beyond the first and the last.

    The curve never falls, so calibration changes no order, but it makes ties: rank by the margin.

    Parameters
    ----------
    margins : tuple of k floats
        The knots, strictly increasing.
    probabilities : tuple of k floats
        At the knots, never falling, and neither 0 nor 1.
    errors : tuple of k floats
        Standard error of each knot's log-odds, from resampling people.
    n_rows, n_people : int
        What it was fitted on.
    limited : bool
        True where a straight line through the same rows asked to fall: out of sample the margins
        did not put the outcome in order.

    Raises
    ------
    ModelIntegrityError
        The knots are of unequal number, out of order, or not what they say.

    Notes
    -----
    Zadrozny and Elkan (2002), "Transforming classifier scores into accurate multiclass
    probability estimates". The lowest piece is often one without a single outcome, and the
    highest one with nothing else. A probability of 0 or 1 is more than any sample can say, so
    the curve is fitted as if half a person with the outcome stood at the lowest margin, and half
    a one without it at the highest.

    Examples
    --------
    >>> fitted = IsotonicCalibration.fit([-2.0, -1.0, 0.0, 1.0], [0, 1, 0, 1])
    >>> fitted.transform([-9.0, -0.5, 9.0]).round(2)
    array([0.33, 0.5 , 0.67])
    """

    kind: ClassVar[str] = "isotonic"

    margins: tuple[float, ...]
    probabilities: tuple[float, ...]
    errors: tuple[float, ...]
    n_rows: int
    n_people: int
    limited: bool = False

    def __post_init__(self) -> None:
        knots = [np.asarray(part) for part in (self.margins, self.probabilities, self.errors)]
        problems = []
        if len({len(part) for part in knots}) > 1 or not len(self.margins):
            problems.append("margins, probabilities and errors must be of one length, at least 1")
        if not all(np.isfinite(part).all() for part in knots) or (knots[2] < 0).any():
            problems.append("all of them must be finite, and no error below 0")
        if (np.diff(knots[0]) <= 0).any() or (np.diff(knots[1]) < 0).any():
            problems.append("margins must increase, and probabilities may not fall")
        if not ((knots[1] > 0) & (knots[1] < 1)).all():
            problems.append("probabilities must lie between 0 and 1, and be neither")
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
    ) -> IsotonicCalibration:
        """Fit on margins that did not see these outcomes; as `LogisticCalibration.fit`."""
        rows = HeldOutRows.checked(margin, y, sample_weight, person)
        seen = rows.weighted
        knots, probabilities = _fit_curve(seen, seen.weight)
        return cls(
            margins=tuple(knots.tolist()),
            probabilities=tuple(probabilities.tolist()),
            errors=tuple(_standard_errors(seen, knots).tolist()),
            n_rows=len(rows),
            n_people=rows.n_people,
            limited=fit_line([rows.margin], rows).limited,
        )

    def transform(self, margin: ArrayLike) -> Floats:
        """Return the probability of each margin, shape (n,)."""
        return _along(np.asarray(self.margins), np.asarray(self.probabilities), margin)

    def interval(
        self, margin: ArrayLike, margin_variance: ArrayLike = 0.0, *, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Return (low, high) of the probability: the error of the margin and of this curve.

        The curve is read as far down and up as the margin's error reaches, and the distance is
        joined on the log-odds with the curve's own error, as independent ones. This is a rough
        guide: resampling is known to be too sure of an isotonic curve, the more so where it
        rises in few steps, and nothing is guaranteed beyond the margins that it was fitted on.
        """
        margins = np.asarray(margin, dtype=np.float64)
        knots = np.asarray(self.margins)
        of_curve = reach(level) * _along(knots, np.asarray(self.errors), margins)
        of_margin = reach(level) * np.sqrt(np.asarray(margin_variance, dtype=np.float64))
        middle = logit(self.transform(margins))
        down = middle - logit(self.transform(margins - of_margin))
        up = logit(self.transform(margins + of_margin)) - middle
        low, high = middle - np.hypot(down, of_curve), middle + np.hypot(up, of_curve)
        return expit(low), expit(high)

    def shifted(self, by: float) -> IsotonicCalibration:
        """Return this curve with `by` added to the log-odds of its knots."""
        moved = expit(logit(np.asarray(self.probabilities)) + by)
        return replace(self, probabilities=tuple(moved.tolist()))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> IsotonicCalibration:
        """Read what `to_dict` wrote."""
        return cls(
            margins=tuple(float(value) for value in values["margins"]),
            probabilities=tuple(float(value) for value in values["probabilities"]),
            errors=tuple(float(value) for value in values["errors"]),
            n_rows=int(values["n_rows"]),
            n_people=int(values["n_people"]),
            limited=bool(values["limited"]),
        )


def _fit_curve(rows: HeldOutRows, weight: Floats) -> tuple[Floats, Floats]:
    """Return knots and probabilities, with half a person more at either end."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415  # only for fitting

    ends = [rows.margin.min(), rows.margin.max()]
    fitted = IsotonicRegression().fit(
        np.append(rows.margin, ends),
        np.append(rows.y, [1.0, 0.0]),
        np.append(weight, [rows.half_a_person] * 2),
    )
    return fitted.X_thresholds_, fitted.y_thresholds_


def _standard_errors(rows: HeldOutRows, knots: Floats) -> Floats:
    """Return the spread of the log-odds at `knots` between resamples of people."""
    curves = []
    for block in person_weights(rows.person, N_RESAMPLES):
        for drawn in block:
            curve = _fit_curve(rows, rows.weight * drawn)
            curves.append(logit(_along(*curve, knots)))
    errors: Floats = np.std(curves, axis=0, ddof=1)
    return errors


def _along(knots: Floats, heights: Floats, margin: ArrayLike) -> Floats:
    """Return the height of straight pieces at each margin, level beyond the ends.

    Unlike numpy.interp it never falls by a rounding where the heights don't.
    """
    margins = np.clip(np.asarray(margin, dtype=np.float64), knots[0], knots[-1])
    if len(knots) == 1:
        return np.full(margins.shape, heights[0])
    left = np.clip(np.searchsorted(knots, margins, side="right") - 1, 0, len(knots) - 2)
    share = (margins - knots[left]) / (knots[left + 1] - knots[left])
    rise = heights[left + 1] - heights[left]
    between = heights[left] + share * rise
    ends = np.sort([heights[left], heights[left + 1]], axis=0)
    height: Floats = np.clip(between, *ends)
    return height
