"""audit_fairness: who is scored too high or too low, and whom the list protects."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from riskmodel.audit.bands import band_table
from riskmodel.audit.beyond_rows import beyond_the_rows
from riskmodel.audit.data_quality import follow_up_table, missing_table
from riskmodel.audit.gaps import GAP_COLUMNS, stacked, warn_withheld
from riskmodel.audit.group_metrics import group_table
from riskmodel.audit.groups import group_columns
from riskmodel.audit.policy import Policy
from riskmodel.audit.proxies import proxy_table
from riskmodel.audit.rates import RATE_COLUMNS, Settings
from riskmodel.audit.result import FairnessAudit
from riskmodel.audit.scored_rows import ScoredRows, score_rows
from riskmodel.audit.summary import list_summary, model_identity
from riskmodel.audit.verdicts import judge, trivial_list
from riskmodel.errors import RiskModelError
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.calibration import calibration_table

LENGTHS = (50, 100, 250, 500)
"""Lengths of list at which accuracy is measured, beside the one that is audited."""


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
    >>> audit.verdict
    'pass'
    """
    snapshots.check_any("audit_fairness()")
    _check_question(snapshots, k)
    snapshots = snapshots.followed
    chosen = (policy or Policy.default(_first_use(model))).with_minimum_cell(minimum_cell)
    settings = Settings(
        n_replicates=n_replicates,
        seed=seed,
        level=chosen.confidence,
        minimum_cell=chosen.minimum_cell,
        reference_groups=chosen.reference_groups,
    )
    rows = score_rows(model, snapshots, k, seed)
    columns = _columns(snapshots, histories, groups, characteristics, intersections)
    on_list = group_table(
        snapshots.y, rows.listed, rows.probability, columns,
        person=snapshots.person_id, settings=settings, warn=False,
    )  # fmt: skip
    beyond = beyond_the_rows(
        model, snapshots, histories, rows, intersections=intersections, settings=settings
    )
    warn_withheld(stacked([on_list.rates, beyond.victims.rates], RATE_COLUMNS), chosen.minimum_cell)
    trivial = trivial_list(rows.listed, rows.margin, snapshots.as_of)
    gaps = stacked([on_list.gaps, beyond.victims.gaps], GAP_COLUMNS)
    return FairnessAudit(
        model_digest=model.digest,
        model=model_identity(model),
        policy=chosen,
        settings=settings,
        summary=list_summary(snapshots, histories, rows, k)
        | beyond.summary
        | {"dates_learnt_from": len(model.dates_learnt_from(snapshots))},
        measured={
            "listed": on_list.rates,
            "gaps": on_list.gaps,
            "bands": band_table(
                snapshots.y,
                rows.probability,
                rows.band,
                columns,
                person=snapshots.person_id,
                order=model.thresholds.names,
                settings=settings,
            ),
            "calibration": _calibration(snapshots, rows),
            "victims": beyond.victims.rates,
            "victim_gaps": beyond.victims.gaps,
            "coverage": beyond.coverage,
            "data_quality": missing_table(
                {"people scored": columns, "people listed": columns[rows.listed]}
                | beyond.characteristics
            ),
            "evidence": beyond.evidence,
            "label": beyond.label,
            "proxies": proxy_table(snapshots.X, columns),
            "follow_up": follow_up_table(snapshots, rows.listed),
            "between": snapshots.between.reset_index(),
            "stability": beyond.stability,
        },
        verdicts=judge(chosen, gaps, trivial=trivial),
        accuracy=model.evaluate(snapshots, ks=sorted({*LENGTHS, int(k)}), seed=seed),
        notes=beyond.notes,
    )


def _check_question(snapshots: Snapshots, k: int) -> None:
    if int(k) != k or k < 1:
        raise RiskModelError(f"k: {k} given, a whole number of people from 1 is allowed")
    if not snapshots.observed.any():
        raise RiskModelError(
            "no outcome was observed in these snapshots, so nothing can be audited. Take earlier "
            "as_of dates, whose outcome windows have closed"
        )


def _first_use(model: RiskModel) -> str:
    return next(iter(model.permitted_uses), "prioritise")


def _columns(
    snapshots: Snapshots,
    histories: EventHistories | None,
    groups: pd.DataFrame,
    characteristics: Sequence[str] | None,
    intersections: Sequence[tuple[str, ...]],
) -> pd.DataFrame:
    born = None
    if histories is not None and histories.people["birth_date"].notna().any():
        born = histories.people["birth_date"].reindex(snapshots.person_id.to_numpy(dtype=object))
    return group_columns(
        snapshots.person_id,
        groups,
        characteristics=characteristics,
        intersections=intersections,
        birth_date=born,
        as_of=snapshots.as_of,
    )


def _calibration(snapshots: Snapshots, rows: ScoredRows) -> pd.DataFrame:
    seen = snapshots.observed.to_numpy(dtype=bool)
    return calibration_table(snapshots.y.to_numpy()[seen], rows.probability[seen])
