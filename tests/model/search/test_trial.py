"""A trial: the newest date decides on trees and on hope, and the default is tried as it is."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import learn
from riskmodel.model.search import trial as module
from riskmodel.model.search.early_stopping import StoppedAt
from riskmodel.model.search.objective import Judge
from riskmodel.model.search.splits import InnerSplit
from riskmodel.model.search.trial import Trial, fit_stopped, gains_over, run_trial
from riskmodel.snapshots.table import Snapshots

ABLE = RepeatHarmEstimator(
    n_estimators=12,
    learning_rate=0.1,
    num_leaves=8,
    feature_fraction=1.0,
    min_child_samples=10,
    n_bags=2,
    n_jobs=1,
)
STUMPS = clone(ABLE).set_params(num_leaves=2)


def drawn(seed, n=400):
    """Two signs whose product tells the outcome: trees of two leaves can't see it."""
    rng = np.random.default_rng(seed)
    one, y = rng.choice([-1.0, 1.0], n), (rng.random(n) < 0.4).astype(float)
    told = np.where(rng.random(n) < 0.1, 0, y)
    X = pd.DataFrame({"one": one, "other": np.where(told == 1, one, -one)})
    return Snapshots.from_table(X, y, person_id=rng.integers(0, n, n))


@pytest.fixture(scope="module")
def judge():
    splits = [
        InnerSplit(pd.Timestamp(date), drawn(2 * place), drawn(2 * place + 1))
        for place, date in enumerate(["2019", "2020", "2021"])
    ]
    return Judge(splits, "auc", n_replicates=50, seed=0)


@pytest.fixture
def learnt(monkeypatch):
    """Trees and rows of each model that was learnt, in order."""
    found = []

    def spied(settings, rows, **given):
        found.append((settings.n_estimators, rows))
        return learn(settings, rows, **given)

    monkeypatch.setattr(module, "learn", spied)
    return found


@pytest.fixture(scope="module")
def default(judge):
    return run_trial(0, {"num_leaves": 8}, ABLE, judge, None)


def test_the_default_keeps_its_own_number_of_trees_on_every_date(judge, learnt):
    found = run_trial(0, {"num_leaves": 8}, ABLE, judge, None)
    assert found.settings == {"num_leaves": 8, "n_estimators": 12}
    assert [trees for trees, _ in learnt] == [12, 12, 12]
    assert learnt[0][1] is judge.splits[-1].train, "the newest date comes first"
    assert not found.hopeless
    assert found.seconds > 0


def test_figures_are_those_of_models_learnt_by_hand_oldest_date_first(judge, default):
    for place, split in enumerate(judge.splits):
        margin = learn(ABLE, split.train).decision_function(split.test.X)
        value, resampled = judge.measure(place, margin)
        assert default.by_date[place] == value
        assert default.replicates[place].tolist() == resampled.tolist()
    assert default.value == pytest.approx(default.by_date.mean())


def test_a_hopeless_trial_stops_after_the_newest_date(judge, default, learnt):
    found = run_trial(3, {"num_leaves": 2}, ABLE, judge, default)
    assert found.hopeless
    assert found.number == 3
    assert (found.by_date.shape, found.replicates.shape) == ((1,), (1, 50))
    assert found.by_date[0] < default.by_date[-1] - 0.1
    assert all(rows is judge.splits[-1].train for _, rows in learnt)


def test_a_better_trial_is_judged_on_all_dates_with_the_trees_of_the_newest(judge, learnt):
    poor = run_trial(0, {"num_leaves": 2}, STUMPS, judge, None)
    learnt.clear()
    found = run_trial(1, {"num_leaves": 8}, STUMPS, judge, poor)
    assert not found.hopeless
    assert found.by_date.shape == (3,)
    assert (found.by_date > poor.by_date).all()
    older = [(trees, rows) for trees, rows in learnt if rows is not judge.splits[-1].train]
    assert [rows for _, rows in older] == [split.train for split in judge.splits[:-1]]
    assert {trees for trees, _ in older} == {found.settings["n_estimators"]}
    assert STUMPS.get_params()["num_leaves"] == 2, "the estimator given is not changed"


@pytest.mark.parametrize(("as_good", "hopeless"), [(0, True), (1, True), (20, False)])
def test_given_up_is_what_is_worse_in_all_but_few_resamples(judge, default, as_good, hopeless):
    """Of two hundred resamples at most one in forty may be as good as the default."""
    resampled = np.where(np.arange(200) < as_good, 0.0, -1.0)
    told = SimpleNamespace(splits=judge.splits, measure=lambda place, margin: (0.0, resampled))
    even = Trial(0, {}, np.zeros(3), np.zeros((3, 200)), 0.0)
    assert run_trial(1, {"num_leaves": 8}, ABLE, told, even).hopeless is hopeless


def test_equal_settings_are_not_hopeless(judge, default):
    again = run_trial(1, {"num_leaves": 8}, ABLE, judge, default)
    assert not again.hopeless


@pytest.mark.parametrize(
    ("given", "rate", "guess"),
    [(60, 0.05, 120), (60, 0.1, 60), (12, 0.2, 20), (1_000, 0.01, 1_500)],
)
def test_half_the_learning_rate_is_begun_with_twice_the_trees(
    judge, default, monkeypatch, given, rate, guess
):
    begun = []

    def first(estimator, split, n_estimators):
        begun.append(n_estimators)
        return learn(clone(estimator).set_params(n_estimators=1), split.train)

    monkeypatch.setattr(module, "fit_stopped", first)
    estimator = clone(ABLE).set_params(n_estimators=given)
    found = run_trial(1, {"learning_rate": rate}, estimator, judge, default)
    assert begun == [guess]
    assert found.settings == {"learning_rate": rate, "n_estimators": 1}


def stopping(monkeypatch, *answers):
    """Early stopping that answers what is given: trees, and whether more might help."""
    left = [StoppedAt(trees, {}, still_falling=falling) for trees, falling in answers]
    monkeypatch.setattr(module, "choose_n_estimators", lambda *_, **__: left.pop(0))


def test_trees_are_doubled_while_they_help_but_not_without_end(judge, learnt, monkeypatch):
    monkeypatch.setattr(module, "MOST_TREES", 50)
    stopping(monkeypatch, (20, True), (40, True), (50, True))
    found = fit_stopped(ABLE, judge.splits[0], 20)
    assert [trees for trees, _ in learnt] == [20, 40, 50]
    assert found.n_estimators == 50


def test_fewer_trees_are_learnt_anew_as_an_estimator_with_that_number(judge, learnt, monkeypatch):
    stopping(monkeypatch, (20, True), (30, False))
    found = fit_stopped(ABLE, judge.splits[0], 20)
    assert [trees for trees, _ in learnt] == [20, 40, 30]
    plain = learn(clone(ABLE).set_params(n_estimators=30), judge.splits[0].train)
    X = judge.splits[0].test.X
    assert found.decision_function(X).tolist() == plain.decision_function(X).tolist()
    assert ABLE.n_estimators == 12


def test_a_blend_without_trees_has_nothing_to_stop(judge, learnt):
    curve = clone(ABLE).set_params(blend={"logistic": 1.0})
    found = fit_stopped(curve, judge.splits[0], 20)
    assert len(learnt) == 1
    assert not found.boosters_


def test_gains_are_over_the_first_resample_by_resample():
    rng = np.random.default_rng(0)
    trials = [
        Trial(number, {}, rng.normal(size=3), rng.normal(size=(3, 9)), 0.0) for number in range(4)
    ]
    gains, resampled = gains_over(trials)
    assert gains[0] == 0
    assert not resampled[0].any()
    for place, one in enumerate(trials):
        assert gains[place] == pytest.approx(one.by_date.mean() - trials[0].by_date.mean())
        drawn = one.replicates.mean(axis=0) - trials[0].replicates.mean(axis=0)
        np.testing.assert_allclose(resampled[place], drawn)


def test_a_resample_without_a_figure_on_one_date_is_the_mean_of_the_others():
    replicates = np.array([[1.0, np.nan], [3.0, 5.0]])
    assert Trial(0, {}, np.zeros(2), replicates, 0.0).resampled.tolist() == [2.0, 5.0]
