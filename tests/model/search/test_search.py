"""search(): finds what was planted, keeps the default within noise, reads no later row."""

import json
import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.search.search import search
from riskmodel.model.search.space import Choice, Range, SearchSpace
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.splits import split_at
from tests.model.search.quick import FEW, QUICK, figures

pytestmark = pytest.mark.usefixtures("few_at_random")


@pytest.fixture(scope="module")
def crossed(world_snapshots):
    """Two signs whose product tells the outcome: trees of two leaves can't see it."""
    rng = np.random.default_rng(0)
    told = np.where(rng.random(len(world_snapshots)) < 0.1, 0, world_snapshots.y.fillna(0))
    one = rng.choice([-1.0, 1.0], len(world_snapshots))
    other = np.where(told == 1, one, -one)
    return replace(world_snapshots, X=pd.DataFrame({"one": one, "other": other}, dtype="float32"))


def test_trial_0_is_the_estimator_as_it_is(straight):
    assert straight.default == {"num_leaves": 7, "reg_lambda": 5.0, "n_estimators": 12}
    first = straight.trials.iloc[0]
    assert (first["gain"], first["gain_low"], first["gain_high"]) == (0, 0, 0)
    assert len(straight.trials) == straight.n_trials == 7
    assert [date.year for date in straight.dates] == sorted(date.year for date in straight.dates)


def test_settings_stay_in_the_space_and_trees_follow_from_early_stopping(straight):
    for _, trial in straight.trials.iterrows():
        assert 2 <= trial["num_leaves"] <= 16
        assert 0.1 <= trial["reg_lambda"] <= 100
    assert straight.trials["n_estimators"].nunique() > 1
    assert len(straight.trials[["num_leaves", "reg_lambda"]].drop_duplicates()) == 7


def test_one_seed_gives_one_search_and_another_seed_another(world_snapshots, straight):
    again, other = (search(world_snapshots, n_trials=4, seed=seed, **FEW) for seed in (0, 1))
    pd.testing.assert_frame_equal(
        figures(again).drop(columns=["gain_low", "gain_high"]),
        figures(straight)[:4].drop(columns=["gain_low", "gain_high"]),
    )
    assert again.trials["reg_lambda"][1] != other.trials["reg_lambda"][1]


def test_a_planted_best_is_found_and_beyond_noise(crossed):
    absurd = clone(QUICK).set_params(num_leaves=2, feature_fraction=1.0)
    space = SearchSpace({"num_leaves": Range(2, 8), "learning_rate": Range(0.05, 0.2)})
    asked = {**FEW, "estimator": absurd, "space": space}
    found = search(crossed, n_trials=4, objective="auc", **asked)
    assert found.worthwhile
    assert found.best["num_leaves"] > 3
    assert found.chosen == found.best
    assert found.estimator.get_params() == {**absurd.get_params(), **found.best}


def test_the_hopeless_are_given_up_on_the_newest_date(crossed):
    able = clone(QUICK).set_params(num_leaves=8, feature_fraction=1.0)
    stumps = SearchSpace({"num_leaves": Choice((2, 3)), "learning_rate": Range(0.05, 0.2)})
    asked = {**FEW, "estimator": able, "space": stumps}
    found = search(crossed, n_trials=3, objective="auc", **asked)
    assert found.trials["hopeless"].tolist() == [False, True, True]
    assert found.best == found.default


@pytest.mark.parametrize("objective", ["mean_captured", "log_loss"])
def test_noise_is_not_believed_and_keeps_the_default(world_snapshots, objective):
    noise = np.random.default_rng(1).normal(size=(len(world_snapshots), 4))
    rows = replace(world_snapshots, X=pd.DataFrame(noise, columns=list("abcd")))
    found = search(rows, n_trials=6, objective=objective, **FEW)
    assert found.gain.low < 0 < found.gain.value
    assert not found.worthwhile
    assert found.chosen == found.default
    assert found.estimator.get_params() == QUICK.get_params()


def test_what_was_found_is_json_and_its_estimator_trains(straight, world_snapshots):
    content = straight.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert train(world_snapshots, estimator=straight.estimator, n_replicates=5)


def test_when_the_time_is_up_no_trial_is_started(world_snapshots):
    found = search(world_snapshots, n_trials=1000, timeout=0, **FEW)
    assert len(found.trials) == 1
    assert "1 of 1000 trials" in str(found)
    some = search(world_snapshots, n_trials=None, timeout=0.5, **FEW)
    assert str(some).startswith(f"{len(some.trials)} trial")


def test_nothing_after_the_cut_reaches_a_search(small_world, world_snapshots):
    """Outer test at a date: histories without any later record give the same trials."""
    cut = world_snapshots.labelled.dates[-1]
    early, _ = split_at(world_snapshots, cut)
    then = build_snapshots(
        small_world.histories.before(cut),
        world_snapshots.task,
        as_of=early.dates,
        known_at=cut,
        late_allowance_days=0,
    )
    with_later, without = (search(rows, n_trials=2, **FEW) for rows in (early, then))
    pd.testing.assert_frame_equal(figures(with_later), figures(without), check_exact=True)


def test_choices_may_be_blends(world_snapshots, tmp_path):
    space = SearchSpace(
        {
            "blend": Choice(({"any": 1.0}, {"any": 1.0, "count": 1.0}, {"logistic": 1.0})),
            "logistic_l2": Range(0.001, 0.1, log=True),
        }
    )
    file = tmp_path / "search.sqlite"
    asked = {**FEW, "space": space, "storage": file}
    for n_trials in (3, 6):
        found = search(world_snapshots, n_trials=n_trials, **asked)
    assert found.default["blend"] is None, "outside the space, and still trial 0"
    tried = {json.dumps(blend) for blend in found.trials["blend"][1:]}
    assert tried <= {json.dumps(value) for value in space.settings["blend"].values}
    assert len(tried) > 1


def test_a_trial_that_fails_ends_the_search_and_names_its_settings(world_snapshots, tmp_path):
    space = SearchSpace({"tweedie_power": Range(3.0, 4.0)})
    with pytest.raises(RiskModelError, match=r"trial 1 failed with tweedie_power=3\..*between 1"):
        search(world_snapshots, n_trials=3, storage=tmp_path / "s", **{**FEW, "space": space})
    kept = search(world_snapshots, n_trials=1, storage=tmp_path / "s", **{**FEW, "space": space})
    assert len(kept.trials) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_trials": 0}, "n_trials: 0 given"),
        ({"n_trials": None}, "n_trials: None is allowed where timeout"),
        ({"timeout": -1}, "timeout"),
        ({"choose": "hope"}, "'hope' given, one of beyond_noise, best"),
        ({"objective": "f1"}, "'f1' given"),
        ({"space": SearchSpace({"leaves": Range(2, 4)})}, "no setting 'leaves'"),
    ],
)
def test_what_cannot_be_is_refused_before_any_trial(world_snapshots, wrong, message):
    with pytest.raises(SchemaError, match=message):
        search(world_snapshots, **{**FEW, **wrong})


def test_nothing_is_printed_and_optuna_keeps_its_verbosity(world_snapshots, capfd):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.INFO)
    search(world_snapshots, n_trials=2, **{**FEW, "progress": True})
    assert optuna.logging.get_verbosity() == optuna.logging.INFO == logging.INFO
    assert capfd.readouterr() == ("", "")


def test_a_caller_is_told_after_each_trial(world_snapshots):
    told = []
    search(world_snapshots, n_trials=2, **{**FEW, "progress": lambda *words: told.append(words)})
    assert [made for made, _ in told] == [1, 2]
    assert told[0][1] == "Searching settings: best +0.0000"
