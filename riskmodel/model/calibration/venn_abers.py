"""Venn-Abers calibration: two isotonic curves, one of which is right, and what lies between."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.calibration.log_odds_line import fit_line
from riskmodel.model.calibration.rows import Floats, HeldOutRows, reach
from riskmodel.statistics.log_odds import expit, logit


@dataclass(frozen=True)
class VennAbersCalibration:
    """For each margin, `p0` and `p1`: what isotonic regression says if the outcome is 0, or is 1.

    The new margin joins the held-out ones once with either outcome; ``p0 < p1``, and the
    probability is ``p1 / (1 - p0 + p1)``, which lies between them. Both are steps that never
    fall, so calibration changes no order, but it makes ties: rank by the margin.

    Parameters
    ----------
    thresholds : tuple of k floats
        Where the steps are, strictly increasing.
    p0, p1 : tuples of k + 1 floats
        Below, between and above the thresholds. At a threshold p0 is already that above it, and
        p1 still that below it.
    n_rows, n_people : int
        What it was fitted on.
    limited : bool
        True where a straight line through the same rows asked to fall: out of sample the margins
        did not put the outcome in order.

    Raises
    ------
    ModelIntegrityError
        The steps are of a wrong number, out of order, or not what they say.

    Notes
    -----
    Vovk and Petej (2014), "Venn-Abers predictors", UAI; Vovk, Petej and Fedorova (2015), NeurIPS,
    whose algorithm the package `venn-abers` has. It is needed for fitting only: the steps are all
    that is stored. Guaranteed, at any sample size: of p0 and p1, the one that belongs to the true
    outcome is calibrated, *if* new rows and held-out rows are exchangeable. Margins of a model
    that learnt from more rows than the held-out one, a later date, and several rows of one person
    all break that; and it says nothing of a single person or group. Above the highest held-out
    margin p1 is 1 and the probability at least a half, below the lowest p0 is 0.

    Examples
    --------
    >>> fitted = VennAbersCalibration.fit([-2.0, -1.0, 0.0, 1.0], [0, 1, 0, 1])
    >>> fitted.transform([-9.0, -0.5, 9.0]).round(2)
    array([0.33, 0.5 , 0.67])
    >>> low, high = fitted.interval([-0.5])
    >>> low.round(2), high.round(2)
    (array([0.33]), array([0.67]))
    """

    kind: ClassVar[str] = "venn_abers"

    thresholds: tuple[float, ...]
    p0: tuple[float, ...]
    p1: tuple[float, ...]
    n_rows: int
    n_people: int
    limited: bool = False

    def __post_init__(self) -> None:
        steps, low, high = (np.asarray(part) for part in (self.thresholds, self.p0, self.p1))
        problems = []
        if not len(low) == len(high) == len(steps) + 1:
            problems.append("p0 and p1 must each have one value more than there are thresholds")
        elif not (low < high).all():
            problems.append("p0 must be under p1")
        if not np.isfinite(np.concatenate([steps, low, high])).all():
            problems.append("thresholds, p0 and p1 must be finite")
        if any((np.diff(part) < 0).any() for part in (low, high)) or (np.diff(steps) <= 0).any():
            problems.append("thresholds must increase, and p0 and p1 may not fall")
        if not ((low >= 0).all() and (low < 1).all() and (high > 0).all() and (high <= 1).all()):
            problems.append("p0 must lie in [0, 1), and p1 in (0, 1]")
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
    ) -> VennAbersCalibration:
        """Fit on margins that did not see these outcomes; as `LogisticCalibration.fit`.

        Raises
        ------
        RiskModelError
            As there; and where positive weights differ: the method has no place for weights.
        """
        rows = HeldOutRows.checked(margin, y, sample_weight, person)
        seen = rows.weighted
        if np.ptp(seen.weight) > 0:
            raise RiskModelError(
                "Venn-Abers calibration takes no sample_weight: rows of different weights are not "
                "exchangeable. Give none, or choose logistic, beta or isotonic calibration."
            )
        thresholds, p0, p1 = _steps(seen.margin, seen.y)
        return cls(
            thresholds=tuple(thresholds.tolist()),
            p0=tuple(p0.tolist()),
            p1=tuple(p1.tolist()),
            n_rows=len(rows),
            n_people=rows.n_people,
            limited=fit_line([rows.margin], rows).limited,
        )

    def transform(self, margin: ArrayLike) -> Floats:
        """Return the probability of each margin, shape (n,): ``p1 / (1 - p0 + p1)``."""
        p0, p1 = self._low(margin), self._high(margin)
        # written so that no rounding makes it fall where p0 and p1 rise
        probability: Floats = 1 / (1 + (1 - p0) / p1)
        return probability

    def interval(
        self, margin: ArrayLike, margin_variance: ArrayLike = 0.0, *, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Return (p0, p1), read as far down and up as the margin's error reaches.

        Without `margin_variance` it is (p0, p1) whatever the `level`: the pair that validity is
        about, which narrows with the number of rows, and not an interval that covers the true
        probability at a level. With it nothing is guaranteed: it is wider, and that is all.
        """
        margins = np.asarray(margin, dtype=np.float64)
        of_margin = reach(level) * np.sqrt(np.asarray(margin_variance, dtype=np.float64))
        return self._low(margins - of_margin), self._high(margins + of_margin)

    def _low(self, margin: ArrayLike) -> Floats:
        return np.asarray(self.p0)[np.searchsorted(self.thresholds, margin, side="right")]

    def _high(self, margin: ArrayLike) -> Floats:
        return np.asarray(self.p1)[np.searchsorted(self.thresholds, margin, side="left")]

    def shifted(self, by: float) -> VennAbersCalibration:
        """Return these steps with `by` added to the log-odds of p0 and p1; no guarantee is left."""
        p0, p1 = (expit(logit(np.asarray(part)) + by).tolist() for part in (self.p0, self.p1))
        return replace(self, p0=tuple(p0), p1=tuple(p1))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> VennAbersCalibration:
        """Read what `to_dict` wrote."""
        return cls(
            thresholds=tuple(float(value) for value in values["thresholds"]),
            p0=tuple(float(value) for value in values["p0"]),
            p1=tuple(float(value) for value in values["p1"]),
            n_rows=int(values["n_rows"]),
            n_people=int(values["n_people"]),
            limited=bool(values["limited"]),
        )


def _steps(margin: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (thresholds, p0, p1) by the package, without thresholds where nothing changes."""
    # it switches numpy's error state on import, for good; at the last point it divides 0 by 0,
    # and keeps the slope that it had
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        from venn_abers import VennAbers  # noqa: PLC0415  # only for fitting

        # it only ever compares what it calls probabilities, so margins serve as well
        fitted = VennAbers().fit(np.column_stack([-margin, margin]), y)
    # rounding can leave two values of one level a hair apart, and out of order
    p0, p1 = (np.maximum.accumulate(part[:, 1]) for part in (fitted.p0_, fitted.p1_))
    changes = (np.diff(p0) > 0) | (np.diff(p1) > 0)
    kept = np.append(True, changes)
    return fitted.c_[changes], p0[kept], p1[kept]
