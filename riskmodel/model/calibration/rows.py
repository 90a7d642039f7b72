"""The rows that a calibration is learnt on, checked once for all of its kinds."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmodel.errors import RiskModelError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeldOutRows:
    """Margins that did not see these outcomes; n rows.

    Attributes
    ----------
    margin, y, weight : float arrays of shape (n,)
        Finite margins, outcomes of 0 or 1, weights whose positive ones have mean 1.
    person : int array of shape (n,)
        Who each row is about, as codes from 0.
    """

    margin: Floats
    y: Floats
    weight: Floats
    person: NDArray[np.int64]

    @classmethod
    def checked(
        cls,
        margin: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        person: ArrayLike | None,
    ) -> HeldOutRows:
        """Return the rows, or raise RiskModelError where nothing can be fitted on them."""
        margins, outcomes = (np.asarray(part, dtype=np.float64) for part in (margin, y))
        given = np.ones_like(margins) if sample_weight is None else sample_weight
        weights = np.asarray(given, dtype=np.float64)
        one_length = margins.shape == outcomes.shape == weights.shape
        if margins.ndim != 1 or not len(margins) or not one_length:
            raise RiskModelError(
                "Calibration needs margin, y and weights of one length, at least 1."
            )
        if not np.isfinite(margins).all() or not np.isin(outcomes, (0.0, 1.0)).all():
            raise RiskModelError("Calibration needs finite margins and outcomes that are 0 or 1.")
        if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
            raise RiskModelError("Calibration needs weights of zero or more with a positive sum.")
        people = _codes(person, len(margins))
        return cls(margins, outcomes, weights / weights[weights > 0].mean(), people)

    def __len__(self) -> int:
        return len(self.margin)

    @property
    def n_people(self) -> int:
        """How many people the rows are about."""
        return int(self.person.max()) + 1

    @property
    def half_a_person(self) -> float:
        """The weight of half a person's rows: what stands against a rate of 0 or 1."""
        return float(self.weight.sum()) / self.n_people / 2

    @property
    def weighted(self) -> HeldOutRows:
        """The rows whose weight is above 0."""
        kept = self.weight > 0
        people = _codes(self.person[kept], int(kept.sum()))
        return HeldOutRows(self.margin[kept], self.y[kept], self.weight[kept], people)


def _codes(person: ArrayLike | None, n_rows: int) -> NDArray[np.int64]:
    if person is None:
        return np.arange(n_rows)
    codes: NDArray[np.int64] = np.unique(np.asarray(person), return_inverse=True)[1]
    return codes


def reach(level: float) -> float:
    """Return how many standard errors an interval of this level reaches to either side."""
    return NormalDist().inv_cdf(0.5 + level / 2)
