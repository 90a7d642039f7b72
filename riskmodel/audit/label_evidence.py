"""What the outcome rests on: the same list judged by stricter readings of the records."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.outcomes import outcome_events
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import divide

LABEL_COLUMNS = (
    "label", "listed_observed", "listed_later", "precision",
    "scored_observed", "scored_later", "recall",
)  # fmt: skip
READINGS: dict[str, tuple[str, ...] | None] = {
    "as declared": None,
    "charged, cautioned or convicted": ("charge", "caution", "conviction"),
    "convicted": ("conviction",),
}


def label_table(snapshots: Snapshots, histories: EventHistories, listed: ArrayLike) -> pd.DataFrame:
    """Return precision and recall of the list under each reading of the outcome's evidence.

    Parameters
    ----------
    snapshots : Snapshots
        With a task; rows whose outcome was not observed are left out.
    histories : EventHistories
    listed : array of bool, shape (n,)

    Returns
    -------
    DataFrame
        ``LABEL_COLUMNS``: one row per reading. The evidence of a record is as last known before
        the labels' date; a reading can only be stricter than what the task declares.
    """
    seen, on_list = snapshots.observed.to_numpy(dtype=bool), np.asarray(listed, dtype=bool)
    worst = _evidence_of_rows(snapshots, histories)
    rows = []
    for name, levels in READINGS.items():
        if levels is None:
            later = snapshots.y.to_numpy() == 1
        else:
            later = np.array([bool(found & set(levels)) for found in worst])
        counts = [int(mask.sum()) for mask in (on_list & seen, on_list & seen & later)]
        base = [int(mask.sum()) for mask in (seen, seen & later)]
        precision, recall = divide([counts[1], counts[1]], [counts[0], base[1]])
        rows.append((name, *counts, precision, *base, recall))
    return pd.DataFrame(rows, columns=list(LABEL_COLUMNS))


def _evidence_of_rows(snapshots: Snapshots, histories: EventHistories) -> list[set[str]]:
    """Return, for each row, the evidence levels of its serious records in the outcome window."""
    found: list[set[str]] = [set() for _ in range(len(snapshots))]
    if snapshots.task is None:
        return found
    people = snapshots.person_id.to_numpy(dtype=object)
    for date in snapshots.dates:
        events = outcome_events(histories, snapshots.task, date, snapshots.known_at)
        levels = events[events["serious"]].groupby("person_id")["evidence"].agg(set).to_dict()
        for row in np.flatnonzero((snapshots.as_of == date).to_numpy()):
            found[row] = levels.get(people[row], set())
    return found
