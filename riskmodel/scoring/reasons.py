"""reasons(): what an estimate rests on, in sentences, with the records behind each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.schema import EVIDENCE
from riskmodel.scoring.scored_rows import ExplainedRows, explained_rows
from riskmodel.snapshots.records import behind, known_records
from riskmodel.snapshots.wording import tell

REASON_COLUMNS = [
    "person_id",
    "order",
    "feature",
    "sentence",
    "value",
    "contribution",
    "source_ids",
    "evidence",
]
_KEY = ["person_id", "feature"]


def reasons(
    histories: EventHistories,
    model: RiskModel,
    scores: pd.DataFrame,
    *,
    top: int = 5,
    groups: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the features that move each scored person's margin most, and the records behind.

    A reason is what the estimate rests on: it is associated with a higher or a lower estimate,
    and need not be a cause of anything.

    Parameters
    ----------
    histories : EventHistories
        Those that were scored.
    model : RiskModel
        That scored.
    scores : DataFrame
        From `score` or `rank`, of one date; rows without an estimate are left out.
    top : int
        Reasons a person, the largest by absolute contribution; fewer where fewer move it.
    groups : DataFrame, optional
        As for `score`.

    Returns
    -------
    DataFrame
        In the order of `scores`: person_id; order, from 1; feature; sentence, with the value in
        it; value; contribution in log-odds of the margin (above 0: associated with a higher
        estimate); source_ids of the records that the value was counted from, joined by ``"; "``;
        evidence, how many of them stood as what (``"allegation: 2, charge: 1"``). The last two
        are empty where the value rests on no record.

    Raises
    ------
    SchemaError
        `top` is no whole number from 1.
    ModelMismatchError
        Scores of another model, or histories that now give other estimates.

    Examples
    --------
    ``reasons(histories, model, rank(scores, k=100))["sentence"]`` reads such as
    ``3 separate serious incidents in the last two years``.
    """
    if isinstance(top, bool) or int(top) != top or top < 1:
        raise SchemaError("reasons: top must be a whole number from 1")
    rows = explained_rows(histories, model, scores, groups=groups)
    table = _largest(rows, int(top))
    records = known_records(histories, rows.task, rows.as_of, rows.person_id)
    found = _records_behind(rows, table, records)
    table = table.merge(found, on=_KEY, how="left")
    for name in ("source_ids", "evidence"):
        table[name] = table[name].fillna("").astype("str")
    return table[REASON_COLUMNS]


def _largest(rows: ExplainedRows, top: int) -> pd.DataFrame:
    """Return the `top` largest contributions of each row that are not 0, largest first."""
    order = np.argsort(-np.abs(rows.values), axis=1, kind="stable")[:, :top]
    row = np.repeat(np.arange(len(order)), order.shape[1])
    column, place = order.ravel(), np.tile(np.arange(1, order.shape[1] + 1), len(order))
    contribution = rows.values[row, column]
    value = rows.X.to_numpy(dtype=np.float64)[row, column]
    table = pd.DataFrame(
        {
            "person_id": pd.Series(rows.person_id[row], dtype="str"),
            "order": place,
            "feature": pd.Series(np.array(rows.X.columns, dtype=object)[column], dtype="str"),
            "sentence": pd.Series(_sentences(rows, column, value), dtype="str"),
            "value": value,
            "contribution": contribution,
        }
    )
    moving: pd.DataFrame = table[contribution != 0]
    return moving.reset_index(drop=True)


def _sentences(
    rows: ExplainedRows, column: NDArray[np.int64], value: NDArray[np.float64]
) -> list[str]:
    features = [rows.task.feature(str(name)) for name in rows.X.columns]
    return [
        tell(features[place], number)
        for place, number in zip(column.tolist(), value.tolist(), strict=True)
    ]


def _records_behind(
    rows: ExplainedRows, table: pd.DataFrame, records: pd.DataFrame
) -> pd.DataFrame:
    """Return person_id, feature, source_ids and evidence of each reason that rests on records.

    One pass a feature, over the records of the people whose reason it is.
    """
    of_person = records.groupby("person_id").indices
    pieces = []
    known = table[table["value"].notna()]  # a value that is not known rests on nothing
    for name, people in known.groupby("feature")["person_id"]:
        positions = [of_person[person] for person in people if person in of_person]
        if not positions:
            continue
        mine = records.iloc[np.sort(np.concatenate(positions))]
        found = behind(rows.task.feature(str(name)), mine, rows.as_of)
        pieces.append(found[["person_id", "source_id", "evidence"]].assign(feature=name))
    if not pieces:
        return pd.DataFrame(columns=[*_KEY, "source_ids", "evidence"], dtype="str")
    return _joined(pd.concat(pieces, ignore_index=True))


def _joined(found: pd.DataFrame) -> pd.DataFrame:
    source_ids = found.groupby(_KEY)["source_id"].agg("; ".join)
    level = pd.Categorical(found["evidence"], categories=EVIDENCE, ordered=True)
    counts = found.assign(evidence=level).groupby([*_KEY, "evidence"], observed=True).size()
    words = counts.reset_index(name="n")
    words["evidence"] = words["evidence"].astype("str") + ": " + words["n"].astype("str")
    evidence = words.groupby(_KEY)["evidence"].agg(", ".join)
    return pd.concat([source_ids.rename("source_ids"), evidence], axis=1).reset_index()
