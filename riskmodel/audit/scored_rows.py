"""The rows of an audit as the model sees them: estimates, the lists of each date, the cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.model.lists.near_cut import list_of_each_date, near_cut
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray

KEYS = ("as_of", "person_id")
_NEEDED = (*KEYS, "probability", "margin")


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoredRows:
    """Estimates and lists of each row of the snapshots; every array has shape (n,).

    ``near_cut`` is of the list that is audited, and None where the estimates have no interval.
    """

    margin: FloatArray
    probability: FloatArray
    band: NDArray[np.object_]
    listed: NDArray[np.bool_]
    near_cut: NDArray[np.bool_] | None


def score_rows(
    model: RiskModel,
    snapshots: Snapshots,
    k: int,
    seed: int,
    predictions: pd.DataFrame | None = None,
) -> ScoredRows:
    """Score every row and list the top `k` of each date by margin, ties by the seeded order.

    Parameters
    ----------
    predictions : DataFrame, optional
        Estimates made out of time, in place of the model's own: as_of, person_id, probability and
        margin of every row, and low and high where they are known.

    Raises
    ------
    SchemaError
        The predictions lack a column or a row, or have one twice.
    """
    estimates = model.estimates(snapshots.X)
    if predictions is not None:
        estimates = aligned_predictions(predictions, snapshots)
    margin, probability, low, high = (
        estimates[name].to_numpy(dtype=float) for name in ("margin", "probability", "low", "high")
    )
    known = not np.isnan(low).any()
    return ScoredRows(
        margin=margin,
        probability=probability,
        band=np.asarray(model.thresholds.band(probability), dtype=object),
        listed=list_of_each_date(snapshots, margin, ListLength(k=int(k)), seed),
        near_cut=near_cut(low, high, snapshots.as_of.to_numpy(), k) if known else None,
    )


def aligned_predictions(predictions: pd.DataFrame, snapshots: Snapshots) -> pd.DataFrame:
    """Return the predictions of each row of the snapshots, in their order; RangeIndex."""
    if missing := [name for name in _NEEDED if name not in predictions.columns]:
        raise SchemaError(f"predictions: no column {', '.join(missing)}")
    given = predictions.astype({"person_id": "str", "as_of": "datetime64[us]"})
    if twice := int(given.duplicated([*KEYS]).sum()):
        raise SchemaError(f"predictions: {twice} rows repeat a person on the same date")
    rows = pd.DataFrame(
        {
            "as_of": snapshots.as_of.to_numpy(dtype="datetime64[us]"),
            "person_id": snapshots.person_id.astype("str").to_numpy(),
        }
    )
    columns = [*_NEEDED, *(name for name in ("low", "high") if name in given)]
    found = rows.merge(given[columns], on=[*KEYS], how="left").reindex(
        columns=[*_NEEDED, "low", "high"]
    )
    if lacking := int(found[["probability", "margin"]].isna().any(axis=1).sum()):
        raise SchemaError(f"predictions: none for {lacking} of {len(rows)} rows of the snapshots")
    return found


def lists_of(
    snapshots: Snapshots, margin: FloatArray, lengths: Iterable[ListLength], seed: int
) -> dict[str, NDArray[np.bool_]]:
    """Return who is on the list of each length, by the length as text.

    Parameters
    ----------
    margin : array of float, shape (n,)
    lengths : iterable of ListLength
        A share is that of each date's cohort.
    """
    return {str(length): list_of_each_date(snapshots, margin, length, seed) for length in lengths}
