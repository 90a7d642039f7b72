"""RiskModel: an estimator with its question, where it is from, what it is for and until when."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.errors import (
    ModelExpiredError,
    ModelMismatchError,
    RiskModelWarning,
    SchemaError,
)
from riskmodel.model.baselines.rules import baseline_scores
from riskmodel.model.estimator import ESTIMATE_COLUMNS, RepeatHarmEstimator
from riskmodel.model.estimator_files import estimator_files
from riskmodel.model.evaluation.metrics import Evaluation, evaluate_scores
from riskmodel.model.inputs import in_fit_order
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.manifest import Manifest, json_bytes, write_files
from riskmodel.model.must_beat import why_not_ahead
from riskmodel.model.reference import SelfTest, frame_to_json, numbers_to_json
from riskmodel.model.thresholds import Thresholds
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

Floats = NDArray[np.float64]

UNREGISTERED = "unregistered"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RiskModel:
    """A trained model and all that has to travel with it.

    Parameters
    ----------
    name : str
    estimator : RepeatHarmEstimator
        Fitted on a DataFrame, classes 0 and 1.
    task : Task or None
        What was asked; None where it was trained on a ready-made table.
    baseline : LogisticBaseline
        Stands in where trees can't answer, and beside them in every evaluation.
    thresholds : Thresholds
    permitted_uses : tuple of str
        `check_use` refuses any other.
    expires : date
        The last day on which it may be used.
    provenance : dict
        JSON: data, dates, settings, libraries, back-test.
    reference : dict of float arrays
        Distributions at training, see `riskmodel.model.reference`.
    self_test : SelfTest
    version : str
        Of the registry; no part of the digest.

    Raises
    ------
    SchemaError
        All that does not fit together, at once.

    Examples
    --------
    >>> from riskmodel.model.training import train
    >>> X = pd.DataFrame({"priors": np.arange(200) % 7})
    >>> estimator = RepeatHarmEstimator(n_estimators=5)
    >>> table = Snapshots.from_table(X, X["priors"] > 4)
    >>> model = train(table, estimator=estimator, n_replicates=5)
    >>> model.check_use("charge")
    Traceback (most recent call last):
    ...
    riskmodel.errors.ModelExpiredError: The model 'repeat-harm' does not permit the use 'charge'...
    """

    name: str
    estimator: RepeatHarmEstimator
    task: Task | None
    baseline: LogisticBaseline
    thresholds: Thresholds
    permitted_uses: tuple[str, ...]
    expires: date
    provenance: dict[str, Any]
    reference: Mapping[str, Floats]
    self_test: SelfTest
    version: str = UNREGISTERED

    def __post_init__(self) -> None:
        object.__setattr__(self, "permitted_uses", tuple(self.permitted_uses))
        problems = []
        if not self.name or not self.name.isprintable():
            problems.append("model.name: a printable text that is not empty is needed")
        if not self.permitted_uses or not all(use.strip() for use in self.permitted_uses):
            problems.append("model.permitted_uses: at least one named use is needed")
        names = getattr(self.estimator, "feature_names_in_", None)
        if names is None:
            problems.append("model.estimator: must be fitted on a DataFrame with named columns")
        elif self.task is not None and list(names) != self.task.feature_names:
            problems.append("model.estimator: its features are not the task's")
        if problems:
            raise SchemaError(problems)

    @property
    def feature_names(self) -> list[str]:
        """Columns of X, in the order learnt; X may have them in any order."""
        return [str(name) for name in self.estimator.feature_names_in_]

    @property
    def edition(self) -> str:
        """Edition of the harm index behind features and outcome; empty without a task."""
        return "" if self.task is None else self.task.offences.edition

    @cached_property
    def digest(self) -> str:
        """SHA-256 that identifies this content: that of the manifest of its bundle."""
        return Manifest.of(self.to_files()).digest

    def __repr__(self) -> str:
        return (
            f"RiskModel({self.name!r}, version {self.version}, digest {self.digest[:12]}, "
            f"{len(self.feature_names)} features, expires {self.expires})"
        )

    @property
    def why_not_ahead(self) -> list[str]:
        """Why its back-test does not show that it earns its place beside the baselines, if so."""
        return why_not_ahead(self.provenance.get("backtest", {}))

    @property
    def learnt_until(self) -> pd.Timestamp | None:
        """The day up to which the training labels were known; None for a ready-made table."""
        label = self.provenance.get("label")
        return pd.Timestamp(label["known_at"]) if label else None

    def dates_learnt_from(self, snapshots: Snapshots) -> pd.DatetimeIndex:
        """Return the dates whose outcomes the training may have seen, wholly or in part."""
        dates, until = snapshots.dates, self.learnt_until
        return dates[:0] if until is None or snapshots.task is None else dates[dates < until]

    def with_version(self, version: str) -> RiskModel:
        """Return the same model under the version that a registry gave it."""
        renamed = replace(self, version=version)
        renamed.__dict__["digest"] = self.digest  # a bundle of an older format keeps its identity
        return renamed

    def check_use(self, use: str, today: date | None = None) -> None:
        """Raise unless the model may be used for this, today.

        Raises
        ------
        ModelExpiredError
            Past its expiry, or a use that is not permitted.
        """
        if use not in self.permitted_uses:
            raise ModelExpiredError(
                f"The model {self.name!r} does not permit the use {use!r}. Permitted: "
                f"{', '.join(self.permitted_uses)}. Another use needs a model trained, audited "
                "and registered for it."
            )
        day = datetime.now(UTC).date() if today is None else today
        if day > self.expires:
            raise ModelExpiredError(
                f"The model {self.name!r} expired on {self.expires.isoformat()}, and today is "
                f"{day.isoformat()}. Train, audit and register a new version on newer data."
            )

    def predict_margin(self, X: pd.DataFrame) -> Floats:
        """Return the uncalibrated log-odds, shape (n,): what a list is sorted by."""
        return self.estimator.decision_function(_named(X))

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Return the calibrated probability of the outcome, shape (n,)."""
        probability: Floats = self.estimator.predict_proba(_named(X))[:, 1]
        return probability

    def predict_interval(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return (low, high) of the probability's estimate at 95 %."""
        return self.estimator.predict_interval(_named(X))

    def predict_expected_harm(self, X: pd.DataFrame) -> Floats:
        """Return the summed harm to expect in the outcome window, in days, shape (n,)."""
        return self.estimator.predict_expected_harm(_named(X))

    def estimates(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return margin, probability, low, high and expected_harm in one pass; none for no rows."""
        if not len(_named(X)):
            in_fit_order(X, self.feature_names)
            return pd.DataFrame(index=X.index, columns=list(ESTIMATE_COLUMNS), dtype=np.float64)
        return self.estimator.estimates(X)

    def score_columns(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of a score that the model itself knows, one row for each of X."""
        scores = self.estimates(X)
        said = {
            "model": self.name,
            "version": self.version,
            "digest": self.digest,
            "edition": self.edition,
            "thresholds_version": self.thresholds.version,
        }
        labels = pd.DataFrame(said, index=scores.index, columns=list(said), dtype="str")
        band = self.thresholds.band(scores["probability"])
        return pd.concat([scores, band, labels], axis=1)

    def evaluate(self, snapshots: Snapshots, **options: Any) -> Evaluation:
        """Compare with the rules in use and the plain logistic model on labelled snapshots.

        Parameters
        ----------
        snapshots : Snapshots
            Later than those trained on, or the figures flatter the model.
        **options
            Of `riskmodel.evaluate_scores`: ks, costs, n_replicates, seed, reference.

        Warns
        -----
        RiskModelWarning
            Some dates lie before the day up to which the training labels were known.
        """
        if len(seen := self.dates_learnt_from(snapshots)):
            warnings.warn(
                f"{len(seen)} of {len(snapshots.dates)} dates lie before "
                f"{self.learnt_until:%Y-%m-%d}, up to which this model has learnt outcomes: "
                "the figures flatter it. Evaluate on later dates, or on a model trained before "
                "them (split_at)",
                RiskModelWarning,
                stacklevel=2,
            )
        estimates = self.estimates(snapshots.X)
        scores = {"model": estimates["margin"].to_numpy()}
        if estimates["expected_harm"].notna().all():
            scores["expected_harm"] = estimates["expected_harm"].to_numpy()
        logistic = self.baseline.predict_proba(snapshots.X)[:, 1]
        chances = {"model": estimates["probability"].to_numpy(), "logistic": logistic}
        return compare(snapshots, scores, logistic, chances, **options)

    def to_files(self) -> dict[str, bytes]:
        """Return the content of a bundle by file name: the same bytes for the same model."""
        return {
            **estimator_files(self.estimator),
            "task.json": json_bytes(None if self.task is None else self.task.to_dict()),
            "model.json": json_bytes(
                {
                    "name": self.name,
                    "permitted_uses": list(self.permitted_uses),
                    "expires": self.expires.isoformat(),
                }
            ),
            "provenance.json": json_bytes(self.provenance),
            "thresholds.json": json_bytes(self.thresholds.to_dict()),
            "baseline.json": json_bytes(self.baseline.to_dict()),
            "self_test.json": json_bytes(
                {
                    "rows": frame_to_json(self.self_test.rows),
                    "answers": frame_to_json(self.self_test.answers),
                }
            ),
            "reference.json": json_bytes(
                {name: numbers_to_json(array) for name, array in self.reference.items()}
            ),
        }

    def save(self, folder: str | os.PathLike[str]) -> str:
        """Write the bundle's folder, whole or not at all, and return its digest."""
        return write_files(folder, self.to_files())


def compare(
    snapshots: Snapshots,
    scores: Mapping[str, Floats],
    logistic: Floats,
    probabilities: Mapping[str, Floats],
    **options: Any,
) -> Evaluation:
    """Evaluate scores beside the logistic model and every rule that can be computed."""
    rules = baseline_scores(snapshots.rules, snapshots.as_of)
    everything = {**scores, "logistic": logistic, **rules}
    options.setdefault("reference", "v100_sum" if "v100_sum" in rules else "logistic")
    return evaluate_scores(snapshots, everything, probabilities=probabilities, **options)


def answers(
    estimator: RepeatHarmEstimator, baseline: LogisticBaseline, X: pd.DataFrame
) -> pd.DataFrame:
    """Return all that the model answers for rows, as the self-test stores it."""
    return estimator.estimates(X).assign(baseline=baseline.predict_proba(X)[:, 1])


def _named(X: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(X, pd.DataFrame):
        raise ModelMismatchError(
            f"A pandas DataFrame with the model's columns is needed, not {type(X).__name__}: "
            "without names a column in another place would be a silent wrong answer."
        )
    return X
