"""The rows of an audit as the model sees them: estimates, the list of each date, the cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmodel.model.lists.near_cut import list_of_each_date, near_cut
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray


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
