"""The fallback as JSON, and back: light to read, strict about what it reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.reading import Calibration
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.parts import LogisticPart
from riskmodel.model.scorer import Scorer

FALLBACK_FEATURES: Final = (
    "incidents_1y",
    "harm_1y",
    "victims_1y",
    "prior_count",
    "prior_serious",
    "decayed_serious",
    "days_since_last",
)
"""Columns of the rules that a fallback may read: no age, nothing of the people table. None is ever
taken out: a bundle that reads it must be readable."""

_KEYS = {"features", "curves", "slope", "shift", "margin_variance"}


def fallback_to_dict(fallback: Scorer) -> dict[str, Any]:
    """Return plain JSON values; its curve is the full model's and stands there."""
    part = _only_part(fallback)
    return {
        "features": list(fallback.feature_names),
        "curves": [curve.to_dict() for curve in part.curves],
        "slope": part.slope,
        "shift": part.shift,
        "margin_variance": fallback.margin_variance,
    }


def _only_part(fallback: Scorer) -> LogisticPart:
    (part,) = fallback.parts.values()
    if not isinstance(part, LogisticPart):
        raise TypeError("a fallback is made of one logistic part")
    return part


def fallback_from_dict(content: Any, calibration: Calibration) -> Scorer:
    """Read what `fallback_to_dict` wrote; `calibration` is the full model's.

    Raises
    ------
    ModelIntegrityError
        With all that can't be a fallback.
    """
    if not isinstance(content, Mapping) or set(content) != _KEYS:
        raise ModelIntegrityError(f"The fallback's entries must be {', '.join(sorted(_KEYS))}.")
    features, curves = _features(content["features"]), _curves(content["curves"])
    slope, shift, variance = (
        _number(content[name], name) for name in ("slope", "shift", "margin_variance")
    )
    rules = {
        f"features must be some of {', '.join(FALLBACK_FEATURES)}": (
            set(features) <= set(FALLBACK_FEATURES)
        ),
        "there must be two curves or more": len(curves) > 1,
        "every curve must read the features, in their order": all(
            curve.features == features for curve in curves
        ),
        "slope must be above 0": slope > 0,
        "margin_variance must be 0 or more": variance >= 0,
    }
    if broken := [rule for rule, holds in rules.items() if not holds]:
        raise ModelIntegrityError(f"The fallback can't be: {'; '.join(broken)}.")
    return Scorer(
        feature_names=features,
        parts={"logistic": LogisticPart(curves=curves, slope=slope, shift=shift)},
        margin_variance=variance,
        calibration=calibration,
        harm_trees=None,
    )


def _features(content: Any) -> tuple[str, ...]:
    texts = isinstance(content, list) and all(isinstance(name, str) for name in content)
    if not texts or not content or len(set(content)) < len(content):
        raise ModelIntegrityError("The fallback's features must be a list of names, each once.")
    return tuple(content)


def _curves(content: Any) -> list[LogisticBaseline]:
    if not isinstance(content, list) or not all(isinstance(curve, Mapping) for curve in content):
        raise ModelIntegrityError("The fallback's curves must be a list of logistic curves.")
    return [LogisticBaseline.from_dict(curve) for curve in content]


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ModelIntegrityError(f"The fallback's {name} must be a finite number.")
    return float(value)
