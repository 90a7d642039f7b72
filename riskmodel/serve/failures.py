"""What goes wrong, as replies: one shape for all of it, and no value of a request in any."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from riskmodel.errors import ModelExpiredError, RiskModelError, SchemaError

LOG = logging.getLogger("riskmodel.serve")
_FRAMES = 8  # of a failure, the innermost first


class FieldProblem(BaseModel):
    """A field of the request and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Such as events[0].offence")
    problem: str


class Failure(BaseModel):
    """What went wrong."""

    type: str
    message: str
    fields: list[FieldProblem] = []
    problems: list[str] = Field(default=[], description="Rules broken, with counts of rows")


class FailureReply(BaseModel):
    """The body of every answer that is no success."""

    error: Failure


class BadRequestError(RiskModelError):
    """A body that is not what its route takes."""

    def __init__(self, fields: list[FieldProblem]) -> None:
        self.fields = fields
        super().__init__("The request is not as it should be.")


class NotLoggedError(RiskModelError):
    """The log of scores could not be written, so no score was given."""


FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": FailureReply, "description": text}
    for status, text in {
        400: "No request of HTTP",
        401: "The key is missing or wrong",
        403: "The model is past its expiry, or does not permit the use",
        408: "The body came too slowly",
        413: "The body is too large",
        415: "The body is no application/json, or is compressed",
        422: "Fields or records are not as they should be; it names them",
        500: "The service failed; its own log says where",
        503: "Too much at once (see Retry-After), or the log of scores could not be written",
    }.items()
}

_KINDS = {
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "TooSlow",
    413: "TooLarge",
    415: "UnsupportedMediaType",
}
_MESSAGES = {404: "There is nothing at this path.", 405: "This path does not take this method."}


def failure_body(kind: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the body of a reply; what there is nothing of is left out."""
    details = {name: value for name, value in more.items() if value}
    return {"error": {"type": kind, "message": message, **details}}


def failure_bytes(kind: str, message: str) -> bytes:
    """Return the same as bytes, for what answers before there is an application."""
    return json.dumps(failure_body(kind, message)).encode("ascii")


def note_failure(error: BaseException) -> None:
    """Log what failed and where; not its message, which may hold what a request said."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = frames[: -_FRAMES - 1 : -1]
    places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in inner)
    LOG.error("%s in %s", type(error).__name__, places)


def answer_failures(app: FastAPI) -> None:
    """Make an application answer what its routes raise."""

    @app.exception_handler(HTTPException)
    async def turned_away(_request: Request, error: HTTPException) -> JSONResponse:
        status = error.status_code
        message = _MESSAGES.get(status, str(error.detail))
        kind = _KINDS.get(status, "HTTPError")
        return _reply(status, kind, message, headers=error.headers)

    @app.exception_handler(BadRequestError)
    async def unreadable(_request: Request, error: BadRequestError) -> JSONResponse:
        fields = [problem.model_dump() for problem in error.fields]
        return _reply(422, "SchemaError", str(error), fields=fields)

    @app.exception_handler(RiskModelError)
    async def refused(request: Request, error: RiskModelError) -> JSONResponse:
        problems = error.problems if isinstance(error, SchemaError) else []
        status = _status_of(error, request.url.path)
        return _reply(status, type(error).__name__, str(error), problems=problems)


def _status_of(error: RiskModelError, path: str) -> int:
    if isinstance(error, NotLoggedError) or path == "/readyz":
        return 503
    return 403 if isinstance(error, ModelExpiredError) else 422


def _reply(
    status: int, kind: str, message: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    return JSONResponse(failure_body(kind, message, **more), status, headers)
