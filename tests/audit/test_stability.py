"""The list under other choices: what can be computed is, and the rest says why not."""

import numpy as np
import pandas as pd

from riskmodel.audit.stability import stability_table
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.model.lists.task_variants import WITHOUT_WITHDRAWN
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task


def histories(evidence):
    """One person with five records of the given evidence, two with three allegations and one."""
    people = ["p1"] * 5 + ["p2"] * 3 + ["p3"]
    days = pd.date_range("2014-02-01", periods=len(people), freq="D")
    events = pd.DataFrame(
        {
            "source_id": [f"r{i}" for i in range(len(people))],
            "person_id": people,
            "event_time": days,
            "recorded_time": days,
            "offence": "105A",
            "evidence": [evidence] * 5 + ["allegation"] * 4,
        }
    )
    return EventHistories(events, dates_only=True, data_start="2010-01-01", data_end="2018-01-01")


def overlap(known_model, evidence):
    task = Task(offences=OffenceTable.cambridge(), features=(Feature("count", 365),))
    world = histories(evidence)
    rows = build_snapshots(world, task, as_of="2015-01-01", late_allowance_days=0)
    listed = (rows.person_id == "p1").to_numpy()
    model = known_model("count_1y", task=task)
    return stability_table(model, rows, world, listed, seed=0).set_index("variant")


def test_a_list_that_rests_on_withdrawn_support_does_not_stay(known_model):
    assert overlap(known_model, "support_withdrawn").loc[WITHOUT_WITHDRAWN, "kept"] == 0
    assert overlap(known_model, "charge").loc[WITHOUT_WITHDRAWN, "kept"] == 1


def test_an_edition_is_used_where_it_values_the_offences_and_named_where_not(known_model):
    found = overlap(known_model, "charge")
    assert found.loc["under the harm edition ons-css-ashby-2017", "share_kept"] == 1
    missing = found[found["note"] != ""]
    assert len(missing)
    assert missing["share_kept"].isna().all()
    assert missing["note"].str.contains("no value for|lacks the offence groups").all()


def test_nobody_listed_has_an_undefined_overlap(known_model):
    task = Task(offences=OffenceTable.cambridge(), features=(Feature("count", 365),))
    world = histories("charge")
    rows = build_snapshots(world, task, as_of="2015-01-01", late_allowance_days=0)
    model = known_model("count_1y", task=task)
    found = stability_table(model, rows, world, np.zeros(len(rows), dtype=bool), seed=0)
    assert found["share_kept"].isna().all()
