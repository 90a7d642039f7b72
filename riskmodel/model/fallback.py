"""The fallback: a smaller model beside the full one, for people who lack what that needs.

It reads a few columns of the rules in use, which a history alone gives. Its margins stand on the
scale of the full model's and go through the same curve, so that one list, one table of bands and
one way to add up reasons hold for both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar

from riskmodel.model.bagging import Codes, Rows, bags_of
from riskmodel.model.calibration.log_odds_line import MINIMUM_SLOPE, SLOPE_PRECISION
from riskmodel.model.calibration.reading import Calibration
from riskmodel.model.fallback_files import FALLBACK_FEATURES
from riskmodel.model.inputs import person_codes
from riskmodel.model.part_learning import learn_logistic
from riskmodel.model.parts import Floats, LogisticPart, mean_and_variance
from riskmodel.model.scorer import Scorer
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.log_odds import expit, logit

_ONLY_RAISE: Final = ("harm_1y", "prior_serious", "decayed_serious")
"""As in `riskmodel.model.directions`: more serious harm on record never lowers a margin."""

_L2_IN_ALL = 1.0  # a normal prior of spread 1 on each standardised coefficient
_STEEPEST = 12.0  # log of the slope, up or down
_LEAST = 1e-300  # has a logarithm


def fit_fallback(labelled: Snapshots, scorer: Scorer, *, seed: int) -> Scorer | None:
    """Learn the fallback of a fitted and calibrated model.

    Parameters
    ----------
    labelled : Snapshots
        ``snapshots.learnable``: the rows that the model learnt from.
    scorer : Scorer
        The full model, with the curve that it will answer with.
    seed : int
        Of the halves of the people.

    Returns
    -------
    Scorer or None
        One logistic part on some of `FALLBACK_FEATURES`, as many halves, the same curve, no
        expected harm. None for a ready-made table: it has no rules.

    Notes
    -----
    Order and steepness are learnt from outcomes; the level is the full model's. Its curve may
    stand at the newest base rate or at one that was forecast, and outcomes of older dates would
    pull a level of the fallback's own back to where the base rate once was: whoever lacks a
    feature would be put too high or too low in a list beside those who don't. So, in turn:
    how steep its log-odds are *within* dates, each date at a level of its own; one level, where
    its mean probability over the newest date is the full model's; and the straight line from
    log-odds to margins by which the curve says just that.

    Examples
    --------
    >>> from riskmodel.histories.synthetic import make_histories
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.build import build_snapshots
    >>> from riskmodel.snapshots.features import Feature
    >>> from riskmodel.snapshots.task import Task
    >>> world = make_histories(300, seed=1)
    >>> task = Task(offences=world.offences, features=(Feature("count", 365),))
    >>> rows = build_snapshots(world.histories, task, as_of=["2020"], late_allowance_days=0)
    >>> model = train(rows, estimator=RepeatHarmEstimator(n_estimators=5), n_replicates=10)
    >>> fallback = fit_fallback(rows.learnable, model.scorer, seed=0)
    >>> set(fallback.feature_names) <= set(FALLBACK_FEATURES)
    True
    """
    if labelled.task is None:
        return None
    rows = _learning_rows(labelled)
    part, rows = _learn_agreed(rows, bags_of(rows, n_bags=scorer.n_bags, seed=seed))
    log_odds, variance = mean_and_variance(part.raw(rows.X, scorer.n_jobs))
    newest = _newest_rows(labelled)
    margin = scorer.margin(labelled.X[list(scorer.feature_names)].to_numpy()[newest])[0]
    wanted = _steepness_within_dates(log_odds, rows) * log_odds[newest]
    slope, shift = _line_to_margins(
        wanted, log_odds[newest], margin, scorer.calibration, rows.weight[newest]
    )
    return Scorer(
        feature_names=part.curves[0].features,
        parts={"logistic": LogisticPart(curves=part.curves, slope=slope, shift=shift)},
        margin_variance=slope**2 * float(np.average(variance, weights=rows.weight)),
        calibration=scorer.calibration,
        harm_trees=None,
        n_jobs=scorer.n_jobs,
    )


def _learning_rows(labelled: Snapshots) -> Rows:
    weight = labelled.weight.to_numpy(dtype=np.float64)
    return Rows(
        X=labelled.rules[list(FALLBACK_FEATURES)].to_numpy(dtype=np.float64),
        y=labelled.y.to_numpy(dtype=np.float64),
        weight=weight / weight.mean(),
        person=person_codes(labelled.person_id, len(labelled)),
        targets={"date": np.unique(labelled.as_of, return_inverse=True)[1].astype(np.float64)},
    )


def _learn_agreed(rows: Rows, bags: list[Codes]) -> tuple[LogisticPart, Rows]:
    """Learn without the columns that would lower a margin against what is agreed of them.

    Beside others that say nearly the same, a count of serious incidents can come out below 0:
    the estimate is as good without it, and no reason says the absurd. Also returns the rows with
    the columns that are left.
    """
    names = list(FALLBACK_FEATURES)
    while True:
        kept = replace(rows, X=rows.X[:, [FALLBACK_FEATURES.index(name) for name in names]])
        part = learn_logistic(kept, bags, names, _L2_IN_ALL * 2 / len(rows))  # 2: half the rows
        mean = np.mean([curve.coefficient for curve in part.curves], axis=0)
        by_name = zip(mean.tolist(), names, strict=True)
        against = [(c, name) for c, name in by_name if c < 0 and name in _ONLY_RAISE]
        if not against:
            return part, kept
        names.remove(min(against)[1])


def _newest_rows(labelled: Snapshots) -> Codes:
    """Return the rows of the newest date that was followed: it sets the level of the curve."""
    followed = labelled.as_of[labelled.observed]
    newest = (followed if len(followed) else labelled.as_of).max()
    return np.flatnonzero(labelled.as_of == newest)


def _steepness_within_dates(log_odds: Floats, rows: Rows) -> float:
    """Return what to multiply the log-odds by, where each date has a level of its own."""
    date = rows.targets["date"].astype(np.int64)
    share = rows.weight / rows.weight.sum()
    pull = SLOPE_PRECISION / rows.weight.sum()  # as on the slope of a calibration

    def loss(line: Floats) -> tuple[float, Floats]:
        odds = line[0] * log_odds + line[1:][date]
        away = share * (expit(odds) - rows.y)
        gradient = np.append((away * log_odds).sum(), np.bincount(date, away))
        gradient[0] += pull * (line[0] - 1)
        each = share * (np.logaddexp(0.0, odds) - rows.y * odds)
        return float(each.sum() + pull * (line[0] - 1) ** 2 / 2), gradient

    n_dates = int(date.max()) + 1
    found = minimize(
        loss,
        np.append(1.0, np.zeros(n_dates)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(MINIMUM_SLOPE, None)] + [(None, None)] * n_dates,
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    return float(found.x[0])


def _line_to_margins(
    wanted: Floats, log_odds: Floats, margin: Floats, curve: Calibration, weight: Floats
) -> tuple[float, float]:
    """Return (slope, shift) of margins that the curve reads as it reads the full model's.

    All are of the newest date's rows: `wanted`, calibrated log-odds but for their level, and
    `margin`, the full model's. The curve may be of any kind, so the line is found by what the
    curve makes of it: closest, in log loss, to what is wanted at the full model's level.
    """
    level = float(np.average(curve.transform(margin), weights=weight))
    at_level = logit(level) * np.ones(1)
    stated = expit(wanted + _shift_to(level, expit, wanted, at_level, weight))

    def loss(log_slope: float) -> float:
        scaled = np.exp(log_slope) * log_odds
        shift = _shift_to(level, curve.transform, scaled, margin, weight)
        chance = curve.transform(scaled + shift)
        likelihood = stated * np.log(np.maximum(chance, _LEAST))
        likelihood += (1 - stated) * np.log(np.maximum(1 - chance, _LEAST))
        return -float(np.average(likelihood, weights=weight))

    found = minimize_scalar(
        loss, bounds=(-_STEEPEST, _STEEPEST), method="bounded", options={"xatol": 1e-9}
    )
    slope = float(np.exp(found.x))
    return slope, _shift_to(level, curve.transform, slope * log_odds, margin, weight)


def _shift_to(
    level: float,
    read: Callable[[Floats], Floats],
    scaled: Floats,
    reaching: Floats,
    weight: Floats,
) -> float:
    """Return what to add to `scaled` for the mean reading to be the level, as `reaching` has it."""

    def above(by: float) -> float:
        return float(np.average(read(scaled + by), weights=weight)) - level

    # all of them below, or all of them above, what has this level between its ends
    low, high = reaching.min() - scaled.max() - 1, reaching.max() - scaled.min() + 1
    if above(low) >= 0 or above(high) <= 0:  # a flat curve: one probability at any shift
        return float(low + high) / 2
    return float(brentq(above, low, high, xtol=1e-12))
