"""A small trained model, and the world that it was trained on."""

from typing import NamedTuple

import pytest

AS_OF = "2022-07-01"


class Trained(NamedTuple):
    world: object
    task: object
    model: object

    @property
    def histories(self):
        return self.world.histories


@pytest.fixture(scope="session")
def trained():
    from riskmodel.histories.synthetic import make_histories
    from riskmodel.model.estimator import RepeatHarmEstimator
    from riskmodel.model.training import train
    from riskmodel.snapshots.build import build_snapshots
    from riskmodel.snapshots.task import Task

    world = make_histories(1_200, seed=5)
    task = Task(offences=world.offences)
    rows = build_snapshots(
        world.histories,
        task,
        as_of=["2018-07-01", "2020-07-01"],
        known_at=AS_OF,
        late_allowance_days=0,
    )
    estimator = RepeatHarmEstimator(n_estimators=12, n_bags=3, n_jobs=1)
    return Trained(world, task, train(rows, estimator=estimator, n_replicates=5))


@pytest.fixture(scope="session")
def scores(trained):
    from riskmodel.scoring.scores import score

    return score(trained.histories, trained.model, as_of=AS_OF, use="prioritise")
