"""What only the histories behind the rows can say: victims, evidence, other harm editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskmodel.audit.data_quality import EVIDENCE_COLUMNS, evidence_table
from riskmodel.audit.gaps import GAP_COLUMNS, GroupTables
from riskmodel.audit.label_evidence import LABEL_COLUMNS, label_table
from riskmodel.audit.rates import RATE_COLUMNS, Settings
from riskmodel.audit.scored_rows import ScoredRows
from riskmodel.audit.stability import STABILITY_COLUMNS, stability_table
from riskmodel.audit.summary import victim_summary
from riskmodel.audit.victims import coverage_by_date, later_offences, victim_groups, victim_table
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.snapshots.table import Snapshots


@dataclass(frozen=True, eq=False, kw_only=True)
class BeyondRows:
    """Tables that need histories; empty without them, with a note that says so."""

    victims: GroupTables
    summary: dict[str, Any]
    coverage: pd.DataFrame
    characteristics: dict[str, pd.DataFrame]
    evidence: pd.DataFrame
    label: pd.DataFrame
    stability: pd.DataFrame
    notes: tuple[str, ...] = ()


def beyond_the_rows(
    model: RiskModel,
    snapshots: Snapshots,
    histories: EventHistories | None,
    rows: ScoredRows,
    *,
    intersections: Sequence[tuple[str, ...]],
    settings: Settings,
) -> BeyondRows:
    """Return everything that only the histories can say."""
    if histories is None or snapshots.task is None:
        return _nothing(
            "No histories were given: victims, evidence and stability are not measured."
        )
    offences = later_offences(snapshots, histories, snapshots.task, rows.listed)
    groups, notes = victim_groups(offences, histories.victims, intersections=intersections)
    if not len(groups.columns):
        notes = (
            *notes,
            "The victims table has no characteristics: coverage is shown overall only.",
        )
    return BeyondRows(
        victims=victim_table(offences, groups, settings, warn=False),
        summary=victim_summary(offences),
        coverage=coverage_by_date(offences),
        characteristics={"victims of later serious offences": groups},
        evidence=evidence_table(snapshots, histories, rows.listed),
        label=label_table(snapshots, histories, rows.listed),
        stability=stability_table(model, snapshots, histories, rows.listed, settings.seed),
        notes=notes,
    )


def _nothing(note: str) -> BeyondRows:
    return BeyondRows(
        victims=GroupTables(
            pd.DataFrame(columns=list(RATE_COLUMNS)), pd.DataFrame(columns=list(GAP_COLUMNS))
        ),
        summary={},
        coverage=pd.DataFrame(columns=["as_of", "standing", "offences", "victims", "harm"]),
        characteristics={},
        evidence=pd.DataFrame(columns=list(EVIDENCE_COLUMNS)),
        label=pd.DataFrame(columns=list(LABEL_COLUMNS)),
        stability=pd.DataFrame(columns=list(STABILITY_COLUMNS)),
        notes=(note,),
    )
