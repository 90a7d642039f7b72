"""Inner dates lie inside the rows given, a horizon after what they are learnt from."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import learn
from riskmodel.model.search.splits import digest_of, inner_splits
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots

QUICK = RepeatHarmEstimator(n_estimators=8, min_child_samples=10, n_bags=2, n_jobs=1)


def altered(X, rows, value):
    """The table with other values in some rows."""
    changed = X.copy()
    changed.loc[np.asarray(rows)] = value
    return changed


def test_the_last_three_dates_each_with_a_gap_of_one_horizon(world_snapshots):
    splits = inner_splits(world_snapshots)
    labelled = world_snapshots.labelled
    assert [split.date for split in splits] == list(labelled.dates[-3:])
    horizon = pd.Timedelta(days=labelled.task.outcome.horizon_days)
    for split in splits:
        assert (split.train.as_of + horizon <= split.date).all()
        assert split.train.known_at == split.date
        assert set(split.test.as_of) == {split.date}
        assert split.test.known_at == world_snapshots.known_at


def test_what_is_learnt_was_known_on_the_inner_date(world_snapshots, small_world):
    """Histories from which all later records are gone give the same rows to learn from."""
    for split in inner_splits(world_snapshots):
        then = build_snapshots(
            small_world.histories.before(split.date),
            world_snapshots.task,
            as_of=split.train.dates,
            known_at=split.date,
            late_allowance_days=0,
        ).learnable
        assert np.array_equal(then.X.to_numpy(), split.train.X.to_numpy(), equal_nan=True)
        assert then.y.tolist() == split.train.y.tolist()


def test_rows_later_than_the_inner_dates_are_not_read(world_snapshots):
    dates = world_snapshots.labelled.dates[-4:-1]
    later = (world_snapshots.as_of > dates[-1]).to_numpy()
    other = replace(
        world_snapshots,
        X=altered(world_snapshots.X, later, 999.0),
        y=world_snapshots.y.mask(later, 1 - world_snapshots.y),
    )
    cut = world_snapshots.subset(~later)
    digests = {
        digest_of(inner_splits(rows, dates)) for rows in (world_snapshots, other, cut)
    }  # fmt: skip
    assert len(digests) == 1
    inside = altered(world_snapshots.X, world_snapshots.as_of == dates[0], 999.0)
    assert digest_of(inner_splits(replace(world_snapshots, X=inside), dates)) not in digests


def test_bin_edges_come_from_the_rows_learnt_from_alone(world_snapshots):
    """LightGBM cuts each feature into bins: later rows must not move one edge by one bit."""
    cut = world_snapshots.labelled.dates[-2]
    later = (world_snapshots.as_of >= cut).to_numpy()
    far = replace(world_snapshots, X=altered(world_snapshots.X, later, -1e6))
    texts = []
    for rows in (world_snapshots, far):
        train, _ = split_at(rows, cut)
        fitted = learn(QUICK, train.learnable)
        texts.append([booster.model_to_string() for booster in fitted.boosters_])
    assert texts[0] == texts[1]
    moved = replace(
        world_snapshots, X=altered(world_snapshots.X, ~later, (world_snapshots.X * 2)[~later])
    )
    fitted = learn(QUICK, split_at(moved, cut)[0].learnable)
    assert [booster.model_to_string() for booster in fitted.boosters_] != texts[0]


def test_an_allowance_for_late_reports_widens_the_gap(world_snapshots):
    gap = pd.Timedelta(days=world_snapshots.task.outcome.horizon_days + 200)
    for split in inner_splits(replace(world_snapshots, late_allowance_days=200)):
        assert (split.train.as_of + gap <= split.date).all()


def test_dates_are_taken_as_asked_and_put_in_order(world_snapshots):
    dates = world_snapshots.labelled.dates[-2:]
    assert [split.date for split in inner_splits(world_snapshots, dates[::-1])] == list(dates)
    assert [split.date for split in inner_splits(world_snapshots, n_dates=1)] == [dates[-1]]


@pytest.mark.parametrize("place", [0, -1])
def test_a_date_that_cannot_be_split_at_is_refused(world_snapshots, place):
    with pytest.raises(SchemaError, match=r"inner_dates: 20.*window had closed"):
        inner_splits(world_snapshots, [world_snapshots.dates[place]])


def test_too_few_rows_with_the_outcome_are_refused_with_their_number(world_snapshots):
    never = replace(world_snapshots, y=world_snapshots.y * 0)
    date = never.labelled.dates[-1]
    with pytest.raises(SchemaError, match=r"0 of \d+ rows of the date have the outcome"):
        inner_splits(never, [date])
    with pytest.raises(SchemaError, match="none of 8 dates has 10 rows"):
        inner_splits(never)


def test_a_ready_made_table_has_no_inner_dates(table):
    with pytest.raises(SchemaError, match="carry no task"):
        inner_splits(table)
    with pytest.raises(SchemaError, match="carry no task"):
        inner_splits(Snapshots.from_table(pd.DataFrame({"a": [0.0, 1.0]}), [0, 1]), ["2020"])
