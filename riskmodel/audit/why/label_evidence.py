"""What the outcome rests on: the same list judged by stricter readings of the records."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskmodel.audit.victims.window_events import rows_of_events, window_events
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import divide

LABEL_COLUMNS = (
    "label", "listed_observed", "listed_later", "precision",
    "scored_observed", "scored_later", "recall", "note",
)  # fmt: skip
READINGS: dict[str, tuple[str, ...] | None] = {
    "as declared": None,
    "charged, cautioned or convicted": ("charge", "caution", "conviction"),
    "convicted or upheld": ("conviction",),
}
"""Levels of evidence of each reading; a complaint upheld is held as a conviction."""
NEVER = "no record in these histories ever stands at this evidence: they cannot say"
NOT_DECLARED = "the outcome leaves out part of this evidence"
SAME = "the same people as “{}”: no record tells the two apart"


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
        ``LABEL_COLUMNS``: one row per reading, with a note where it says less than it seems to.
        The evidence of a record is as last known before the labels' date; a reading can only be
        stricter than what the task declares. One that the histories cannot make is NaN.
    """
    seen, on_list = snapshots.observed.to_numpy(dtype=bool), np.asarray(listed, dtype=bool)
    later, notes = later_by_reading(snapshots, histories), reading_notes(snapshots, histories)
    rows = []
    for name, went_on in later.items():
        counts = [_count(on_list & seen), _count(on_list & seen & went_on)]
        base = [_count(seen), _count(seen & went_on)]
        if notes[name] == NEVER:
            counts[1] = base[1] = np.nan
        precision, recall = divide([counts[1], counts[1]], [counts[0], base[1]])
        rows.append((name, *counts, precision, *base, recall, notes[name]))
    return pd.DataFrame(rows, columns=list(LABEL_COLUMNS))


def _count(mask: NDArray[np.bool_]) -> float:
    return float(mask.sum())


def evidence_of_rows(snapshots: Snapshots, histories: EventHistories) -> pd.DataFrame:
    """Return which levels of evidence the serious records of each row's outcome window stand at.

    Parameters
    ----------
    snapshots : Snapshots
        With a task; without one no record is found.
    histories : EventHistories

    Returns
    -------
    DataFrame of bool, shape (n, len(EVIDENCE))
        One column per level of `EVIDENCE`, as last known before the labels' date.
    """
    found = np.zeros((len(snapshots), len(EVIDENCE)), dtype=bool)
    if snapshots.task is not None:
        events = window_events(histories, snapshots.task, snapshots.dates, snapshots.known_at)
        row = rows_of_events(snapshots, events)
        level = pd.Index(EVIDENCE).get_indexer(pd.Index(events["evidence"]))
        found[row[row >= 0], level[row >= 0]] = True
    return pd.DataFrame(found, columns=list(EVIDENCE))


def later_by_reading(
    snapshots: Snapshots, histories: EventHistories
) -> dict[str, NDArray[np.bool_]]:
    """Return, for each of `READINGS`, which rows went on to serious harm by it; shape (n,).

    Rows whose outcome was not observed are to be left out with ``snapshots.observed``.
    """
    evidence = evidence_of_rows(snapshots, histories)
    return {
        name: snapshots.y.to_numpy() == 1
        if levels is None
        else evidence[list(levels)].any(axis=1).to_numpy()
        for name, levels in READINGS.items()
    }


def reading_notes(snapshots: Snapshots, histories: EventHistories) -> dict[str, str]:
    """Return what each reading cannot say here; "" where it says what its name says.

    Complaints know neither charge nor caution: "charged, cautioned or convicted" is then nothing
    but the complaints that were upheld, and the two readings are one.
    """
    held = levels_held(histories)
    declared = set(snapshots.task.outcome.evidence) if snapshots.task else set()
    notes: dict[str, str] = {}
    met: dict[frozenset[str], str] = {}
    for name, levels in READINGS.items():
        found = frozenset(held & set(levels or declared))
        if not found:
            notes[name] = NEVER
        elif levels is not None and not found <= declared:
            notes[name] = NOT_DECLARED
        else:
            notes[name] = SAME.format(met[found]) if found in met else ""
        met.setdefault(found, name)
    return notes


def levels_held(histories: EventHistories) -> set[str]:
    """Return the levels of evidence at which any record of these histories ever stood."""
    tables = (histories.events, histories.unnamed, histories.updates)
    return {str(level) for table in tables for level in table["evidence"].dropna().unique()}
