"""A plain logistic regression: the model to beat, and what answers where the model cannot.

It is fitted with scikit-learn, and from then on is numbers in a JSON object and a page of numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from riskmodel.errors import ModelIntegrityError, ModelMismatchError, SchemaError
from riskmodel.statistics.arrays import FloatArray, as_outcomes, weight_rows
from riskmodel.statistics.log_odds import expit

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1  # of the JSON object; raise it with each change of meaning and keep the old reader


@dataclass(frozen=True)
class LogisticBaseline:
    """L2-penalised logistic regression on signed log1p, standardised features.

    A missing value becomes the training median, and a 0/1 column says so for each feature that
    had missing values in training.

    Attributes
    ----------
    features : tuple of str
        Columns of X in the order of the coefficients; X may have them in any order.
    median, center, scale, coefficient : tuple of float
        One for each feature, on the scale of signed log1p; `coefficient` is per standard deviation.
    flagged : tuple of str
        The features with a column for being missing.
    flag_coefficient : tuple of float
        One for each of `flagged`.
    intercept : float
    l2 : float
        The penalty: half of it times the squared coefficients is added to the summed loss.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"priors": [0.0, 1.0, 2.0, 9.0]})
    >>> baseline = LogisticBaseline.fit(X, [0, 0, 1, 1])
    >>> bool((np.diff(baseline.predict_proba(X)[:, 1]) > 0).all())
    True
    >>> LogisticBaseline.from_dict(baseline.to_dict()) == baseline
    True
    """

    features: tuple[str, ...]
    median: tuple[float, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    coefficient: tuple[float, ...]
    flagged: tuple[str, ...]
    flag_coefficient: tuple[float, ...]
    intercept: float
    l2: float = 1.0

    def __post_init__(self) -> None:
        wrong = [
            f"logistic baseline: {name} has {len(getattr(self, name))} entries, "
            f"{len(self.features)} expected"
            for name in ("median", "center", "scale", "coefficient")
            if len(getattr(self, name)) != len(self.features)
        ]
        if len(self.flag_coefficient) != len(self.flagged):
            wrong.append("logistic baseline: flagged and flag_coefficient differ in length")
        if not set(self.flagged) <= set(self.features):
            wrong.append("logistic baseline: flagged names a column that is not a feature")
        numbers = [*self.median, *self.center, *self.scale, *self.coefficient]
        numbers += [*self.flag_coefficient, self.intercept, self.l2]
        if not all(math.isfinite(number) for number in numbers):
            wrong.append("logistic baseline: a number that is not finite")
        if not all(scale > 0 for scale in self.scale):
            wrong.append("logistic baseline: a scale that is not above 0")
        if wrong:
            raise ModelIntegrityError("; ".join(wrong))

    @classmethod
    def fit(
        cls,
        X: pd.DataFrame,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        *,
        l2: float = 1.0,
        l1: float = 0.0,
    ) -> LogisticBaseline:
        """Fit on a feature table.

        Parameters
        ----------
        X : DataFrame (n, p)
            Numbers; NaN is missing, infinity an error.
        y : array of 0/1 (n,)
            Both classes.
        sample_weight : array (n,), optional
        l2 : float above 0
        l1 : float, default 0
            This much of the summed absolute coefficients is added to the loss too: an elastic net.

        Returns
        -------
        LogisticBaseline

        Raises
        ------
        SchemaError
            Infinite values, one class only, lengths that differ.
        """
        outcomes = as_outcomes(y)
        weight = weight_rows(sample_weight, len(outcomes))[0][0]
        features = tuple(str(name) for name in X.columns)
        _check_training(X, outcomes, l2, l1)
        values = _signed_log(X.to_numpy(dtype=np.float64), features)
        missing = np.isnan(values)
        median = _medians(values)
        filled = np.where(missing, median, values)
        center, scale = filled.mean(axis=0), filled.std(axis=0)
        scale = np.where(scale > 1e-12, scale, 1.0)
        flags = np.asarray(missing.any(axis=0))
        design = np.hstack([(filled - center) / scale, missing[:, flags].astype(np.float64)])
        coefficient, intercept = _fit_penalised(design, outcomes, weight, l2, l1)
        p = len(features)
        return cls(
            features=features,
            median=_floats(median),
            center=_floats(center),
            scale=_floats(scale),
            coefficient=_floats(coefficient[:p]),
            flagged=tuple(name for name, flag in zip(features, flags, strict=True) if flag),
            flag_coefficient=_floats(coefficient[p:]),
            intercept=intercept,
            l2=float(l2),
        )

    def decision_function(self, X: pd.DataFrame) -> FloatArray:
        """Return the log-odds, float64 (n,); a row's value does not depend on the other rows.

        Raises
        ------
        ModelMismatchError
            A feature is not among the columns of X.
        """
        return self.log_odds(self._values(X))

    def log_odds(self, values: npt.NDArray[Any]) -> FloatArray:
        """Return the log-odds of rows whose columns are in the order of `features`."""
        standard, flags = self._design(values)
        # a sum along each row, not a matrix product: the same bits for one row and for many
        known = (standard * self._coefficients[0]).sum(axis=1)
        unknown = (flags * self._coefficients[1]).sum(axis=1)
        return np.asarray(known + unknown + self.intercept, dtype=np.float64)

    def contributions(self, values: npt.NDArray[Any]) -> tuple[FloatArray, float]:
        """Return what each feature adds to the log-odds, float64 (n, p), and the intercept.

        Against the training mean: the SHAP values of a linear model whose features are taken one
        by one (Lundberg & Lee 2017). Being missing counts with the feature that is missing.
        """
        standard, flags = self._design(values)
        values = standard * self._coefficients[0]
        values[:, self._flagged_at] += flags * self._coefficients[1]
        return values, self.intercept

    @cached_property
    def _flagged_at(self) -> list[int]:
        return [self.features.index(name) for name in self.flagged]

    @cached_property
    def _coefficients(self) -> tuple[FloatArray, FloatArray]:
        return np.asarray(self.coefficient), np.asarray(self.flag_coefficient)

    @cached_property
    def _standard(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return np.asarray(self.median), np.asarray(self.center), np.asarray(self.scale)

    def _values(self, X: pd.DataFrame) -> FloatArray:
        absent = [name for name in self.features if name not in X.columns]
        if absent:
            raise ModelMismatchError(
                f"X lacks {len(absent)} columns that the logistic baseline was fitted on: "
                f"{', '.join(absent)}. Build X with the task of the model."
            )
        return np.asarray(X[list(self.features)].to_numpy(dtype=np.float64))

    def _design(self, values: npt.NDArray[Any]) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Return standardised values (n, p), and what was missing of the flagged features."""
        logs = _signed_log(np.asarray(values, dtype=np.float64), self.features)
        missing, (median, center, scale) = np.isnan(logs), self._standard
        standard = (np.where(missing, median, logs) - center) / scale
        return standard, missing[:, self._flagged_at]

    def predict_proba(self, X: pd.DataFrame) -> FloatArray:
        """Return the probabilities of 0 and of 1, float64 (n, 2), as scikit-learn orders them."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1 - probability, probability])

    def to_dict(self) -> dict[str, Any]:
        """Return numbers, strings and lists: JSON keeps every bit of them."""
        content = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }
        return {"format": FORMAT, "kind": "logistic-baseline", **content}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> LogisticBaseline:
        """Read what `to_dict` returned.

        Raises
        ------
        ModelIntegrityError
            Another kind or format, entries that are absent, unknown or of the wrong type.
        """
        rest = dict(content)
        kind, number = rest.pop("kind", None), rest.pop("format", None)
        if kind != "logistic-baseline" or number != FORMAT:
            raise ModelIntegrityError(
                f"not a logistic baseline of format {FORMAT}; fit it again with this version"
            )
        try:
            read: dict[str, Any] = {
                name: tuple(_entry(name, item) for item in value)
                if isinstance(value, list)
                else _entry(name, value)
                for name, value in rest.items()
            }
            return cls(**read)
        except ModelIntegrityError:
            raise
        except (TypeError, ValueError) as error:
            raise ModelIntegrityError(f"logistic baseline: {error}") from error


def _entry(name: str, item: object) -> str | float:
    if name in ("features", "flagged"):
        if not isinstance(item, str):
            raise TypeError(f"{name} must hold text")
        return item
    if isinstance(item, bool) or not isinstance(item, int | float):
        raise TypeError(f"{name} must hold numbers")
    return float(item)


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _check_training(X: pd.DataFrame, outcomes: FloatArray, l2: float, l1: float) -> None:
    problems = []
    if len(X) != len(outcomes):
        problems.append(f"X: {len(X)} rows given, y has {len(outcomes)}")
    if len(np.unique(outcomes)) < 2:
        problems.append("y: one class only, both 0 and 1 are needed")
    if not l2 > 0:
        problems.append(f"l2: {l2} given, above 0 is allowed")
    if not l1 >= 0:
        problems.append(f"l1: {l1} given, 0 or more is allowed")
    if problems:
        raise SchemaError(problems)


def _signed_log(values: FloatArray, features: tuple[str, ...]) -> FloatArray:
    infinite = np.isinf(values).sum(axis=0)
    if infinite.any():
        raise SchemaError(
            f"X.{name}: infinite in {count} rows"
            for name, count in zip(features, infinite, strict=True)
            if count
        )
    # row by row in memory, whatever pandas held: sums along a row then round alike for any table
    return np.ascontiguousarray(np.sign(values) * np.log1p(np.abs(values)))


def _medians(values: FloatArray) -> FloatArray:
    """Median of what is there; 0 for a column that is missing throughout."""
    columns = [column[~np.isnan(column)] for column in values.T]
    return np.array([float(np.median(column)) if len(column) else 0.0 for column in columns])


def _fit_penalised(
    design: FloatArray, outcomes: FloatArray, weight: FloatArray, l2: float, l1: float
) -> tuple[FloatArray, float]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # only for fitting

    if l1 == 0:
        model = LogisticRegression(C=1 / l2, solver="newton-cholesky", max_iter=200, tol=1e-8)
    else:
        model = LogisticRegression(
            C=1 / (l1 + l2),
            l1_ratio=l1 / (l1 + l2),
            solver="saga",
            max_iter=2_000,
            tol=1e-3,
            random_state=0,
        )
    model.fit(design, outcomes, sample_weight=weight)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])
