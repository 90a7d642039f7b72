"""Learn from dated histories of offending who is associated with serious harm still to come.

Every name here is imported when it is first used, so that ``import riskmodel`` is instant::

    import riskmodel as rm

    world = rm.make_histories(n_people=2_000)
    task = rm.Task(offences=world.offences)

A score is an estimate for putting limited attention in order. It is not a finding about a person,
and never a decision.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskmodel.audit.alternatives.alternatives import Alternatives
    from riskmodel.audit.alternatives.search import find_alternatives
    from riskmodel.audit.audit_file import load_audit, save_audit
    from riskmodel.audit.disclosure.releases import check_releases
    from riskmodel.audit.fairness_audit import audit_fairness
    from riskmodel.audit.over_time import Alert, OverTime
    from riskmodel.audit.policies.criteria import Criterion
    from riskmodel.audit.policies.policy import Policy
    from riskmodel.audit.policies.thresholds import Threshold
    from riskmodel.audit.policies.waivers import Waiver
    from riskmodel.audit.result import FairnessAudit
    from riskmodel.audit.why.flips import flip_test, flipped_tables
    from riskmodel.errors import (
        FallbackWarning,
        LateReportsWarning,
        LeakageError,
        ModelExpiredError,
        ModelIntegrityError,
        ModelMismatchError,
        NotAuditedError,
        NotScorableError,
        RiskModelError,
        RiskModelWarning,
        SchemaError,
        SmallGroupWarning,
        UncachedWarning,
    )
    from riskmodel.histories.events import EventHistories
    from riskmodel.histories.merging import merge_persons
    from riskmodel.histories.offences import OffenceTable, Unmapped
    from riskmodel.histories.synthetic import make_histories
    from riskmodel.model.baselines.catalogue import baseline_named, default_baselines
    from riskmodel.model.bundle import load_bundle, save_bundle, verify_bundle
    from riskmodel.model.calibration.base_rate import forecast_base_rate
    from riskmodel.model.directions import agreed_directions
    from riskmodel.model.estimator import RepeatHarmEstimator
    from riskmodel.model.evaluation.costs import Costs
    from riskmodel.model.evaluation.evaluation import Evaluation
    from riskmodel.model.evaluation.group_calibration import calibration_by_group
    from riskmodel.model.evaluation.metrics import evaluate_scores
    from riskmodel.model.lists.label_variants import evaluate_variants, label_variants
    from riskmodel.model.lists.list_gain import list_gain, list_overlap
    from riskmodel.model.risk_model import RiskModel
    from riskmodel.model.rolling.result import RollingBacktest
    from riskmodel.model.rolling.rolling_backtest import rolling_backtest
    from riskmodel.model.search.search import search
    from riskmodel.model.search.space import Choice, Range, SearchSpace
    from riskmodel.model.signatures import SigningKey
    from riskmodel.model.signing import sign_bundle
    from riskmodel.model.thresholds import Thresholds
    from riskmodel.model.training import train
    from riskmodel.monitoring.drift import feature_drift, score_drift
    from riskmodel.monitoring.effect import effect_of_listing
    from riskmodel.monitoring.monitor import monitor
    from riskmodel.monitoring.realised import realised
    from riskmodel.registry.load import load
    from riskmodel.registry.mlflow_registry import doctor, promote, register
    from riskmodel.report.fairness_report import fairness_report
    from riskmodel.report.model_card import model_card
    from riskmodel.report.transparency_record import transparency_record
    from riskmodel.scoring.explanations import explain
    from riskmodel.scoring.lists.compare import compare
    from riskmodel.scoring.lists.comparison import Comparison
    from riskmodel.scoring.lists.list_changes import list_changes
    from riskmodel.scoring.lists.random_order import randomise_near_cut, read_random_log
    from riskmodel.scoring.log.chain import Head
    from riskmodel.scoring.log.replay import replay
    from riskmodel.scoring.log.score_log import ScoreLog
    from riskmodel.scoring.person.score_person import score_person
    from riskmodel.scoring.reasons import reasons
    from riskmodel.scoring.reply import Reason, ScoreReply
    from riskmodel.scoring.scores import rank, score
    from riskmodel.scoring.what_if.evidence import evidence
    from riskmodel.scoring.what_if.reply import WhatIfReply
    from riskmodel.scoring.what_if.what_if import what_if
    from riskmodel.scoring.what_if.what_if_person import what_if_person
    from riskmodel.snapshots.build import build_snapshots
    from riskmodel.snapshots.cohort import Cohort
    from riskmodel.snapshots.default_features import default_features, describe_features
    from riskmodel.snapshots.features import Feature
    from riskmodel.snapshots.identity import identity_report
    from riskmodel.snapshots.outcome import Outcome
    from riskmodel.snapshots.pairs import Difference, Ratio
    from riskmodel.snapshots.person_row import PersonRows
    from riskmodel.snapshots.recency import weighted_by_recency
    from riskmodel.snapshots.splits import split_at, temporal_folds
    from riskmodel.snapshots.stream import stream_snapshots
    from riskmodel.snapshots.table import Snapshots
    from riskmodel.snapshots.task import Task
    from riskmodel.snapshots.to_parquet import snapshots_to_parquet
    from riskmodel.snapshots.windows import every

_HOMES = {
    "agreed_directions": "model.directions",
    "Alert": "audit.over_time",
    "Alternatives": "audit.alternatives.alternatives",
    "audit_fairness": "audit.fairness_audit",
    "baseline_named": "model.baselines.catalogue",
    "build_snapshots": "snapshots.build",
    "calibration_by_group": "model.evaluation.group_calibration",
    "check_releases": "audit.disclosure.releases",
    "Choice": "model.search.space",
    "Cohort": "snapshots.cohort",
    "compare": "scoring.lists.compare",
    "Comparison": "scoring.lists.comparison",
    "Costs": "model.evaluation.costs",
    "Criterion": "audit.policies.criteria",
    "default_baselines": "model.baselines.catalogue",
    "default_features": "snapshots.default_features",
    "describe_features": "snapshots.default_features",
    "Difference": "snapshots.pairs",
    "doctor": "registry.mlflow_registry",
    "effect_of_listing": "monitoring.effect",
    "evaluate_scores": "model.evaluation.metrics",
    "evaluate_variants": "model.lists.label_variants",
    "Evaluation": "model.evaluation.evaluation",
    "EventHistories": "histories.events",
    "every": "snapshots.windows",
    "evidence": "scoring.what_if.evidence",
    "explain": "scoring.explanations",
    "fairness_report": "report.fairness_report",
    "FairnessAudit": "audit.result",
    "FallbackWarning": "errors",
    "Feature": "snapshots.features",
    "feature_drift": "monitoring.drift",
    "find_alternatives": "audit.alternatives.search",
    "flip_test": "audit.why.flips",
    "flipped_tables": "audit.why.flips",
    "forecast_base_rate": "model.calibration.base_rate",
    "Head": "scoring.log.chain",
    "identity_report": "snapshots.identity",
    "label_variants": "model.lists.label_variants",
    "LateReportsWarning": "errors",
    "LeakageError": "errors",
    "list_changes": "scoring.lists.list_changes",
    "list_gain": "model.lists.list_gain",
    "list_overlap": "model.lists.list_gain",
    "load": "registry.load",
    "load_audit": "audit.audit_file",
    "load_bundle": "model.bundle",
    "make_histories": "histories.synthetic",
    "merge_persons": "histories.merging",
    "model_card": "report.model_card",
    "ModelExpiredError": "errors",
    "ModelIntegrityError": "errors",
    "ModelMismatchError": "errors",
    "monitor": "monitoring.monitor",
    "NotAuditedError": "errors",
    "NotScorableError": "errors",
    "OffenceTable": "histories.offences",
    "Outcome": "snapshots.outcome",
    "OverTime": "audit.over_time",
    "PersonRows": "snapshots.person_row",
    "Policy": "audit.policies.policy",
    "promote": "registry.mlflow_registry",
    "randomise_near_cut": "scoring.lists.random_order",
    "Range": "model.search.space",
    "rank": "scoring.scores",
    "Ratio": "snapshots.pairs",
    "read_random_log": "scoring.lists.random_order",
    "realised": "monitoring.realised",
    "Reason": "scoring.reply",
    "reasons": "scoring.reasons",
    "register": "registry.mlflow_registry",
    "RepeatHarmEstimator": "model.estimator",
    "replay": "scoring.log.replay",
    "RiskModel": "model.risk_model",
    "RiskModelError": "errors",
    "RiskModelWarning": "errors",
    "rolling_backtest": "model.rolling.rolling_backtest",
    "RollingBacktest": "model.rolling.result",
    "save_audit": "audit.audit_file",
    "save_bundle": "model.bundle",
    "SchemaError": "errors",
    "score": "scoring.scores",
    "score_drift": "monitoring.drift",
    "score_person": "scoring.person.score_person",
    "ScoreLog": "scoring.log.score_log",
    "ScoreReply": "scoring.reply",
    "search": "model.search.search",
    "SearchSpace": "model.search.space",
    "sign_bundle": "model.signing",
    "SigningKey": "model.signatures",
    "SmallGroupWarning": "errors",
    "Snapshots": "snapshots.table",
    "snapshots_to_parquet": "snapshots.to_parquet",
    "split_at": "snapshots.splits",
    "stream_snapshots": "snapshots.stream",
    "Task": "snapshots.task",
    "temporal_folds": "snapshots.splits",
    "Threshold": "audit.policies.thresholds",
    "Thresholds": "model.thresholds",
    "train": "model.training",
    "transparency_record": "report.transparency_record",
    "UncachedWarning": "errors",
    "Unmapped": "histories.offences",
    "verify_bundle": "model.bundle",
    "Waiver": "audit.policies.waivers",
    "weighted_by_recency": "snapshots.recency",
    "what_if": "scoring.what_if.what_if",
    "what_if_person": "scoring.what_if.what_if_person",
    "WhatIfReply": "scoring.what_if.reply",
}
"""Public name -> the module of this package that it lives in."""

__all__ = [  # noqa: RUF022  (alphabetical for people: capitals and small letters mixed)
    "__version__",
    "agreed_directions",
    "Alert",
    "Alternatives",
    "audit_fairness",
    "baseline_named",
    "build_snapshots",
    "calibration_by_group",
    "check_releases",
    "Choice",
    "Cohort",
    "compare",
    "Comparison",
    "Costs",
    "Criterion",
    "default_baselines",
    "default_features",
    "describe_features",
    "Difference",
    "doctor",
    "effect_of_listing",
    "evaluate_scores",
    "evaluate_variants",
    "Evaluation",
    "EventHistories",
    "every",
    "evidence",
    "explain",
    "fairness_report",
    "FairnessAudit",
    "FallbackWarning",
    "Feature",
    "feature_drift",
    "find_alternatives",
    "flip_test",
    "flipped_tables",
    "forecast_base_rate",
    "Head",
    "identity_report",
    "label_variants",
    "LateReportsWarning",
    "LeakageError",
    "list_changes",
    "list_gain",
    "list_overlap",
    "load",
    "load_audit",
    "load_bundle",
    "make_histories",
    "merge_persons",
    "model_card",
    "ModelExpiredError",
    "ModelIntegrityError",
    "ModelMismatchError",
    "monitor",
    "NotAuditedError",
    "NotScorableError",
    "OffenceTable",
    "Outcome",
    "OverTime",
    "PersonRows",
    "Policy",
    "promote",
    "randomise_near_cut",
    "Range",
    "rank",
    "Ratio",
    "read_random_log",
    "realised",
    "Reason",
    "reasons",
    "register",
    "RepeatHarmEstimator",
    "replay",
    "RiskModel",
    "RiskModelError",
    "RiskModelWarning",
    "rolling_backtest",
    "RollingBacktest",
    "save_audit",
    "save_bundle",
    "SchemaError",
    "score",
    "score_drift",
    "score_person",
    "ScoreLog",
    "ScoreReply",
    "search",
    "SearchSpace",
    "sign_bundle",
    "SigningKey",
    "SmallGroupWarning",
    "Snapshots",
    "snapshots_to_parquet",
    "split_at",
    "stream_snapshots",
    "Task",
    "temporal_folds",
    "Threshold",
    "Thresholds",
    "train",
    "transparency_record",
    "UncachedWarning",
    "Unmapped",
    "verify_bundle",
    "Waiver",
    "weighted_by_recency",
    "what_if",
    "what_if_person",
    "WhatIfReply",
]


if not TYPE_CHECKING:  # a type checker sees the imports above, and so finds misspelt names

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used."""
        if name == "__version__":
            value = import_module("importlib.metadata").version(__name__)
        elif name in _HOMES:
            value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return list(__all__)
