"""``riskmodel register``, ``promote``, ``verify`` and ``doctor``."""

from __future__ import annotations

from pathlib import Path

from riskmodel.audit.audit_file import load_audit
from riskmodel.cli.exits import GateClosed
from riskmodel.cli.models import open_model
from riskmodel.cli.screens import Steps, note, rows_of, say, show_table
from riskmodel.cli.waivers import read_waiver
from riskmodel.registry.mlflow_registry import doctor, promote, register


def run_register(*, bundle: Path, name: str, audit_path: Path, store: str | None) -> None:
    """Store a bundle with its audit as a new version; say which."""
    with Steps(2) as steps:
        with steps.step("Loading and verifying the model"):
            model = open_model(str(bundle))
            audit = load_audit(audit_path)
        with steps.step("Registering"):
            version = register(model, name, audit=audit, tracking_uri=store)
    say(f"{name} version {version}, digest {model.digest}")
    say(f"the audit's verdict: {audit.verdict}")


def run_promote(
    *, name: str, version: str, alias: str, waiver_path: Path | None, store: str | None
) -> None:
    """Point the alias at the version if its audit passed, or a waiver is in force for it."""
    waiver = None if waiver_path is None else read_waiver(waiver_path)
    with Steps(1) as steps, steps.step("Verifying and promoting"):
        promote(name, version, alias=alias, waiver=waiver, tracking_uri=store)
    say(f"models:/{name}@{alias} is version {version}")
    if waiver is not None:
        note(f"promoted with a waiver in hand, which ends on {waiver.expires}")


def run_verify(
    *, bundle: str, digest: str | None, public_key: Path | None, store: str | None
) -> None:
    """Check every file against the manifest, and the model against its own test."""
    with Steps(1) as steps, steps.step("Verifying"):
        model = open_model(bundle, digest=digest, public_key=public_key, store=store)
    rows = [
        ["model", f"{model.name}, version {model.version}"],
        ["digest", model.digest],
        ["signed", "by that key" if public_key else "not asked: give --public-key"],
        ["permitted uses", ", ".join(model.permitted_uses)],
        ["expires", model.expires.isoformat()],
        ["harm index", model.edition or "-"],
    ]
    show_table("Verified: every file is what the manifest says", ("part", "value"), rows)


def run_doctor(*, fix: bool, store: str | None) -> None:
    """List what interrupted registrations left behind; with `fix`, clear it away."""
    with Steps(1) as steps, steps.step("Looking through the registry"):
        found = doctor(store, fix=fix)
    if found.empty:
        say("nothing left behind")
        return
    show_table("Left behind", [str(name) for name in found.columns], rows_of(found))
    open_findings = int((~found["done"]).sum())
    if open_findings:
        say(
            f"{open_findings} to do"
            + ("" if fix else ": riskmodel doctor --fix clears what it can")
        )
        raise GateClosed
