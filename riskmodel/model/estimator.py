"""RepeatHarmEstimator: gradient-boosted trees on halves of the people, calibrated out of sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from riskmodel.errors import RiskModelError
from riskmodel.model.bagging import Fold, Rows, grouped_folds
from riskmodel.model.calibration.reading import CALIBRATIONS
from riskmodel.model.columns import finite, in_fit_order, is_float_frame
from riskmodel.model.inputs import checked_amounts, checked_folds, encoded, person_codes
from riskmodel.model.part_learning import learn_harm, make_parts
from riskmodel.model.parts import Floats, HarmTrees, TreesPart, blended, mean_and_variance
from riskmodel.model.scorer import Scorer
from riskmodel.model.settings import check_parameters, check_targets, growth_of, making_of

_FOLDS = 3
_NUMBERS = {"dtype": [np.float64, np.float32], "ensure_all_finite": False}


class RepeatHarmEstimator(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Who is likely to cause serious harm again, and how much: an ordinary sklearn classifier.

    Each of `n_bags` boosters learns on a random half of the people; the margin is the mean of
    their raw scores, and the spread between them its standard error. A curve fitted on margins of
    rows that were held out turns the margin into a probability. A booster of its own (Tweedie
    deviance) estimates harm where `harm` is given to `fit`.

    Parameters
    ----------
    n_estimators, learning_rate, num_leaves, reg_lambda, feature_fraction, max_bin
        As LightGBM has them; the defaults are for sparse counts with few positives.
    min_child_samples : int
        Fewest rows in a leaf; on small data a fortieth of the rows learnt from, if fewer.
    n_bags : int
        Boosters; at least 2, since one has no spread.
    blend : dict of str to float, optional
        Of what the margin is made, with weights: ``any`` (trees that classify), ``count``
        (Poisson trees of serious offences), ``harm`` (Tweedie trees of summed harm), ``rank``
        (trees that put rows of one date in order, XE-NDCG) and ``logistic``. Each score is
        standardised over the rows learnt from. ``{"any": 1}`` unless given.
    monotone : dict of str to int, optional
        Features that may only raise (1) or only lower (-1) the margin, all else equal.
    logistic_l2 : float
        Penalty of a logistic part, for each row learnt from.
    harm_cap_quantile : float
        Harm, or a count, above this quantile of the training rows is learnt as if it were at the
        quantile. Estimates of harm are rescaled to the mean harm of the training rows.
    tweedie_power : float
        Between 1 (Poisson) and 2 (gamma).
    calibration : str
        The curve from margins to probabilities, one of `riskmodel.model.calibration.reading`.
    random_state : int, RandomState or None
        Seed of halves, folds and feature sampling. One seed gives one model at any `n_jobs`.
    n_jobs : int or None
        Threads; None means as many as there are cores. Few rows are predicted on one.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The second is the outcome whose probability is estimated.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where `X` was a DataFrame. Later DataFrames may have their columns in any order.
    parts_ : dict of Part
        What the margin is made of, by name: see `riskmodel.model.parts`.
    margin_variance_ : float
        Mean over the training rows of the variance between boosters.
    calibration_ : Calibration
    harm_trees_ : HarmTrees or None
    held_out_rows_, held_out_margin_ : ndarray
        The rows of `fit` that the calibration was learnt on, and their margins by boosters that
        did not see them. They stay in memory: no bundle stores them.

    Notes
    -----
    Five half-samples make a noisy variance for one row, so half of it is taken from the mean
    over the training rows. The variance of the mean of B half-sample boosters is 1 + 1/B times
    the variance between them: the full sample's own error, and what B random halves leave.
    A missing value (NaN) is a value of its own; an infinite one is an error.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"count_1y": rng.poisson(2, 400), "noise": rng.normal(size=400)})
    >>> y = (rng.random(400) < X["count_1y"] / 10).astype(int)
    >>> fitted = RepeatHarmEstimator(n_estimators=20, n_jobs=1).fit(X, y)
    >>> few, many = fitted.predict_proba(X.assign(count_1y=[0, 6] * 200))[:2, 1]
    >>> bool(few < many)
    True
    """

    def __init__(
        self,
        *,
        n_estimators: int = 150,
        learning_rate: float = 0.05,
        num_leaves: int = 7,
        min_child_samples: int = 100,
        reg_lambda: float = 50.0,
        feature_fraction: float = 0.3,
        max_bin: int = 255,
        n_bags: int = 5,
        blend: Mapping[str, float] | None = None,
        monotone: Mapping[str, int] | None = None,
        logistic_l2: float = 0.005,
        harm_cap_quantile: float = 0.999,
        tweedie_power: float = 1.5,
        calibration: str = "logistic",
        random_state: Any = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.reg_lambda = reg_lambda
        self.feature_fraction = feature_fraction
        self.max_bin = max_bin
        self.n_bags = n_bags
        self.blend = blend
        self.monotone = monotone
        self.logistic_l2 = logistic_l2
        self.harm_cap_quantile = harm_cap_quantile
        self.tweedie_power = tweedie_power
        self.calibration = calibration
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        harm: ArrayLike | None = None,
        count: ArrayLike | None = None,
        date: ArrayLike | None = None,
        person: ArrayLike | None = None,
        calibration_folds: Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
    ) -> Self:
        """Learn from rows whose outcome is known.

        Parameters
        ----------
        X : DataFrame or array of shape (n, n_features)
        y : array of shape (n,)
            Two classes.
        sample_weight : array of shape (n,), optional
            Rows of weight 0 are as good as absent.
        harm : array of shape (n,), optional
            Days of harm in the outcome window, zero or more.
        count : array of shape (n,), optional
            Serious offences in the outcome window.
        date : array of shape (n,), optional
            The snapshot's date: a ``rank`` part puts rows of one date in order.
        person : array of shape (n,), optional
            Who each row is about. People are drawn and held out whole.
        calibration_folds : list of (train rows, held-out rows), optional
            Positions in `X`. Three folds of people unless given. An empty list fits the curve on
            the training rows themselves, too sure of itself until `calibrate` replaces it.

        Raises
        ------
        RiskModelError
            Not two classes, infinite values (rows counted), harm that is missing or negative,
            folds that overlap or leave one class to learn from, parameters that can't be.
        """
        check_parameters(self)
        rows = self._training_rows(X, y, sample_weight, person, harm=harm, count=count, date=date)
        check_targets(self, rows)
        folds = checked_folds(calibration_folds, rows.y, rows.weight)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        kept = np.flatnonzero(rows.weight > 0)
        learnt = rows.take(kept)
        self.parts_ = make_parts(learnt, making_of(self), seed=seed)
        margin, variance = mean_and_variance(blended(self.parts_, learnt.X, self.n_jobs))
        self.margin_variance_ = float(np.average(variance, weights=learnt.weight))
        if folds is None:
            pairs = grouped_folds(learnt, _FOLDS, np.random.default_rng([seed, 1, 1]))
            folds = [(kept[train], kept[held_out]) for train, held_out in pairs]
        self.held_out_rows_, self.held_out_margin_ = self._held_out(rows, folds, seed)
        if not folds:  # a class with one person can't be held out
            self.held_out_rows_, self.held_out_margin_ = kept, margin
        held_out = rows.take(self.held_out_rows_)
        self.calibrate(self.held_out_margin_, held_out.y, held_out.weight, held_out.person)
        self.harm_trees_ = self._harm_trees(learnt, seed) if "harm" in learnt.targets else None
        return self

    @property
    def boosters_(self) -> list[Any]:
        """The boosters of the first part that is made of trees; empty without one."""
        trees = [part for part in self.parts_.values() if isinstance(part, TreesPart)]
        return trees[0].boosters if trees else []

    def _training_rows(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        person: ArrayLike | None,
        **targets: ArrayLike | None,
    ) -> Rows:
        table, column = validate_data(self, X, y, **_NUMBERS)
        finite(table, getattr(self, "feature_names_in_", None))
        weight = _check_sample_weight(
            sample_weight, table, dtype=np.float64, ensure_non_negative=True
        )
        self.classes_, target = encoded(column, weight)
        amounts = checked_amounts(targets, weight)
        return Rows(table, target, weight, person_codes(person, len(table)), amounts)

    def _held_out(self, rows: Rows, folds: Sequence[Fold], seed: int) -> tuple[Any, Any]:
        """Return the held-out rows of all folds and their margins."""
        positions, margins = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        for number, (train, held_out) in enumerate(folds, start=1):
            fold_seed = (seed + number) % (2**31 - 1)
            parts = make_parts(rows.take(train), making_of(self), seed=fold_seed)
            scores = blended(parts, rows.X[held_out], self.n_jobs)
            positions.append(held_out)
            margins.append(mean_and_variance(scores)[0])
        return np.concatenate(positions), np.concatenate(margins)

    def calibrate(
        self,
        margin: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        person: ArrayLike | None = None,
    ) -> Self:
        """Fit the curve anew, on margins of rows that were held out (y is 0 or 1)."""
        self.calibration_ = CALIBRATIONS[self.calibration].fit(
            margin, y, sample_weight=sample_weight, person=person
        )
        return self

    def _harm_trees(self, rows: Rows, seed: int) -> HarmTrees:
        return learn_harm(
            rows,
            growth_of(self),
            cap_quantile=self.harm_cap_quantile,
            power=self.tweedie_power,
            seed=seed,
        )

    @property
    def scorer_(self) -> Scorer:
        """What answers for rows: the fitted numbers, without scikit-learn."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", range(self.n_features_in_))
        return Scorer(
            feature_names=tuple(map(str, names)),
            parts=self.parts_,
            margin_variance=self.margin_variance_,
            calibration=self.calibration_,
            harm_trees=self.harm_trees_,
            n_jobs=self.n_jobs,
        )

    @classmethod
    def from_scorer(cls, scorer: Scorer, params: Mapping[str, Any]) -> Self:
        """Return a fitted estimator that answers as `scorer` does; classes are 0 and 1."""
        estimator = cls(**params)
        estimator.feature_names_in_ = np.array(scorer.feature_names, dtype=object)
        estimator.n_features_in_ = len(scorer.feature_names)
        estimator.classes_ = np.array([0.0, 1.0])
        estimator.parts_ = dict(scorer.parts)
        estimator.margin_variance_ = scorer.margin_variance
        estimator.calibration_ = scorer.calibration
        estimator.harm_trees_ = scorer.harm_trees
        return estimator

    def _rows(self, X: Any) -> NDArray[Any]:
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        ordered = in_fit_order(X, names)
        if names is not None and is_float_frame(ordered):
            table = ordered.to_numpy()  # what is left to validate costs more than the trees
        else:
            table = validate_data(self, ordered, reset=False, **_NUMBERS)
        return finite(table, names)

    def decision_function(self, X: Any) -> Floats:
        """Return the margin, shape (n,): uncalibrated log-odds, what a list is sorted by."""
        return self.scorer_.margin(self._rows(X))[0]

    def predict_proba(self, X: Any) -> Floats:
        """Return the calibrated probability of each class, shape (n, 2)."""
        margin = self.decision_function(X)
        probability = self.calibration_.transform(margin)
        return np.column_stack([1 - probability, probability])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class of each row, shape (n,)."""
        likelier = np.argmax(self.predict_proba(X), axis=1)
        labels: NDArray[Any] = self.classes_[likelier]
        return labels

    def predict_interval(self, X: Any, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return (low, high) of the probability: error of the margin and of the calibration.

        It says how far the *estimate* could move with other people in the training data, not
        how far a person may differ from it.
        """
        margin, variance = self.scorer_.margin(self._rows(X))
        return self.calibration_.interval(margin, variance, level=level)

    def predict_expected_harm(self, X: Any) -> Floats:
        """Return the summed harm to expect in the outcome window, in days, shape (n,).

        Raises
        ------
        RiskModelError
            The model was fitted without `harm`.
        """
        table = self._rows(X)
        if self.harm_trees_ is None:
            raise RiskModelError("This model was fitted without harm; give harm= to fit.")
        return self.harm_trees_.predict(table, self.n_jobs)

    def estimates(self, X: Any) -> pd.DataFrame:
        """Return probability, low, high, margin and expected_harm in one pass over the trees.

        `expected_harm` is NaN where the model was fitted without harm.
        """
        return pd.DataFrame(
            self.scorer_.estimates(self._rows(X))._asdict(),
            index=X.index if isinstance(X, pd.DataFrame) else None,
            dtype=np.float64,
        )
