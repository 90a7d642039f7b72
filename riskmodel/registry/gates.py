"""The gates: what a model must show before it is registered, promoted, or served by an alias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from riskmodel.audit.policies.verdicts import PASS
from riskmodel.audit.policies.waivers import LONGEST_WAIVER_DAYS, Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.errors import ModelExpiredError, ModelIntegrityError, NotAuditedError

WAIVER_PARTS = ("name", "role", "reason", "signed", "expires", "model_digest")
WAIVER_TAG = "riskmodel.waiver."


def check_audit(audit: FairnessAudit | None, digest: str) -> None:
    """Raise unless there is an audit, and of this very model.

    Raises
    ------
    NotAuditedError
    """
    if audit is None:
        raise NotAuditedError(
            "No audit was given. A model is registered with the audit of its very digest: run "
            "audit_fairness(model, ...) and give the result."
        )
    if audit.model_digest != digest:
        raise NotAuditedError(
            f"The audit is of the model {audit.model_digest[:12]}..., and this is "
            f"{digest[:12]}...: another model, or one changed since. Audit this one."
        )


def check_recorded_audit(record: Mapping[str, Any], tags: Mapping[str, str], digest: str) -> None:
    """Raise where the stored audit and the registry's tags do not say the same.

    Raises
    ------
    ModelIntegrityError
    """
    said = (tags.get("riskmodel.verdict"), digest)
    if (record.get("verdict"), record.get("model_digest")) != said:
        raise ModelIntegrityError(
            "The stored audit and the version's tags do not say the same: one of them was "
            "changed after registration. Register the model again."
        )


def check_promotion(
    verdict: str,
    behind: Sequence[str],
    waiver: Waiver | None,
    digest: str,
    today: date | None = None,
) -> bool:
    """Raise unless the audit passed and the baselines are beaten, or a waiver in force covers it.

    Parameters
    ----------
    verdict : str
        Of the stored audit.
    behind : sequence of str
        Why the back-test does not show that the model beats what it has to; see
        `riskmodel.model.must_beat.why_not_ahead`.

    Returns
    -------
    bool
        Whether the waiver was needed.

    Raises
    ------
    NotAuditedError
        Says what is missing, and why a waiver given does not count.
    """
    missing = [] if verdict == PASS else [f"the audit's verdict is {verdict!r}, not {PASS!r}"]
    if behind:
        missing.append(
            f"the back-test does not show that the model earns its place: {', '.join(behind)}"
        )
    if not missing:
        return False
    day = today or date.today()
    said = "; and ".join(missing)
    said = said[0].upper() + said[1:]
    if waiver is None:
        raise NotAuditedError(
            f"{said}. Give a Waiver, signed by name for this digest and for at most "
            f"{LONGEST_WAIVER_DAYS} days; or train a model that needs none."
        )
    if waiver.model_digest != digest:
        raise NotAuditedError(f"{said}: the waiver given is for another model.")
    if not waiver.covers(digest, today=day):
        raise NotAuditedError(
            f"{said}: the waiver given runs from {waiver.signed} to {waiver.expires}, and "
            f"today is {day}."
        )
    return True


def check_not_expired(expires: date, today: date | None = None) -> None:
    """Raise where the model is past its expiry: an alias would serve nothing.

    Raises
    ------
    ModelExpiredError
    """
    if (today or date.today()) > expires:
        raise ModelExpiredError(
            f"The model expired on {expires}: train, audit and register a new version."
        )


def waiver_tags(waiver: Waiver) -> dict[str, str]:
    """Return the waiver as tags of a version."""
    content = waiver.to_dict()
    return {f"{WAIVER_TAG}{part}": str(content[part]) for part in WAIVER_PARTS}


def is_of_waiver(tag: str) -> bool:
    """Say whether a version's tag is part of a waiver that was noted."""
    return tag.startswith(WAIVER_TAG)


def check_in_force(verdict: str, waiver_expires: str, today: date | None = None) -> None:
    """Raise where a version that needed a waiver was promoted by one that has ended.

    Raises
    ------
    ModelExpiredError
    """
    if not waiver_expires:
        return
    if (today or date.today()) >= date.fromisoformat(waiver_expires):
        raise ModelExpiredError(
            f"This version was promoted by a waiver that ended on {waiver_expires}; its audit's "
            f"verdict is {verdict!r}, and a waiver is noted only where a gate was closed. "
            "Promote a version that needs none, or sign a new one. "
            "models:/NAME/VERSION still loads it for inspection."
        )
