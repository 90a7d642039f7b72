"""What every baseline can do: learn from snapshots, order people, and estimate probabilities."""

from __future__ import annotations

from typing import Protocol

from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.arrays import FloatArray


class FittedBaseline(Protocol):
    """A baseline that has learnt from earlier rows.

    Its answers are finite and deterministic, and follow a person into any order of the rows.
    """

    @property
    def name(self) -> str:
        """What tables and reports call it."""

    def predict_margin(self, snapshots: Snapshots) -> FloatArray:
        """Return what its list is sorted by, float64 (n,), highest first; on a scale of its own."""

    def predict_proba(self, snapshots: Snapshots) -> FloatArray:
        """Return the probability of the outcome, float64 (n,), calibrated on the training rows."""


class Baseline(Protocol):
    """What a model has to beat: a frozen dataclass of settings, which fitting does not change."""

    @property
    def name(self) -> str:
        """What tables and reports call it."""

    def fit(self, snapshots: Snapshots, *, seed: int = 0) -> FittedBaseline:
        """Learn from rows whose outcome is known (``snapshots.learnable``).

        The same rows in another order, and the same seed, give the same answers.

        Raises
        ------
        SchemaError
            The rows lack what this baseline is computed from.
        ModuleNotFoundError
            It needs a library that is not installed; the message says which.
        """
