"""Before anything of a request is read: is the caller known, is there room, is the body small.

And after: what failed is answered in one shape and logged without its message, and each request
leaves a line that shows neither its path nor its query, only the route that it matched.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from typing import Any

from starlette.exceptions import HTTPException

from riskmodel.serve.failures import LOG, failure_bytes, note_failure

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTH = ("/healthz", "/readyz")
HEADER = b"x-api-key"
RETRY_SECONDS = 1
_CLOSE = {"connection": "close"}  # what is left of the body is not read


class Gate:
    """ASGI middleware: 401 without the key, 503 beyond `max_at_once`, 413 and 408 for bodies.

    Parameters
    ----------
    open_paths : tuple of str
        What is answered without the key.
    max_bytes : int
        Of a body. One that says so, or turns out longer, is not read to its end.
    max_at_once : int
        Requests with a body that are worked on or wait for it; more are asked to come again.
    body_seconds : float
        From a request's head to the end of its body.
    """

    def __init__(
        self,
        app: Application,
        *,
        api_key: str,
        open_paths: tuple[str, ...],
        max_bytes: int,
        max_at_once: int,
        body_seconds: float,
    ) -> None:
        self.app = app
        self.key = sha256(api_key.encode("utf-8")).digest()
        self.open_paths = open_paths
        self.max_bytes = max_bytes
        self.max_at_once = max_at_once
        self.body_seconds = body_seconds
        self.at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        call = _Call(send)
        try:
            await self._admit(scope, receive, call)
        except Exception as error:  # whatever it is, the caller gets a typed answer
            note_failure(error)
            if not call.status:
                await call.answer(500, "Failure", "The service failed; its own log says where.")
        finally:
            LOG.info(
                "%s %s %s %.1f ms",
                scope["method"],
                _route_of(scope),
                call.status,
                call.milliseconds,
            )
        return None

    async def _admit(self, scope: Scope, receive: Receive, call: _Call) -> None:
        headers = dict(scope["headers"])
        if scope["path"] not in self.open_paths and not self._knows(headers.get(HEADER, b"")):
            message = "Give the key in the header X-API-Key."
            return await call.answer(401, "NotAllowed", message)
        if scope["method"] in ("GET", "HEAD"):
            return await self.app(scope, receive, call.send)
        if _declared(headers) > self.max_bytes:
            return await call.answer(413, "TooLarge", self._too_large)
        if self.at_once >= self.max_at_once:
            message, again = "Too many requests at once.", {"retry-after": str(RETRY_SECONDS)}
            return await call.answer(503, "Busy", message, headers=again)
        self.at_once += 1
        try:
            await self.app(scope, self._watched(receive), call.send)
        finally:
            self.at_once -= 1
        return None

    def _knows(self, key: bytes) -> bool:
        """Compare digests: the time that it takes tells nothing of the key, nor of its length."""
        return hmac.compare_digest(sha256(key).digest(), self.key)

    def _watched(self, receive: Receive) -> Receive:
        left, whole = self.max_bytes, False
        until = asyncio.get_running_loop().time() + self.body_seconds

        async def watched() -> Message:
            nonlocal left, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                text = f"The body took over {self.body_seconds:g} seconds."
                raise HTTPException(408, text, _CLOSE) from None
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, self._too_large, _CLOSE)
            whole = not message.get("more_body", False)
            return message

        return watched

    @property
    def _too_large(self) -> str:
        return f"The body is over {self.max_bytes:,} bytes."


class _Call:
    """One request's answer: notes its status and how long it took."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = time.perf_counter()
        self.status = 0

    @property
    def milliseconds(self) -> float:
        return 1000 * (time.perf_counter() - self._started)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    async def answer(
        self, status: int, kind: str, message: str, *, headers: dict[str, str] | None = None
    ) -> None:
        body = failure_bytes(kind, message)
        said = {"content-type": "application/json", "content-length": str(len(body))}
        lines = (said | _CLOSE | (headers or {})).items()
        start = [(name.encode("ascii"), value.encode("ascii")) for name, value in lines]
        await self.send({"type": "http.response.start", "status": status, "headers": start})
        await self.send({"type": "http.response.body", "body": body})


def _declared(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def _route_of(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "-")
