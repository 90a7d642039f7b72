"""score_person(): one person's records, as plain dicts, to one estimate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from riskmodel.errors import ModelMismatchError, NotScorableError, SchemaError
from riskmodel.histories.coercion import to_text
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.schema import END_OF_TIME
from riskmodel.scoring.scored_rows import task_of, warn_of_learnt_outcomes
from riskmodel.scoring.scores import SCORED, score_rows
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import instant

_PERSON_KEYS = {"age": ("birth_date", "birth_year")}


def score_person(
    records: Any,
    model: RiskModel,
    *,
    as_of: Any,
    use: str,
    person_id: str | None = None,
    person: Mapping[str, Any] | None = None,
    updates: Any = (),
    spells: Any = (),
    groups: pd.DataFrame | None = None,
    data_start: Any = None,
    today: date | None = None,
) -> dict[str, Any]:
    """Estimate serious harm still to come for one person, from that person's records.

    The same numbers as `score` gives, bit for bit, if `records` holds all of the person's events
    and those of other people in the same incidents (and, where a feature counts neighbours, at the
    same places): without these, other people can't be counted. `person` has to hold what the people
    table has of the dates from which the person could be recorded: windows reach back no further.

    Parameters
    ----------
    records : list of dict, or DataFrame; one dict is one record
        Events, with the columns of the events table. Nobody else is asked whether times that are
        all midnights are dates: they are taken as they are, and an event on a day is not known
        as of that day.
    model : RiskModel
    as_of : date-like
    use : str
        What the score is for: one of the model's permitted uses.
    person_id : str, optional
        Who is asked for; needed where `records` name several people.
    person : mapping, optional
        Columns of the people table, such as ``birth_date`` and ``recordable_from``. Those that a
        feature of the model reads must be said, if only as None: not known.
    updates, spells : list of dict, or DataFrame
        What became of the records; custody and other absences.
    groups : DataFrame, optional
        As for `score`.
    data_start : date-like, optional
        From when the records are complete; default: as in the model's training data. Windows
        that reach further back are missing, not small.
    today : date, optional
        For the model's expiry.

    Returns
    -------
    dict
        The columns of a row of `score`.

    Raises
    ------
    NotScorableError
        There is no usable history; it says why.
    ModelExpiredError, ModelMismatchError, SchemaError
        As for `score`.

    Examples
    --------
    A model, and one report of one person::

        report = {"source_id": "r1", "person_id": "p1", "event_time": "2011-03-01",
                  "recorded_time": "2011-03-05", "offence": "105A"}
        score_person([report], model, as_of="2012-01-01", use="prioritise",
                     person={"birth_year": 1980})["probability"]
    """
    model.check_use(use, today)
    rows = [records] if isinstance(records, Mapping) else records
    task, events = task_of(model), pd.DataFrame(rows)
    if events.empty:
        raise NotScorableError("no record was given: there is no history to estimate from")
    asked = _asked_for(events, person_id)
    histories = EventHistories(
        events,
        _people_row(task, asked, person or {}),
        updates=_table(updates),
        spells=_table(spells),
        data_start=_data_start(model) if data_start is None else data_start,
        data_end=END_OF_TIME,  # no feature reads it, and later records are no mistake
        dates_only=True,
    )
    moment = instant(as_of)
    if moment < histories.data_start:
        raise SchemaError(
            f"as_of: {moment:%Y-%m-%d} given, before the data begin on "
            f"{histories.data_start:%Y-%m-%d}"
        )
    wanted = pd.Index([asked])
    row = score_rows(histories, model, task, moment, wanted=wanted, groups=groups, alone=True)
    if row["status"].iloc[0] != SCORED:
        raise NotScorableError(
            f"no estimate as of {moment:%Y-%m-%d}: {row['status'].iloc[0]} "
            f"(the model is for {task.cohort.describe()})"
        )
    warn_of_learnt_outcomes(model, moment)
    return {str(name): value for name, value in row.iloc[0].to_dict().items()}


def _asked_for(events: pd.DataFrame, person_id: str | None) -> str:
    if "person_id" not in events.columns:
        raise SchemaError("events.person_id: the column is missing")
    named = set(to_text(events["person_id"]).values.dropna())
    if person_id is None and len(named) > 1:
        raise SchemaError(f"records: they name {len(named)} people; say who with person_id=")
    asked = next(iter(named), "") if person_id is None else str(person_id)
    if asked not in named:
        raise NotScorableError("none of the records names the person asked for")
    return asked


def _people_row(task: Task, asked: str, person: Mapping[str, Any]) -> pd.DataFrame:
    """Return the person's row of the people table; what the model reads must be said."""
    missing = []
    for leaf in (leaf for column in task.columns for leaf in column.leaves):
        keys = _PERSON_KEYS.get(leaf.measure, (leaf.column,) if leaf.column else ())
        if keys and not set(keys) & set(person):
            missing.append(" or ".join(keys))
    if missing:
        raise ModelMismatchError(
            f"person: {', '.join(sorted(set(missing)))} not given, which the model reads. "
            "Say it, or say None where it is not known"
        )
    return pd.DataFrame([{**person, "person_id": asked}])


def _table(rows: Any) -> pd.DataFrame | None:
    frame = pd.DataFrame(rows)
    return None if frame.empty else frame


def _data_start(model: RiskModel) -> str:
    start = model.provenance.get("data_start")
    if start is None:
        raise ModelMismatchError(
            "the model does not say from when its training data are complete; give data_start="
        )
    return str(start)
