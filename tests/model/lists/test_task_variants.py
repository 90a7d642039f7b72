"""A task under other choices: each variant is a task, or says why there is none."""

from dataclasses import replace

import pandas as pd
import pytest

from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable, Unmapped
from riskmodel.model.lists.task_variants import WITHOUT_WITHDRAWN, under_edition, variants
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.pairs import Ratio
from riskmodel.snapshots.task import Task


@pytest.fixture(scope="module")
def histories():
    """Three records of one offence that every edition knows."""
    days = pd.date_range("2014-02-01", periods=3, freq="D")
    events = pd.DataFrame(
        {
            "source_id": [f"r{i}" for i in range(3)],
            "person_id": "p1",
            "event_time": days,
            "recorded_time": days,
            "offence": "105A",
            "evidence": "allegation",
        }
    )
    return EventHistories(events, dates_only=True, data_start="2010-01-01", data_end="2018-01-01")


def test_a_model_that_reads_no_withdrawn_records_says_so(histories):
    task = Task(offences=OffenceTable.cambridge(), features=(Feature("count", 365),))
    fewer = tuple(level for level in task.feature_evidence if level != "support_withdrawn")
    found = variants(replace(task, feature_evidence=fewer), histories)
    assert found[WITHOUT_WITHDRAWN] == "the model reads no such records"


def test_groups_within_a_ratio_count_among_those_that_an_edition_must_have(histories):
    part = Ratio(Feature("count", 365, group="theft"), Feature("count", 365))
    whatever = Unmapped(harm=1.0, group="violence", serious=False)
    task = Task(offences=OffenceTable.cambridge(), features=(part,), unmapped=whatever)
    found = variants(task, histories)
    assert "it lacks the offence groups theft" in found.values()


def test_an_edition_without_a_value_for_what_is_recorded_says_for_how_many(histories):
    task = Task(offences=OffenceTable.cambridge(), features=(Feature("count", 365),))
    frame = task.offences.frame
    fewer = frame[frame["offence"] != "105A"]
    without = OffenceTable.from_frame(fewer, edition="without", source="a test")
    assert under_edition(task, without, histories) == (
        "it has no value for 1 of the 1 offences recorded"
    )
    whole = OffenceTable.from_frame(frame, edition="whole", source="a test")
    assert under_edition(task, whole, histories) == replace(task, offences=whole)
