"""Run the service on this machine."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
import os
import secrets
import sys
from typing import Any

import h11
import uvicorn
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.http.h11_impl import H11Protocol

from riskmodel.errors import RiskModelError
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.serve.app import create_app
from riskmodel.serve.failures import LOG, failure_bytes
from riskmodel.serve.served_model import ServedModel
from riskmodel.serve.service import JSON

KEY_VARIABLE = "RISKMODEL_API_KEY"
HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 16 * 1024
MOST_CONNECTIONS = 256
"""Beyond these uvicorn itself answers 503, in plain text."""
GRACE_SECONDS = 30


class PatientProtocol(H11Protocol):
    """HTTP/1.1 for callers that send a request's head within `HEAD_SECONDS`; others are cut off.

    Uvicorn itself waits for ever for the end of a head that has begun.
    """

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def on_response_complete(self) -> None:
        """Wait for the next head."""
        super().on_response_complete()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._due is not None:
            self._due.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the shape of every other failure."""
        body = failure_bytes("BadRequest", msg)
        said = {"content-type": JSON, "content-length": str(len(body)), "connection": "close"}
        start = h11.Response(status_code=400, headers=list(said.items()), reason="Bad Request")
        for event in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_head(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def serve(
    model: RiskModel | str | os.PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    api_key: str | None = None,
    allow_remote: bool = False,
    score_log: ScoreLog | None = None,
    reload_seconds: float = 60,
    open_docs: bool = False,
    public_key: str | os.PathLike[str] | None = None,
    tracking_uri: str | None = None,
) -> None:
    """Serve a model until interrupted; requests in flight are answered first.

    Parameters
    ----------
    model : RiskModel, or what `riskmodel.registry.load.load` takes
        Where it is ``models:/NAME@ALIAS``, the service follows the alias.
    host : str
        Only this machine by default. The service speaks plain HTTP: put what terminates TLS in
        front of it before others reach it.
    port : int
    api_key : str, optional
        RISKMODEL_API_KEY by default; without it one is made and shown once.
    allow_remote : bool
        Must be said for a host that others can reach.
    score_log : ScoreLog, optional
    reload_seconds : float
        How often the registry is asked what the alias stands for.
    open_docs : bool
        Whether the pages that describe the routes need no key on a host that others can reach; on
        this machine alone they never do, since a browser can send none.
    public_key : path, optional
        PEM file: a bundle that this key has not signed is refused, now and when the alias moves.
    tracking_uri : str, optional
        As for `riskmodel.registry.load.load`.

    Raises
    ------
    RiskModelError
        A host that others can reach, without `allow_remote`.

    Examples
    --------
    ::

        serve("models:/repeat-harm@champion", port=8000)
    """
    check_host(host, allow_remote=allow_remote)
    app = create_app(
        ServedModel(model, public_key=public_key, tracking_uri=tracking_uri),
        api_key=chosen_key(api_key),
        score_log=score_log,
        reload_seconds=reload_seconds,
        open_docs=open_docs or is_loopback(host),
    )
    uvicorn.run(app, host=host, port=port, **uvicorn_settings())


def uvicorn_settings() -> dict[str, Any]:
    """Return what bounds a caller: heads, connections, waiting; and a log without paths."""
    log = copy.deepcopy(LOGGING_CONFIG)
    log["loggers"][LOG.name] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return {
        "http": PatientProtocol,
        "ws": "none",
        "h11_max_incomplete_event_size": MOST_HEAD_BYTES,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": log,
    }


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a host.

    Examples
    --------
    >>> is_loopback("::1"), is_loopback("0.0.0.0")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_host(host: str, *, allow_remote: bool) -> None:
    """Raise for a host that is not this machine alone, unless that was said.

    Examples
    --------
    >>> check_host("::1", allow_remote=False)
    """
    if not allow_remote and not is_loopback(host):
        raise RiskModelError(
            "host: others can reach that address. Serve on 127.0.0.1 behind something that "
            "terminates TLS, or say allow_remote=True."
        )


def chosen_key(given: str | None) -> str:
    """Return the key given, or the environment's; or make one and show it once."""
    key = given or os.environ.get(KEY_VARIABLE)
    if key:
        return key
    key = secrets.token_urlsafe(32)
    sys.stderr.write(f"No key was given ({KEY_VARIABLE}); X-API-Key for this run: {key}\n")
    return key
