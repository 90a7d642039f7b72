"""A model beside the rules in use and the plain logistic one, on labelled snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riskmodel.model.baselines.rules import baseline_scores
from riskmodel.model.evaluation.evaluation import Evaluation
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.parts import Floats
from riskmodel.snapshots.table import Snapshots

if TYPE_CHECKING:
    from riskmodel.model.risk_model import RiskModel


def evaluate(model: RiskModel, snapshots: Snapshots, **options: Any) -> Evaluation:
    """Return what `RiskModel.evaluate` says."""
    estimates = model.estimates(snapshots.X)
    scores = {"model": estimates["margin"].to_numpy()}
    if estimates["expected_harm"].notna().all():
        scores["expected_harm"] = estimates["expected_harm"].to_numpy()
    logistic = model.baseline.predict_proba(snapshots.X)[:, 1]
    chances = {"model": estimates["probability"].to_numpy(), "logistic": logistic}
    return compare(snapshots, scores, logistic, chances, **options)


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
