"""From an estimator's parameters to what grows its parts, checked on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.bagging import Growth, Rows, tree_names
from riskmodel.model.calibration.reading import CALIBRATIONS
from riskmodel.model.part_learning import Making
from riskmodel.model.parts import PARTS

if TYPE_CHECKING:
    from riskmodel.model.estimator import RepeatHarmEstimator


def check_parameters(estimator: RepeatHarmEstimator) -> None:
    """Raise with every rule that the parameters break.

    Raises
    ------
    RiskModelError
    """
    blend, monotone = estimator.blend or {"any": 1.0}, estimator.monotone or {}
    rules = {
        "n_bags must be 2 or more": estimator.n_bags >= 2,
        "n_estimators must be 1 or more": estimator.n_estimators >= 1,
        "harm_cap_quantile must lie between 0 and 1": 0 < estimator.harm_cap_quantile <= 1,
        "tweedie_power must lie between 1 and 2": 1 < estimator.tweedie_power < 2,
        "logistic_l2 must be above 0": estimator.logistic_l2 > 0,
        f"calibration must be one of {', '.join(CALIBRATIONS)}": (
            estimator.calibration in CALIBRATIONS
        ),
        f"blend takes weights above 0 for {', '.join(PARTS)}": (
            set(blend) <= set(PARTS)
            and all(weight > 0 and math.isfinite(weight) for weight in blend.values())
        ),
        "monotone takes 1 or -1 for each feature": set(monotone.values()) <= {1, -1},
        "monotone has no meaning for a logistic part": not (monotone and "logistic" in blend),
    }
    broken = [rule for rule, holds in rules.items() if not holds]
    if broken:
        raise RiskModelError("RepeatHarmEstimator: " + "; ".join(broken) + ".")


def check_targets(estimator: RepeatHarmEstimator, rows: Rows) -> None:
    """Raise where the blend learns from what `fit` was not given.

    Raises
    ------
    RiskModelError
    """
    wanted = [name for name in ("count", "harm") if name in (estimator.blend or {})]
    absent = [name for name in wanted if name not in rows.targets]
    if absent:
        raise RiskModelError(
            f"blend asks for {' and '.join(absent)}, which fit was not given: "
            f"fit(X, y, {', '.join(f'{name}=...' for name in absent)})."
        )


def storable_params(estimator: RepeatHarmEstimator) -> dict[str, Any]:
    """Return the parameters as JSON has them.

    Raises
    ------
    SchemaError
        Labels other than 0 and 1, no named columns, or a random_state that is no whole number.
    """
    params = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in estimator.get_params().items()
        if name != "n_jobs"  # of this machine, not of the model
    }
    rules = {
        "must be fitted on a DataFrame with named columns": hasattr(estimator, "feature_names_in_"),
        "must be fitted on labels 0 and 1": list(getattr(estimator, "classes_", ())) == [0, 1],
        "random_state must be a whole number to be stored": (
            params["random_state"] is None or type(params["random_state"]) is int
        ),
    }
    if broken := [rule for rule, holds in rules.items() if not holds]:
        raise SchemaError([f"model.estimator: {rule}" for rule in broken])
    for name in ("blend", "monotone"):
        params[name] = params[name] and dict(params[name])
    return params


def growth_of(estimator: RepeatHarmEstimator) -> Growth:
    """Return how a fitting estimator grows its boosters; it knows its features by then."""
    features = getattr(estimator, "feature_names_in_", None)
    params: dict[str, Any] = {
        "learning_rate": estimator.learning_rate,
        "num_leaves": estimator.num_leaves,
        "min_data_in_leaf": estimator.min_child_samples,
        "lambda_l2": estimator.reg_lambda,
        "feature_fraction": estimator.feature_fraction,
        "max_bin": estimator.max_bin,
    }
    if estimator.monotone:
        params["monotone_constraints"] = _directions(estimator.monotone, features)
    names = tree_names(features, estimator.n_features_in_)
    return Growth(params, estimator.n_estimators, names, estimator.n_jobs)


def making_of(estimator: RepeatHarmEstimator) -> Making:
    """Return how a fitting estimator makes the parts of its margin."""
    return Making(
        weights=dict(estimator.blend or {"any": 1.0}),
        growth=growth_of(estimator),
        n_bags=estimator.n_bags,
        cap_quantile=estimator.harm_cap_quantile,
        tweedie_power=estimator.tweedie_power,
        logistic_l2=estimator.logistic_l2,
    )


def _directions(monotone: Mapping[str, int], features: Sequence[str] | None) -> list[int]:
    """Return 1, -1 or 0 for each feature."""
    names = [] if features is None else [str(name) for name in features]
    if unknown := sorted({str(name) for name in monotone} - set(names)):
        raise RiskModelError(f"monotone names no feature of X: {', '.join(unknown)}.")
    return [monotone.get(name, 0) for name in names]
