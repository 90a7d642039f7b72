"""The fourteen parts in order."""

from __future__ import annotations

from riskmodel.report.blocks import Part
from riskmodel.report.contents import Contents
from riskmodel.report.parts import accuracy, data, opening
from riskmodel.report.parts.change import change
from riskmodel.report.parts.explanations import explanations
from riskmodel.report.parts.limits import limits
from riskmodel.report.parts.listed import listed
from riskmodel.report.parts.stability import stability
from riskmodel.report.parts.use import use
from riskmodel.report.parts.victims import victims


def all_parts(contents: Contents) -> list[Part]:
    """Return the fourteen parts in order."""
    makers = (
        opening.identity,
        opening.purpose,
        opening.population,
        data.data_quality,
        data.label,
        accuracy.accuracy,
        accuracy.calibration,
        listed,
        victims,
        explanations,
        stability,
        change,
        use,
        limits,
    )
    return [make(contents) for make in makers]
