"""Versions in MLflow: register, promote and doctor. The one door to MLflow.

MLflow keeps files, tags and aliases; it checks no digest and loads what an artefact tells it to.
So bundles go in as plain files, and come out through `riskmodel.model.bundle`, verified before a
byte is parsed. No flavour of MLflow is ever used.

Where the store is: the argument ``tracking_uri``, else the environment's MLFLOW_TRACKING_URI,
else ``sqlite:///mlflow.db`` in the working directory, with its files in ``mlartifacts`` beside it.

On first use this sets, where the environment does not: no telemetry, no progress bars, no news
below a warning, and two tries of 15 seconds a request. MLflow itself waits four minutes for a
server that is down.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache as cache_once
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.signatures import SigningKey
from riskmodel.registry import addresses, checkup, contents, gates
from riskmodel.registry.cache import BundleCache
from riskmodel.registry.databases import make_database
from riskmodel.registry.registration import move_alias, store_version
from riskmodel.registry.retries import retried
from riskmodel.registry.stores import PatientClient, answered

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",  # else a new store tells of its tables
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
}
_METRICS_AT_ONCE = 1_000  # what MLflow takes in one request
_COLLISIONS = (
    "database is locked",
    "IntegrityError",
    "UniqueViolation",
    "Duplicate entry",
    "Giving up after",
)


def register(
    model: RiskModel,
    name: str,
    *,
    audit: FairnessAudit,
    tracking_uri: str | None = None,
    run_tags: Mapping[str, str] | None = None,
    sign_with: SigningKey | None = None,
) -> str:
    """Store a model with its audit and papers as a new version of `name`; return the version.

    The version is made last, once all of its files are stored and read back: killed before
    that, there is no version, and `doctor` clears what is left.

    Parameters
    ----------
    model : RiskModel
    name : str
        Letters, digits, - and _.
    audit : FairnessAudit
        Of this very model; its verdict may be any. What is stored of it has exact counts: the
        registry belongs inside the organisation.
    tracking_uri : str, optional
        See the top of this module.
    run_tags : mapping of str to str, optional
        More tags for the run, such as a ticket.
    sign_with : SigningKey, optional
        Puts a signature beside the bundle's manifest: `load` can then require one.

    Raises
    ------
    NotAuditedError
        The audit is missing, or of another model.
    RiskModelError
        The store refused, or the name belongs to a model that is not riskmodel's.

    Examples
    --------
    ::

        version = rm.register(model, "repeat-harm", audit=audit)
        rm.promote("repeat-harm", version)
    """
    addresses.check_name("model name", name)
    gates.check_audit(audit, model.digest)
    extra = contents.check_run_tags(run_tags)
    store = MlflowStore(addresses.tracking_address(tracking_uri))
    with answered(store):
        return store_version(store, model, name, audit, extra, sign_with)


def promote(
    name: str,
    version: str | int,
    *,
    alias: str = "champion",
    waiver: Waiver | None = None,
    tracking_uri: str | None = None,
) -> None:
    """Point an alias at a version that passes both gates, or that a signed waiver covers.

    The gates: the stored audit's verdict is pass; and the back-test in the bundle shows the model
    ahead of the rule in use, and behind no other baseline. The stored bundle is verified and
    answers its self-test before the alias moves.

    Raises
    ------
    NotAuditedError
        A gate is closed, and no waiver in force for this model.
    ModelIntegrityError
        The stored bundle, audit or tags are not what was registered.
    ModelExpiredError
        The model is past its expiry.

    Examples
    --------
    ::

        rm.promote("repeat-harm", version, alias="champion")
    """
    addresses.check_name("model name", name)
    addresses.check_alias(alias)
    number = addresses.check_version(version)
    store = MlflowStore(addresses.tracking_address(tracking_uri))
    with answered(store):
        move_alias(store, name, number, alias, waiver)


def doctor(
    tracking_uri: str | None = None,
    *,
    fix: bool = False,
    older_than_minutes: float = 60,
    cache: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Find what interrupted registrations left behind, and versions that cannot be served.

    Looks only at what riskmodel made: runs that say RUNNING without a living process, versions
    and logged models that are PENDING, names without a version, aliases whose version is
    missing, altered or without a waiver in force, and temporary files of the cache.

    Parameters
    ----------
    fix : bool
        Mark the runs KILLED (FINISHED where their version stands) and delete the rest; what
        needs a person stays.
    older_than_minutes : float
        Younger work may still be going on; runs of this machine whose process is gone are found
        at once.

    Returns
    -------
    DataFrame
        kind, id, problem, action, done.

    Examples
    --------
    ::

        rm.doctor(fix=True)
    """
    store = MlflowStore(addresses.tracking_address(tracking_uri))
    file = addresses.database_file(store.address)
    with answered(store):
        found = list(checkup.findings(store, older_than_minutes))
        found += checkup.partial_files(BundleCache(cache).folder, "**/*", older_than_minutes)
        if file is not None:
            found += checkup.partial_files(file.parent, f".{file.name}.*", older_than_minutes)
        return checkup.as_table(found, fix=fix)


class MlflowStore:
    """`riskmodel.registry.stores.Store`, on MLflow."""

    def __init__(self, address: str) -> None:
        self.address = address

    @cached_property
    def failures(self) -> tuple[type[Exception], ...]:
        """What is raised when the store, a version or a file is not there."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        return _mlflow().MlflowException, SQLAlchemyError, OSError

    def client(self, *, create: bool = False) -> PatientClient:
        """Return a client; where `create` is true, a database that is not there is made."""
        mlflow = _mlflow()
        file = addresses.database_file(self.address)
        if file is not None and not file.exists():
            if not create:
                raise FileNotFoundError(2, "There is no MLflow database", str(file))
            from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415

            make_database(file, SqlAlchemyStore)
        address = self.address
        opened = retried(lambda: mlflow.MlflowClient(address, address), self._is_busy)
        return PatientClient(opened, self._is_busy)

    def download(self, stored: str, folder: Path) -> Path:
        """Copy a stored file or folder into `folder`; return where it is now."""
        folder.mkdir(parents=True, exist_ok=True)
        copy = _mlflow().artifacts.download_artifacts(
            artifact_uri=stored, dst_path=str(folder), tracking_uri=self.address
        )
        return Path(copy)

    def log(
        self, run_id: str, figures: Mapping[str, float], settings: Mapping[str, str], folder: Path
    ) -> None:
        """Log metrics, parameters and the files of a folder to a run."""
        client, entities, now = self.client(), _mlflow().entities, int(time.time() * 1000)
        metrics = [entities.Metric(name, value, now, 0) for name, value in figures.items()]
        params = [entities.Param(name, value) for name, value in settings.items()]
        client.log_batch(run_id, params=params)
        for start in range(0, len(metrics), _METRICS_AT_ONCE):
            client.log_batch(run_id, metrics=metrics[start : start + _METRICS_AT_ONCE])
        client.log_artifacts(run_id, str(folder))

    def _is_busy(self, error: Exception) -> bool:
        """Return whether a failure passes by itself: a lock, or two writers at once."""
        if not isinstance(error, self.failures) or isinstance(error, OSError):
            return False
        code = getattr(error, "error_code", "")
        return code == "TEMPORARILY_UNAVAILABLE" or any(sign in str(error) for sign in _COLLISIONS)


@cache_once
def _mlflow() -> Any:
    """Return MLflow, imported when it is first needed: that takes seconds."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    import mlflow  # noqa: PLC0415
    import mlflow.artifacts  # noqa: PLC0415

    return mlflow
