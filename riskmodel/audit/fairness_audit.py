"""audit_fairness: who is scored too high or too low, and whom the list protects."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskmodel.audit.beyond_rows import BeyondRows, beyond_the_rows
from riskmodel.audit.by_group.gaps import GAP_COLUMNS, stacked, warn_withheld
from riskmodel.audit.by_group.rates import RATE_COLUMNS
from riskmodel.audit.data_quality import follow_up_table, missing_table
from riskmodel.audit.people_listed import people_listed
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import Verdict, judge, trivial_list
from riskmodel.audit.question import GATE, LENGTHS, Question, pose
from riskmodel.audit.result import FairnessAudit
from riskmodel.audit.summary import list_summary, model_identity
from riskmodel.audit.why.explained import caveats, explained
from riskmodel.audit.why.recording import recording_table
from riskmodel.histories.events import EventHistories
from riskmodel.model.baselines.rules import baseline_scores
from riskmodel.model.evaluation.evaluation import Evaluation
from riskmodel.model.evaluation.metrics import evaluate_scores
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots


def audit_fairness(
    model: RiskModel,
    snapshots: Snapshots,
    histories: EventHistories | None,
    groups: pd.DataFrame,
    *,
    k: int = 100,
    policy: Policy | None = None,
    characteristics: Sequence[str] | None = None,
    intersections: Sequence[tuple[str, ...]] = (),
    minimum_cell: int | None = None,
    predictions: pd.DataFrame | None = None,
    n_replicates: int = 1000,
    seed: int = 0,
) -> FairnessAudit:
    """Measure both sides of bias for the top `k` of each date, and judge them by a policy.

    Parameters
    ----------
    model : RiskModel
    snapshots : Snapshots, n rows
        People scored, with outcomes; several dates are pooled, and people resampled whole.
    histories : EventHistories or None
        Where victims, evidence and birth dates are read. None (a ready-made table) leaves those
        parts out, and says so.
    groups : DataFrame
        ``person_id`` and one column per protected characteristic.
    k : int, default 100
        Length of the list of each date.
    policy : Policy, optional
        By default that of the model's first permitted use.
    characteristics : sequence of str, optional
        Columns of `groups` to audit, and ``"age band"``; all by default.
    intersections : sequence of tuple of str
        Such as ``[("sex", "ethnicity")]``.
    minimum_cell : int, optional
        Rates on fewer people are withheld; by default the policy's (8).
    predictions : DataFrame, optional
        Estimates made out of time by the recipe of the model, so that more dates can be audited
        than the model itself has not learnt from: as_of, person_id, probability and margin of
        every row, such as ``rolling_backtest(...).predictions``.
    n_replicates, seed : int
        The seed is that of the resamples and of the order among equal scores.

    Returns
    -------
    FairnessAudit

    Raises
    ------
    RiskModelError
        No outcome was observed, or `k` is not a length of list.
    SchemaError
        The table of groups breaks its rules, or the outcome is of another kind than "any".

    Warns
    -----
    SmallGroupWarning
        Rates on fewer people than the minimum are withheld.

    Examples
    --------
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> priors = pd.Series(range(420)) % 7
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few_trees = RepeatHarmEstimator(n_estimators=5)
    >>> model = train(rows, estimator=few_trees, n_replicates=10)
    >>> groups = pd.DataFrame({"person_id": rows.person_id, "half": ["first", "second"] * 210})
    >>> audit = audit_fairness(model, rows, None, groups, k=120, n_replicates=50)
    >>> audit.verdict  # 5 % of 420 are too few to say
    'insufficient evidence'
    """
    question = pose(
        model, snapshots, histories, groups, k=k, policy=policy, characteristics=characteristics,
        intersections=intersections, minimum_cell=minimum_cell, predictions=predictions,
        n_replicates=n_replicates, seed=seed,
    )  # fmt: skip
    beyond = beyond_the_rows(question)
    measured = people_listed(question) | beyond.tables
    measured |= explained(question) | _the_data(question, beyond)
    _warn_withheld(measured, question)
    verdicts, recording = _judged(question, measured)
    return FairnessAudit(
        model_digest=model.digest,
        model=model_identity(model),
        policy=question.policy,
        settings=question.settings,
        summary=list_summary(question.snapshots, histories, question.rows, question.k)
        | beyond.summary
        | _how_estimated(question),
        measured=measured | recording,
        verdicts=verdicts,
        accuracy=_accuracy(question),
        notes=beyond.notes + caveats(question),
    )


def _the_data(question: Question, beyond: BeyondRows) -> dict[str, pd.DataFrame]:
    """Return what is missing in the characteristics, what was followed, and what fell between."""
    columns, listed = question.columns, question.listed
    of_people = {"people scored": columns, "people listed": columns[listed]}
    return {
        "data_quality": missing_table(of_people | beyond.characteristics),
        "follow_up": follow_up_table(question.snapshots, listed),
        "between": question.snapshots.between.reset_index(),
    }


def _warn_withheld(measured: dict[str, pd.DataFrame], question: Question) -> None:
    both = [measured[name] for name in ("listed", "victims") if name in measured]
    warn_withheld(stacked(both, RATE_COLUMNS), question.policy.minimum_cell)


def _judged(
    question: Question, measured: dict[str, pd.DataFrame]
) -> tuple[tuple[Verdict, ...], dict[str, pd.DataFrame]]:
    """Return the verdicts on the gate's list, and how unequal recording must be to turn them.

    A list that is none fails every promise.
    """
    gaps = [measured[name] for name in ("gate_gaps", "gate_victim_gaps") if name in measured]
    rates = [measured[name] for name in ("gate", "gate_victims") if name in measured]
    gap_table, rate_table = stacked(gaps, GAP_COLUMNS), stacked(rates, RATE_COLUMNS)
    margin, as_of = question.rows.margin, question.snapshots.as_of
    trivial = trivial_list(question.listed, margin, as_of)
    trivial = trivial or trivial_list(question.lists[GATE], margin, as_of)
    verdicts = judge(question.policy, gap_table, rates=rate_table, trivial=trivial)
    recording = (
        {} if trivial else {"recording": recording_table(question.policy, rate_table, gap_table)}
    )
    return verdicts, recording


def _how_estimated(question: Question) -> dict[str, object]:
    """Return how many dates the model had learnt from, and on how many the gate is judged."""
    snapshots, out_of_time = question.snapshots, question.out_of_time
    judged = out_of_time & snapshots.observed.to_numpy(dtype=bool)
    return {
        "dates_learnt_from": int(snapshots.as_of[~out_of_time].nunique()),
        "dates_of_the_gate": int(snapshots.as_of[judged].nunique()),
        "gate_share": question.policy.gate_share,
        "estimates_given": question.estimates_given,
    }


def _accuracy(question: Question) -> Evaluation | None:
    """Return the model beside the rules; estimates that were given, beside the rules alone."""
    snapshots, seed = question.snapshots, question.settings.seed
    ks = sorted({*LENGTHS, question.k})
    if not question.estimates_given:
        return question.model.evaluate(snapshots, ks=ks, seed=seed)
    rules = baseline_scores(snapshots.rules, snapshots.as_of)
    return evaluate_scores(
        snapshots,
        {"model": question.rows.margin, **rules},
        probabilities={"model": question.rows.probability},
        reference="v100_sum" if "v100_sum" in rules else "model",
        ks=ks,
        seed=seed,
    )
