"""The rows of an audit as the model sees them: estimates, the list of each date, the cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.ranking import interval_ranks
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray
from riskmodel.statistics.ranking import top_k


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """Estimates and list of each row of the snapshots; every array has shape (n,)."""

    margin: FloatArray
    probability: FloatArray
    band: NDArray[np.object_]
    listed: NDArray[np.bool_]
    near_cut: NDArray[np.bool_]


def score_rows(model: RiskModel, snapshots: Snapshots, k: int, seed: int) -> ScoredRows:
    """Score every row and list the top `k` of each date by margin, ties by the seeded order."""
    estimates = model.estimates(snapshots.X)
    margin, probability, low, high = (
        estimates[name].to_numpy(dtype=float) for name in ("margin", "probability", "low", "high")
    )
    return ScoredRows(
        margin=margin,
        probability=probability,
        band=np.asarray(model.thresholds.band(probability), dtype=object),
        listed=list_of_each_date(snapshots, margin, k, seed),
        near_cut=near_cut(low, high, snapshots.as_of.to_numpy(), k),
    )


def list_of_each_date(
    snapshots: Snapshots, margin: FloatArray, k: int, seed: int
) -> NDArray[np.bool_]:
    """Return who is among the `k` highest of their date."""
    listed = np.zeros(len(snapshots), dtype=bool)
    for date in snapshots.dates:
        rows = np.flatnonzero((snapshots.as_of == date).to_numpy())
        listed[rows] = top_k(margin[rows], snapshots.person_id.to_numpy()[rows], k, seed)
    return listed


def near_cut(low: FloatArray, high: FloatArray, as_of: NDArray[Any], k: int) -> NDArray[np.bool_]:
    """Return whose rank on their date spans `k`, by the intervals; as `rank` has it.

    Examples
    --------
    >>> low, high = np.array([0.7, 0.45, 0.4, 0.1]), np.array([0.9, 0.6, 0.5, 0.2])
    >>> near_cut(low, high, np.zeros(4), k=2).tolist()
    [False, True, True, False]
    """
    near = np.zeros(len(low), dtype=bool)
    for date in np.unique(as_of):
        rows = np.flatnonzero(as_of == date)
        best, worst = interval_ranks(low[rows], high[rows])
        near[rows] = (best <= k) & (worst > k)
    return near
