"""score() and rank(): the light path from histories to estimates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.schema import SCORE_COLUMNS
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.scored_rows import (
    scoring_date,
    task_of,
    warn_of_learnt_outcomes,
    warn_of_short_reach,
)
from riskmodel.snapshots.build import features_at
from riskmodel.snapshots.membership import STATUSES
from riskmodel.snapshots.task import Task

__all__ = ["rank", "score"]

COLUMNS = SCORE_COLUMNS[:-4]
"""Columns of an unranked table of scores."""

SCORED = STATUSES[0]
UNKNOWN_PERSON = "unknown person"

_NUMBERS = ("probability", "low", "high", "margin", "expected_harm", "evidence_share")


def score(
    histories: EventHistories,
    model: RiskModel,
    *,
    as_of: Any,
    use: str,
    people: Iterable[str] | None = None,
    groups: pd.DataFrame | None = None,
    today: date | None = None,
) -> pd.DataFrame:
    """Estimate serious harm still to come, for everyone known.

    Only what was recorded before `as_of` counts. A score puts limited attention in order; it is
    not a finding about a person, and never a decision.

    Parameters
    ----------
    histories : EventHistories
    model : RiskModel
    as_of : date-like
    use : str
        What the scores are for: one of the model's permitted uses.
    people : iterable of str, optional
        Only these person ids, in this order, each once.
    groups : DataFrame, optional
        Only for a cohort that a published rule restricts by a characteristic. No feature reads it.
    today : date, optional
        For the model's expiry; default: the day in UTC.

    Returns
    -------
    DataFrame
        One row a person: person_id, as_of, status, probability of at least one serious offence in
        the outcome window with low and high (95 %), margin (log-odds before calibration),
        expected_harm (days; NaN where the model was trained without harm), band, evidence_share
        (of the harm in the last year, the share resting on allegations only; NaN without harm),
        and what made it: model, version, digest, edition, thresholds_version. ``status`` is
        ``scored``, or why there is no estimate; then the numbers are NaN.
        ``attrs["unmapped_offences"]`` counts the events known by then, by offence code, that the
        edition lacks and the task's ``unmapped`` priced.

    Raises
    ------
    ModelExpiredError
        A use that the model doesn't permit, or past its expiry.
    ModelMismatchError
        The model has no task, or the people table lacks a column that it reads.
    SchemaError
        Offences that the edition lacks, `as_of` before the data begin, people listed twice.

    Warns
    -----
    RiskModelWarning
        `as_of` is more than 31 days after the end of the data, or the data reach back less far
        from it than from any date that was learnt from, or the model has learnt outcomes from
        `as_of` on.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.features import Feature
    >>> world = make_histories(300, seed=1)
    >>> features = (Feature("count", 365), Feature("days_since_last", serious=True))
    >>> task = Task(offences=world.offences, features=features)
    >>> rows = build_snapshots(world.histories, task, as_of=["2020", "2021"], late_allowance_days=0)
    >>> model = train(rows, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)
    >>> scores = score(world.histories, model, as_of="2024-01-01", use="prioritise")
    >>> len(scores) == len(world.histories.persons), list(scores.columns) == COLUMNS
    (True, True)
    """
    model.check_use(use, today)
    task = task_of(model)
    wanted = None if people is None else _distinct(people)
    moment = scoring_date(histories, as_of)
    warn_of_learnt_outcomes(model, moment)
    warn_of_short_reach(histories, model, moment)
    scores = score_rows(histories, model, task, moment, wanted=wanted, groups=groups)
    scores.attrs["unmapped_offences"] = _unmapped(histories, task, moment)
    return scores


def score_rows(
    histories: EventHistories,
    model: RiskModel,
    task: Task,
    moment: pd.Timestamp,
    *,
    wanted: pd.Index[Any] | None = None,
    groups: pd.DataFrame | None = None,
    alone: bool = False,
) -> pd.DataFrame:
    """Return one row for each of `wanted`, or for everyone known."""
    table = features_at(histories, task, moment, groups=groups, require_people=not alone)
    known = pd.Index(table.person_id.tolist(), dtype="str")
    person = np.arange(len(known)) if wanted is None else known.get_indexer(wanted)
    status = np.append(table.status.astype(object), UNKNOWN_PERSON)[person]
    scored = np.flatnonzero(status == SCORED)
    row = (np.cumsum(table.scored) - 1)[person[scored]]
    estimates = pd.DataFrame(columns=list(_NUMBERS[:-1]), dtype=np.float64)
    if len(scored):
        estimates = model.estimates(table.X.iloc[row])
    estimates = estimates.assign(evidence_share=table.rules["evidence_share"].to_numpy()[row])
    columns = {name: _spread(estimates[name], scored, len(person)) for name in _NUMBERS}
    said = {
        "model": model.name,
        "version": model.version,
        "digest": model.digest,
        "edition": model.edition,
        "thresholds_version": model.thresholds.version,
    }
    columns |= {
        "person_id": pd.Series(known if wanted is None else wanted, dtype="str"),
        "as_of": pd.Series(moment, index=range(len(person)), dtype="datetime64[us]"),
        "status": pd.Series(status, dtype="str"),
        "band": model.thresholds.band(columns["probability"]),
        **{name: _constant(text, len(person)) for name, text in said.items()},
    }
    return pd.DataFrame(columns)[COLUMNS]


def _spread(values: pd.Series, rows: NDArray[np.int64], n_rows: int) -> pd.Series:
    column = np.full(n_rows, np.nan)
    column[rows] = values.to_numpy(dtype=np.float64)
    return pd.Series(column)


def _constant(text: str, n_rows: int) -> pd.Series:
    return (
        pd.Series([text], dtype="str").take(np.zeros(n_rows, dtype=np.int64)).reset_index(drop=True)
    )


def _distinct(people: Iterable[str]) -> pd.Index[Any]:
    wanted = pd.Index([str(person) for person in people], dtype="str")
    if twice := int(wanted.duplicated().sum()):
        raise SchemaError(f"people: {twice} ids are listed more than once; list each once")
    return wanted


def _unmapped(histories: EventHistories, task: Task, moment: pd.Timestamp) -> dict[str, int]:
    priced = task.offences.frame.dropna(subset="harm")["offence"]
    offences = pd.Series(histories.arrays.offences, dtype="str")
    if offences.isin(priced).all():
        return {}
    events = histories.events
    known = (events["event_time"] < moment) & (events["recorded_time"] < moment)
    lacking = events.loc[known, "offence"]
    counts = lacking[~lacking.isin(priced)].value_counts()
    return {str(code): int(count) for code, count in counts.items()}
