"""Requests answered by a model: the library's own replies, and what stands around them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from riskmodel.errors import ModelExpiredError, NotScorableError, RiskModelError
from riskmodel.histories.moments import to_datetime, to_microseconds
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.person.score_person import score_person
from riskmodel.scoring.reply import NOTICE, ScoreReply
from riskmodel.scoring.what_if.reply import WhatIfReply
from riskmodel.scoring.what_if.what_if_person import what_if_person
from riskmodel.scoring.who_answers import labels_of
from riskmodel.serve.people import OnePerson, People, asked_people, check_offences
from riskmodel.serve.requests import ScoreRequest, TablesRequest, WhatIfRequest
from riskmodel.snapshots.windows import DAY_US


class ScoreAnswer(BaseModel):
    """One reply for each person asked for, in the order asked."""

    notice: str = NOTICE
    scores: list[ScoreReply]


class WhatIfAnswer(BaseModel):
    """The estimate as it stands, and without or with some records."""

    notice: str = NOTICE
    what_if: WhatIfReply


class ModelAnswer(BaseModel):
    """What a caller needs to know of the model."""

    name: str
    version: str
    digest: str
    expires: date
    permitted_uses: tuple[str, ...]
    outcome: str = Field(description="What the probability is of, in words")
    cohort: str = Field(description="Whom the model is for, in words")
    edition: str = Field(description="Of the harm index")
    thresholds: dict[str, Any]
    features: list[str]
    notice: str = NOTICE


def score_people(
    model: RiskModel, request: ScoreRequest, *, reasons: int, max_people: int
) -> list[ScoreReply]:
    """Return a reply for each person that a request asks for.

    Someone who cannot be scored has a reply without numbers, whose status says why.

    Raises
    ------
    RiskModelError
        The use is not permitted; records that cannot be.
    """
    check_use(model, request.use)
    people = People(request)
    asked = asked_people(request, people, at_most=max_people)
    check_offences(model, request.events)
    return [
        _score_one(model, people.one(person_id), request, people, reasons) for person_id in asked
    ]


def reconsider_person(model: RiskModel, request: WhatIfRequest) -> WhatIfReply:
    """Return one person's estimate as it stands, and without or with some records.

    Raises
    ------
    RiskModelError
        The use is not permitted; records that cannot be, or ids that none of them has.
    """
    check_use(model, request.use)
    one = People(request).one(request.person_id)
    check_offences(model, [*request.events, *request.add])
    return what_if_person(
        one.records,
        model,
        without=request.without,
        add=request.add,
        **person_keywords(one, request),
    )


def check_use(model: RiskModel, use: str) -> None:
    """Raise unless the model may be used for this today; the use is not repeated."""
    if use not in model.permitted_uses:
        raise ModelExpiredError(
            f"use: not permitted. This model permits {', '.join(model.permitted_uses)}."
        )
    model.check_use(use)


def person_keywords(one: OnePerson, request: TablesRequest) -> dict[str, Any]:
    """Return what `score_person` and `what_if_person` take beside records and model."""
    return {
        "as_of": request.as_of,
        "use": request.use,
        "person_id": one.person_id,
        "person": one.person,
        "updates": one.updates,
        "spells": one.spells,
        "having": one.having,
        "data_start": request.data_start,
        "missing": request.missing,
    }


def _score_one(
    model: RiskModel, one: OnePerson, request: ScoreRequest, people: People, reasons: int
) -> ScoreReply:
    if not one.records:
        return _unscored(model, one, request, people.status_without_records(one.person_id))
    try:
        return score_person(one.records, model, reasons=reasons, **person_keywords(one, request))
    except NotScorableError as error:
        return _unscored(model, one, request, error.status)


def _unscored(model: RiskModel, one: OnePerson, request: TablesRequest, status: str) -> ScoreReply:
    numbers = ("probability", "low", "high", "margin", "expected_harm", "band", "evidence_share")
    said = {"status": status, "warnings": (), "reasons": ()} | dict.fromkeys(numbers)
    moment = to_datetime(to_microseconds(request.as_of))
    return ScoreReply.model_validate(
        {"person_id": one.person_id, "as_of": moment, **labels_of(model), **said}
    )


def warm_up(model: RiskModel) -> None:
    """Answer once for made-up people, so that nobody waits for what is loaded when first used.

    A model that cannot answer is no error here: it says so when it is asked.
    """
    start = to_microseconds(model.provenance.get("data_start", "2000-01-01"))
    happened, as_of = (to_datetime(start + days * DAY_US) for days in (700, 730))
    record = {
        "source_id": "made-up",
        "person_id": "made-up",
        "event_time": happened,
        "recorded_time": happened,
        "offence": model.required_task.offences.rows.offence[0],
    }
    model.scorer.contributions(model.self_test.rows[:1])
    with suppress(RiskModelError):
        score_person([record], model, as_of=as_of, use=model.permitted_uses[0])


def describe_model(model: RiskModel) -> ModelAnswer:
    """Return what a caller needs to know of the model."""
    task = model.required_task
    return ModelAnswer(
        name=model.name,
        version=model.version,
        digest=model.digest,
        expires=model.expires,
        permitted_uses=model.permitted_uses,
        outcome=task.outcome.describe(),
        cohort=task.cohort.describe(),
        edition=model.edition,
        thresholds=model.thresholds.to_dict(),
        features=model.feature_names,
    )
