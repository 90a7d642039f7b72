"""what_if_person(): one person's estimate without a contested record, from plain records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from riskmodel.errors import SchemaError
from riskmodel.histories.moments import to_datetime, to_microseconds
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.person.asked import PlainRow, asked_for, data_start_of, has_what_is_asked
from riskmodel.scoring.person.records import checked_records, checked_tables
from riskmodel.scoring.sentences import about_the_date, day_of
from riskmodel.scoring.what_if.case_answers import NO_RECORD, Answering, CaseAnswers
from riskmodel.scoring.what_if.person_case import PersonCase, incident_of, incidents_named
from riskmodel.scoring.what_if.reply import (
    NO_CAUSE,
    NOT_RETRAINED,
    Effect,
    FeatureChange,
    LeftOutRecord,
    WhatIfReply,
    counted,
)
from riskmodel.scoring.who_answers import Missing, check_missing, labels_of
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.wording import tell


def what_if_person(
    records: Any,
    model: RiskModel,
    *,
    as_of: Any,
    use: str,
    without: Iterable[Any] = (),
    add: Any = (),
    person_id: str | None = None,
    person: Mapping[str, Any] | None = None,
    updates: Any = (),
    spells: Any = (),
    having: Mapping[str, Any] | None = None,
    data_start: Any = None,
    missing: Missing = "fallback",
    today: date | None = None,
) -> WhatIfReply:
    """Estimate for one person without some incidents, or with more records.

    As `riskmodel.what_if` does from histories; `records`, `person`, `updates` and `spells` are
    those of `score_person`. Nothing is trained, and no table library is loaded.

    Parameters
    ----------
    records : list of dict, or DataFrame
    model : RiskModel
    as_of : date-like
    use : str
    without : iterable of str
        Ids of records or of incidents; the whole incident goes. An id that is both is read as that
        of a record.
    add : list of dict, or DataFrame
        Records that are not there; what names nobody is of this person.
    person_id, person, updates, spells, having, data_start, missing, today : optional
        As for `score_person`.

    Returns
    -------
    WhatIfReply

    Raises
    ------
    NotScorableError
        No record names the person. Someone who cannot be scored without a record, or even with
        it, is no error: the estimate's status says why.
    ModelExpiredError, ModelMismatchError, SchemaError
        As for `score_person`; ids that no record has, and added ones that are there already.

    Examples
    --------
    A model, and the records of one person::

        what_if_person(records, model, as_of="2012-01-01", use="prioritise", without=["r7"],
                       person={"birth_year": 1980}).known_then.probability_change
    """
    model.check_use(use, today)
    check_missing(missing)
    tables = checked_tables(records, updates=updates, spells=spells, person=person)
    case = PersonCase(
        asked_for(tables.events, person_id),
        tuple(tables.events),
        tables.person,
        tuple(tables.updates),
        tuple(tables.spells),
    )
    start = data_start_of(model, data_start)
    moment = to_microseconds(as_of)
    if moment < start:
        raise SchemaError(
            f"as_of: {day_of(moment)} given, before the data begin on {day_of(start)}"
        )
    return reply_for(
        Answering(model, to_datetime(start), missing),
        case,
        moment,
        without=without,
        add=checked_records(add),
        having=has_what_is_asked(model.required_task, having),
        warnings=about_the_date(model, moment, start),
    )


def reply_for(
    answering: Answering,
    case: PersonCase,
    as_of: int,
    *,
    without: Iterable[Any],
    add: Sequence[PlainRow],
    having: bool | None,
    warnings: Iterable[str],
) -> WhatIfReply:
    """Return the reply for one case as of a date in microseconds."""
    ids = [without] if isinstance(without, str) else list(without)
    incidents = incidents_named(case.records, ids)
    changed = case.without(incidents).with_added(add)
    variants = [case, changed, case.as_known_now(as_of), changed.as_known_now(as_of)]
    answers = answering.answers(variants, as_of, having=[having] * len(variants))
    left_out = _left_out(case, incidents, as_of)
    return WhatIfReply(
        person_id=case.person_id,
        as_of=to_datetime(as_of),
        **labels_of(answering.model),
        known_then=_effect(answering, answers, 0, 1),
        known_now=_effect(answering, answers, 2, 3),
        left_out=left_out,
        added=tuple(str(record["source_id"]) for record in add),
        notes=(
            NOT_RETRAINED,
            *_about_incidents(left_out, len(incidents)),
            *_about_knowing(as_of),
            NO_CAUSE,
        ),
        warnings=(*warnings, *answers.warnings),
    )


def _effect(answering: Answering, answers: CaseAnswers, before: int, after: int) -> Effect:
    return Effect.of(
        answering.estimate(answers, before),
        answering.estimate(answers, after),
        tuple(_changes(answering.model.required_task, answers, before, after)),
    )


def _changes(task: Task, answers: CaseAnswers, before: int, after: int) -> Iterable[FeatureChange]:
    """Yield the features that differ; none where there is nothing known on one side."""
    if NO_RECORD in answers.status[[before, after]]:
        return
    was, would_be = answers.features[before], answers.features[after]
    differs = ~((was == would_be) | (np.isnan(was) & np.isnan(would_be)))
    for place in np.flatnonzero(differs):
        feature, values = task.columns[place], (float(was[place]), float(would_be[place]))
        yield FeatureChange(
            feature=feature.name,
            before=tell(feature, values[0]),
            after=tell(feature, values[1]),
            value_before=None if np.isnan(values[0]) else values[0],
            value_after=None if np.isnan(values[1]) else values[1],
        )


def _left_out(case: PersonCase, incidents: Sequence[str], as_of: int) -> tuple[LeftOutRecord, ...]:
    gone = set(incidents)
    return tuple(
        LeftOutRecord(
            source_id=record["source_id"],
            incident_id=record.get("incident_id"),
            of_person=record.get("person_id") == case.person_id,
            event_time=record["event_time"],
            recorded_time=record["recorded_time"],
            offence=record["offence"],
            evidence_then=case.evidence(record, as_of)
            if to_microseconds(record["recorded_time"]) < as_of
            else None,
            evidence_now=case.evidence(record),
        )
        for record in case.records
        if incident_of(record) in gone
    )


def _about_incidents(left_out: Sequence[LeftOutRecord], n_incidents: int) -> Iterable[str]:
    if left_out:
        others = sum(not record.of_person for record in left_out)
        yield (
            f"A record goes with its whole incident: {counted(len(left_out), 'record')} of "
            f"{counted(n_incidents, 'incident')} left out, {others} of other people; who is named "
            "in the same incidents was counted anew."
        )


def _about_knowing(as_of: int) -> Iterable[str]:
    day = day_of(as_of)
    yield f"As known then: only what was recorded before {day}, as it stood before {day}."
    yield (
        f"As known now: all in these records that happened before {day}, with its last evidence, "
        "read as if it had been recorded in time."
    )
