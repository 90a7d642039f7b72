"""A new MLflow database: whole or absent."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from riskmodel.registry.cache import PARTIAL


def make_database(file: Path, fill: Callable[[str, str], Any]) -> None:
    """Make MLflow's tables under a temporary name, then give them theirs.

    MLflow migrates an empty database in dozens of steps without a lock: two processes at once
    fail, and one killed on the way leaves a database that never opens again.

    Parameters
    ----------
    file : path
        Left as it is where another process was first.
    fill : MLflow's SqlAlchemyStore
        Takes the database's address and that of its files.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}-{uuid4().hex[:8]}{PARTIAL}")
    try:
        store = fill(f"sqlite:///{fresh}", (file.parent / "mlartifacts").as_uri())
        store.engine.dispose()
        with suppress(FileExistsError):
            os.link(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
