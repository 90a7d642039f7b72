"""The number of trees: where the log loss on held-out rows is least, and looked for in steps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from riskmodel.errors import RiskModelError
from riskmodel.model.calibration.logistic import LogisticCalibration
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.early_stopping import calibrated_log_loss, choose_n_estimators

GREEDY = RepeatHarmEstimator(
    n_estimators=80,
    learning_rate=0.3,
    num_leaves=15,
    min_child_samples=5,
    reg_lambda=0.0,
    n_bags=2,
    n_jobs=1,
)


def drawn(seed, n=1500):
    """An outcome that follows the first four of eight columns, and only those."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 8)), columns=list("abcdefgh"))
    return X, (rng.random(n) < 1 / (1 + np.exp(1 - X[list("abcd")].sum(axis=1)))).astype(float)


@pytest.fixture(scope="module")
def fitted():
    return GREEDY.fit(*drawn(0), calibration_folds=[])


@pytest.fixture(scope="module")
def later():
    return drawn(1)


def loss_after(fitted, X, y, number):
    """The same, written out: the trees asked for by num_iteration."""
    margin = np.mean(
        [
            booster.predict(X.to_numpy(), raw_score=True, num_iteration=number)
            for booster in fitted.boosters_
        ],
        axis=0,
    )
    margin = (margin - margin.mean()) / margin.std()
    return log_loss(y, LogisticCalibration.fit(margin, y).transform(margin))


def test_losses_are_those_of_the_first_trees(fitted, later):
    found = choose_n_estimators(fitted, *later, step=7, patience=100)
    assert list(found.losses) == [7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 80]
    for number, loss in found.losses.items():
        assert loss == pytest.approx(loss_after(fitted, *later, number), rel=1e-6)
    assert found.losses[found.n_estimators] == min(found.losses.values())
    scores = [booster.predict(later[0], raw_score=True) for booster in fitted.boosters_]
    whole = np.mean(scores, axis=0)
    assert found.losses[80] == pytest.approx(calibrated_log_loss(whole, later[1].to_numpy()))


def test_greedy_trees_are_stopped_early_and_shy_ones_are_not(fitted, later):
    stopped = choose_n_estimators(fitted, *later, step=5)
    assert stopped.n_estimators < 40
    assert not stopped.still_falling
    shy = RepeatHarmEstimator(n_estimators=20, feature_fraction=1.0, n_bags=2, n_jobs=1)
    unfinished = choose_n_estimators(shy.fit(*drawn(0), calibration_folds=[]), *later, step=5)
    assert unfinished.n_estimators == 20
    assert unfinished.still_falling


def test_patience_is_how_many_looks_are_taken_in_vain(fitted, later):
    for patience in (1, 3):
        found = choose_n_estimators(fitted, *later, step=5, patience=patience)
        assert max(found.losses) == found.n_estimators + patience * 5


def test_the_chosen_number_is_that_of_an_estimator_fitted_with_it(fitted, later):
    found = choose_n_estimators(fitted, *later, step=5)
    again = RepeatHarmEstimator(**{**GREEDY.get_params(), "n_estimators": found.n_estimators})
    margin = again.fit(*drawn(0), calibration_folds=[]).decision_function(later[0])
    loss = calibrated_log_loss(margin, later[1].to_numpy())
    assert loss == pytest.approx(found.losses[found.n_estimators], rel=1e-6)


@given(st.floats(0.001, 1000), st.floats(-5, 5))
def test_neither_shrinkage_nor_a_moved_base_rate_counts(scale, shift):
    X, y = drawn(2, n=400)
    margin = X["a"].to_numpy()
    loss, moved = (calibrated_log_loss(one, y) for one in (margin, scale * margin + shift))
    assert moved == pytest.approx(loss, abs=1e-9)


@pytest.mark.parametrize("wrong", [{"step": 0}, {"patience": 0}])
def test_steps_and_patience_are_whole_and_above_0(fitted, later, wrong):
    with pytest.raises(RiskModelError, match="1 or more"):
        choose_n_estimators(fitted, *later, **wrong)


def test_a_margin_without_trees_has_no_number(later):
    curve = RepeatHarmEstimator(blend={"logistic": 1.0}, n_bags=2, n_jobs=1)
    with pytest.raises(RiskModelError, match="no trees"):
        choose_n_estimators(curve.fit(*later, calibration_folds=[]), *later)
