"""train(): from labelled snapshots to a RiskModel, held out once on the way."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from riskmodel.errors import RiskModelError, RiskModelWarning, SchemaError
from riskmodel.model.backtest import LATER, HeldOut, age_ablation, backtest, hold_out
from riskmodel.model.baselines.catalogue import default_baselines
from riskmodel.model.baselines.interface import Baseline
from riskmodel.model.calibration.base_rate import BaseRate, forecast_base_rate
from riskmodel.model.calibration.level import set_level
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.fallback import fit_fallback
from riskmodel.model.learning import default_estimator, learn
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.provenance import describe_training
from riskmodel.model.reference import SelfTest, reference_distributions, synthetic_rows
from riskmodel.model.risk_model import RiskModel, answers
from riskmodel.model.settings import storable_params
from riskmodel.model.thresholds import Thresholds
from riskmodel.snapshots.table import Snapshots

if TYPE_CHECKING:
    from riskmodel.model.search.result import SearchResult

LIFETIME_DAYS = 365


def train(
    snapshots: Snapshots,
    *,
    estimator: RepeatHarmEstimator | None = None,
    search: SearchResult | None = None,
    baselines: Sequence[Baseline] | None = None,
    permitted_uses: Sequence[str] = ("prioritise",),
    expires: date | None = None,
    name: str = "repeat-harm",
    thresholds: Thresholds | None = None,
    seed: int = 0,
    n_replicates: int = 200,
) -> RiskModel:
    """Train a model on the rows whose outcome is known, by their weights.

    A first model learns from the rows whose outcome window had closed by the newest date, with
    the labels known then, and scores that date: this calibrates the margin, and is the back-test
    that the model carries. Where there are too few dates, three folds of people stand in, and
    the back-test says so. The model itself then learns from all labelled rows.

    Parameters
    ----------
    snapshots : Snapshots
    estimator : RepeatHarmEstimator, optional
        Its settings; it is not changed. By default `default_estimator`: the defaults, and the
        directions on which criminology agrees.
    search : SearchResult, optional
        What `search` found: its settings are used, unless `estimator` is given, and the model keeps
        what was tried.
    baselines : sequence of Baseline, optional
        What the back-test sets beside the model, each learnt from the same rows; by default
        `default_baselines`. The rules in use are always there. A promotion asks for the result.
    permitted_uses : sequence of str
        What scoring may say it is for.
    expires : date, optional
        The last day of use; a year from today by default.
    name : str
    thresholds : Thresholds, optional
        Bands of probability; `Thresholds.default()` unless given.
    seed : int
        Of the default estimator, the folds and the intervals.
    n_replicates : int
        Resamples of people for the back-test's intervals.

    Returns
    -------
    RiskModel

    Raises
    ------
    SchemaError
        The outcome is of another kind than "any".
    RiskModelError
        No labelled rows, or one class among them.

    Warns
    -----
    RiskModelWarning
        Held-out margins did not put the outcome in order, nothing could be held out, or windows
        still open leave the harm unknown.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> priors = np.arange(300) % 7
    >>> table = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> model = train(table, estimator=RepeatHarmEstimator(n_estimators=10), n_replicates=10)
    >>> few, many = model.predict_proba(pd.DataFrame({"priors": [0, 6]}))
    >>> bool(few < many)
    True
    """
    labelled = _checked(snapshots)
    settings = _settings(labelled, estimator, search, seed)
    held_out = hold_out(labelled, settings, seed)
    now = _to_be_scored(snapshots, labelled)
    stated = _stated_base_rate(labelled, now)
    fitted = _fit(labelled, settings, held_out, now, stated)
    provenance = describe_training(snapshots, labelled, fitted, seed=seed)
    asked = default_baselines() if baselines is None else tuple(baselines)
    drawn: dict[str, int] = {"n_replicates": n_replicates, "seed": seed}
    provenance["backtest"] = backtest(labelled, held_out, asked, **drawn)
    provenance["search"] = None if search is None else search.to_dict()
    provenance["base_rate"] = None if stated is None else stated.to_dict()
    provenance["age_ablation"] = age_ablation(labelled, held_out, settings, **drawn)
    weight = labelled.weight / labelled.weight.mean()  # the penalty is on rows of weight 1
    baseline = LogisticBaseline.fit(labelled.X, labelled.y, weight)
    reference = reference_distributions(labelled.X, fitted.estimates(labelled.X))
    scorer, rows = fitted.scorer_, synthetic_rows(reference, seed=seed)
    fallback = fit_fallback(labelled, scorer, seed=seed)
    return RiskModel(
        name=name,
        scorer=scorer,
        settings=storable_params(fitted),
        task=labelled.task,
        baseline=baseline,
        fallback=fallback,
        thresholds=Thresholds.default() if thresholds is None else thresholds,
        permitted_uses=tuple(permitted_uses),
        expires=expires or datetime.now(UTC).date() + timedelta(days=LIFETIME_DAYS),
        provenance=provenance,
        reference=reference,
        self_test=SelfTest(rows, answers(scorer, baseline, fallback, rows)),
    )


def _settings(
    labelled: Snapshots,
    estimator: RepeatHarmEstimator | None,
    search: SearchResult | None,
    seed: int,
) -> RepeatHarmEstimator:
    if estimator is not None:
        return estimator
    return default_estimator(labelled, seed) if search is None else search.estimator


def fit_calibrated(
    snapshots: Snapshots,
    estimator: RepeatHarmEstimator,
    *,
    seed: int,
    now: Snapshots | None = None,
) -> tuple[RepeatHarmEstimator, HeldOut | None]:
    """Fit on all rows whose outcome is known, calibrated on what was held out on the way.

    Of `now`, the people of the date to be scored, only features are read.
    """
    labelled = _checked(snapshots)
    held_out = hold_out(labelled, estimator, seed)
    stated = _stated_base_rate(labelled, now)
    return _fit(labelled, estimator, held_out, now, stated), held_out


def _to_be_scored(snapshots: Snapshots, labelled: Snapshots) -> Snapshots | None:
    """Return the rows of the newest date, if none of its outcomes is known yet."""
    if snapshots.task is None or snapshots.dates[-1] in labelled.dates:
        return None
    return snapshots.subset(snapshots.as_of == snapshots.dates[-1])


def _stated_base_rate(labelled: Snapshots, now: Snapshots | None) -> BaseRate | None:
    """State the base rate of `now`, or else of the day up to which labels were known."""
    if labelled.task is None or not labelled.observed.any():
        return None
    try:
        return forecast_base_rate(labelled, labelled.known_at if now is None else now.dates[-1])
    except SchemaError:  # no window had closed, allowance and all, by that day
        return None


def _checked(snapshots: Snapshots) -> Snapshots:
    snapshots.check_any("train()")
    labelled = snapshots.learnable
    positive, rows = int((labelled.y == 1).sum()), len(labelled)
    if not rows:
        raise RiskModelError(
            f"train: the outcome was observed in none of {len(snapshots)} rows. Choose earlier "
            "as_of dates, a later known_at or a shorter horizon."
        )
    if positive in (0, rows):
        raise RiskModelError(
            f"train: {positive} of {rows} labelled rows have the outcome; rows with it and rows "
            "without are needed. Choose more dates, a longer horizon or another outcome."
        )
    return labelled


def _fit(
    labelled: Snapshots,
    settings: RepeatHarmEstimator,
    held_out: HeldOut | None,
    now: Snapshots | None,
    stated: BaseRate | None,
) -> RepeatHarmEstimator:
    """Fit on all labelled rows, and calibrate on the margins that were held out."""
    weighted = labelled.task is not None and labelled.task.outcome.weighted
    if weighted and (open_rows := int(labelled.harm.isna().sum())):
        _warn(
            f"{open_rows} rows are weighted whose window is still open, so their harm is not "
            "known and no expected harm is learnt; Outcome(censored='left_out') has it"
        )
    fitted = learn(settings, labelled, expected_harm=True)
    if held_out is None:
        _warn("one class has a single person: the probabilities are calibrated on training rows")
        return fitted
    rows = held_out.rows
    fitted.calibrate(
        held_out.margin, rows.y.to_numpy(), rows.weight.to_numpy(), rows.person_id.to_numpy()
    )
    if fitted.calibration_.limited:
        _warn("held-out margins did not put the outcome in order: this model knows nothing")
    if held_out.kind == LATER:
        set_level(fitted, rows, now, stated)
    return fitted


def _warn(what: str) -> None:
    warnings.warn(f"train: {what}", RiskModelWarning, stacklevel=4)
