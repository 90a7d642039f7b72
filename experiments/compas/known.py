"""Figures that others published of this file, worked out again by the library's own audit.

An audit that does not give the known figures back is wrong before it has said anything new.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from data import DECILE, LISTED_FROM, OUTCOME

from riskmodel.audit.by_group.group_metrics import group_table
from riskmodel.audit.by_group.rates import Settings
from riskmodel.statistics.discrimination import auc

SOURCE = (
    "Larson, Mattu, Kirchner and Angwin (2016), How We Analyzed the COMPAS Recidivism Algorithm, "
    "ProPublica"
)
PEOPLE, RACE = 7214, "race"
PUBLISHED: dict[str, dict[str, float]] = {
    "false_positive_rate": {"African-American": 0.4485, "Caucasian": 0.2345},
    "false_negative_rate": {"African-American": 0.2799, "Caucasian": 0.4772},
    "auc_of_decile": {"everyone": 0.702},
}
DIGITS = {"auc_of_decile": 3}  # what was published, in decimals of the share; else 4


def known_figures(two_years: pd.DataFrame) -> dict[str, Any]:
    """Return the published figures as our audit has them, of everyone in the file.

    ``agrees`` says whether all of them come back to the digits published, from as many people.
    """
    y = two_years[OUTCOME].to_numpy(dtype=np.float64)
    listed = (two_years[DECILE] >= LISTED_FROM).to_numpy()
    rates = group_table(
        y, listed, listed.astype(float), two_years[[RACE]], settings=Settings(), warn=False
    ).rates.set_index(["metric", "group"])["value"]
    ours: dict[str, dict[str, float]] = {
        metric: {group: float(rates[metric, group]) for group in groups}
        for metric, groups in PUBLISHED.items()
        if metric not in DIGITS
    }
    ours["auc_of_decile"] = {"everyone": auc(y, two_years[DECILE].to_numpy())}
    return {
        "source": SOURCE,
        "people": len(two_years),
        "listed": f"{DECILE} of {LISTED_FROM} or more",
        "outcome": OUTCOME,
        **ours,
        "published": PUBLISHED,
        "agrees": len(two_years) == PEOPLE and not _apart(ours),
    }


def _apart(ours: dict[str, dict[str, float]]) -> list[str]:
    """Return the figures that differ from what was published, to the digits published."""
    return [
        f"{metric} of {group}"
        for metric, groups in PUBLISHED.items()
        for group, published in groups.items()
        if round(ours[metric][group], DIGITS.get(metric, 4)) != published
    ]
