"""score() and rank(): the light path from histories to estimates."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import RiskModelWarning, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.schema import SCORE_COLUMNS
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.scored_rows import about_the_end, scoring_date
from riskmodel.scoring.sentences import about_the_date
from riskmodel.scoring.who_answers import (
    EVIDENCE_SHARE,
    SCORED,
    Missing,
    answer_rows,
    check_missing,
    labels_of,
)
from riskmodel.snapshots.build import absent_columns, check_people_columns, features_at
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant_us

__all__ = ["rank", "score"]

COLUMNS = SCORE_COLUMNS[:-4]
"""Columns of an unranked table of scores."""

UNKNOWN_PERSON = "unknown person"


def score(
    histories: EventHistories,
    model: RiskModel,
    *,
    as_of: Any,
    use: str,
    people: Iterable[str] | None = None,
    groups: pd.DataFrame | None = None,
    missing: Missing = "fallback",
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
    missing : {"fallback", "refuse"}
        What to do with people who lack what the full model needs: a column that a feature reads,
        or a value that was always known where the model learnt. The fallback answers with the
        status ``fallback``; or they keep a row without numbers. Either way ``warnings`` says why.
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
    check_missing(missing)
    wanted = None if people is None else _distinct(people)
    moment = scoring_date(histories, as_of)
    said = [*about_the_date(model, instant_us(moment), instant_us(histories.data_start))]
    said += about_the_end(histories, moment)
    for sentence in said:
        warnings.warn(sentence, RiskModelWarning, stacklevel=2)
    scores = _score_rows(histories, model, moment, wanted, groups, missing)
    scores["warnings"] = _with_all(scores["warnings"], said)
    scores.attrs["missing"] = missing
    scores.attrs["unmapped_offences"] = _unmapped(histories, model.required_task, moment)
    return scores


def _score_rows(
    histories: EventHistories,
    model: RiskModel,
    moment: pd.Timestamp,
    wanted: pd.Index[Any] | None,
    groups: pd.DataFrame | None,
    missing: Missing,
) -> pd.DataFrame:
    """Return one row for each of `wanted`, or for everyone known, without warnings."""
    task = model.required_task
    if missing == "refuse" or model.fallback is None:
        check_people_columns(histories, task)
    absent = absent_columns(histories, task)
    table = features_at(histories, task, moment, groups=groups, require_people=False)
    known = pd.Index(table.person_id.tolist(), dtype="str")
    person = np.arange(len(known)) if wanted is None else known.get_indexer(wanted)
    status = np.append(table.status.astype(object), UNKNOWN_PERSON)[person]
    told = np.full(len(person), "", dtype=object)
    scored = np.flatnonzero(status == SCORED)
    row = (np.cumsum(table.scored) - 1)[person[scored]]
    X, rules = table.X.to_numpy()[row], table.rules.to_numpy()[row]
    answers = answer_rows(model, X, rules, absent, missing)
    status[scored], told[scored] = answers.status, answers.warnings
    numbers = answers.numbers | {"evidence_share": rules[:, EVIDENCE_SHARE]}
    spread = {name: _spread(column, scored, len(person)) for name, column in numbers.items()}
    columns = {
        **spread,
        **{name: _constant(text, len(person)) for name, text in labels_of(model).items()},
        "person_id": pd.Series(known if wanted is None else wanted, dtype="str"),
        "as_of": pd.Series(moment, index=range(len(person)), dtype="datetime64[us]"),
        "status": pd.Series(status, dtype="str"),
        "band": model.thresholds.band(spread["probability"]),
        "warnings": pd.Series(told, dtype="str"),
    }
    return pd.DataFrame(columns)[COLUMNS]


def _spread(values: NDArray[np.float64], rows: NDArray[np.int64], n_rows: int) -> pd.Series:
    column = np.full(n_rows, np.nan)
    column[rows] = values
    return pd.Series(column)


def _constant(text: str, n_rows: int) -> pd.Series:
    return (
        pd.Series([text], dtype="str").take(np.zeros(n_rows, dtype=np.int64)).reset_index(drop=True)
    )


def _with_all(told: pd.Series, said: list[str]) -> pd.Series:
    """Put what holds for the whole table in front of what is said of each row."""
    if not said:
        return told
    of_all = "; ".join(said)
    return told.where(told == "", "; " + told).radd(of_all).astype("str")


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
