"""The HTTP service: scores for the records that a request brings, and nothing kept of them.

::

    POST /v1/score    records of one or more people -> a reply each
    POST /v1/explain  the same, with the reasons and the records behind them
    POST /v1/what-if  one person's estimate without, or with, some records
    GET  /v1/model    which model answers, until when, for which uses
    GET  /v1/docs     these routes, to read; GET /v1/openapi.json for programs
    GET  /healthz     the process answers
    GET  /readyz      it has a model that may be used today

Errors say which field or rule, and never a value of the request.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response, Security
from fastapi.responses import HTMLResponse
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

from riskmodel.errors import RiskModelError
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.serve.answers import ModelAnswer, ScoreAnswer, WhatIfAnswer
from riskmodel.serve.failures import FAILURES, answer_failures
from riskmodel.serve.gate import HEALTH, Gate
from riskmodel.serve.openapi import PAGE_HEADERS, describe, page, takes
from riskmodel.serve.requests import ExplainRequest, ScoreRequest, WhatIfRequest
from riskmodel.serve.served_model import ServedModel
from riskmodel.serve.service import Limits, Service

SHORTEST_KEY = 16
DOCS = ("/v1/docs", "/v1/openapi.json")
_LOADED: dict[int | str, dict[str, Any]] = {status: FAILURES[status] for status in (401, 403, 500)}


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(Health):
    """There is a model that may be used today."""

    version: str
    digest: str
    stale_since: datetime | None = Field(
        description="Since when nobody could be asked whether it is still the model to use"
    )


def create_app(
    model_source: RiskModel | ServedModel | str | os.PathLike[str],
    *,
    api_key: str,
    score_log: ScoreLog | None = None,
    limits: Limits | None = None,
    reload_seconds: float = 60,
    open_docs: bool = False,
) -> FastAPI:
    """Return the service as an ASGI application.

    Parameters
    ----------
    model_source : RiskModel, or what `riskmodel.registry.load.load` takes
        Where it is a name in the registry, the service follows its alias.
    api_key : str
        At least 16 characters; callers give it in the header X-API-Key.
    score_log : ScoreLog, optional
        Each answer is written there first: a score that cannot be logged is not given.
    limits : Limits, optional
    reload_seconds : float
        How often the registry is asked what the alias stands for.
    open_docs : bool
        Whether the pages that describe the routes need no key. They are the same for every model
        and hold nothing of anyone.

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
    if not reload_seconds > 0:
        raise RiskModelError("reload_seconds: more than 0 is needed")
    models = model_source if isinstance(model_source, ServedModel) else ServedModel(model_source)
    limits = limits or Limits()
    service = Service(models, score_log, limits)
    app = FastAPI(
        title="riskmodel",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_following(service, reload_seconds),
    )
    app.add_middleware(
        Gate,
        api_key=api_key,
        open_paths=(*HEALTH, *(DOCS if open_docs else ())),
        max_bytes=limits.bytes,
        max_at_once=limits.at_once,
        body_seconds=limits.body_seconds,
    )
    answer_failures(app)
    _add_answers(app, service)
    _add_descriptions(app, service)
    _add_health(app, service)
    return app


def _following(service: Service, seconds: float) -> Any:
    @asynccontextmanager
    async def following(_app: FastAPI) -> AsyncIterator[None]:
        await service.warm_up()
        watching = asyncio.create_task(service.models.watch(seconds))
        yield
        watching.cancel()

    return following


_KEY = [Security(APIKeyHeader(name="X-API-Key", auto_error=False))]


def _add_answers(app: FastAPI, service: Service) -> None:
    shared: dict[str, Any] = {"responses": FAILURES, "dependencies": _KEY}

    @app.post("/v1/score", response_model=ScoreAnswer, openapi_extra=takes(ScoreRequest), **shared)
    async def score(request: Request) -> Response:
        """Estimate serious harm still to come, for each person asked for."""
        return await service.answer(request, service.score)

    @app.post(
        "/v1/explain", response_model=ScoreAnswer, openapi_extra=takes(ExplainRequest), **shared
    )
    async def explain(request: Request) -> Response:
        """Estimate, with the reasons and the records that each rests on."""
        return await service.answer(request, service.explain)

    @app.post(
        "/v1/what-if", response_model=WhatIfAnswer, openapi_extra=takes(WhatIfRequest), **shared
    )
    async def what_if(request: Request) -> Response:
        """Show how far one person's estimate rests on some records."""
        return await service.answer(request, service.what_if)


def _add_descriptions(app: FastAPI, service: Service) -> None:
    @app.get("/v1/model", responses=_LOADED, dependencies=_KEY)
    async def model() -> ModelAnswer:
        """Say which model answers, until when, and for which uses."""
        return service.describe()

    described: list[dict[str, Any]] = []

    def openapi() -> dict[str, Any]:
        if not described:
            described.append(describe(app, (ScoreRequest, ExplainRequest, WhatIfRequest)))
        return described[0]

    app.openapi = openapi  # type: ignore[method-assign]

    @app.get("/v1/openapi.json", include_in_schema=False)
    async def openapi_json() -> dict[str, Any]:
        return openapi()

    @app.get("/v1/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(openapi()), headers=PAGE_HEADERS)


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/healthz")
    async def healthy() -> Health:
        """Say that the process answers."""
        return Health(status="ok")

    @app.get("/readyz", responses={503: FAILURES[503] | {"description": "No model may be used"}})
    async def ready() -> Readiness:
        """Say whether there is a model that may be used today."""
        model, stale = service.models.current, service.models.stale
        model.check_use(model.permitted_uses[0])
        since = None if stale is None else stale.since
        return Readiness(
            status="ready", version=model.version, digest=model.digest, stale_since=since
        )
