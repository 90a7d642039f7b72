"""What an audit asks: whose lists, by which estimates, for which groups, under which policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.groups import birth_dates, group_columns
from riskmodel.audit.by_group.rates import Settings
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.scored_rows import ScoredRows, lists_of, score_rows
from riskmodel.errors import RiskModelError
from riskmodel.histories.events import EventHistories
from riskmodel.model.evaluation.list_lengths import ListLength
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots

LENGTHS = (50, 100, 250, 500)
"""Lengths of list that are measured beside the one that is audited."""
AUDITED, GATE = "audited", "gate"
"""The list of the length asked for, and the one that verdicts are judged on: a share of each date's
cohort."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """The checked inputs of an audit; rows are those of ``snapshots``.

    Attributes
    ----------
    columns : DataFrame of str, shape (n, characteristics + intersections)
    groups : DataFrame
        The table that they come from, which may hold people who were not scored.
    lists : dict of str to array of bool, shape (n,)
        By length of list as text, and `GATE`.
    out_of_time : array of bool, shape (n,)
        Whether the estimates of a row were made without what followed its date.
    estimates_given : bool
        Whether they came with the question, rather than from the model.
    """

    model: RiskModel
    snapshots: Snapshots
    histories: EventHistories | None
    columns: pd.DataFrame
    groups: pd.DataFrame
    characteristics: tuple[str, ...] | None
    intersections: tuple[tuple[str, ...], ...]
    policy: Policy
    settings: Settings
    k: int
    rows: ScoredRows
    lists: dict[str, NDArray[np.bool_]]
    out_of_time: NDArray[np.bool_]
    estimates_given: bool

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Who is on the list that is audited, shape (n,)."""
        return self.rows.listed

    @property
    def other_lengths(self) -> dict[int, NDArray[np.bool_]]:
        """The lists of `LENGTHS`, by their length."""
        return {k: self.lists[str(k)] for k in LENGTHS}

    def groups_of(self, person_id: pd.Series[str], as_of: pd.Series) -> pd.DataFrame:
        """Return the columns of people who may not be in the rows, one row for each given."""
        return _columns(
            person_id, as_of, self.histories, self.groups, self.characteristics, self.intersections
        )


def pose(
    model: RiskModel,
    snapshots: Snapshots,
    histories: EventHistories | None,
    groups: pd.DataFrame,
    *,
    k: int,
    policy: Policy | None,
    characteristics: Sequence[str] | None,
    intersections: Sequence[tuple[str, ...]],
    minimum_cell: int | None,
    predictions: pd.DataFrame | None,
    n_replicates: int,
    seed: int,
) -> Question:
    """Check what is asked, score the rows and draw up the lists; see `audit_fairness`."""
    snapshots.check_any("audit_fairness()")
    _check(snapshots, k)
    snapshots = snapshots.followed
    chosen = (policy or Policy.default(_first_use(model))).with_minimum_cell(minimum_cell)
    rows = score_rows(model, snapshots, k, seed, predictions)
    lists = lists_of(snapshots, rows.margin, [ListLength(k=length) for length in LENGTHS], seed)
    gate = lists_of(snapshots, rows.margin, [ListLength(share=chosen.gate_share)], seed)
    learnt = snapshots.as_of.isin(model.dates_learnt_from(snapshots)).to_numpy()
    return Question(
        model=model,
        snapshots=snapshots,
        histories=histories,
        columns=_columns(
            snapshots.person_id, snapshots.as_of, histories, groups, characteristics, intersections
        ),
        groups=groups,
        characteristics=None if characteristics is None else tuple(characteristics),
        intersections=tuple(tuple(names) for names in intersections),
        policy=chosen,
        settings=settings_under(chosen, n_replicates=n_replicates, seed=seed),
        k=int(k),
        rows=rows,
        lists=lists | {GATE: next(iter(gate.values()))},
        out_of_time=~learnt if predictions is None else np.ones(len(snapshots), dtype=bool),
        estimates_given=predictions is not None,
    )


def settings_under(policy: Policy, *, n_replicates: int, seed: int) -> Settings:
    """Return the settings under which a policy's rates are estimated."""
    return Settings(
        n_replicates=n_replicates,
        seed=seed,
        level=policy.confidence,
        minimum_cell=policy.minimum_cell,
        reference=policy.reference,
        reference_groups=policy.reference_groups,
    )


def _check(snapshots: Snapshots, k: int) -> None:
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
    person_id: pd.Series[str],
    as_of: pd.Series,
    histories: EventHistories | None,
    groups: pd.DataFrame,
    characteristics: Sequence[str] | None,
    intersections: Sequence[tuple[str, ...]],
) -> pd.DataFrame:
    return group_columns(
        person_id,
        groups,
        characteristics=characteristics,
        intersections=intersections,
        birth_date=birth_dates(histories, person_id),
        as_of=as_of,
    )
