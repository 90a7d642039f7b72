"""The HTTP service: scores for the records that a request brings, and nothing kept of them.

::

    POST /v1/score   records of one or more people -> a row of score columns each
    GET  /v1/model   which model answers, until when, for which uses
    GET  /v1/openapi.json
    GET  /healthz    the process answers
    GET  /readyz     it has a model that may be used today

Errors say which field or rule, and never a value of the request.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pandas as pd
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from riskmodel.errors import ModelExpiredError, ModelMismatchError, RiskModelError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.registry.mlflow_registry import load
from riskmodel.schema import END_OF_TIME
from riskmodel.scoring.score_log import ScoreLog
from riskmodel.scoring.scores import score
from riskmodel.serve.gate import Gate
from riskmodel.serve.records import ScoreRequest, field_problems, table_of

MAX_BYTES = 8 * 2**20
SHORTEST_KEY = 16
NOTICE = (
    "An estimate for putting limited attention in order: not a finding about a person, and never "
    "a decision."
)


def create_app(
    model_source: RiskModel | str | os.PathLike[str],
    *,
    api_key: str,
    score_log: ScoreLog | None = None,
    max_rows: int = 1000,
    max_bytes: int = MAX_BYTES,
) -> FastAPI:
    """Return the service as an ASGI application.

    Parameters
    ----------
    model_source : RiskModel, or what `riskmodel.registry.mlflow_registry.load` takes
    api_key : str
        At least 16 characters; callers give it in the header X-API-Key.
    score_log : ScoreLog, optional
        Each answer is written there first: a score that cannot be logged is not given.
    max_rows, max_bytes : int
        Of one request: rows over all its tables, and its body.

    Raises
    ------
    ModelMismatchError
        The model was trained on a ready-made table and reads no histories.
    RiskModelError
        The key is too short; or the model does not load.

    Examples
    --------
    ::

        app = create_app("models:/repeat-harm@champion", api_key=os.environ["RISKMODEL_API_KEY"])
    """
    if len(api_key) < SHORTEST_KEY or not api_key.isascii():
        raise RiskModelError(f"api_key: at least {SHORTEST_KEY} ASCII characters are needed")
    model = model_source if isinstance(model_source, RiskModel) else load(model_source)
    if model.task is None:
        raise ModelMismatchError(
            f"The model {model.name!r} was trained on a ready-made table: it reads no histories, "
            "so it cannot be served."
        )
    app = FastAPI(title="riskmodel", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Gate, api_key=api_key, max_bytes=max_bytes)
    _answer_errors(app)
    _add_routes(app, model, score_log, max_rows)
    return app


def _add_routes(app: FastAPI, model: RiskModel, score_log: ScoreLog | None, max_rows: int) -> None:
    @app.post("/v1/score")
    def score_records(request: ScoreRequest) -> JSONResponse:
        scores = score_request(model, request, max_rows=max_rows)
        if score_log is not None:
            score_log.append(scores, use=request.use, who=request.requested_by)
        return JSONResponse({"notice": NOTICE, "scores": json_rows(scores)})

    @app.get("/v1/model")
    def describe() -> dict[str, Any]:
        return describe_model(model)

    @app.get("/v1/openapi.json", include_in_schema=False)
    def openapi() -> dict[str, Any]:
        return app.openapi()

    @app.get("/healthz")
    def healthy() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        model.check_use(model.permitted_uses[0])
        return {"status": "ready", "digest": model.digest}


def score_request(model: RiskModel, request: ScoreRequest, *, max_rows: int) -> pd.DataFrame:
    """Return the scores of the people that a request asks for.

    Raises
    ------
    RiskModelError
        By the library's own rules; too many rows; offences that the model's edition lacks.
    """
    if request.n_rows > max_rows:
        raise SchemaError(f"{request.n_rows} rows were given, at most {max_rows} are allowed")
    if request.use not in model.permitted_uses:
        raise ModelExpiredError(
            f"use: not permitted. This model permits {', '.join(model.permitted_uses)}."
        )
    events = table_of(request.events)
    if events is None:
        raise SchemaError("events: at least one is needed")
    _check_offences(model, events)
    histories = EventHistories(
        events,
        table_of(request.people),
        updates=table_of(request.updates),
        spells=table_of(request.spells),
        data_start=request.data_start or _data_start(model),
        data_end=END_OF_TIME,
        dates_only=True,
    )
    wanted = None if request.person_ids is None else map(str, request.person_ids)
    return score(histories, model, as_of=request.as_of, use=request.use, people=wanted)


def describe_model(model: RiskModel) -> dict[str, Any]:
    """Return what a caller needs to know of the model, ready for JSON."""
    return {
        "name": model.name,
        "version": model.version,
        "digest": model.digest,
        "expires": model.expires.isoformat(),
        "permitted_uses": list(model.permitted_uses),
        "outcome": model.task.outcome.describe() if model.task else "",
        "cohort": model.task.cohort.describe() if model.task else "",
        "edition": model.edition,
        "thresholds": model.thresholds.to_dict(),
        "features": model.feature_names,
        "notice": NOTICE,
    }


def json_rows(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with missing values as None and times as ISO text."""
    plain = scores.assign(as_of=scores["as_of"].dt.strftime("%Y-%m-%dT%H:%M:%S")).astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _check_offences(model: RiskModel, events: pd.DataFrame) -> None:
    """Count what the edition lacks: the library's own error lists the codes as they were given."""
    task = model.task
    if task is None or task.unmapped is not None:
        return
    priced = set(task.offences.frame.dropna(subset="harm")["offence"])
    lacking = int((~events["offence"].astype("str").isin(priced)).sum())
    if lacking:
        raise SchemaError(
            f"events.offence: {lacking} rows have a code that the edition {model.edition} gives no "
            "harm for"
        )


def _data_start(model: RiskModel) -> Any:
    start = model.provenance.get("data_start")
    if start is None:
        raise ModelMismatchError(
            "data_start: say from when the records are complete; the model does not"
        )
    return start


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = field_problems(error.errors())
        return _error(422, "SchemaError", "The request is not as it should be.", fields=fields)

    @app.exception_handler(HTTPException)
    async def turned_away(_request: Request, error: HTTPException) -> JSONResponse:
        return _error(error.status_code, "HTTPException", str(error.detail))

    @app.exception_handler(RiskModelError)
    async def refused(request: Request, error: RiskModelError) -> JSONResponse:
        expired = isinstance(error, ModelExpiredError)
        status = 503 if request.url.path == "/readyz" else 403 if expired else 422
        problems = error.problems if isinstance(error, SchemaError) else []
        return _error(status, type(error).__name__, str(error), problems=problems)

    @app.exception_handler(Exception)
    async def broken(_request: Request, error: Exception) -> JSONResponse:
        return _error(500, type(error).__name__, "The service failed; its own log says why.")


def _error(status: int, kind: str, message: str, **more: Any) -> JSONResponse:
    details: Mapping[str, Any] = {name: value for name, value in more.items() if value}
    return JSONResponse({"error": {"type": kind, "message": message, **details}}, status)
