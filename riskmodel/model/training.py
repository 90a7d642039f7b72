"""train(): from labelled snapshots to a RiskModel, held out once on the way."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sklearn.base import clone

from riskmodel.errors import RiskModelError, RiskModelWarning
from riskmodel.model.backtest import HeldOut, age_ablation, backtest, hold_out
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.provenance import describe_training
from riskmodel.model.reference import SelfTest, reference_distributions, synthetic_rows
from riskmodel.model.risk_model import RiskModel, answers
from riskmodel.model.thresholds import Thresholds
from riskmodel.snapshots.table import Snapshots

LIFETIME_DAYS = 365


def train(
    snapshots: Snapshots,
    *,
    estimator: RepeatHarmEstimator | None = None,
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
        Its settings; it is not changed.
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
    settings = RepeatHarmEstimator(random_state=seed) if estimator is None else estimator
    held_out, splits = hold_out(labelled, settings, seed)
    fitted = _fit(labelled, settings, held_out)
    provenance = describe_training(snapshots, labelled, fitted, seed=seed)
    provenance["backtest"] = backtest(held_out, n_replicates=n_replicates, seed=seed)
    provenance["age_ablation"] = age_ablation(
        labelled, held_out, splits, settings, n_replicates=n_replicates, seed=seed
    )
    baseline = LogisticBaseline.fit(labelled.X, labelled.y, labelled.weight)
    reference = reference_distributions(labelled.X, fitted.estimates(labelled.X))
    rows = synthetic_rows([str(column) for column in labelled.X.columns], reference, seed=seed)
    return RiskModel(
        name=name,
        estimator=fitted,
        task=labelled.task,
        baseline=baseline,
        thresholds=Thresholds.default() if thresholds is None else thresholds,
        permitted_uses=tuple(permitted_uses),
        expires=expires or datetime.now(UTC).date() + timedelta(days=LIFETIME_DAYS),
        provenance=provenance,
        reference=reference,
        self_test=SelfTest(rows, answers(fitted, baseline, rows)),
    )


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
    labelled: Snapshots, settings: RepeatHarmEstimator, held_out: HeldOut | None
) -> RepeatHarmEstimator:
    """Fit on all labelled rows, and calibrate on the margins that were held out."""
    harm = labelled.harm.to_numpy()
    if labelled.task is not None and labelled.task.outcome.weighted and np.isnan(harm).any():
        _warn(
            f"{int(np.isnan(harm).sum())} rows are weighted whose window is still open, so their "
            "harm is not known and no expected harm is learnt; Outcome(censored='left_out') has it"
        )
    fitted: RepeatHarmEstimator = clone(settings).fit(
        labelled.X,
        labelled.y.to_numpy(),
        labelled.weight.to_numpy(),
        harm=harm if np.isfinite(harm).all() and harm.any() else None,
        person=labelled.person_id.to_numpy(),
        calibration_folds=[],
    )
    if held_out is None:
        _warn("one class has a single person: the probabilities are calibrated on training rows")
        return fitted
    rows = held_out.rows
    fitted.calibrate(
        held_out.margin, rows.y.to_numpy(), rows.weight.to_numpy(), rows.person_id.to_numpy()
    )
    if fitted.calibration_.limited:
        _warn("held-out margins did not put the outcome in order: this model knows nothing")
    return fitted


def _warn(what: str) -> None:
    warnings.warn(f"train: {what}", RiskModelWarning, stacklevel=4)
