import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import LateReportsWarning, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcomes import outcome_events
from riskmodel.snapshots.task import Outcome, Task

OFFENCES = OffenceTable.from_frame(
    pd.DataFrame(
        {
            "offence": ["minor", "grave"],
            "harm": [2.0, 1000.0],
            "group": ["g", "g"],
            "serious": [False, True],
        }
    ),
    edition="test",
    source="made for the test",
)
EVENTS = pd.DataFrame(
    [
        ("e0", "ann", "2010-01-01", "2010-01-01", "minor", None, "reported"),
        ("e1", "ann", "2011-01-01", "2011-01-01", "grave", "v1", "reported"),
        ("e2", "ann", "2011-12-31", "2012-03-01", "minor", "v1", "reported"),
        ("e3", "ann", "2012-01-01", "2012-01-01", "grave", "v2", "reported"),
        ("e4", "ben", "2010-06-01", "2010-06-01", "minor", None, "reported"),
        ("e5", "ben", "2010-12-31", "2011-02-01", "grave", "v3", "reported"),
        ("e6", "ben", "2011-05-01", "2011-05-01", "grave", "v3", "police_generated"),
        ("e7", None, "2011-06-01", "2011-06-01", "grave", "v4", "reported"),
    ],
    columns=[
        "source_id",
        "person_id",
        "event_time",
        "recorded_time",
        "offence",
        "victim_id",
        "origin",
    ],
)
TABLES = {"dates_only": True, "data_start": "2009-01-01", "data_end": "2013-01-01"}


def build(*, known_at="2013-01-01", updates=None, as_of="2011-01-01", allowance=0, **outcome):
    task = Task(
        offences=OFFENCES,
        cohort=Cohort(lookback_days=None),
        outcome=Outcome(horizon_days=365, **outcome),
        features=(Feature("count"),),
    )
    tables = EventHistories(EVENTS, updates=updates, **TABLES)
    return build_snapshots(
        tables, task, as_of=as_of, known_at=known_at, late_allowance_days=allowance
    )


def row(snapshots, person):
    position = list(snapshots.person_id).index(person)
    return {
        name: getattr(snapshots, name).iloc[position]
        for name in ("y", "harm", "harm_capped", "serious_count", "observed")
    }


def test_an_event_on_the_day_is_outcome_and_the_day_the_window_ends_is_not():
    assert row(build(), "ann") == {
        "y": 1.0,
        "harm": 1002.0,
        "harm_capped": 367.0,
        "serious_count": 1.0,
        "observed": True,
    }


def test_what_happened_before_and_was_recorded_after_is_neither():
    snapshots = build()
    assert row(snapshots, "ben")["y"] == 0.0
    assert snapshots.X["count_ever"].tolist() == [1.0, 1.0]
    assert snapshots.between.iloc[0].to_dict() == {
        "happened_before_recorded_after": 1,
        "of_them_serious": 1,
        "recorded_too_late": 0,
    }


def test_police_generated_records_count_only_when_declared():
    assert row(build(include_police_generated=True), "ben")["y"] == 1.0


def test_labels_know_nothing_recorded_at_or_after_known_at():
    early = build(known_at="2012-03-01")
    assert row(early, "ann")["harm"] == 1000.0
    assert early.between["recorded_too_late"].iloc[0] == 1


def test_an_open_window_is_missing_not_zero():
    for snapshots in (build(known_at="2011-12-31"), build(allowance=400)):
        assert not snapshots.observed.any()
        assert snapshots.y.isna().all()
        assert snapshots.harm.isna().all()


def test_evidence_for_the_label_is_what_was_last_known_by_known_at():
    updates = pd.DataFrame(
        {
            "source_id": ["e1", "e1"],
            "recorded_time": ["2011-06-01", "2012-06-01"],
            "evidence": ["conviction", "cancelled"],
        }
    )
    convicted = {"updates": updates, "evidence": ("conviction",)}
    assert row(build(known_at="2012-06-01", **convicted), "ann")["y"] == 1.0
    assert row(build(known_at="2012-06-02", **convicted), "ann")["y"] == 0.0


def test_a_bound_in_days_replaces_the_flag():
    assert row(build(min_harm=2.0), "ann")["serious_count"] == 2.0
    assert row(build(min_harm=1001.0), "ann")["y"] == 0.0


def test_totals_hold_everyone_named_or_not():
    total = build().totals.iloc[0]
    assert (total["serious_named"], total["serious_all"]) == (1.0, 2.0)
    assert (total["harm_named"], total["harm_all"]) == (1002.0, 2002.0)
    assert (total["victims_named"], total["victims_all"]) == (1.0, 2.0)


def test_outcome_events_add_up_to_the_labels():
    snapshots = build()
    events = outcome_events(
        EventHistories(EVENTS, **TABLES), snapshots.task, "2011-01-01", "2013-01-01"
    )
    assert events["person_id"].isna().sum() == 1
    by_person = events.groupby("person_id")["harm"].sum().reindex(snapshots.person_id).fillna(0)
    np.testing.assert_array_equal(by_person, snapshots.harm)


def test_an_update_to_a_record_without_suspect_counts_too():
    updates = pd.DataFrame(
        {"source_id": ["e7"], "recorded_time": ["2011-07-01"], "evidence": ["cancelled"]}
    )
    assert build(updates=updates).totals.iloc[0]["serious_all"] == 1.0


def test_not_stating_an_allowance_warns_with_the_share():
    with pytest.warns(LateReportsWarning, match=r"25.0% of serious events"):
        build(allowance=None)


@pytest.mark.parametrize("known_at", ["2013-01-01", "2014-01-01"])
def test_the_allowance_counts_from_the_end_of_the_data_if_that_comes_first(known_at):
    snapshots = build(as_of="2012-01-01", known_at=known_at, allowance=90)
    assert not snapshots.observed.any()
    assert snapshots.y.isna().all()
    assert snapshots.known_at == pd.Timestamp("2013-01-01")


def test_an_allowance_below_zero_would_label_open_windows_and_is_refused():
    with pytest.raises(SchemaError, match="late_allowance_days"):
        build(known_at="2011-06-01", allowance=-365)
