"""How much of the list stays when a choice behind it changes: harm edition, withdrawn support."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.statistics.arrays import divide
from riskmodel.statistics.ranking import top_k

STABILITY_COLUMNS = ("variant", "as_of", "k", "kept", "share_kept", "note")
MOST_DATES = 3
WITHOUT_WITHDRAWN = "without records where support was withdrawn"


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
            kept = _kept(model, histories, change, people, date=date, seed=seed)
            rows.append((variant, date, len(people), kept, float(divide(kept, len(people))), ""))
    return pd.DataFrame(rows, columns=list(STABILITY_COLUMNS))


def variants(task: Task, histories: EventHistories) -> dict[str, Task | str]:
    """Return the changed tasks by name, or in place of a task the reason why there is none."""
    found: dict[str, Task | str] = {}
    fewer = tuple(level for level in task.feature_evidence if level != "support_withdrawn")
    if fewer == task.feature_evidence:
        found[WITHOUT_WITHDRAWN] = "the model reads no such records"
    else:
        found[WITHOUT_WITHDRAWN] = replace(task, feature_evidence=fewer)
    for edition in OffenceTable.editions().index:
        if edition != task.offences.edition:
            found[f"under the harm edition {edition}"] = _under_edition(task, edition, histories)
    return found


def _under_edition(task: Task, edition: str, histories: EventHistories) -> Task | str:
    table = OffenceTable.cambridge(edition)
    recorded = set(histories.arrays.offences)
    valued = set(table.frame.loc[table.frame["harm"].notna(), "offence"])
    if task.unmapped is None and (lacking := recorded - valued):
        return f"it has no value for {len(lacking)} of the {len(recorded)} offences recorded"
    groups = {leaf.group for column in task.columns for leaf in column.leaves if leaf.group}
    if lacking_groups := groups - set(table.groups):
        return f"it lacks the offence groups {', '.join(sorted(lacking_groups))}"
    return replace(task, offences=table)


def _kept(
    model: RiskModel,
    histories: EventHistories,
    task: Task,
    people: pd.Series,
    *,
    date: pd.Timestamp,
    seed: int,
) -> int:
    table = features_at(histories, task, date)
    ids = table.person_id[table.scored]
    chosen = ids[top_k(model.predict_margin(table.X[model.feature_names]), ids, len(people), seed)]
    return int(people.isin(chosen).sum())
