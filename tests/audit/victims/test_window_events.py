"""Windows read once for all dates hold what each would hold by itself."""

import pandas as pd
import pytest

from riskmodel.audit.victims.window_events import observed_dates, rows_of_events, window_events
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcomes import outcome_events
from riskmodel.snapshots.task import Task

DATES = pd.to_datetime(["2018-03-01", "2018-09-01", "2019-03-01"])


@pytest.fixture(scope="module")
def world(small_world):
    """A synthetic world, and its people on dates whose windows overlap."""
    task = Task(offences=small_world.offences, features=(Feature("count", 365),))
    rows = build_snapshots(small_world.histories, task, as_of=DATES, late_allowance_days=0)
    events = window_events(small_world.histories, task, DATES, rows.known_at)
    return small_world.histories, task, rows, events


def test_each_date_has_the_serious_events_of_its_own_window(world):
    histories, task, rows, events = world
    for date in DATES:
        alone = outcome_events(histories, task, date, rows.known_at)
        mine = events[events["as_of"] == date].drop(columns="as_of").reset_index(drop=True)
        assert len(mine) > 0
        pd.testing.assert_frame_equal(mine, alone[alone["serious"]].reset_index(drop=True))
    assert events["person_id"].isna().any() and events["as_of"].is_monotonic_increasing


def test_an_event_is_there_once_for_every_window_that_it_is_in(world):
    _, task, _, events = world
    horizon = pd.Timedelta(days=task.outcome.horizon_days)
    windows = sum((events["event_time"] >= d) & (events["event_time"] < d + horizon) for d in DATES)
    keys = ["person_id", "incident_id", "victim_id", "event_time", "offence"]
    times = events.groupby(keys, dropna=False)["as_of"].transform("nunique")
    assert (times == windows).all() and times.max() == len(DATES)


def test_without_dates_there_are_no_events(world):
    histories, task, rows, events = world
    none = window_events(histories, task, DATES[:0], rows.known_at)
    assert len(none) == 0 and list(none.columns) == list(events.columns)


def test_an_event_has_the_row_of_its_suspect_on_its_own_date(world):
    *_, rows, events = world
    found = rows_of_events(rows, events)
    place = {key: i for i, key in enumerate(zip(rows.as_of, rows.person_id, strict=True))}
    keys = zip(events["as_of"], events["person_id"], strict=True)
    assert found.tolist() == [place.get(key, -1) for key in keys]
    assert (found[events["person_id"].isna()] == -1).all()
    assert (found >= 0).any() and (found[events["person_id"].notna()] == -1).any()


def test_only_dates_whose_outcome_was_observed_are_read(tiny, task):
    dates = pd.to_datetime(["2015-01-01", "2015-02-15"])
    for late, known in ((0, dates), (365, dates[:1])):  # the second window is open so long
        rows = build_snapshots(tiny, task, as_of=dates, late_allowance_days=late)
        assert set(rows.as_of) == set(dates)
        assert observed_dates(rows).tolist() == known.tolist()
