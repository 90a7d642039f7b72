"""A model by what was typed: a bundle folder, or a name in the registry."""

from __future__ import annotations

from pathlib import Path

from riskmodel.model.risk_model import RiskModel
from riskmodel.registry.load import load

REGISTRY = "models:"


def open_model(
    name: str,
    *,
    digest: str | None = None,
    public_key: Path | None = None,
    store: str | None = None,
) -> RiskModel:
    """Load a verified model from a bundle folder or from ``models:/NAME@ALIAS``."""
    if (
        not name.startswith(REGISTRY) and not Path(name).exists()
    ):  # mistyped, which is no matter of trust
        raise FileNotFoundError(2, "No such bundle folder", name)
    return load(name, expected_digest=digest, public_key=public_key, tracking_uri=store)
