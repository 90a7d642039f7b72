"""Histories, snapshots and a small back-test that the tests of this folder share."""

import pytest

from riskmodel.histories.synthetic import make_histories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.rolling.rolling_backtest import rolling_backtest
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every


@pytest.fixture(scope="session")
def world():
    return make_histories(500, seed=3)


@pytest.fixture(scope="session")
def build(world):
    """Build the same snapshots from this world's histories, or from altered ones."""

    def built(histories):
        task = Task(offences=world.offences, outcome=Outcome(horizon_days=365))
        dates = every("6MS", "2018", "2024")
        return build_snapshots(histories, task, as_of=dates, late_allowance_days=0)

    return built


@pytest.fixture(scope="session")
def snapshots(world, build):
    return build(world.histories)


@pytest.fixture(scope="session")
def backtest():
    """Four dates of 300 people, without trained competitors."""
    world = make_histories(300, seed=3)
    rows = build_snapshots(
        world.histories,
        Task(offences=world.offences, outcome=Outcome(horizon_days=365)),
        as_of=["2019", "2020", "2021", "2022", "2023", "2024"],
        late_allowance_days=0,
    )
    cheap = RepeatHarmEstimator(n_estimators=8, n_bags=2, min_child_samples=10, n_jobs=1)
    return rolling_backtest(rows, estimator=cheap, baselines=(), n_replicates=20, ks=(10, 50))
