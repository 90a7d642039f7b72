"""What is missing, what the list rests on, and what ended follow-up: counted by hand."""

import numpy as np
import pandas as pd

from riskmodel.audit.data_quality import evidence_table, follow_up_table, missing_table
from riskmodel.histories.events import EventHistories
from riskmodel.schema import EVIDENCE
from riskmodel.snapshots.build import build_snapshots


def test_missing_is_counted_by_table_and_intersections_are_not():
    rows = pd.DataFrame({"sex": ["f", "Not recorded"], "sex x age": ["f x 1", "Not recorded x 1"]})
    found = missing_table({"people scored": rows, "people listed": rows.iloc[:0]})
    assert found["characteristic"].tolist() == ["sex", "sex"]
    assert found["missing"].tolist() == [1, 0]
    assert found["share_missing"].iloc[0] == 0.5
    assert np.isnan(found["share_missing"].iloc[1])


def test_evidence_is_as_it_stood_before_the_date(task):
    events = pd.DataFrame(
        {
            "source_id": ["r1", "r2", "r3", "r4"],
            "person_id": ["p1", "p1", "p2", "p2"],
            "event_time": ["2014-03-01", "2014-04-01", "2014-05-01", "2012-05-01"],
            "recorded_time": ["2014-03-01", "2014-04-01", "2014-05-01", "2012-05-01"],
            "offence": "minor",
        }
    )
    updates = pd.DataFrame(
        {
            "source_id": ["r1", "r2"],
            "recorded_time": ["2014-06-01", "2015-06-01"],
            "evidence": ["support_withdrawn", "conviction"],
        }
    )
    histories = EventHistories(events, updates=updates, dates_only=True, data_end="2018-01-01")
    rows = build_snapshots(histories, task, as_of="2015-01-01", late_allowance_days=0)
    found = evidence_table(rows, histories, rows.person_id == "p1").set_index("evidence")
    assert found.index.tolist() == list(EVIDENCE)
    # r2 is convicted only later, and r4 is older than a year
    assert found["records_listed"].to_dict() | {} == {
        **dict.fromkeys(EVIDENCE, 0.0), "allegation": 1.0, "support_withdrawn": 1.0,
    }  # fmt: skip
    assert found["records_scored"].sum() == 3
    assert found["share_listed"].sum() == 1


def test_nobody_listed_has_undefined_shares(tiny, tiny_rows):
    found = evidence_table(tiny_rows, tiny, np.zeros(len(tiny_rows), dtype=bool))
    assert found["share_listed"].isna().all()


def test_competing_events_are_counted_for_listed_and_all(tiny_rows):
    listed = (tiny_rows.person_id == "p1").to_numpy()
    found = follow_up_table(tiny_rows, listed).set_index("what")
    assert found.loc["outcome observed"].tolist() == [1, 4]
    assert found.loc["mean days at risk", "scored"] == tiny_rows.follow_up["days_at_risk"].mean()
