"""What is held out was never learnt from: not its rows, its people, nor labels known later."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.backtest import held_out_baselines, hold_out, plan_splits
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.table import Snapshots

QUICK = RepeatHarmEstimator(n_estimators=8, min_child_samples=10, n_jobs=1)


def test_a_later_date_is_a_horizon_away_and_labels_are_those_known_then(world_snapshots):
    labelled = world_snapshots.labelled
    kind, (split,) = plan_splits(labelled, seed=0)
    newest = labelled.dates[-1]
    horizon = pd.Timedelta(days=labelled.task.outcome.horizon_days)
    assert kind == "later date"
    assert set(labelled.as_of.iloc[split.held_out]) == {newest}
    assert (split.train.as_of + horizon <= newest).all()
    assert split.train.known_at == newest


def test_offences_recorded_since_the_newest_date_are_not_learnt_from(small_world, world_snapshots):
    dates = pd.to_datetime(["2021-01-01", "2022-01-01"])  # one horizon apart, to the day
    snapshots = build_snapshots(
        small_world.histories, world_snapshots.task, as_of=dates, late_allowance_days=0
    )
    _, (split,) = plan_splits(snapshots, seed=0)
    known_now = snapshots.subset(snapshots.as_of == dates[0])
    assert list(split.train.person_id) == list(known_now.person_id)
    assert (split.train.y <= known_now.y).all()
    assert split.train.y.sum() < known_now.y.sum()


def test_an_allowance_for_late_reports_widens_the_gap(world_snapshots):
    labelled = world_snapshots.labelled
    far = replace(labelled, late_allowance_days=400)
    _, (near_split,) = plan_splits(labelled, seed=0)
    _, (far_split,) = plan_splits(far, seed=0)
    assert len(far_split.train) < len(near_split.train)


def test_people_in_folds_are_on_one_side(table):
    kind, splits = plan_splits(table, seed=0)
    assert kind == "other people"
    for split in splits:
        held_out = set(table.person_id.iloc[split.held_out])
        assert not held_out & set(split.train.person_id)
    assert sorted(np.concatenate([split.held_out for split in splits])) == list(range(len(table)))


def test_held_out_outcomes_do_not_reach_their_own_margins(world_snapshots):
    labelled = world_snapshots.labelled
    before = hold_out(labelled, QUICK, 0)
    newest = labelled.as_of == labelled.dates[-1]
    flipped = replace(labelled, y=labelled.y.where(~newest, 1 - labelled.y))
    after = hold_out(flipped, QUICK, 0)
    assert np.array_equal(before.margin, after.margin)
    assert not before.rows.y.equals(after.rows.y)


@pytest.mark.parametrize("n_dates", [1, 2])
def test_too_few_dates_fall_back_to_people(world_snapshots, n_dates):
    labelled = world_snapshots.labelled
    few = labelled.subset(labelled.as_of.isin(labelled.dates[:1])) if n_dates == 1 else (
        replace(labelled, late_allowance_days=10_000)
    )  # fmt: skip
    assert plan_splits(few, seed=0)[0] == "other people"


def test_nothing_is_held_out_where_a_class_has_one_person():
    table = Snapshots.from_table(pd.DataFrame({"a": [0.0, 1.0, 2.0]}), [0, 0, 1])
    assert plan_splits(table, seed=0) == ("none", [])
    assert hold_out(table, QUICK, 0) is None


@dataclass(frozen=True)
class Watching:
    """A baseline that keeps the rows it is shown."""

    name: str = "watching"
    seen: list = field(default_factory=list)

    def fit(self, snapshots, *, seed=0):
        return self

    def predict_margin(self, snapshots):
        self.seen.append(snapshots)
        return np.arange(len(snapshots), dtype=float)

    def predict_proba(self, snapshots):
        return np.full(len(snapshots), 0.5)


def test_baselines_are_shown_no_outcome_of_what_is_held_out(world_snapshots):
    labelled, watching = world_snapshots.labelled, Watching()
    held_out = hold_out(labelled, QUICK, 0)
    found = held_out_baselines(labelled, held_out.splits, [watching], 0)
    assert len(found.margins["watching"]) == len(held_out.rows)
    assert watching.seen
    assert all(rows.y.isna().all() and rows._histories is None for rows in watching.seen)
