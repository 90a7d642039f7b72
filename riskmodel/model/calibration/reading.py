"""The kinds of calibration by name, and back from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.beta import BetaCalibration
from riskmodel.model.calibration.isotonic import IsotonicCalibration
from riskmodel.model.calibration.logistic import LogisticCalibration
from riskmodel.model.calibration.venn_abers import VennAbersCalibration

Calibration = LogisticCalibration | IsotonicCalibration | BetaCalibration | VennAbersCalibration

#: Every kind by the name that it is asked for and stored under. None is ever taken out: a bundle
#: that has it must be readable.
CALIBRATIONS: Mapping[str, type[Calibration]] = {
    "logistic": LogisticCalibration,
    "isotonic": IsotonicCalibration,
    "beta": BetaCalibration,
    "venn_abers": VennAbersCalibration,
}


def calibration_from_dict(content: dict[str, Any]) -> Calibration:
    """Read what any calibration's `to_dict` wrote; without a "kind" it is a logistic one.

    Raises
    ------
    ModelIntegrityError
        The kind is unknown, or the content can't be a calibration of its kind.

    Examples
    --------
    >>> straight = LogisticCalibration(0.0, 1.0, ((0.0, 0.0), (0.0, 0.0)), 10, 10)
    >>> calibration_from_dict(straight.to_dict()) == straight
    True
    """
    kind = content.get("kind", "logistic")
    if kind not in CALIBRATIONS:
        raise ModelIntegrityError(
            f"The calibration's kind is none of {', '.join(CALIBRATIONS)}. A newer version of "
            "riskmodel may have written it."
        )
    return CALIBRATIONS[kind].from_dict(content)
