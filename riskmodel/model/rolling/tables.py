"""The tables of a rolling back-test, laid out from what each date learnt and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import RiskModelError
from riskmodel.model.calibration.base_rate import forecast_base_rate
from riskmodel.model.evaluation.evaluation import LEADING, Evaluation
from riskmodel.model.evaluation.json_tables import from_records
from riskmodel.model.must_beat import MODEL
from riskmodel.model.rolling.origin import Origin
from riskmodel.model.rolling.result import (
    BASE_RATE_KINDS,
    BY_DATE_KINDS,
    LEARNT_KINDS,
    PREDICTION_KINDS,
)
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray, divide


def pooled(judged: Snapshots, origins: Sequence[Origin], part: str) -> dict[str, FloatArray]:
    """Return each score that every date has, on all rows."""
    shared = [
        name
        for name in getattr(origins[0], part)
        if all(name in getattr(origin, part) for origin in origins)
    ]
    pooled = {name: np.full(len(judged), np.nan) for name in shared}
    for origin in origins:
        rows = np.flatnonzero(judged.as_of == origin.as_of)
        for name, values in pooled.items():
            values[rows] = getattr(origin, part)[name]
    return pooled


def not_everywhere(origins: Sequence[Origin]) -> dict[str, str]:
    """Return the first reason why a score is not there on every date."""
    found: dict[str, str] = {}
    named = {name for origin in origins for name in (*origin.scores, *origin.not_fitted)}
    for origin in reversed(origins):
        for name in named - origin.scores.keys():
            why = origin.not_fitted.get(name, "it could not be computed")
            found[name] = f"as of {origin.as_of:%Y-%m-%d}: {' '.join(why.split())}"
    return dict(sorted(found.items()))


def predictions(
    judged: Snapshots, scores: dict[str, FloatArray], probability: FloatArray
) -> pd.DataFrame:
    """Return one row a person and date: estimate, what followed, and every other score."""
    columns = {"probability": probability, "margin": scores[MODEL]}
    columns |= {name: getattr(judged, name) for name in ("y", "serious_count", "harm")}
    columns |= {name: values for name, values in scores.items() if name != MODEL}
    table = pd.DataFrame({"as_of": judged.as_of, "person_id": judged.person_id, **columns})
    return table.astype(PREDICTION_KINDS)


def learnt(origins: Sequence[Origin]) -> pd.DataFrame:
    """Count the rows that each date's model learnt from, by their own date."""
    rows = [
        {"as_of": origin.as_of, "learnt_from": date, "rows": len(y), "with_outcome": float(y.sum())}
        for origin in origins
        for date, y in origin.train.y.groupby(origin.train.as_of)
    ]
    return from_records(rows, LEARNT_KINDS)


def by_date(judged: Snapshots, origins: Sequence[Origin], evaluation: Evaluation) -> pd.DataFrame:
    """Lay out each date: how many, how often, what the model and the reference captured."""
    found = evaluation.by_date[evaluation.by_date["metric"].isin([LEADING, "auc"])]
    values = found.set_index(["as_of", "model", "metric"])["value"].sort_index()
    observed = judged.y.groupby(judged.as_of)
    return from_records(
        [
            _date_row(origin, observed.get_group(origin.as_of), values, evaluation.reference)
            for origin in origins
        ],
        BY_DATE_KINDS,
    )


def _date_row(origin: Origin, y: pd.Series, values: pd.Series, reference: str) -> dict[str, Any]:
    (captured, auc), (other_captured, other_auc) = (
        [float(values[origin.as_of, name, metric]) for metric in (LEADING, "auc")]
        for name in (MODEL, reference)
    )
    base_rate, expected = float(y.mean()), float(origin.probabilities[MODEL].mean())
    return {
        "as_of": origin.as_of,
        "n": len(y),
        "base_rate": base_rate,
        "expected": expected,
        "observed_over_expected": float(divide(base_rate, expected)),
        "mean_captured": captured,
        "reference_captured": other_captured,
        "captured_ratio": float(divide(captured, other_captured)),
        "auc": auc,
        "reference_auc": other_auc,
        "auc_difference": auc - other_auc,
        "train_rows": len(origin.train),
        "train_dates": len(origin.train.dates),
        "train_last": origin.train.dates[-1],
        "calibrated_on": origin.calibrated_on,
    }


def base_rates(judged: Snapshots, origins: Sequence[Origin]) -> pd.DataFrame:
    """Forecast each date's base rate from what was known then, and look whether it came."""
    rates = judged.y.groupby(judged.as_of).mean()
    rows = [_base_rate(origin, float(rates[origin.as_of])) for origin in origins]
    return from_records(rows, BASE_RATE_KINDS)


def _base_rate(origin: Origin, observed: float) -> dict[str, Any]:
    row: dict[str, Any] = {"as_of": origin.as_of, "observed": observed, "covered": False}
    try:
        forecast = forecast_base_rate(origin.train, origin.as_of)
    except RiskModelError as error:  # too few dates to forecast from: said, and not counted
        return {**row, "note": str(error)}
    held = bool(forecast.low <= observed <= forecast.high)
    return {**row, **asdict(forecast), "covered": held, "note": ""}
