"""Held-out margins: for the calibration, the back-test and the ablation of age.

The newest date is held out, and what is held out is scored by a model of the rows whose outcome
window had closed by then, with the labels that were known then. Where there are too few dates,
folds of people take its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.model.bagging import Rows, grouped_folds
from riskmodel.model.baselines.catalogue import fit_baselines
from riskmodel.model.baselines.interface import Baseline
from riskmodel.model.baselines.rules import baseline_scores
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.evaluation.metrics import Evaluation, evaluate_scores
from riskmodel.model.inputs import person_codes
from riskmodel.model.learning import learn
from riskmodel.model.must_beat import MODEL, RULE_IN_USE, gains_over
from riskmodel.snapshots.blinded import blinded
from riskmodel.snapshots.table import Snapshots

Floats = NDArray[np.float64]

_N_FOLDS = 3
LATER, OTHERS, NONE = "later date", "other people", "none"


@dataclass(frozen=True, eq=False)
class Split:
    """Snapshots to learn from, and positions (in all labelled rows) of those held out."""

    train: Snapshots
    held_out: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows that were held out, with the margins given to them by models that did not see them."""

    kind: str
    rows: Snapshots
    margin: Floats
    splits: list[Split]


def plan_splits(labelled: Snapshots, seed: int) -> tuple[str, list[Split]]:
    """Return what is held out, in kind and in rows; no splits where a class has one person."""
    newest = _newest_date(labelled)
    if newest is not None:
        return LATER, [newest]
    person = person_codes(labelled.person_id, len(labelled))
    rows = Rows(np.empty((len(labelled), 0)), labelled.y.to_numpy(), np.ones(len(labelled)), person)
    folds = grouped_folds(rows, _N_FOLDS, np.random.default_rng([seed, 2]))
    splits = [
        Split(labelled.subset(np.isin(np.arange(len(labelled)), train)), held_out)
        for train, held_out in folds
    ]
    return (OTHERS if splits else NONE), splits


def _newest_date(labelled: Snapshots) -> Split | None:
    """Hold the newest date out, if rows closed by then have both classes, and it has too."""
    if labelled.task is None:
        return None
    observed = labelled.labelled  # of windows still open only the early offences are known
    if not len(observed):
        return None
    newest = observed.dates[-1]
    gap = pd.Timedelta(days=labelled.task.outcome.horizon_days + labelled.late_allowance_days)
    closed = labelled.subset(labelled.as_of + gap <= newest)
    if not len(closed):
        return None
    train = closed.relabelled(min(newest, labelled.known_at)).labelled
    held_out = np.flatnonzero(labelled.as_of == newest)
    if train.y.nunique() < 2 or labelled.y.iloc[held_out].nunique() < 2:
        return None
    return Split(train, held_out)


def hold_out(labelled: Snapshots, estimator: RepeatHarmEstimator, seed: int) -> HeldOut | None:
    """Return what was held out and scored; None where nothing could be."""
    kind, splits = plan_splits(labelled, seed)
    if not splits:
        return None
    margin = held_out_margin(labelled.X, splits, estimator)
    scored = ~np.isnan(margin)
    return HeldOut(kind, labelled.subset(scored), margin[scored], splits)


def held_out_margin(
    X: pd.DataFrame, splits: Sequence[Split], estimator: RepeatHarmEstimator
) -> Floats:
    """Return the margin of each held-out row by a model that did not see it; else NaN.

    Only the columns of `X` are learnt from.
    """
    margin = np.full(len(X), np.nan)
    for split in splits:
        fitted = learn(estimator, split.train, columns=list(X.columns))
        margin[split.held_out] = fitted.decision_function(X.iloc[split.held_out])
    return margin


def backtest(
    labelled: Snapshots,
    held_out: HeldOut | None,
    baselines: Sequence[Baseline],
    *,
    n_replicates: int,
    seed: int,
) -> dict[str, Any]:
    """Return the evaluation of the held-out margins beside the baselines, ready for JSON.

    Each baseline learns from the rows that the model learnt from, and is judged on the same rows.
    """
    if held_out is None:
        return {"kind": NONE, "why": "one class has a single person: nothing could be held out"}
    found = held_out_baselines(labelled, held_out.splits, baselines, seed)
    rules = baseline_scores(held_out.rows.rules, held_out.rows.as_of)
    scores = {MODEL: held_out.margin, **rules, **found.margins}
    evaluation = evaluate_scores(
        held_out.rows,
        scores,
        probabilities=found.probabilities,
        reference=RULE_IN_USE if RULE_IN_USE in scores else next(reversed(scores)),
        baselines=[name for name in scores if name != MODEL],
        n_replicates=n_replicates,
        seed=seed,
    )
    return {
        "kind": held_out.kind,
        "evaluation": evaluation.to_dict(),
        "must_beat": gains_over(held_out.rows, scores, n_replicates=n_replicates, seed=seed),
        "not_fitted": found.left_out,
    }


@dataclass(frozen=True, eq=False)
class HeldOutBaselines:
    """What baselines say of the held-out rows, by name; and why others say nothing."""

    margins: dict[str, Floats]
    probabilities: dict[str, Floats]
    left_out: dict[str, str]


def held_out_baselines(
    labelled: Snapshots, splits: Sequence[Split], baselines: Sequence[Baseline], seed: int
) -> HeldOutBaselines:
    """Fit the baselines on each split, and score what it held out."""
    found = HeldOutBaselines({}, {}, {})
    scored = np.zeros(len(labelled), dtype=bool)
    for split in splits:
        scored[split.held_out] = True
        rows = blinded(labelled.subset(np.isin(np.arange(len(labelled)), split.held_out)))
        fitted, left_out = fit_baselines(split.train.learnable, baselines, seed=seed)
        found.left_out.update(left_out)
        for name, baseline in fitted.items():
            for kept, answers in (
                (found.margins, baseline.predict_margin(rows)),
                (found.probabilities, baseline.predict_proba(rows)),
            ):
                kept.setdefault(name, np.full(len(labelled), np.nan))[split.held_out] = answers
    for kept in (found.margins, found.probabilities):
        for name in list(kept):
            kept[name] = kept[name][scored]
            if name in found.left_out:  # in one of the folds
                del kept[name]
    return found


def age_ablation(
    labelled: Snapshots,
    held_out: HeldOut | None,
    estimator: RepeatHarmEstimator,
    *,
    n_replicates: int,
    seed: int,
) -> dict[str, Any] | None:
    """Return what age adds on the held-out rows, ready for JSON; None where no age is read."""
    ages = _age_features(labelled)
    if not ages or held_out is None or len(ages) == labelled.X.shape[1]:
        return None
    margin = held_out_margin(labelled.X.drop(columns=ages), held_out.splits, estimator)
    scores = {"with age": held_out.margin, "without age": margin[~np.isnan(margin)]}
    evaluation = evaluate_scores(
        held_out.rows, scores, reference="without age", n_replicates=n_replicates, seed=seed
    )
    return {
        "kind": held_out.kind,
        "features": ages,
        "auc": _difference(evaluation, "auc"),
        "mean_captured": _difference(evaluation, "mean_captured"),
    }


def _age_features(labelled: Snapshots) -> list[str]:
    if labelled.task is None:
        return []
    return [feature.name for feature in labelled.task.columns if feature.measure == "age"]


def _difference(evaluation: Evaluation, metric: str) -> dict[str, float | int | None]:
    """Return one metric with and without age, and the paired difference with its interval."""
    row = evaluation.row(metric, "with age")
    numbers = {
        "with_age": row["value"],
        "without_age": evaluation.value(metric, "without age"),
        "difference": row["difference"],
        "low": row["difference_low"],
        "high": row["difference_high"],
    }
    plain = {name: None if np.isnan(value) else float(value) for name, value in numbers.items()}
    return {**plain, "n": int(row["n"]), "n_people": int(row["n_people"])}
