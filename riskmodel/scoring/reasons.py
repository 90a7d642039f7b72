"""reasons(): what an estimate rests on, in sentences, with the records behind each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.schema import EVIDENCE
from riskmodel.scoring.reason_rows import Ints, largest, place_within
from riskmodel.scoring.scored_rows import ExplainedRows, explained_rows
from riskmodel.snapshots.behind import RecordColumns, behind_rows
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.records import known_columns
from riskmodel.snapshots.windows import instant_us
from riskmodel.snapshots.wording import tell

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

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
BETWEEN = "; "
"""What joins the records of one reason, and what each of them was."""


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
        estimate); source_ids of the records that the value was counted from, oldest first, joined
        by ``"; "``; evidence, what each of these records was as known before the date of the
        scores, record by record in the same order (``"allegation; charge"``). The last two are
        empty where the value rests on no record.

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
    parts = explained_rows(histories, model, scores, groups=groups)
    tables = [_reasons_of(histories, rows, int(top)) for rows in parts]
    position = np.concatenate([rows for _, rows in tables])
    table = pd.concat([table for table, _ in tables], ignore_index=True)
    return table.take(np.argsort(position, kind="stable")).reset_index(drop=True)


def _reasons_of(
    histories: EventHistories, rows: ExplainedRows, top: int
) -> tuple[pd.DataFrame, Ints]:
    """Return the reasons for rows that one model answered for, and where each of these stands."""
    row, column = largest(rows.values, top)
    names, features = rows.X.columns, rows.features
    value = rows.X.to_numpy()[row, column].astype(np.float64)
    records, of_row = _records_of(histories, rows)
    source_ids, evidence = _behind(features, column, value, of_row[row], records, rows.as_of)
    table = {
        "person_id": pd.Series(rows.person_id[row], dtype="str"),
        "order": place_within(row) + 1,
        "feature": pd.Series(names.to_numpy(dtype=object)[column], dtype="str"),
        "sentence": pd.Series(_sentences(features, column, value), dtype="str"),
        "value": value,
        "contribution": rows.values[row, column],
        "source_ids": pd.Series(source_ids, dtype="str"),
        "evidence": pd.Series(evidence, dtype="str"),
    }
    return pd.DataFrame(table, columns=REASON_COLUMNS), rows.position[row]


def _sentences(features: list[AnyFeature], column: Ints, value: Floats) -> Texts:
    """Return each reason's sentence; one that several people share is told once."""
    sentences = np.empty(column.size, dtype=object)
    for feature, reasons in _by_feature(features, column):
        distinct, which = np.unique(value[reasons], return_inverse=True)
        told = [tell(feature, number) for number in distinct.tolist()]
        sentences[reasons] = np.array(told, dtype=object)[which]
    return sentences


def _records_of(histories: EventHistories, rows: ExplainedRows) -> tuple[RecordColumns, Ints]:
    """Return the known records of the scored people, and where those of each row begin and end."""
    records, _ = known_columns(histories, rows.task, rows.as_of, rows.person_id)
    code = pd.Index(histories.persons).get_indexer(pd.Index(rows.person_id))
    return records, np.searchsorted(records.person, np.stack([code, code + 1], axis=1))


def _behind(
    features: list[AnyFeature],
    column: Ints,
    value: Floats,
    own: Ints,
    records: RecordColumns,
    as_of: pd.Timestamp,
) -> tuple[list[str], list[str]]:
    """Return the joined source_ids and evidence of each reason.

    One pass a feature, over the records of the people whose reason it is; `own` (m, 2) says which
    of the records are of each reason's person. A value that is not known rests on nothing.
    """
    found, whose = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for feature, mine in _by_feature(features, column):
        reasons = mine[np.isfinite(value[mine])]
        place, reason = _spread(own[reasons], reasons)
        # numbered by reason, so that whoever stands twice in the scores is told twice
        part = records.take(place)._replace(person=reason)
        keep = behind_rows(feature, part, instant_us(as_of))
        found.append(place[keep])
        whose.append(reason[keep])
    place, reason = np.concatenate(found), np.concatenate(whose)
    order = np.argsort(reason, kind="stable")
    place, cuts = place[order], np.searchsorted(reason[order], np.arange(column.size + 1))
    levels = np.array(EVIDENCE, dtype=object)[records.evidence[place]]
    return _joined(records.source_id[place], cuts), _joined(levels, cuts)


def _by_feature(features: list[AnyFeature], column: Ints) -> Iterator[tuple[AnyFeature, Ints]]:
    """Yield each feature that is a reason for someone, with the reasons that it is."""
    order = np.argsort(column, kind="stable")
    cuts = np.searchsorted(column[order], np.arange(len(features) + 1))
    for feature, (begin, end) in zip(features, pairwise(cuts.tolist()), strict=True):
        if begin < end:
            yield feature, order[begin:end]


def _spread(spans: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of all spans (begin, end) one after another, and the owner of each.

    Examples
    --------
    >>> place, whose = _spread(np.array([[5, 7], [2, 3]]), np.array([8, 9]))
    >>> place.tolist(), whose.tolist()
    ([5, 6, 2], [8, 8, 9])
    """
    size = spans[:, 1] - spans[:, 0]
    before = np.cumsum(size) - size
    return np.repeat(spans[:, 0] - before, size) + np.arange(size.sum()), np.repeat(owner, size)


def _joined(texts: Texts, cuts: Ints) -> list[str]:
    listed = texts.tolist()
    return [BETWEEN.join(listed[begin:end]) for begin, end in pairwise(cuts.tolist())]
