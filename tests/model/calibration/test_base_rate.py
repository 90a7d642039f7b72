"""A base rate stated in advance: from what was known then alone, and counted afterwards."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.calibration.base_rate import BaseRate, coverage, forecast_base_rate
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots

WHEN = "2021-04-01"


def test_it_carries_forward_the_newest_closed_date_as_labelled_then(world_snapshots):
    train, _ = split_at(world_snapshots, WHEN)
    newest = train.labelled.y[train.labelled.as_of == train.dates[-1]]
    stated = forecast_base_rate(world_snapshots, WHEN)
    assert (stated.from_date, stated.n) == (train.dates[-1], len(newest))
    assert stated.estimate == newest.mean()
    assert stated.low < stated.estimate < stated.high
    assert stated.as_of - stated.from_date >= pd.Timedelta(days=365)


def test_nothing_recorded_later_changes_it(world_snapshots, small_world):
    then = build_snapshots(
        small_world.histories.before(WHEN),
        world_snapshots.task,
        as_of=[date for date in world_snapshots.dates if date < pd.Timestamp(WHEN)],
        known_at=WHEN,
        late_allowance_days=0,
    )
    assert forecast_base_rate(then, WHEN) == forecast_base_rate(world_snapshots, WHEN)


def test_rows_split_off_for_training_give_the_same(world_snapshots):
    train, _ = split_at(world_snapshots, WHEN)
    assert forecast_base_rate(train, WHEN) == forecast_base_rate(world_snapshots, WHEN)


def test_earlier_dates_that_could_have_been_forecast_are_counted(world_snapshots):
    dates, year = world_snapshots.dates, pd.Timedelta(days=365)
    for when in (WHEN, "2022-10-01"):
        closed = dates[dates <= pd.Timestamp(when) - year]
        could = sum((closed <= date - year).any() for date in closed)
        stated = forecast_base_rate(world_snapshots, when)
        assert stated.n_moves == could > 0
        assert 0 < stated.effective_moves <= could


def test_the_first_date_claims_no_certainty(world_snapshots):
    first = world_snapshots.dates[0] + pd.Timedelta(days=365)
    stated = forecast_base_rate(world_snapshots, first)
    assert (stated.n_moves, stated.effective_moves) == (0, 0.0)
    assert stated.high / stated.low > 1.3


def test_a_higher_level_is_a_wider_interval(world_snapshots):
    narrow, wide = (forecast_base_rate(world_snapshots, WHEN, level=p) for p in (0.5, 0.95))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_it_can_be_written_as_json_and_read_by_people(world_snapshots):
    stated = forecast_base_rate(world_snapshots, WHEN)
    written = json.loads(json.dumps(stated.to_dict()))
    dates = {name: pd.Timestamp(written[name]) for name in ("as_of", "from_date")}
    assert BaseRate(**{**written, **dates}) == stated
    assert f"{stated.estimate:.1%} (80% interval" in str(stated)


def test_what_cannot_be_stated_is_refused(world_snapshots):
    with pytest.raises(SchemaError, match="no window of 365 days had closed"):
        forecast_base_rate(world_snapshots, world_snapshots.dates[0])
    with pytest.raises(SchemaError, match="between 0 and 1"):
        forecast_base_rate(world_snapshots, WHEN, level=1.0)
    with pytest.raises(SchemaError, match="no task"):
        forecast_base_rate(Snapshots.from_table(pd.DataFrame({"a": [0.0, 1.0]}), [0, 1]), WHEN)


def stated(as_of, low=0.1, high=0.3, level=0.8, years=2):
    day = pd.Timestamp(as_of)
    origin = day - pd.DateOffset(years=years)
    return BaseRate(day, 0.2, low, high, level, origin, 900, 3, 1.4, 0.2)


def test_intervals_that_held_are_counted_by_level():
    statements = [stated(f"{year}-01-01", level=p) for p in (0.8, 0.95) for year in (2000, 2002)]
    found = coverage(statements, [0.2, 0.31, 0.1, 0.3]).set_index("level")
    assert found["held"].to_dict() == {0.8: 1, 0.95: 2}
    assert found["share"].to_dict() == {0.8: 0.5, 0.95: 1.0}
    assert found["mean_width"].tolist() == pytest.approx([0.2, 0.2])


@pytest.mark.parametrize("held", [0, 3, 7])
def test_the_interval_of_the_share_is_exact_where_dates_lie_apart(held):
    statements = [stated(f"{1990 + 2 * i}-01-01") for i in range(7)]
    row = coverage(statements, [0.2] * held + [0.9] * (7 - held)).iloc[0]
    exact = binomtest(held, 7).proportion_ci(method="exact")
    assert (row["low"], row["high"]) == pytest.approx((exact.low, exact.high))
    assert row["n_apart"] == 7


def test_dates_that_saw_the_same_time_do_not_count_as_more():
    often = [stated(date) for date in pd.date_range("2000-01-01", "2005-12-31", freq="MS")]
    row = coverage(often, [0.2] * len(often)).iloc[0]
    assert (row["n"], row["n_apart"]) == (72, 3)
    assert row["low"] == pytest.approx(binomtest(3, 3).proportion_ci(method="exact").low)


@pytest.mark.parametrize("observed", [[], [0.2, 0.2], [np.nan], [1.2]])
def test_what_cannot_be_counted_is_refused(observed):
    with pytest.raises(RiskModelError, match="coverage"):
        coverage([stated("2000-01-01")], observed)


def test_another_kind_of_outcome_is_refused(world_snapshots):
    task = world_snapshots.task
    counted = replace(
        world_snapshots, task=replace(task, outcome=replace(task.outcome, kind="count"))
    )
    with pytest.raises(SchemaError, match="forecast_base_rate"):
        forecast_base_rate(counted, WHEN)


def test_a_rate_of_none_lies_in_its_own_interval(world_snapshots):
    newest = world_snapshots.labelled.dates[-1]
    nobody = replace(
        world_snapshots, y=world_snapshots.y.where(world_snapshots.as_of != newest, 0.0)
    )
    stated = forecast_base_rate(nobody, world_snapshots.known_at)
    assert (stated.from_date, stated.estimate, stated.low) == (newest, 0.0, 0.0)
    assert coverage([stated], [0.0])["held"].item() == 1
