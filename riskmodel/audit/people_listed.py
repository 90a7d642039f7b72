"""The side of the people listed: rates, gaps and calibration by group, list by list."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskmodel.audit.by_group.bands import band_table
from riskmodel.audit.by_group.gaps import GAP_COLUMNS, by_length
from riskmodel.audit.by_group.group_calibration import group_calibration_table
from riskmodel.audit.by_group.group_metrics import ListTables, list_tables
from riskmodel.audit.by_group.rates import RATE_COLUMNS
from riskmodel.audit.by_group.redrawn import redrawn_table
from riskmodel.audit.question import AUDITED, GATE, Question
from riskmodel.statistics.calibration import calibration_table


def people_listed(question: Question) -> dict[str, pd.DataFrame]:
    """Return the tables of the people listed, by name.

    The list that is audited, the other lengths, and the gate's list, which is judged only on dates
    whose estimates were made out of time: on a date that was learnt from, every gap looks as the
    training left it.
    """
    lengths = {str(k): listed for k, listed in question.other_lengths.items()}
    every = np.ones(len(question.snapshots), dtype=bool)
    found = _tables(question, {AUDITED: question.listed} | lengths, every)
    return {
        "listed": found.rates[AUDITED],
        "gaps": found.gaps[AUDITED],
        "lengths": by_length({int(name): found.rates[name] for name in lengths}, RATE_COLUMNS),
        "length_gaps": by_length({int(name): found.gaps[name] for name in lengths}, GAP_COLUMNS),
        **gate_tables(question),
        "bands": _bands(question),
        "calibration": _calibration(question),
        "group_calibration": _group_calibration(question),
        "redrawn": _redrawn(question, found.rates[AUDITED]),
    }


def gate_tables(question: Question) -> dict[str, pd.DataFrame]:
    """Return the rates and gaps that verdicts read; empty where no date is out of time."""
    judged = question.out_of_time & question.snapshots.observed.to_numpy(dtype=bool)
    if not judged.any():
        return {
            "gate": pd.DataFrame(columns=list(RATE_COLUMNS)),
            "gate_gaps": pd.DataFrame(columns=list(GAP_COLUMNS)),
        }
    found = _tables(question, {GATE: question.lists[GATE]}, question.out_of_time)
    return {"gate": found.rates[GATE], "gate_gaps": found.gaps[GATE]}


def _tables(
    question: Question, lists: Mapping[str, NDArray[np.bool_]], chosen: NDArray[np.bool_]
) -> ListTables:
    snapshots, rows = question.snapshots, question.rows
    return list_tables(
        snapshots.y[chosen],
        {name: listed[chosen] for name, listed in lists.items()},
        rows.probability[chosen],
        rows.margin[chosen],
        question.columns[chosen].reset_index(drop=True),
        person=snapshots.person_id[chosen],
        as_of=snapshots.as_of[chosen],
        offences=snapshots.serious_count[chosen],
        harm=snapshots.harm[chosen],
        settings=question.settings,
    )


def _bands(question: Question) -> pd.DataFrame:
    return band_table(
        question.snapshots.y,
        question.rows.probability,
        question.rows.band,
        question.columns,
        person=question.snapshots.person_id,
        order=question.model.thresholds.names,
        settings=question.settings,
    )


def _calibration(question: Question) -> pd.DataFrame:
    seen = question.snapshots.observed.to_numpy(dtype=bool)
    return calibration_table(question.snapshots.y.to_numpy()[seen], question.rows.probability[seen])


def _group_calibration(question: Question) -> pd.DataFrame:
    return group_calibration_table(
        question.snapshots.y,
        question.rows.probability,
        question.columns,
        person=question.snapshots.person_id,
        settings=question.settings,
    )


def _redrawn(question: Question, rates: pd.DataFrame) -> pd.DataFrame:
    return redrawn_table(
        rates,
        question.snapshots.y,
        question.listed,
        question.rows.margin,
        question.columns,
        person=question.snapshots.person_id,
        as_of=question.snapshots.as_of,
        settings=question.settings,
    )
