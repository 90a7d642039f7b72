import dataclasses

import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.splits import split_at, temporal_folds
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every

CUT = pd.Timestamp("2021-01-01")


@pytest.fixture(scope="module")
def snapshots():
    world = make_histories(600, seed=5)
    task = Task(offences=world.offences, features=(Feature("count", 365),))
    return build_snapshots(
        world.histories, task, as_of=every("6MS", "2018", "2021"), late_allowance_days=30
    )


def test_training_windows_close_before_the_cut_and_rows_between_are_in_neither(snapshots):
    train, test = split_at(snapshots, CUT)
    assert (train.as_of + pd.Timedelta(days=730 + 30)).max() <= CUT
    assert test.as_of.min() >= CUT
    assert test.observed.all()
    assert len(train) + len(test) < len(snapshots)


def test_training_labels_are_those_known_at_the_cut(snapshots):
    train, _ = split_at(snapshots, CUT)
    task, histories = snapshots.task, snapshots._histories
    honest = build_snapshots(
        histories.before(CUT), task, as_of=train.dates, known_at=CUT, late_allowance_days=30
    )
    assert train.known_at == CUT
    pd.testing.assert_series_equal(train.y, honest.y)
    pd.testing.assert_series_equal(train.harm, honest.harm)
    pd.testing.assert_frame_equal(train.totals, honest.totals)


def test_a_cut_that_leaves_nothing_says_what_fits(snapshots):
    with pytest.raises(SchemaError, match="as_of dates run from 2018-01-01"):
        split_at(snapshots, "2018-06-01")


def test_ready_made_tables_have_no_dates_to_split_at():
    table = Snapshots.from_table(pd.DataFrame({"priors": [0, 1]}), [0, 1])
    with pytest.raises(SchemaError, match="no task"):
        split_at(table, CUT)
    with pytest.raises(SchemaError, match="no task"):
        temporal_folds(table)


def test_folds_never_train_on_windows_that_cross_the_test_date(snapshots):
    folds = temporal_folds(snapshots)
    assert folds
    for train, test in folds:
        date = snapshots.as_of.iloc[test].unique()
        assert len(date) == 1
        gap = pd.Timedelta(days=730 + 30)  # the horizon, and the allowance for late reports
        assert (snapshots.as_of.iloc[train] + gap <= date[0]).all()


def test_weights_and_durations_learn_from_rows_that_are_cut_at_the_date(snapshots):
    histories = snapshots._histories
    for outcome in (Outcome(censored="weighted"), Outcome(kind="time_to_first")):
        task = dataclasses.replace(snapshots.task, outcome=outcome)
        rows = build_snapshots(
            histories, task, as_of=snapshots.dates, known_at=None, late_allowance_days=30
        )
        train, test = split_at(rows, CUT)
        assert train.as_of.max() + pd.Timedelta(days=30) <= CUT
        assert train.follow_up["censored"].any()
        assert test.as_of.min() >= CUT
        honest = build_snapshots(
            histories.before(CUT), task, as_of=train.dates, known_at=CUT, late_allowance_days=30
        )
        pd.testing.assert_series_equal(train.y, honest.y)
        pd.testing.assert_series_equal(train.weight, honest.weight)
        pd.testing.assert_frame_equal(train.follow_up, honest.follow_up)
