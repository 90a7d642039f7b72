"""What only the histories behind the rows can say: victims, evidence, other harm editions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from riskmodel.audit.by_group.gaps import by_length
from riskmodel.audit.by_group.rates import RATE_COLUMNS
from riskmodel.audit.data_quality import evidence_table
from riskmodel.audit.question import AUDITED, GATE, LENGTHS, Question
from riskmodel.audit.stability import stability_table
from riskmodel.audit.summary import victim_summary
from riskmodel.audit.victims.bounds import victim_bounds
from riskmodel.audit.victims.coverage import COVERAGE, victim_groups, victim_tables
from riskmodel.audit.victims.offences import LaterOffences, coverage_by_date, later_offences
from riskmodel.audit.victims.reporting import reported_offences, reporting_table, unsaid
from riskmodel.audit.victims.suspect_coverage import named_offences, suspect_tables
from riskmodel.audit.why.label_evidence import label_table
from riskmodel.histories.events import EventHistories
from riskmodel.snapshots.task import Task

NO_HISTORIES = "No histories were given: victims, evidence and stability are not measured."
NO_TRAITS = "The victims table has no characteristics: coverage is shown overall only."


@dataclass(frozen=True, eq=False, kw_only=True)
class BeyondRows:
    """Tables that need histories, by name; none without them, and a note that says so.

    ``characteristics`` holds the group columns of what else than people has groups, for the table
    of what is missing.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    characteristics: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def beyond_the_rows(question: Question) -> BeyondRows:
    """Return everything that only the histories can say."""
    histories, task = question.histories, question.snapshots.task
    if histories is None or task is None:
        return BeyondRows(notes=(NO_HISTORIES,))
    snapshots, listed = question.snapshots, question.listed
    lists = {AUDITED: listed} | question.lists
    offences = later_offences(snapshots, histories, task, lists)
    groups, notes = _victims(question, histories, offences.rows)
    reporting, silent = _reporting(question, histories, task)
    return BeyondRows(
        tables={
            **_coverage(question, offences, groups),
            **_suspects(question, histories, task),
            "coverage": coverage_by_date(offences.under(AUDITED)),
            "reporting": reporting,
            "evidence": evidence_table(snapshots, histories, listed),
            "label": label_table(snapshots, histories, listed),
            "stability": stability_table(
                question.model, snapshots, histories, listed, question.settings.seed
            ),
        },
        summary=victim_summary(offences.under(AUDITED)),
        characteristics={"victims of later serious offences": groups},
        notes=notes + silent,
    )


def _victims(
    question: Question, histories: EventHistories, offences: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    groups, notes = victim_groups(offences, histories.victims, intersections=question.intersections)
    return groups, notes if len(groups.columns) else (*notes, NO_TRAITS)


def _coverage(
    question: Question, offences: LaterOffences, groups: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the tables of the victims' side: the list audited, other lengths, the gate's list."""
    whole = victim_tables(offences.only([AUDITED]), groups, question.settings)[AUDITED]
    lengths = {str(k): k for k in LENGTHS}
    each = victim_tables(offences.only(list(lengths)), groups, question.settings, metrics=COVERAGE)
    # a date that was learnt from looks as the training left it: the gate reads the others
    dates = question.snapshots.as_of[question.out_of_time]
    judged = offences.rows["as_of"].isin(dates).to_numpy()
    gate = victim_tables(
        offences.only([GATE]).subset(judged), groups[judged].reset_index(drop=True),
        question.settings,
    )[GATE]  # fmt: skip
    return {
        "victims": whole.rates,
        "victim_gaps": whole.gaps,
        "victim_bounds": victim_bounds(whole.rates, whole.gaps),
        "victim_lengths": by_length(
            {k: each[name].rates for name, k in lengths.items()}, RATE_COLUMNS
        ),
        "gate_victims": gate.rates,
        "gate_victim_gaps": gate.gaps,
    }


def _suspects(question: Question, histories: EventHistories, task: Task) -> dict[str, pd.DataFrame]:
    offences = named_offences(question.snapshots, histories, task, question.listed)
    groups = question.groups_of(offences["person_id"], offences["as_of"])
    tables = suspect_tables(offences, groups, question.settings)
    return {"suspects": tables.rates, "suspect_gaps": tables.gaps}


def _reporting(
    question: Question, histories: EventHistories, task: Task
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    reported = reported_offences(question.snapshots, histories, task)
    silent = unsaid(reported, histories)
    groups, _ = victim_groups(reported, histories.victims, intersections=question.intersections)
    table = reporting_table(reported, groups, question.settings, without=frozenset(silent))
    by_reason: dict[str, list[str]] = {}
    for metric, why in silent.items():
        by_reason.setdefault(why, []).append(metric.replace("_", " "))
    notes = [f"Not measured, since {why}: {', '.join(names)}." for why, names in by_reason.items()]
    return table, tuple(notes)
