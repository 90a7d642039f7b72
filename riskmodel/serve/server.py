"""Run the service on this machine."""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys

import uvicorn

from riskmodel.errors import RiskModelError
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.score_log import ScoreLog
from riskmodel.serve.app import create_app

KEY_VARIABLE = "RISKMODEL_API_KEY"


def serve(
    model: RiskModel | str | os.PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    api_key: str | None = None,
    allow_remote: bool = False,
    score_log: ScoreLog | None = None,
) -> None:
    """Serve a model until interrupted.

    Parameters
    ----------
    model : RiskModel, or what `riskmodel.registry.mlflow_registry.load` takes
    host : str
        Only this machine by default. The service speaks plain HTTP: put what terminates TLS in
        front of it before others reach it.
    port : int
    api_key : str, optional
        RISKMODEL_API_KEY by default; without it one is made and shown once.
    allow_remote : bool
        Must be said for a host that others can reach.
    score_log : ScoreLog, optional

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
    app = create_app(model, api_key=chosen_key(api_key), score_log=score_log)
    uvicorn.run(app, host=host, port=port, log_level="info")


def check_host(host: str, *, allow_remote: bool) -> None:
    """Raise for a host that is not this machine alone, unless that was said.

    Examples
    --------
    >>> check_host("::1", allow_remote=False)
    """
    if allow_remote or host == "localhost":
        return
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
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
