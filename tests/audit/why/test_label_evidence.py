"""Stricter readings of the records change what the list was right about."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.why.label_evidence import (
    NEVER,
    NOT_DECLARED,
    READINGS,
    evidence_of_rows,
    label_table,
    later_by_reading,
    reading_notes,
)
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.outcomes import outcome_events

DECLARED, CHARGED, CONVICTED = READINGS


def histories_of(world, change=None, updates=None):
    events = world.events.drop(columns="person_code")
    events = pd.concat([events, world.unnamed.drop(columns="person_code")])
    own = events["incident_id"].str.startswith("\x00")  # none was given
    events["incident_id"] = events["incident_id"].mask(own, events["source_id"])
    if change:
        events["evidence"] = events["evidence"].map(change)
    return EventHistories(
        events, dates_only=True, updates=updates, data_start="2010-01-01", data_end="2018-01-01"
    )


def test_only_one_of_the_three_was_convicted(tiny, tiny_rows):
    listed = tiny_rows.person_id.isin(["p2", "p3"]).to_numpy()
    found = label_table(tiny_rows, tiny, listed).set_index("label")
    # p1, p2 and p3 have a later serious record; only that of p3 became a conviction
    assert found["scored_later"].tolist() == [3, 1, 1]
    assert found["listed_later"].tolist() == [2, 1, 1]
    assert found["precision"].tolist() == [1.0, 0.5, 0.5]
    assert found["recall"].tolist() == pytest.approx([2 / 3, 1.0, 1.0])


def test_where_nobody_is_charged_two_readings_are_one_and_say_so(tiny, tiny_rows):
    # as for complaints: what is upheld is held as a conviction, and there is no charge
    notes = reading_notes(tiny_rows, tiny)
    assert notes[DECLARED] == notes[CHARGED] == ""
    assert CHARGED in notes[CONVICTED]


def test_a_level_that_the_records_never_hold_is_no_zero(tiny, task):
    world = histories_of(tiny, {"allegation": "allegation", "conviction": "allegation"})
    rows = build_snapshots(world, task, as_of="2015-01-01", late_allowance_days=0)
    found = label_table(rows, world, np.ones(len(rows), dtype=bool)).set_index("label")
    assert found.loc[CHARGED, "note"] == found.loc[CONVICTED, "note"] == NEVER
    for column in ("listed_later", "precision", "scored_later", "recall"):
        assert found.loc[[CHARGED, CONVICTED], column].isna().all()
    assert found.loc[DECLARED, "precision"] == 0.75


def test_an_outcome_that_leaves_evidence_out_is_said(tiny, task):
    strict = replace(task, outcome=replace(task.outcome, evidence=("conviction",)))
    world = histories_of(tiny, {"allegation": "charge", "conviction": "conviction"})
    rows = build_snapshots(world, strict, as_of="2015-01-01", late_allowance_days=0)
    notes = reading_notes(rows, world)
    assert notes[DECLARED] == ""
    assert notes[CHARGED] == NOT_DECLARED
    assert DECLARED in notes[CONVICTED]


def test_evidence_is_as_last_known_before_the_labels_date(tiny, task):
    updates = pd.DataFrame(
        {"source_id": ["a1"], "recorded_time": ["2017-06-01"], "evidence": ["charge"]}
    )
    world = histories_of(tiny, updates=updates)

    def charged(known_at):
        rows = build_snapshots(
            world, task, as_of="2015-01-01", known_at=known_at, late_allowance_days=0
        )
        later = later_by_reading(rows, world)[CHARGED]
        return set(rows.person_id[later])

    assert charged("2017-06-01") == {"p3"}
    assert charged("2017-06-02") == {"p1", "p3"}


def test_evidence_of_rows_is_that_of_each_dates_window(small_world, known_model):
    from riskmodel.snapshots.features import Feature
    from riskmodel.snapshots.task import Task

    task = Task(offences=small_world.offences, features=(Feature("count", 365),))
    dates = ["2019-01-01", "2019-07-01"]
    histories = small_world.histories
    rows = build_snapshots(histories, task, as_of=dates, late_allowance_days=0)
    found = evidence_of_rows(rows, histories)
    assert list(found) == list(EVIDENCE)
    # who has evidence of serious harm is who went on to it
    assert found.any(axis=1).tolist() == (rows.y == 1).tolist()
    for date in rows.dates:
        events = outcome_events(histories, task, date, rows.known_at)
        events = events[events["serious"]]
        at = np.flatnonzero((rows.as_of == date).to_numpy())
        for level in ("allegation", "charge", "conviction"):
            people = set(events.loc[events["evidence"] == level, "person_id"].dropna())
            expected = rows.person_id.iloc[at].isin(people)
            assert found.iloc[at][level].tolist() == expected.tolist()


def test_a_table_without_a_task_has_no_evidence(tiny, tiny_rows):
    assert not evidence_of_rows(replace(tiny_rows, task=None), tiny).to_numpy().any()
