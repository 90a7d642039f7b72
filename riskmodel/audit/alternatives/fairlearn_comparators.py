"""Fairlearn's reductions and threshold optimiser as comparators: they read people's groups.

They show what reading groups would buy, beside models that do not read them. No list is made with
them, and nothing here chooses one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import (
    ErrorRate,
    ExponentiatedGradient,
    FalsePositiveRateParity,
    TruePositiveRateParity,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskmodel.audit.alternatives.candidates import (
    COMPARATOR,
    REDUCTIONS,
    THRESHOLD_OPTIMISER,
    Described,
)
from riskmodel.audit.by_group.rates import Settings
from riskmodel.errors import RiskModelError
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray

LEGAL_NOTES = {
    REDUCTIONS: (
        "Groups are read in training, none at scoring: people with the same records score the "
        "same. Whether fitting a model to the outcomes of protected groups is treatment because "
        "of a protected characteristic (Equality Act 2010 s.13; s.29 for public functions) is a "
        "question for legal advice. A comparator: no list is made with it."
    ),
    THRESHOLD_OPTIMISER: (
        "Each person's group is read at scoring: people with the same records are listed or not "
        "by their group. Group-specific treatment at the decision raises a question of direct "
        "discrimination (Equality Act 2010 s.13; s.29 for public functions). A comparator: no list "
        "is made with it."
    ),
}
OTHERS = "Other groups"
_ROUNDS = 15
_SPREAD = 0.01  # how far a constraint may be missed, as fairlearn's default has it


def comparator_scores(
    names: Sequence[str],
    learnt: Snapshots,
    X: pd.DataFrame,
    groups: tuple[pd.Series[str], pd.Series[str]],
    *,
    metric: str,
    share: float,
    settings: Settings,
) -> dict[Described, FloatArray]:
    """Return the scores of each comparator for the rows of `X`: what their lists are cut from.

    Parameters
    ----------
    names : sequence of str
        Of `COMPARATORS`.
    learnt : Snapshots
        Rows to learn from, one group of each in ``groups[0]``.
    X : DataFrame, shape (n, p)
        Rows to score, one group of each in ``groups[1]``.
    metric : str
        Where it is the false-positive rate, that is made equal; else recall, since fairlearn
        has no parity of precision.
    share : float
        Of the rows that are listed: errors are weighted so that both work near that cut.
    settings : Settings
        Groups with too few outcomes of either kind, or that were not there to learn from, are
        joined (`OTHERS`).

    Raises
    ------
    RiskModelError
        No two groups have enough outcomes to be compared.

    Notes
    -----
    Around a logistic model on standardised features. Both promise parity of a classifier, not of
    a list: their answers are put in order and cut to the length of the other lists.
    Reductions: mean score of the classifiers by their weights. Threshold optimiser: probability
    of being chosen, then the score.

    References
    ----------
    Agarwal et al. (2018), "A reductions approach to fair classification"; Hardt, Price & Srebro
    (2016), "Equality of opportunity in supervised learning".
    """
    y = learnt.y.to_numpy(dtype=np.int64)
    before, after = _joined(groups, y, settings.minimum_cell)
    prepare = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    rows, scored = prepare.fit_transform(learnt.X.astype(float)), prepare.transform(X.astype(float))
    base = LogisticRegression(max_iter=300).fit(rows, y)
    cut = float(np.quantile(base.predict_proba(rows)[:, 1], 1 - share))
    found = {}
    for name in names:
        if name == REDUCTIONS:
            scores = _reductions(rows, y, before, scored, metric, cut)
        else:
            scores = _threshold_optimiser(base, (rows, y, before), (scored, after), metric, cut)
        found[_described(name, groups[0].name)] = scores
    return found


def _described(name: str, characteristic: object) -> Described:
    return Described(
        name=f"{name}, {characteristic}",
        kind=COMPARATOR,
        settings="around a logistic model",
        reads_group="in training" if name == REDUCTIONS else "in training and at scoring",
        legal_note=LEGAL_NOTES[name],
    )


def _joined(
    groups: tuple[pd.Series[str], pd.Series[str]], y: FloatArray, minimum: int
) -> tuple[FloatArray, FloatArray]:
    """Join the groups that neither comparator could learn from; both fail, or guess, on them."""
    before, after = (group.to_numpy(dtype=object) for group in groups)
    kinds = pd.crosstab(before, y).reindex(columns=[0, 1], fill_value=0)
    enough = set(kinds.index[(kinds >= minimum).all(axis=1)])
    one, other = (np.where(np.isin(part, list(enough)), part, OTHERS) for part in (before, after))
    kinds = pd.crosstab(one, y).reindex(columns=[0, 1], fill_value=0)
    if OTHERS not in kinds.index or (kinds.loc[OTHERS] < minimum).any():
        sizes = kinds.sum(axis=1).drop(OTHERS, errors="ignore")
        largest = str(sizes.idxmax()) if enough else OTHERS
        one, other = (np.where(part == OTHERS, largest, part) for part in (one, other))
    if len(set(one)) < 2:
        raise RiskModelError(
            f"comparators: fewer than two groups have {minimum} people with the outcome and "
            f"{minimum} without among the rows learnt from. Leave comparators out, or name "
            "characteristics with larger groups."
        )
    return one, other


def _reductions(
    rows: FloatArray,
    y: FloatArray,
    before: FloatArray,
    scored: FloatArray,
    metric: str,
    cut: float,
) -> FloatArray:
    parity = FalsePositiveRateParity if metric == "false_positive_rate" else TruePositiveRateParity
    reduction = ExponentiatedGradient(
        LogisticRegression(max_iter=300),
        parity(difference_bound=_SPREAD),
        objective=ErrorRate(costs={"fp": cut, "fn": 1 - cut}),
        max_iter=_ROUNDS,
    )
    with warnings.catch_warnings():  # fairlearn 0.15 leans on what pandas 4 is going to drop
        warnings.simplefilter("ignore", DeprecationWarning)
        fitted = reduction.fit(rows, y, sensitive_features=before)
    mean = np.zeros(len(scored))
    for classifier, weight in zip(fitted.predictors_, fitted.weights_, strict=True):
        if weight > 0:
            mean += weight * _chance(classifier, scored)
    return mean


def _chance(classifier: Any, rows: FloatArray) -> FloatArray:
    """Return the score of one classifier; a constant one has no probabilities but its answer."""
    if hasattr(classifier, "predict_proba") and len(classifier.classes_) == 2:
        return np.asarray(classifier.predict_proba(rows)[:, 1])
    return np.asarray(classifier.predict(rows), dtype=np.float64)


def _threshold_optimiser(
    base: LogisticRegression,
    learnt: tuple[FloatArray, FloatArray, FloatArray],
    scored: tuple[FloatArray, FloatArray],
    metric: str,
    cut: float,
) -> FloatArray:
    rate = "false_positive_rate" if metric == "false_positive_rate" else "true_positive_rate"
    optimiser = ThresholdOptimizer(
        estimator=base,
        constraints=f"{rate}_parity",
        prefit=True,
        predict_method="decision_function",
    )
    rows, y, before = (part[_weighted(learnt[1], cut)] for part in learnt)
    optimiser.fit(rows, y, sensitive_features=before)
    margin = base.decision_function(scored[0])
    chosen = np.zeros(len(margin))
    for group, rule in optimiser.interpolated_thresholder_.interpolation_dict.items():
        share = rule.p0 * rule.operation0(margin) + rule.p1 * rule.operation1(margin)
        if "p_ignore" in rule:
            share = rule.p_ignore * rule.prediction_constant + (1 - rule.p_ignore) * share
        chosen = np.where(scored[1] == group, share, chosen)
    return _in_order(chosen, margin)


def _weighted(y: FloatArray, cut: float) -> FloatArray:
    """Repeat rows so that errors of either kind weigh as they do at a cut of the probability.

    The optimiser takes no weights. Rates within an outcome do not change with such repetition.
    """
    odds = (1 - cut) / cut
    copies = np.where(y == 1, max(1, round(odds)), max(1, round(1 / odds)))
    return np.repeat(np.arange(len(y)), copies)


def _in_order(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return scores that sort by the first, and where it is equal by the second."""
    pairs = np.column_stack([first, second])
    return np.asarray(np.unique(pairs, axis=0, return_inverse=True)[1].ravel(), dtype=float)
