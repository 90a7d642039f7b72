"""What the routes do: read a body, answer it with the model of the moment, log, and reply."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.serve.answers import (
    ModelAnswer,
    ScoreAnswer,
    WhatIfAnswer,
    describe_model,
    reconsider_person,
    score_people,
    warm_up,
)
from riskmodel.serve.failures import NotLoggedError, note_failure
from riskmodel.serve.requests import (
    Asked,
    ExplainRequest,
    ScoreRequest,
    TablesRequest,
    WhatIfRequest,
    read_request,
)
from riskmodel.serve.served_model import ServedModel

JSON = "application/json"


@dataclass(frozen=True)
class Limits:
    """How much one request may ask for, and how many at once.

    Attributes
    ----------
    rows, people, bytes : int
        Of one request: rows over all its tables, people scored, and its body.
    at_once : int
        Requests that are worked on or wait; more get a 503.
    body_seconds : float
        For a body to come in.
    workers : int
        Threads that score.
    """

    rows: int = 5000
    people: int = 100
    bytes: int = 4 * 2**20
    at_once: int = 32
    body_seconds: float = 20
    workers: int = field(default_factory=lambda: min(4, os.cpu_count() or 1))


class Service:
    """A model that may change, a log of scores, and the threads that answer.

    Parameters
    ----------
    models : ServedModel
    score_log : ScoreLog or None
        Each answer is written there first.
    limits : Limits
    """

    def __init__(self, models: ServedModel, score_log: ScoreLog | None, limits: Limits) -> None:
        self.models = models
        self.score_log = score_log
        self.limits = limits
        self.pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="riskmodel-serve")

    async def answer(self, request: Request, work: Callable[[bytes], BaseModel]) -> Response:
        """Read a request's body and answer it in a thread that scores."""
        _check_headers(request)
        body = await request.body()
        loop = asyncio.get_running_loop()
        text = await loop.run_in_executor(self.pool, lambda: work(body).model_dump_json())
        return Response(text, media_type=JSON)

    async def warm_up(self) -> None:
        """Load what is loaded when it is first used, before somebody waits for it."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.pool, lambda: warm_up(self.models.current))

    def score(self, body: bytes) -> ScoreAnswer:
        """Answer without reasons."""
        return self._scored(self._read(ScoreRequest, body), reasons=0)

    def explain(self, body: bytes) -> ScoreAnswer:
        """Answer with reasons."""
        request = self._read(ExplainRequest, body)
        return self._scored(request, reasons=request.top)

    def what_if(self, body: bytes) -> WhatIfAnswer:
        """Answer for one person without or with some records.

        The estimate as it stands is logged, since the caller comes to know it.
        """
        request = self._read(WhatIfRequest, body)
        reply = reconsider_person(self.models.current, request)
        labels = ("person_id", "as_of", "model", "version", "digest")
        stands = reply.known_then.before
        entry = {name: getattr(reply, name) for name in labels} | {
            name: getattr(stands, name) for name in ("margin", "probability", "status")
        }
        self._log([entry], request, how=" (what-if)")
        return WhatIfAnswer(what_if=reply)

    def describe(self) -> ModelAnswer:
        """Return what a caller needs to know of the model."""
        return describe_model(self.models.current)

    def _scored(self, request: ScoreRequest, *, reasons: int) -> ScoreAnswer:
        model, people = self.models.current, self.limits.people
        replies = score_people(model, request, reasons=reasons, max_people=people)
        self._log(replies, request)
        return ScoreAnswer(scores=replies)

    def _read(self, kind: type[Asked], body: bytes) -> Asked:
        limits = self.limits
        return read_request(kind, body, max_rows=limits.rows, max_people=limits.people)

    def _log(self, replies: Iterable[Any], request: TablesRequest, how: str = "") -> None:
        """Write what is about to be said.

        Raises
        ------
        NotLoggedError
            For whatever reason it cannot be written: then it is not said.
        """
        if self.score_log is None:
            return
        who = f"{request.requested_by}{how}"
        try:
            self.score_log.append(list(replies), use=request.use, who=who, missing=request.missing)
        except Exception as error:
            note_failure(error)
            raise NotLoggedError(
                "The log of scores could not be written, so no score is given."
            ) from error


def _check_headers(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise HTTPException(415, f"Give the body as {JSON}.", {"connection": "close"})
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "Give the body uncompressed.", {"connection": "close"})
