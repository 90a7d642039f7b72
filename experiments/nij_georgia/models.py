"""The models compared: what learns, and from which columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import lightgbm as lgb
import numpy as np
import pandas as pd
from data import AREA, RECORDED
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import riskmodel as rm

Floats: TypeAlias = NDArray[np.float64]
Predict: TypeAlias = Callable[[pd.DataFrame], Floats]
Learn: TypeAlias = Callable[[pd.DataFrame, Floats], Predict]

SEED = 0
TREES = {
    "blend": {"any": 1.0},
    "n_estimators": 300,
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_child_samples": 30,
    "reg_lambda": 20.0,
    "feature_fraction": 0.3,
    "n_bags": 10,
}
LANDMARKS = 600
KERNEL_WIDTH = 0.004
BAND_WEIGHT = 1.5


def learn_logistic(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit a plain logistic model: one coefficient for each value of each recorded column."""
    bands = [name for name in X.columns if name in RECORDED]
    every_value = ColumnTransformer([("bands", OneHotEncoder(handle_unknown="ignore"), bands)])
    return chance(make_pipeline(every_value, LogisticRegression(max_iter=3000)).fit(X, y))


def learn_default_trees(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit LightGBM as it comes."""
    return chance(lgb.LGBMClassifier(n_jobs=1, verbosity=-1, random_state=SEED).fit(X, y))


def learn_default_estimator(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit the library's estimator as it comes."""
    return chance(rm.RepeatHarmEstimator(random_state=SEED).fit(X, y))


def learn_trees(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit the library's estimator: trees on ten halves of the people.

    The mean of ten half-samples is calibrated as it is (see the slope in results.json), so no
    people are held out for a curve.
    """
    fitted = rm.RepeatHarmEstimator(**TREES, random_state=SEED).fit(X, y, calibration_folds=[])
    return lambda rows: expit(fitted.decision_function(rows))


def learn_kernel_logistic(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit a logistic model on likeness to 600 people: smooth where the trees have steps."""
    likeness = Nystroem(gamma=KERNEL_WIDTH, n_components=min(LANDMARKS, len(X)), random_state=SEED)
    fitted = make_pipeline(coding(list(X.columns)), likeness, LogisticRegression(max_iter=1000))
    return chance(fitted.fit(X, y))


def learn_blend(X: pd.DataFrame, y: Floats) -> Predict:
    """Fit trees and kernel logistic model, and take the mean of their log-odds."""
    both = [learn(X, y) for learn in (learn_trees, learn_kernel_logistic)]
    return lambda rows: mean_log_odds([predict(rows) for predict in both])


def mean_log_odds(chances: list[Floats]) -> Floats:
    """Return the probability at the mean of the log-odds."""
    return np.asarray(expit(np.mean([logit(one) for one in chances], axis=0)))


def coding(columns: list[str]) -> ColumnTransformer:
    """Return standardised numbers, and beside them each value of the recorded bands."""
    standard = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    bands = [name for name in columns if name in RECORDED]
    return ColumnTransformer(
        [
            ("numbers", standard, [name for name in columns if name != AREA.lower()]),
            ("bands", OneHotEncoder(handle_unknown="ignore"), bands),
        ],
        transformer_weights={"bands": BAND_WEIGHT},
        sparse_threshold=0,
    )


def chance(fitted: Pipeline) -> Predict:
    """Return what gives the probability of the outcome."""
    return lambda rows: np.asarray(fitted.predict_proba(rows)[:, 1])
