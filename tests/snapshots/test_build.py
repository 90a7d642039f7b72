import dataclasses

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots.build import build_snapshots, features_at
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every

DATES = every("12MS", "2019", "2021")


@pytest.fixture(scope="module")
def world():
    return make_histories(600, seed=3)


@pytest.fixture(scope="module")
def task(world):
    return Task(offences=world.offences, cohort=Cohort(lookback_days=730))


def test_rows_are_sorted_aligned_and_complete(world, task):
    snapshots = build_snapshots(world.histories, task, as_of=DATES, late_allowance_days=0)
    keys = list(zip(snapshots.as_of, snapshots.person_id, strict=True))
    assert keys == sorted(set(keys))
    assert list(snapshots.X.columns) == task.feature_names
    assert (snapshots.X["incidents_2y"] >= 1).all()
    assert snapshots.X.dtypes.eq(np.float32).all()
    lengths = {len(getattr(snapshots, part)) for part in ("X", "y", "rules", "follow_up", "weight")}
    assert lengths == {len(snapshots)}


def test_the_scoring_path_is_bit_equal_to_the_training_path(world, task):
    snapshots = build_snapshots(world.histories, task, as_of=DATES, late_allowance_days=0)
    for date in DATES:
        one = snapshots.subset(snapshots.as_of == date)
        table = features_at(world.histories, task, date)
        assert list(table.person_id[table.scored]) == list(one.person_id)
        assert table.X.to_numpy().tobytes() == one.X.to_numpy().tobytes()


def test_a_snapshot_from_the_tables_of_that_day_is_the_same(world, task):
    for date in DATES:
        today = features_at(world.histories, task, date)
        then = features_at(world.histories.before(date), task, date)
        assert list(today.person_id[today.scored]) == list(then.person_id[then.scored])
        assert today.X.to_numpy().tobytes() == then.X.to_numpy().tobytes()


def test_row_order_of_the_tables_changes_nothing(world, task):
    tables = {
        name: table.sample(frac=1, random_state=0)
        for name, table in world.tables.items()
        if name not in ("groups", "events", "people")
    }
    shuffled = EventHistories(
        world.tables["events"].sample(frac=1, random_state=1),
        world.tables["people"].sample(frac=1, random_state=2),
        data_start=world.histories.data_start,
        data_end=world.histories.data_end,
        **tables,
    )
    one, two = (features_at(h, task, DATES[1]) for h in (world.histories, shuffled))
    np.testing.assert_array_equal(one.X, two.X)


def test_a_window_that_reaches_before_the_data_is_missing_not_small(world, task):
    start = pd.Timestamp(world.histories.data_start)
    table = features_at(world.histories, task, start + pd.Timedelta(days=800))
    assert table.X["count_5y"].isna().all()
    assert table.X["count_2y"].notna().all()
    assert table.X["count_ever"].notna().all()


def test_age_counts_from_birth_and_covariates_are_read(world):
    people = world.tables["people"].assign(
        joined="2015-01-01", visits=np.arange(len(world.tables["people"]))
    )
    features = (
        Feature("age", justification="a test"),
        Feature("days_since_date", column="joined"),
        Feature("covariate", column="visits"),
        Feature("count"),
    )
    task = Task(offences=world.offences, features=features, cohort=Cohort(lookback_days=None))
    histories = EventHistories(world.tables["events"], people, data_start="2015-01-01")
    table = features_at(histories, task, "2020-01-01")
    born = histories.people["birth_date"].to_numpy()[table.scored]
    years = (np.datetime64("2020-01-01") - born) / np.timedelta64(1, "D") / 365.25
    np.testing.assert_allclose(table.X["age"], years, rtol=1e-6)
    assert table.X["days_since_joined"].eq(1826).all()
    assert list(table.X.columns) == task.feature_names


def test_missing_people_columns_are_named(world):
    features = (Feature("covariate", column="shoe_size"), Feature("age", justification="a test"))
    task = Task(offences=world.offences, features=features)
    histories = EventHistories(world.tables["events"])
    with pytest.raises(ModelMismatchError, match=r"shoe_size, birth_date"):
        features_at(histories, task, "2020-01-01")


def test_one_date_is_asked_for_when_scoring(world, task):
    with pytest.raises(SchemaError, match="one as_of"):
        features_at(world.histories, task, DATES)


def test_leaving_out_an_evidence_level_leaves_out_its_records(world, task):
    kept = tuple(level for level in task.feature_evidence if level != "support_withdrawn")
    without = dataclasses.replace(task, feature_evidence=kept)
    table = features_at(world.histories, without, DATES[1])
    assert table.X["count_support_withdrawn_ever"].eq(0).all()


def test_default_features_fit_the_default_cohort(world):
    task = Task(offences=world.offences, cohort=Cohort.v100(), features=default_features())
    assert len(features_at(world.histories, task, DATES[1]).X)


def test_a_date_before_the_data_begin_is_refused(world, task):
    with pytest.raises(SchemaError, match="before there are data"):
        build_snapshots(world.histories, task, as_of="2001-01-01", late_allowance_days=0)
