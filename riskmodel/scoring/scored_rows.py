"""What score(), explain() and reasons() share: the features behind scores, and their parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scorer import TOLERANCE, Scorer
from riskmodel.scoring.who_answers import FALLBACK
from riskmodel.snapshots.build import FeatureTable, features_at
from riskmodel.snapshots.default_features import RULES
from riskmodel.snapshots.pairs import AnyFeature
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant

GRACE = pd.Timedelta(days=31)
"""How long after the end of the data a score may be asked for without a word."""

_NEEDED = ("person_id", "as_of", "status", "digest", "margin")


def scoring_date(histories: EventHistories, as_of: Any) -> pd.Timestamp:
    """Return the instant to score at, held against the span of the data.

    Raises
    ------
    SchemaError
        If it is before the data begin.
    """
    moment = instant(as_of)
    if moment < histories.data_start:
        raise SchemaError(
            f"as_of: {moment:%Y-%m-%d} given, before there are data; {_span(histories)}"
        )
    return moment


def about_the_end(histories: EventHistories, moment: pd.Timestamp) -> list[str]:
    """Return what is to be said of a date so late that the newest records may be missing."""
    if moment <= histories.data_end + GRACE:
        return []
    return [
        f"as_of {moment:%Y-%m-%d} is more than {GRACE.days} days after the end of the data: "
        f"the newest records may be missing, and estimates too low; {_span(histories)}"
    ]


def _span(histories: EventHistories) -> str:
    return f"the data run from {histories.data_start:%Y-%m-%d} to {histories.data_end:%Y-%m-%d}"


@dataclass(frozen=True, eq=False)
class ExplainedRows:
    """The n people of a table of scores for whom one model answered, and how it came to that.

    Attributes
    ----------
    task : Task
    as_of : Timestamp
    position : int array (n,)
        Where each stands in the table of scores.
    person_id : array of str (n,)
    X : DataFrame of shape (n, p)
    features : list
        What each column of `X` is.
    values : float64 array of shape (n, p)
        What each feature adds to the margin.
    base : float
    """

    task: Task
    as_of: pd.Timestamp
    position: NDArray[np.int64]
    person_id: NDArray[Any]
    X: pd.DataFrame
    features: list[AnyFeature]
    values: NDArray[np.float64]
    base: float


def explained_rows(
    histories: EventHistories,
    model: RiskModel,
    scores: pd.DataFrame,
    *,
    groups: pd.DataFrame | None = None,
) -> list[ExplainedRows]:
    """Return features and contributions of the rows that the full model, then the fallback, scored.

    Raises
    ------
    SchemaError
        Columns missing, or no row or several dates.
    ModelMismatchError
        Scores of another model, or histories that now give other estimates.
    """
    scored = _scored(model, scores)
    moment = instant(scored["as_of"].iloc[0])
    table = features_at(histories, model.required_task, moment, groups=groups, require_people=False)
    row = pd.Index(table.person_id[table.scored]).get_indexer(scored["person_id"])
    if lost := int((row < 0).sum()):
        raise ModelMismatchError(
            f"{lost} of {len(row)} scored people have no usable history as of "
            f"{moment:%Y-%m-%d} in these histories. Give the histories that were scored"
        )
    by_fallback = (scored["status"] == FALLBACK).to_numpy()
    position = np.flatnonzero(scores["margin"].notna())
    found = []
    for fallback, mine in ((False, ~by_fallback), (True, by_fallback)):
        if mine.any():
            read = _read_of(model, table, row[mine], fallback=fallback)
            values, base = read.scorer.contributions(read.X.to_numpy())
            then = scored["margin"].to_numpy(dtype=np.float64)[mine]
            _check_same_margin(base + values.sum(axis=1), then)
            people = scored["person_id"].to_numpy(dtype=object)[mine]
            found.append(
                ExplainedRows(
                    model.required_task, moment, position[mine], people, read.X, read.features,
                    values, base,
                )
            )  # fmt: skip
    return found


class _Read(NamedTuple):
    scorer: Scorer
    X: pd.DataFrame
    features: list[AnyFeature]


def _read_of(
    model: RiskModel, table: FeatureTable, row: NDArray[np.int64], *, fallback: bool
) -> _Read:
    """Return who answered, and what it read of these rows."""
    if not fallback:
        X = table.X.iloc[row].reset_index(drop=True)
        return _Read(model.scorer, X, list(model.required_task.columns))
    if model.fallback is None:
        raise ModelMismatchError("the scores are of a fallback, and this model has none")
    names = list(model.fallback.feature_names)
    X = table.rules[names].iloc[row].reset_index(drop=True)
    return _Read(model.fallback, X, [RULES[name] for name in names])


def _scored(model: RiskModel, scores: pd.DataFrame) -> pd.DataFrame:
    if missing := [name for name in _NEEDED if name not in scores.columns]:
        raise SchemaError(f"scores: no columns {', '.join(missing)}; give a table from score()")
    scored = scores[scores["margin"].notna()]
    if scored.empty:
        raise SchemaError("scores: no row has an estimate, so there is nothing to explain")
    if scored["as_of"].nunique() != 1:
        raise SchemaError("scores.as_of: one date is expected; explain each on its own")
    if (scored["digest"] != model.digest).any():
        raise ModelMismatchError(
            "the scores are of another model than the one given (digests differ). "
            "Load the model that scored, or score anew"
        )
    return scored


def _check_same_margin(now: NDArray[np.float64], then: NDArray[np.float64]) -> None:
    changed = int((~(np.abs(now - then) <= TOLERANCE)).sum())
    if changed:
        raise ModelMismatchError(
            f"these histories give {changed} of {len(now)} people another margin than their score "
            "has: the tables are not those that were scored. Give those, or score anew"
        )
