"""RiskModel: an estimator with its question, where it is from, what it is for and until when."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmodel.errors import (
    ModelExpiredError,
    ModelMismatchError,
    RiskModelWarning,
    SchemaError,
)
from riskmodel.late import late
from riskmodel.model.bundle_content import content_of, said_of
from riskmodel.model.columns import float_table, in_fit_order
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.model.manifest import Manifest, write_files
from riskmodel.model.needs import lacking, lacking_names, say_lacking
from riskmodel.model.reference import SelfTest
from riskmodel.model.scorer import Scorer
from riskmodel.model.signatures import SigningKey
from riskmodel.model.thresholds import Thresholds
from riskmodel.snapshots.task import Task
from riskmodel.statistics.log_odds import expit

if TYPE_CHECKING:
    import pandas as pd

    from riskmodel.model import must_beat
    from riskmodel.model.estimator import RepeatHarmEstimator
    from riskmodel.model.evaluation import model_evaluation
    from riskmodel.model.evaluation.evaluation import Evaluation
    from riskmodel.snapshots.table import Snapshots
else:
    pd = late("pandas")
    must_beat = late("riskmodel.model.must_beat")
    model_evaluation = late("riskmodel.model.evaluation.model_evaluation")

Floats = NDArray[np.float64]

UNREGISTERED = "unregistered"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RiskModel:
    """A trained model and all that has to travel with it.

    Parameters
    ----------
    name : str
    scorer : Scorer
        What answers for rows.
    settings : dict
        JSON: the parameters of the estimator that learnt it.
    task : Task or None
        What was asked; None where it was trained on a ready-made table.
    baseline : LogisticBaseline
        Stands in where trees can't answer, and beside them in every evaluation.
    fallback : Scorer or None
        Answers for people who lack what `scorer` needs: see `riskmodel.model.fallback`.
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
    >>> import pandas as pd
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
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
    scorer: Scorer
    settings: dict[str, Any]
    task: Task | None
    baseline: LogisticBaseline
    fallback: Scorer | None
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
        if self.task is not None and self.feature_names != self.task.feature_names:
            problems.append("model.scorer: its features are not the task's")
        missing = self.reference.get("missing")
        if missing is None or missing.shape != (len(self.feature_names),):
            problems.append("model.reference: a share missing is needed for each feature")
        if problems:
            raise SchemaError(problems)

    @property
    def feature_names(self) -> list[str]:
        """Columns of X, in the order learnt; X may have them in any order."""
        return list(self.scorer.feature_names)

    @cached_property
    def estimator(self) -> RepeatHarmEstimator:
        """The same model as a fitted scikit-learn classifier."""
        from riskmodel.model.estimator import RepeatHarmEstimator  # noqa: PLC0415  # scikit-learn

        return RepeatHarmEstimator.from_scorer(self.scorer, self.settings)

    @property
    def required_task(self) -> Task:
        """The task, which histories and records are read by.

        Raises
        ------
        ModelMismatchError
            If the model was trained on a ready-made table: it can't read histories.
        """
        if self.task is None:
            raise ModelMismatchError(
                f"The model {self.name!r} was trained on a ready-made table and has no task, so it "
                "cannot read histories. Give your own table to its predict methods."
            )
        return self.task

    @property
    def edition(self) -> str:
        """Edition of the harm index behind features and outcome; empty without a task."""
        return "" if self.task is None else self.task.offences.edition

    @cached_property
    def digest(self) -> str:
        """SHA-256 that identifies this content: that of the manifest of its bundle."""
        return Manifest.of(self.to_files(), self.about()).digest

    def __repr__(self) -> str:
        return (
            f"RiskModel({self.name!r}, version {self.version}, digest {self.digest[:12]}, "
            f"{len(self.feature_names)} features, expires {self.expires})"
        )

    @property
    def why_not_ahead(self) -> list[str]:
        """Why its back-test does not show that it earns its place beside the baselines, if so."""
        return must_beat.why_not_ahead(self.provenance.get("backtest", {}))

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
        return self.scorer.margin(self._table(X))[0]

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Return the calibrated probability of the outcome, shape (n,)."""
        return self.scorer.calibration.transform(self.predict_margin(X))

    def predict_interval(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return (low, high) of the probability's estimate at 95 %."""
        return self.scorer.calibration.interval(*self.scorer.margin(self._table(X)))

    def predict_expected_harm(self, X: pd.DataFrame) -> Floats:
        """Return the summed harm to expect in the outcome window, in days, shape (n,)."""
        table = self._table(X)
        if self.scorer.harm_trees is None:
            raise ModelMismatchError("This model was trained without harm: it expects none.")
        return self.scorer.harm_trees.predict(table, self.scorer.n_jobs)

    def estimates(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return margin, probability, low, high and expected_harm in one pass; none for no rows."""
        return pd.DataFrame(self.scorer.estimates(self._table(X))._asdict(), index=X.index)

    def _table(self, X: pd.DataFrame) -> NDArray[Any]:
        if not isinstance(X, pd.DataFrame):
            raise ModelMismatchError(
                f"A pandas DataFrame with the model's columns is needed, not {type(X).__name__}: "
                "without names a column in another place would be a silent wrong answer."
            )
        table = float_table(in_fit_order(X, self.scorer.feature_names))
        self._warn_of_lacking(table)
        return table

    def _warn_of_lacking(self, table: NDArray[Any]) -> None:
        mask = lacking(table, self.reference)
        if rows := int(mask.any(axis=1).sum()):
            said = say_lacking(lacking_names(self.feature_names, mask))
            warnings.warn(
                f"in {rows:,} of {len(table):,} rows {said}: the trees read that as 0. "
                "score() leaves such rows to the fallback",
                RiskModelWarning,
                stacklevel=4,
            )

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
        return model_evaluation.evaluate(self, snapshots, **options)

    def to_files(self) -> dict[str, bytes]:
        """Return the content of a bundle by file name: the same bytes for the same model."""
        return content_of(self)

    def about(self) -> dict[str, Any]:
        """Return what the manifest says of the model, to be read without loading it."""
        return said_of(self)

    def save(self, folder: str | os.PathLike[str], *, sign_with: SigningKey | None = None) -> str:
        """Write the bundle's folder, whole or not at all, and return its digest.

        Parameters
        ----------
        folder : path
        sign_with : SigningKey, optional
            Puts a signature beside the manifest.
        """
        return write_files(folder, self.to_files(), self.about(), sign_with)


def answers(
    scorer: Scorer,
    baseline: LogisticBaseline,
    fallback: Scorer | None,
    rows: NDArray[np.float32],
) -> dict[str, Floats]:
    """Return all that a model answers for rows, as its self-test stores it.

    The fallback reads other columns: it gets as many of the same numbers as it has.
    """
    found = {**scorer.estimates(rows)._asdict(), "baseline": expit(baseline.log_odds(rows))}
    if fallback is None:
        return found
    numbers = np.abs(np.resize(rows, (len(rows), len(fallback.feature_names))))
    others = fallback.estimates(numbers)._asdict()
    return {**found, **{f"fallback_{name}": column for name, column in others.items()}}
