"""What score(), explain() and reasons() share: the features behind scores, and their parts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import ModelMismatchError, RiskModelWarning, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.contributions import TOLERANCE, contributions
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant

GRACE = pd.Timedelta(days=31)
"""How long after the end of the data a score may be asked for without a word."""

_NEEDED = ("person_id", "as_of", "digest", "margin")


def task_of(model: RiskModel) -> Task:
    """Return the model's task.

    Raises
    ------
    ModelMismatchError
        If the model was trained on a ready-made table: it can't read histories.
    """
    if model.task is None:
        raise ModelMismatchError(
            f"the model {model.name!r} was trained on a ready-made table and has no task, so it "
            "cannot read histories. Give your own table to its predict methods"
        )
    return model.task


def scoring_date(histories: EventHistories, as_of: Any) -> pd.Timestamp:
    """Return the instant to score at, held against the span of the data.

    Raises
    ------
    SchemaError
        If it is before the data begin.

    Warns
    -----
    RiskModelWarning
        If it is so long after they end that the newest records may be missing.
    """
    moment = instant(as_of)
    span = f"the data run from {histories.data_start:%Y-%m-%d} to {histories.data_end:%Y-%m-%d}"
    if moment < histories.data_start:
        raise SchemaError(f"as_of: {moment:%Y-%m-%d} given, before there are data; {span}")
    if moment > histories.data_end + GRACE:
        warnings.warn(
            f"as_of {moment:%Y-%m-%d} is more than {GRACE.days} days after the end of the data: "
            f"the newest records may be missing, and estimates too low; {span}",
            RiskModelWarning,
            stacklevel=3,
        )
    return moment


def warn_of_learnt_outcomes(model: RiskModel, moment: pd.Timestamp) -> None:
    """Warn where the model has learnt outcomes from `moment` on, perhaps a person's own.

    Warns
    -----
    RiskModelWarning
        With the day up to which the training labels were known.
    """
    until = model.learnt_until
    if until is not None and moment < until:
        warnings.warn(
            f"as_of {moment:%Y-%m-%d} lies before {until:%Y-%m-%d}, up to which this model has "
            "learnt outcomes: it may know what a person did next. These are no estimates of that "
            "date; score later dates, or use a model that was trained before",
            RiskModelWarning,
            stacklevel=3,
        )


def warn_of_short_reach(histories: EventHistories, model: RiskModel, moment: pd.Timestamp) -> None:
    """Warn where the data reach back less far from `moment` than from any date learnt from.

    A measure "ever" is then small only because the records are young: never missing, it cannot
    say so itself.

    Warns
    -----
    RiskModelWarning
        With both lengths in days.
    """
    start, dates = model.provenance.get("data_start"), model.provenance["data"]["as_of"]
    if start is None or not dates:
        return
    learnt = pd.Timestamp(min(dates)) - pd.Timestamp(start)
    reach = moment - histories.data_start
    if reach < learnt:
        warnings.warn(
            f"the data reach back {reach.days:,} days from as_of {moment:%Y-%m-%d}; the model "
            f"learnt from dates with at least {learnt.days:,}. Whatever it counts over all that is "
            "recorded is smaller here for want of records, and estimates are too low: give older "
            "records, or train on dates as close to the start of the data",
            RiskModelWarning,
            stacklevel=3,
        )


@dataclass(frozen=True, eq=False)
class ExplainedRows:
    """The n scored people of a table of scores, and how the margin of each comes about.

    Attributes
    ----------
    task : Task
    as_of : Timestamp
    person_id : array of str (n,)
    X : DataFrame of shape (n, p), float32
    values : float64 array of shape (n, p)
        What each feature adds to the margin.
    base : float
    """

    task: Task
    as_of: pd.Timestamp
    person_id: NDArray[Any]
    X: pd.DataFrame
    values: NDArray[np.float64]
    base: float


def explained_rows(
    histories: EventHistories,
    model: RiskModel,
    scores: pd.DataFrame,
    *,
    groups: pd.DataFrame | None = None,
) -> ExplainedRows:
    """Return features and contributions of the scored rows of `scores`, in their order.

    Raises
    ------
    SchemaError
        Columns missing, or no row or several dates.
    ModelMismatchError
        Scores of another model, or histories that now give other estimates.
    """
    scored = _scored(model, scores)
    moment = instant(scored["as_of"].iloc[0])
    task, people = task_of(model), scored["person_id"].to_numpy(dtype=object)
    table = features_at(histories, task, moment, groups=groups)
    members = pd.Index(table.person_id[table.scored])
    row = members.get_indexer(people)
    if lost := int((row < 0).sum()):
        raise ModelMismatchError(
            f"{lost} of {len(row)} scored people have no usable history as of "
            f"{moment:%Y-%m-%d} in these histories. Give the histories that were scored"
        )
    X = table.X.iloc[row].reset_index(drop=True)
    values, base = contributions(model.estimator, X)
    _check_same_margin(base + values.sum(axis=1), scored["margin"].to_numpy(dtype=np.float64))
    return ExplainedRows(task, moment, people, X, values, base)


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
