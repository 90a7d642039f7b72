"""Who is in the cohort, against a reading in plain pandas."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.members_kernel import ENOUGH, NO_RECORD, TOO_FEW
from riskmodel.snapshots.membership import members
from riskmodel.snapshots.task import Task
from tests.snapshots.drawn import OFFENCES, drawn, make_dates, make_tables


def world(choose):
    tables = make_tables(choose)
    return tables, make_dates(choose, tables)


@settings(max_examples=40)
@given(drawn(world), st.sampled_from([None, 1, 90, 400]), st.integers(1, 3))
def test_members_have_enough_incidents_known_in_the_lookback(made, lookback, enough):
    tables, dates = made
    histories = tables.histories()
    cohort = Cohort(lookback_days=lookback, min_incidents=enough)
    task = Task(offences=OFFENCES, cohort=cohort, features=(Feature("count"),))
    ticks = np.array([date.to_datetime64() for date in dates], dtype="datetime64[us]")
    found = members(histories.arrays, task, ticks.astype(np.int64))
    for k, date in enumerate(dates):
        events = histories.events
        updates = histories.updates[histories.updates["recorded_time"] < date]
        latest = updates.groupby("source_id")["evidence"].last()
        level = latest.reindex(events["source_id"]).set_axis(events.index)
        level = level.fillna(events["evidence"])
        known = events[
            (events["event_time"] < date) & (events["recorded_time"] < date)
            & (level != "cancelled")
        ]  # fmt: skip
        for code in range(len(histories.persons)):
            own = known[known["person_code"] == code]
            days = (date - own["event_time"]).dt.total_seconds() / 86_400
            inside = own if lookback is None else own[days <= lookback]
            expected = ENOUGH if inside["incident_id"].nunique() >= enough else TOO_FEW
            assert found[k, code] == (expected if len(own) else NO_RECORD)
