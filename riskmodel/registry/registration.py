"""A run and its version, step by step; and an alias, once all gates are passed."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from riskmodel.audit.audit_file import load_audit
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.model.bundle import load_bundle, verify_bundle
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.signatures import SigningKey
from riskmodel.registry import contents, gates
from riskmodel.registry.addresses import artifact_home
from riskmodel.registry.cache import check_digest
from riskmodel.registry.checkup import EXPERIMENTS, OWNED
from riskmodel.registry.retries import retried
from riskmodel.registry.stores import PatientClient, Store

READY_WITHIN_SECONDS = 60


def store_version(
    store: Store,
    model: RiskModel,
    name: str,
    audit: FairnessAudit,
    extra: Mapping[str, str],
    sign_with: SigningKey | None = None,
) -> str:
    """Write all files, log them, read the bundle back, and only then make the version."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        tags = contents.write_contents(model, audit, folder, sign_with)
        client = store.client(create=True)
        experiment = _experiment(store, client, name)
        run = client.create_run(experiment, tags={**extra, **tags, **contents.process_tags()})
        with _closing(client, run.info.run_id):
            figures, settings = contents.metrics_of(model, audit), contents.params_of(model)
            store.log(run.info.run_id, figures, settings, folder)
            bundle = f"{run.info.artifact_uri}/{contents.BUNDLE}"
            verify_bundle(store.download(bundle, Path(scratch) / "stored"), model.digest)
            _claim_name(store, client, name)
            return _new_version(client, name, bundle, run.info.run_id, tags)


def move_alias(store: Store, name: str, version: str, alias: str, waiver: Waiver | None) -> None:
    """Verify what is stored, pass the gates, note the waiver, and only then move the alias."""
    client = store.client()
    found = client.get_model_version(name, version)
    digest = check_digest(found.tags.get("riskmodel.digest"))
    with tempfile.TemporaryDirectory() as scratch:
        model = load_bundle(store.download(found.source, Path(scratch) / "bundle"), digest)
        audit = _stored_audit(store, found, digest, Path(scratch) / "audit")
        gates.check_not_expired(model.expires)
        needed = gates.check_promotion(audit.verdict, model.why_not_ahead, waiver, digest)
        if waiver and needed:  # on page one before the alias moves
            contents.write_waived_report(audit, waiver, Path(scratch) / "again")
            store.log(found.run_id, {}, {}, Path(scratch) / "again")
    if not needed:  # one noted before, by an older version say, may not end what needs none
        for key in filter(gates.is_of_waiver, found.tags):
            client.delete_model_version_tag(name, version, key)
    tags = gates.waiver_tags(waiver) if waiver and needed else {}
    tags[f"riskmodel.promoted.{alias}"] = datetime.now(UTC).isoformat(timespec="seconds")
    for key, value in tags.items():
        client.set_model_version_tag(name, version, key, value)
    client.set_registered_model_alias(name, alias, version)


def _experiment(store: Store, client: PatientClient, name: str) -> str:
    """Return the id of the model's experiment, made on first use; others may make it meanwhile."""
    title = f"{EXPERIMENTS}{name}"
    found = client.get_experiment_by_name(title)
    if found is None:
        try:
            home = artifact_home(store.address, name)
            return str(client.create_experiment(title, artifact_location=home))
        except store.failures as error:
            if not _made_by_another(error):
                raise
            found = client.get_experiment_by_name(title)
    if found.lifecycle_stage != "active":
        raise RiskModelError(
            f"The experiment {title!r} was deleted in MLflow. Restore it (mlflow experiments "
            f"restore --experiment-id {found.experiment_id}), or take another name."
        )
    return str(found.experiment_id)


@contextmanager
def _closing(client: PatientClient, run_id: str) -> Iterator[None]:
    """End the run as FINISHED, or as FAILED or KILLED where the block raises."""
    try:
        yield
    except Exception:
        client.set_terminated(run_id, "FAILED")
        raise
    except BaseException:
        client.set_terminated(run_id, "KILLED")
        raise
    client.set_terminated(run_id, "FINISHED")


def _made_by_another(error: Exception) -> bool:
    return getattr(error, "error_code", "") == "RESOURCE_ALREADY_EXISTS"


def _claim_name(store: Store, client: PatientClient, name: str) -> None:
    """Make the registered model, or check that the one there is riskmodel's."""
    try:
        client.create_registered_model(name, tags=OWNED)
    except store.failures as error:
        if not _made_by_another(error):
            raise
        if not OWNED.items() <= client.get_registered_model(name).tags.items():
            raise RiskModelError(
                f"The registry has a model {name!r} that riskmodel did not make. Take another name."
            ) from error


def _new_version(
    client: PatientClient, name: str, bundle: str, run_id: str, tags: Mapping[str, str]
) -> str:
    """Make the version and wait until it is READY.

    A run has one version: where an answer was lost, the one that is there already is taken.
    """

    def create() -> Any:
        made = client.client.search_model_versions(f"run_id = '{run_id}'")
        if made:
            return made[0]
        return client.client.create_model_version(name, bundle, run_id=run_id, tags=dict(tags))

    version = retried(create, client.busy)
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while version.status != "READY":
        if version.status == "FAILED_REGISTRATION" or time.monotonic() > deadline:
            raise RiskModelError(
                f"The registry left version {version.version} of {name!r} {version.status}. Look "
                "at the store; `doctor` clears it away."
            )
        time.sleep(0.5)
        version = client.get_model_version(name, version.version)
    return str(version.version)


def _stored_audit(store: Store, version: Any, digest: str, folder: Path) -> FairnessAudit:
    """Return the audit that was stored with a version, once its digest is right."""
    stored = f"{version.source.rpartition('/')[0]}/{contents.AUDIT_FILE}"
    file = store.download(stored, folder)
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != version.tags.get("riskmodel.audit_sha256"):
        raise ModelIntegrityError(
            "The stored audit is not the one that was registered. Register the model again."
        )
    gates.check_recorded_audit(json.loads(content), version.tags, digest)
    return load_audit(file)
