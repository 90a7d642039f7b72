"""A search in a file: goes on after a kill, refuses what is not its own, and is left alone."""

import sqlite3

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search import search as module
from riskmodel.model.search.search import search
from riskmodel.model.search.space import Range, SearchSpace
from tests.model.search.quick import FEW, QUICK, figures

pytestmark = pytest.mark.usefixtures("few_at_random")


def killing(number):
    """Trials as they are, until the process is killed in the middle of one."""
    whole = module.run_trial

    def run(tried, *given):
        if tried == number:
            raise KeyboardInterrupt
        return whole(tried, *given)

    return run


def test_resumed_after_kills_it_is_the_same_search(world_snapshots, straight, tmp_path):
    file = tmp_path / "a folder" / "search 100%.sqlite"
    for number in (0, 2, 5):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "run_trial", killing(number))
            with pytest.raises(KeyboardInterrupt):
                search(world_snapshots, n_trials=7, storage=file, **FEW)
    resumed = search(world_snapshots, n_trials=7, storage=file, **FEW)
    pd.testing.assert_frame_equal(figures(resumed), figures(straight), check_exact=True)
    assert (resumed.best, resumed.gain) == (straight.best, straight.gain)
    done = search(world_snapshots, n_trials=7, storage=file, **FEW)
    pd.testing.assert_frame_equal(done.trials, resumed.trials, check_exact=True)
    fewer = search(world_snapshots, n_trials=2, storage=file, **FEW)
    assert len(fewer.trials) == 2


def test_optunas_own_tools_read_the_file(world_snapshots, tmp_path):
    import optuna

    file = tmp_path / "search.sqlite"
    found = search(world_snapshots, n_trials=3, storage=file, name="trial", **FEW)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    study = optuna.load_study(study_name="trial", storage=storage)
    assert [trial.params["num_leaves"] for trial in study.trials] == list(
        found.trials["num_leaves"]
    )
    storage.remove_session()
    storage.engine.dispose()


def test_a_file_holds_nothing_of_people(world_snapshots, tmp_path):
    file = tmp_path / "search.sqlite"
    search(world_snapshots, n_trials=2, storage=file, **FEW)
    content = file.read_bytes()
    assert not any(person.encode() in content for person in world_snapshots.person_id.unique())


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("search space", {"space": SearchSpace({"num_leaves": Range(2, 5)})}),
        ("estimator settings", {"estimator": RepeatHarmEstimator(n_bags=2, n_jobs=1)}),
        ("objective", {"objective": "auc"}),
        ("seed", {"seed": 1}),
        ("inner dates", {"inner_dates": -2}),
        ("n_replicates", {"n_replicates": 60}),
    ],
)
def test_a_file_of_another_search_is_refused_and_says_what_differs(
    world_snapshots, file_of_two, part, changed
):
    if "inner_dates" in changed:
        changed = {"inner_dates": [world_snapshots.labelled.dates[-2]]}
    with pytest.raises(SchemaError, match=f"made with other {part}"):
        search(world_snapshots, n_trials=3, storage=file_of_two, **{**FEW, **changed})


@pytest.fixture(scope="module")
def file_of_two(world_snapshots, tmp_path_factory):
    file = tmp_path_factory.mktemp("two") / "search.sqlite"
    search(world_snapshots, n_trials=2, storage=file, **FEW)
    return file


def test_other_rows_are_refused_and_another_name_is_another_search(world_snapshots, file_of_two):
    fewer = world_snapshots.subset(np.arange(len(world_snapshots)) % 10 != 0)
    with pytest.raises(SchemaError, match="made with other rows"):
        search(fewer, n_trials=3, storage=file_of_two, **FEW)
    assert len(search(fewer, n_trials=1, storage=file_of_two, name="fewer", **FEW).trials) == 1
    threads = clone(QUICK).set_params(n_jobs=2)
    on = search(world_snapshots, n_trials=2, storage=file_of_two, **{**FEW, "estimator": threads})
    assert len(on.trials) == 2, "threads change no bit"


@pytest.mark.parametrize("content", ["words", "database"])
def test_a_file_of_something_else_is_left_alone(world_snapshots, tmp_path, content):
    file = tmp_path / "mlflow.db"
    if content == "words":
        file.write_text("years of work " * 100)
    else:
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE studies (name TEXT)")
        database.close()
    before = file.read_bytes()
    with pytest.raises(RiskModelError, match=r"mlflow\.db is there and holds no search"):
        search(world_snapshots, storage=file, **FEW)
    assert file.read_bytes() == before


def test_two_searches_at_once_on_one_file_are_told_apart(world_snapshots, tmp_path):
    file = tmp_path / "search.sqlite"

    def tell(made, words):
        if made == 1:
            search(world_snapshots, n_trials=2, storage=file, **FEW)

    with pytest.raises(RiskModelError, match="another search has written to the same file"):
        search(world_snapshots, n_trials=4, storage=file, **{**FEW, "progress": tell})
