"""How much of the list stays when a choice behind it changes: harm edition, withdrawn support."""

from __future__ import annotations

from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.histories.events import EventHistories
from riskmodel.model.lists.list_stability import list_at
from riskmodel.model.lists.task_variants import variants
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import divide

STABILITY_COLUMNS = ("variant", "as_of", "k", "kept", "share_kept", "note")
MOST_DATES = 3


def stability_table(
    model: RiskModel, snapshots: Snapshots, histories: EventHistories, listed: ArrayLike, seed: int
) -> pd.DataFrame:
    """Return how many of those listed stay on the list under each variant, for the last dates.

    Parameters
    ----------
    model : RiskModel
    snapshots : Snapshots
    histories : EventHistories
    listed : array of bool, shape (n,)
    seed : int
        Of the order among equals, as for the list itself.

    Returns
    -------
    DataFrame
        ``STABILITY_COLUMNS``: a variant that cannot be computed has one row with the reason.
    """
    base = pd.DataFrame({"as_of": snapshots.as_of, "person_id": snapshots.person_id})
    base = base[pd.Series(listed, dtype=bool).to_numpy()]
    task = model.task or snapshots.task
    rows: list[tuple[Any, ...]] = []
    for variant, change in variants(task, histories).items() if task else ():
        if isinstance(change, str):
            rows.append((variant, pd.NaT, 0, 0, float("nan"), change))
            continue
        for date in snapshots.dates[-MOST_DATES:]:
            people = base.loc[base["as_of"] == date, "person_id"]
            other = list_at(model, histories, change, date, k=len(people), seed=seed)
            kept = int(people.isin(other.people).sum())
            rows.append((variant, date, len(people), kept, float(divide(kept, len(people))), ""))
    return pd.DataFrame(rows, columns=list(STABILITY_COLUMNS))
