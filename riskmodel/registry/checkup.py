"""What interrupted registrations leave behind: found, and on request cleared away.

Everything here takes MLflow's client as it is given; the one door to MLflow stays
`riskmodel.registry.mlflow_registry`. Only what riskmodel made is looked at: experiments named
``riskmodel/...`` and models that carry its tag. Other work in the same store is left alone.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.model.bundle import verify_bundle
from riskmodel.registry.cache import PARTIAL, check_digest
from riskmodel.registry.gates import WAIVER_TAG, check_in_force
from riskmodel.registry.stores import PatientClient, Store, everything

EXPERIMENTS = "riskmodel/"
OWNED = {"riskmodel": "model"}
OWNED_MODELS = " and ".join(f"tags.`{name}` = '{value}'" for name, value in OWNED.items())
COLUMNS = ("kind", "id", "problem", "action", "done")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, and what clears it; None where a person must act."""

    kind: str
    id: str
    problem: str
    action: str
    fix: Callable[[], object] | None = None


def findings(store: Store, older_than_minutes: float) -> Iterator[Finding]:
    """Yield all that is wrong in the store."""
    client, oldest = store.client(), time.time() - 60 * older_than_minutes
    yield from _unfinished_runs(client, oldest)
    yield from _unfinished_logged_models(client, oldest)
    for model in everything(client.search_registered_models, OWNED_MODELS):
        yield from _of_model(store, client, model.name, oldest)


def partial_files(folder: Path, names: str, older_than_minutes: float) -> Iterator[Finding]:
    """Yield the temporary names that nobody will rename any more."""
    oldest = time.time() - 60 * older_than_minutes
    for path in sorted(folder.glob(f"{names}{PARTIAL}")):
        with suppress(FileNotFoundError):  # its writer may finish at this moment
            if path.stat().st_mtime <= oldest:
                clear = partial(shutil.rmtree, path) if path.is_dir() else path.unlink
                yield Finding("file", path.name, "left by an interrupted write", "delete it", clear)


def as_table(found: list[Finding], *, fix: bool) -> pd.DataFrame:
    """Return one row a finding, after clearing what can be cleared where `fix` is true."""
    rows = []
    for finding in found:
        done = fix and finding.fix is not None
        if fix and finding.fix is not None:
            finding.fix()
        rows.append((finding.kind, finding.id, finding.problem, finding.action, done))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype(dict.fromkeys(COLUMNS[:-1], "str") | {"done": "bool"})


def _experiments(client: PatientClient) -> list[str]:
    found = everything(client.search_experiments, filter_string=f"name LIKE '{EXPERIMENTS}%'")
    return [experiment.experiment_id for experiment in found]


def _unfinished_runs(client: PatientClient, oldest: float) -> Iterator[Finding]:
    experiments = _experiments(client)
    if not experiments:
        return
    running = "attributes.status = 'RUNNING'"
    for run in everything(client.search_runs, experiments, running):
        if not _abandoned(run, oldest):
            continue
        number = run.info.run_id
        versions = client.search_model_versions(f"run_id = '{number}'")
        status, what = ("FINISHED", "it") if versions else ("KILLED", "no version of it")
        yield Finding(
            "run",
            number,
            f"says RUNNING, but its process is gone; {what} was registered",
            f"mark it {status}",
            partial(client.set_terminated, number, status),
        )


def _abandoned(run: Any, oldest: float) -> bool:
    """Return whether the run's process is gone from this machine, or it began too long ago."""
    if run.info.start_time / 1000 <= oldest:
        return True
    tags = run.data.tags
    process = tags.get("riskmodel.pid", "")
    here = tags.get("riskmodel.host") == socket.gethostname() and process.isdigit()
    return here and not _lives(int(process))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unfinished_logged_models(client: PatientClient, oldest: float) -> Iterator[Finding]:
    experiments = _experiments(client)
    if not experiments:
        return
    for model in everything(client.search_logged_models, experiment_ids=experiments):
        if str(model.status) == "PENDING" and model.creation_timestamp / 1000 <= oldest:
            yield Finding(
                "logged model",
                model.model_id,
                "PENDING: its upload was never finished",
                "delete it",
                partial(client.delete_logged_model, model.model_id),
            )


def _of_model(store: Store, client: PatientClient, name: str, oldest: float) -> Iterator[Finding]:
    model = client.get_registered_model(name)
    versions = {
        str(version.version): version
        for version in everything(client.search_model_versions, f"name = '{name}'")
    }
    if not versions and model.creation_timestamp / 1000 <= oldest:
        clear = partial(client.delete_registered_model, name)
        yield Finding("registered model", name, "has no version", "delete the name", clear)
    for number, version in versions.items():
        if version.status != "READY" and version.creation_timestamp / 1000 <= oldest:
            yield Finding(
                "model version",
                f"{name}/{number}",
                f"{version.status}: its registration was never finished",
                "delete it",
                partial(client.delete_model_version, name, number),
            )
    for alias, number in sorted(model.aliases.items()):
        if str(number) in versions:
            yield from _unservable(store, f"{name}@{alias}", versions[str(number)])
        else:
            yield Finding(
                "alias",
                f"{name}@{alias}",
                "points to a version that is not there",
                "delete the alias",
                partial(client.delete_registered_model_alias, name, alias),
            )


def _unservable(store: Store, name: str, version: Any) -> Iterator[Finding]:
    """Yield what would keep a load from serving this version."""
    tags = version.tags
    try:
        with tempfile.TemporaryDirectory() as scratch:
            bundle = store.download(version.source, Path(scratch) / "bundle")
            verify_bundle(bundle, check_digest(tags.get("riskmodel.digest")))
        check_in_force(tags.get("riskmodel.verdict", ""), tags.get(f"{WAIVER_TAG}expires", ""))
    except RiskModelError as error:
        yield Finding("alias", name, str(error), "promote another version")
    except store.failures as error:
        problem = f"its bundle could not be fetched ({type(error).__name__})"
        yield Finding("alias", name, problem, "promote another version")
