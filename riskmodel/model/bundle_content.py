"""What a bundle holds of a model, file by file, and what its manifest says of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from riskmodel.model.fallback_files import fallback_to_dict
from riskmodel.model.manifest import content_digest
from riskmodel.model.reference import numbers_to_json
from riskmodel.model.scorer_files import scorer_files
from riskmodel.model.strict_json import json_bytes

if TYPE_CHECKING:
    from riskmodel.model.risk_model import RiskModel


def content_of(model: RiskModel) -> dict[str, bytes]:
    """Return the files by name: the same bytes for the same model."""
    reference = {name: numbers_to_json(array) for name, array in model.reference.items()}
    content = {
        "task": None if model.task is None else model.task.to_dict(),
        "model": _for_whom(model),
        "provenance": model.provenance,
        "thresholds": model.thresholds.to_dict(),
        "baseline": model.baseline.to_dict(),
        "reference": reference,
    }
    if model.fallback is not None:
        content["fallback"] = fallback_to_dict(model.fallback)
    files = scorer_files(model.scorer, model.settings)
    files |= {f"{name}.json": json_bytes(part) for name, part in content.items()}
    tested = model.self_test.to_dict(model.scorer.feature_names)
    return files | {"self_test.json": json_bytes({**tested, "of": content_digest(files)})}


def said_of(model: RiskModel) -> dict[str, Any]:
    """Return what is to be read without loading the model: uses, expiry, digests, libraries."""
    thresholds = json_bytes(model.thresholds.to_dict())
    return {
        **_for_whom(model),
        "task": None if model.task is None else model.task.digest(),
        "thresholds": {
            "version": model.thresholds.version,
            "sha256": hashlib.sha256(thresholds).hexdigest(),
        },
        "training_data": model.provenance["data"]["digest"],
        "libraries": model.provenance["libraries"],
        "created": model.provenance["created"],
    }


def _for_whom(model: RiskModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "permitted_uses": list(model.permitted_uses),
        "expires": model.expires.isoformat(),
    }
