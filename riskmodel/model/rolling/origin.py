"""One date of a rolling back-test: what can be learnt by then, and what it says of that date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.catalogue import fit_baselines
from riskmodel.model.baselines.interface import Baseline
from riskmodel.model.baselines.rules import baseline_scores
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.must_beat import MODEL
from riskmodel.model.training import fit_calibrated
from riskmodel.snapshots.blinded import blinded
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray

EXPECTED_HARM = "expected_harm"
_IN_SAMPLE = "training rows"


@dataclass(frozen=True, eq=False)
class Origin:
    """One date: what was learnt by then, and what it says of that date's rows, in their order."""

    as_of: pd.Timestamp
    train: Snapshots
    calibrated_on: str
    scores: dict[str, FloatArray]
    probabilities: dict[str, FloatArray]
    not_fitted: Mapping[str, str]


class PossibleDates(NamedTuple):
    """Dates that can be tested, and the reasons of those that can't, by date as ISO text."""

    dates: pd.DatetimeIndex
    left_out: dict[str, str]


def possible_dates(snapshots: Snapshots) -> PossibleDates:
    """Return the dates that `rolling_backtest` can test, and why it cannot test the others."""
    reasons = {date: _why_not(snapshots, date) for date in snapshots.dates}
    able = pd.DatetimeIndex([date for date, why in reasons.items() if not why])
    return PossibleDates(able, {day(date): why for date, why in reasons.items() if why})


def day(date: pd.Timestamp) -> str:
    """Return a date as ISO text, with the time of day only where it is no midnight."""
    return date.isoformat().removesuffix("T00:00:00")


def _why_not(snapshots: Snapshots, date: pd.Timestamp) -> str:
    """Return why a date cannot be tested; nothing where it can."""
    if not (snapshots.observed & (snapshots.as_of == date)).any():
        return "its outcomes are not known yet"
    try:
        train, _ = split_at(snapshots, date)
    except SchemaError:
        if snapshots.task is None:
            raise
        return "no outcome window had closed by then"
    y = train.learnable.y
    if y.nunique() < 2:
        return f"{int((y == 1).sum())} of {len(y)} rows to learn from had the outcome"
    return ""


def learn_and_score(
    snapshots: Snapshots,
    date: pd.Timestamp,
    estimator: RepeatHarmEstimator,
    baselines: Sequence[Baseline],
    seed: int,
) -> Origin:
    """Learn everything from the windows closed by a date, and score that date's rows."""
    train, later = split_at(snapshots, date)
    train, test = train.learnable, blinded(later.subset(later.as_of == date))
    fitted, held_out = fit_calibrated(train, estimator, seed=seed, now=test)
    competing, reasons = fit_baselines(train, baselines, seed=seed)
    estimates = fitted.estimates(test.X)
    scores = {MODEL: estimates["margin"].to_numpy()}
    if estimates[EXPECTED_HARM].notna().all():
        scores[EXPECTED_HARM] = estimates[EXPECTED_HARM].to_numpy()
    scores |= baseline_scores(test.rules, test.as_of)
    scores |= {name: baseline.predict_margin(test) for name, baseline in competing.items()}
    chances = {name: baseline.predict_proba(test) for name, baseline in competing.items()}
    return Origin(
        as_of=date,
        train=train,
        calibrated_on=_IN_SAMPLE if held_out is None else held_out.kind,
        scores=scores,
        probabilities={MODEL: estimates["probability"].to_numpy(), **chances},
        not_fitted=reasons,
    )
