"""``riskmodel serve``: the HTTP service for one model."""

from __future__ import annotations

from pathlib import Path

from riskmodel.cli.models import REGISTRY
from riskmodel.cli.screens import note
from riskmodel.scoring.log.key import read_key
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.serve.server import check_host, serve


def run_serve(
    *,
    bundle: str,
    host: str,
    port: int,
    log: str | None,
    reload_seconds: float,
    allow_remote: bool,
    open_docs: bool,
    public_key: Path | None,
    store: str | None,
) -> None:
    """Serve a model until interrupted."""
    check_host(host, allow_remote=allow_remote)
    if not bundle.startswith(REGISTRY) and not Path(bundle).exists():
        raise FileNotFoundError(2, "No such bundle folder", bundle)
    score_log = None if log is None else ScoreLog(log, key=read_key())
    if score_log is None:
        note("no log of scores is kept; say --log to keep one")
    serve(
        bundle,
        host=host,
        port=port,
        allow_remote=allow_remote,
        score_log=score_log,
        reload_seconds=reload_seconds,
        open_docs=open_docs,
        public_key=public_key,
        tracking_uri=store,
    )
