"""What the data cannot say: missing characteristics, evidence behind a list, and follow-up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskmodel.audit.by_group.groups import INTERSECTION
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE, NOT_RECORDED
from riskmodel.snapshots.outcomes import evidence_before
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.windows import DAY_US, instant_us
from riskmodel.statistics.arrays import divide

MISSING_COLUMNS = ("table", "characteristic", "n", "missing", "share_missing")
EVIDENCE_COLUMNS = (
    "evidence", "records_listed", "share_listed", "records_scored", "share_scored",
)  # fmt: skip
LOOKBACK_DAYS = 365


def missing_table(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how often each characteristic is "Not recorded", by table.

    Parameters
    ----------
    tables : dict of str to DataFrame of str
        What the rows are ("people scored", "people listed", "victims of later harm") -> their
        group columns. Intersections are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": ["male", "Not recorded"]})
    >>> float(missing_table({"people scored": rows})["share_missing"].iloc[0])
    0.5
    """
    rows = [
        (name, str(column), len(table), int((table[column] == NOT_RECORDED).sum()))
        for name, table in tables.items()
        for column in table.columns
        if INTERSECTION not in column
    ]
    result = pd.DataFrame(rows, columns=list(MISSING_COLUMNS[:4]))
    return result.assign(share_missing=result["missing"] / result["n"].where(result["n"] > 0))


def evidence_table(
    snapshots: Snapshots, histories: EventHistories, listed: ArrayLike
) -> pd.DataFrame:
    """Return the records of the year before each date by evidence level, listed people and all.

    Returns
    -------
    DataFrame
        evidence, records_listed, share_listed, records_scored, share_scored: as each record stood
        on the day before the date. Cancelled records are shown: no feature reads them.
    """
    flags = np.asarray(listed, dtype=bool)
    counts = np.zeros((2, len(EVIDENCE)))
    for date in snapshots.dates:
        at = (snapshots.as_of == date).to_numpy()
        for row, wanted in enumerate((at & flags, at)):
            counts[row] += _records_by_evidence(histories, snapshots.person_id[wanted], date)
    shares = divide(counts, counts.sum(axis=1, keepdims=True))
    columns = (list(EVIDENCE), counts[0], shares[0], counts[1], shares[1])
    return pd.DataFrame(dict(zip(EVIDENCE_COLUMNS, columns, strict=True)))


def _records_by_evidence(
    histories: EventHistories, people: pd.Series, date: pd.Timestamp
) -> np.ndarray:
    arrays, moment = histories.arrays, instant_us(date)
    recent = (arrays.event_time < moment) & (arrays.recorded_time < moment)
    recent &= arrays.event_time >= moment - LOOKBACK_DAYS * DAY_US
    recent &= histories.events["person_id"].isin(people).to_numpy()
    return np.bincount(evidence_before(histories, moment)[recent], minlength=len(EVIDENCE))


def follow_up_table(snapshots: Snapshots, listed: ArrayLike) -> pd.DataFrame:
    """Return what ended or shortened follow-up, for people listed and everyone scored.

    Returns
    -------
    DataFrame
        what, listed, scored: counts of rows, and mean days at risk.
    """
    flags = np.asarray(listed, dtype=bool)
    follow_up = snapshots.follow_up
    kinds = [
        kind for kind in ("death", "left", "custody") if (follow_up["competing"] == kind).any()
    ]
    rows = [
        ("outcome observed", snapshots.observed),
        ("outcome not observed: end of data", ~snapshots.observed),
        *((f"competing event: {kind}", follow_up["competing"] == kind) for kind in kinds),
    ]
    counted: list[tuple[str, float, float]] = [
        (what, int((mask & flags).sum()), int(mask.sum())) for what, mask in rows
    ]
    days = follow_up["days_at_risk"]
    counted.append(("mean days at risk", days[flags].mean(), days.mean()))
    return pd.DataFrame(counted, columns=["what", "listed", "scored"])
