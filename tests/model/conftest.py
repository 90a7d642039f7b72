"""Small trained models that the tests of this stage share."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task

QUICK = RepeatHarmEstimator(n_estimators=12, min_child_samples=10, reg_lambda=5.0, n_jobs=1)


def ready_made_table(seed=0, n=600, people=300):
    """A table whose outcome comes from its first column."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "priors": rng.poisson(1.5, n),
            "days_since_last": np.where(rng.random(n) < 0.3, np.nan, rng.exponential(200, n)),
            "noise": rng.normal(size=n),
        }
    )
    y = (rng.random(n) < 0.05 + 0.12 * np.minimum(X["priors"], 5)).astype(float)
    harm = y * rng.exponential(200, size=n)
    return Snapshots.from_table(X, y, harm=harm, person_id=rng.integers(0, people, size=n))


@pytest.fixture(scope="session")
def table():
    return ready_made_table()


@pytest.fixture(scope="session")
def table_model(table):
    """Trained on a ready-made table: no task, one date."""
    return train(table, estimator=QUICK, n_replicates=20)


@pytest.fixture(scope="session")
def world_snapshots(small_world):
    """Eight dates of a small world, some of them too late to be labelled."""
    task = Task(
        offences=small_world.offences,
        outcome=Outcome(horizon_days=365),
    )
    dates = pd.date_range("2018-01-01", "2023-06-01", freq="9MS")
    return build_snapshots(small_world.histories, task, as_of=dates, late_allowance_days=0)


@pytest.fixture(scope="session")
def world_model(world_snapshots):
    return train(world_snapshots, estimator=QUICK, n_replicates=20)


@pytest.fixture
def task_without_age(world_snapshots):
    return replace(world_snapshots.task, features=default_features(age=False))
