import numpy as np
import pytest

from riskmodel.histories.synthetic import make_histories
from riskmodel.snapshots import aggregate as module
from riskmodel.snapshots.aggregate import aggregate, run_pass
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.material import Material
from riskmodel.snapshots.passes import Pass
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every

DATES = every("3MS", "2019", "2021").to_numpy(dtype="datetime64[us]").astype(np.int64)


@pytest.fixture(scope="module")
def world():
    return make_histories(700, seed=5)


def rows_for_all(histories):
    n_persons = histories.persons.size
    return np.arange(DATES.size * n_persons).reshape(DATES.size, n_persons)


def test_the_number_of_threads_changes_no_bit(world, monkeypatch):
    monkeypatch.setattr(module, "PERSONS_A_SHARE", 1)
    task = Task(offences=world.offences, cohort=Cohort(lookback_days=None))
    ready, row_of = Pass.of(task), rows_for_all(world.histories)
    material = Material.of(world.histories, ready.plan, DATES)
    found = []
    for n_threads in (1, 2, 5):
        out, rules = np.empty((row_of.size, 108), np.float32), np.empty((row_of.size, 8))
        run_pass(ready, material, task, DATES, row_of, out, rules, n_threads=n_threads)
        found.append(out.tobytes() + rules.tobytes())
    assert found[0] == found[1] == found[2]


def test_rows_stand_where_they_are_wanted(world):
    task = Task(offences=world.offences, features=(Feature("count"), Feature("harm_sum", 365)))
    row_of = rows_for_all(world.histories)
    whole, _ = aggregate(world.histories, task, DATES, row_of)
    some = np.where(np.arange(row_of.shape[1]) % 3 == 0, 0, -1) + np.zeros_like(row_of)
    some[some == 0] = np.arange((some == 0).sum())
    part, _ = aggregate(world.histories, task, DATES, some)
    np.testing.assert_array_equal(part, whole.iloc[row_of[some >= 0]])
