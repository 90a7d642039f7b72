"""RepeatHarmEstimator: the sklearn contract, and what it adds to it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_dataframe_column_names_consistency as names_check
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.model.estimator import RepeatHarmEstimator

EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "halves are drawn by people and features are binned by rows, so a row given twice is "
        "another draw than a row of weight 2"
    ),
    "check_classifiers_train": (
        "wants predict to be the sign of decision_function; predict and predict_proba go through "
        "the calibration, while decision_function is the scale that contributions add up to. The "
        "rest of the check is test_what_the_expected_failure_would_have_checked"
    ),
}
QUICK = RepeatHarmEstimator(n_estimators=30, min_child_samples=20, n_jobs=1)


def world(seed=0, n=3_000):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "count_1y": rng.poisson(1.0, n),
            "days_since_last": np.where(rng.random(n) < 0.2, np.nan, rng.exponential(200, n)),
            "noise": rng.normal(size=n),
        }
    ).astype("float32")
    recent = X["days_since_last"].fillna(1_000).to_numpy() < 50
    p = expit(-2.5 + 0.8 * X["count_1y"].to_numpy() + recent)
    y = (rng.random(n) < p).astype(float)
    harm = y * rng.exponential(300, n) * (1 + X["count_1y"].to_numpy())
    return X, y, harm, p


@pytest.fixture(scope="module")
def fitted():
    X, y, harm, _ = world()
    return clone(QUICK).fit(X, y, harm=harm)


@parametrize_with_checks(
    [RepeatHarmEstimator(n_jobs=1)], expected_failed_checks=lambda _: EXPECTED_FAILED_CHECKS
)
def test_sklearn_contract(estimator, check):
    check(estimator)


def test_what_the_expected_failure_would_have_checked():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(-1, 0.5, (100, 2)), rng.normal(1, 0.5, (100, 2))])
    y = np.repeat(["no", "yes"], 100)
    estimator = clone(QUICK).fit(X.tolist(), y.tolist())
    proba = estimator.predict_proba(X)
    assert (estimator.predict(X) == y).mean() > 0.95
    assert np.array_equal(estimator.classes_[proba.argmax(axis=1)], estimator.predict(X))
    assert np.allclose(proba.sum(axis=1), 1)
    assert estimator.decision_function(X).shape == (200,)
    for method in (estimator.predict, estimator.predict_proba, estimator.decision_function):
        with pytest.raises(ValueError, match="features"):
            method(X[:, :1])
    with pytest.raises(ValueError, match="inconsistent"):
        clone(QUICK).fit(X, y[:-1])


def test_sklearn_refuses_permuted_names_where_we_reorder():
    """The check is no part of check_estimator; it fails at its first demand and only there."""
    with pytest.raises(AssertionError, match="did not raise"):
        names_check("RepeatHarmEstimator", QUICK)


@given(order=st.permutations([0, 1, 2]))
@settings(max_examples=6, deadline=None)
def test_permuted_columns_give_the_same_bits(fitted, order):
    X = world()[0]
    permuted = X.iloc[:, list(order)]
    pd.testing.assert_frame_equal(fitted.estimates(permuted), fitted.estimates(X), check_exact=True)


@pytest.mark.parametrize("method", ["predict_proba", "predict_interval", "predict_expected_harm"])
def test_missing_and_renamed_columns_are_named(fitted, method):
    X = world()[0]
    with pytest.raises(ModelMismatchError, match="now missing:\n- count_1y"):
        getattr(fitted, method)(X.drop(columns="count_1y"))
    with pytest.raises(ModelMismatchError, match="unseen at fit time:\n- counts"):
        getattr(fitted, method)(X.rename(columns={"count_1y": "counts"}))


def test_infinite_values_are_refused_in_fit_and_predict(fitted):
    X, y, *_ = world(n=200)
    X.iloc[3, 0] = X.iloc[5, 2] = np.inf
    with pytest.raises(RiskModelError, match="2 rows of count_1y, noise"):
        fitted.predict_proba(X)
    with pytest.raises(RiskModelError, match="2 rows of count_1y, noise"):
        clone(QUICK).fit(X, y)


def test_it_finds_the_planted_risk_and_is_calibrated(fitted):
    X, y, _, p = world(seed=1, n=20_000)
    estimates = fitted.estimates(X)
    assert roc_auc_score(y, estimates["margin"]) > roc_auc_score(y, p) - 0.02
    assert estimates["probability"].mean() == pytest.approx(y.mean(), abs=0.02)
    for part in np.array_split(np.argsort(estimates["probability"].to_numpy()), 5):
        assert estimates["probability"].iloc[part].mean() == pytest.approx(p[part].mean(), abs=0.05)


def test_the_margin_orders_as_the_probability_does_and_one_pass_equals_many(fitted):
    X = world(seed=2)[0]
    estimates = fitted.estimates(X)
    by_margin = estimates.sort_values("margin")
    assert (np.diff(by_margin["probability"]) >= 0).all()
    assert np.array_equal(fitted.decision_function(X), estimates["margin"])
    assert np.array_equal(fitted.predict_proba(X)[:, 1], estimates["probability"])
    assert np.array_equal(fitted.predict_interval(X), estimates[["low", "high"]].T)
    assert np.array_equal(fitted.predict_expected_harm(X), estimates["expected_harm"])
    assert (estimates["low"] < estimates["probability"]).all()
    assert (estimates["probability"] < estimates["high"]).all()


def test_a_row_scores_the_same_alone_and_among_many(fitted):
    X = world(seed=3, n=2_500)[0]
    together = fitted.estimates(X)
    alone = pd.concat([fitted.estimates(X.iloc[[row]]) for row in range(25)])
    pd.testing.assert_frame_equal(alone, together.iloc[:25], check_exact=True)


def test_numbers_of_any_type_give_the_same_bits(fitted):
    X = world(seed=4, n=60)[0].assign(noise=1.0)
    floats = fitted.estimates(X)
    whole = X.astype({"count_1y": "int64", "noise": "bool"})
    pd.testing.assert_frame_equal(fitted.estimates(whole), floats, check_exact=True)
    with pytest.raises(ValueError, match="convert"):
        fitted.estimates(X.assign(noise="many"))


def test_intervals_are_about_as_wide_as_estimates_of_other_samples_spread():
    probe = world(seed=99, n=50)[0]
    fits = [clone(QUICK).fit(*world(seed=seed, n=2_000)[:2]) for seed in range(12)]
    estimates = np.array([fit.calibration_.log_odds(fit.decision_function(probe)) for fit in fits])
    intervals = np.array([fit.predict_interval(probe) for fit in fits])
    widths = np.log(intervals / (1 - intervals))
    said = ((widths[:, 1] - widths[:, 0]) / (2 * 1.96)).mean()
    assert 0.6 < said / estimates.std(axis=0, ddof=1).mean() < 1.8


def test_same_seed_same_bits_at_any_number_of_threads():
    X, y, harm, _ = world(n=1_000)
    one, two = (
        clone(QUICK).set_params(n_jobs=n_jobs).fit(X, y, harm=harm).estimates(X)
        for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_mean_expected_harm_is_the_mean_harm(fitted):
    X, _, harm, _ = world()
    assert fitted.predict_expected_harm(X).mean() == pytest.approx(harm.mean())


def test_without_harm_expected_harm_is_refused_and_nan_in_the_table():
    X, y, *_ = world(n=300)
    estimator = clone(QUICK).fit(X, y)
    with pytest.raises(RiskModelError, match="without harm"):
        estimator.predict_expected_harm(X)
    assert estimator.estimates(X)["expected_harm"].isna().all()


def test_rows_of_weight_zero_are_as_good_as_absent():
    X, y, harm, _ = world(n=800)
    weight = (np.arange(800) < 600).astype(float)
    trimmed = clone(QUICK).fit(X[:600], y[:600], harm=harm[:600])
    weighted = clone(QUICK).fit(X, y, weight, harm=harm)
    pd.testing.assert_frame_equal(trimmed.estimates(X), weighted.estimates(X), check_exact=True)


def test_people_are_held_out_whole():
    """A person's rows are copies: held out by row the margins would know the answer."""
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(400, 4)), 5, axis=0)
    y = np.repeat(rng.integers(0, 2, 400), 5)
    person = np.repeat(np.arange(400), 5)
    free = clone(QUICK).set_params(min_child_samples=2, reg_lambda=0.0, num_leaves=31)
    by_row = clone(free).fit(X, y)
    by_person = clone(free).fit(X, y, person=person)
    y_row, y_person = (y[fit.held_out_rows_] for fit in (by_row, by_person))
    assert roc_auc_score(y_row, by_row.held_out_margin_) > 0.8
    assert 0.4 < roc_auc_score(y_person, by_person.held_out_margin_) < 0.6


def test_given_folds_are_what_the_calibration_learns_on():
    X, y, *_ = world(n=900)
    folds = [(np.arange(600), np.arange(600, 900))]
    estimator = clone(QUICK).fit(X, y, calibration_folds=folds)
    assert np.array_equal(estimator.held_out_rows_, folds[0][1])
    before = estimator.decision_function(X)
    changed = y.copy()
    changed[600:] = 1 - changed[600:]
    other = clone(QUICK).fit(X, changed, calibration_folds=folds)
    assert np.array_equal(other.held_out_margin_, estimator.held_out_margin_)
    estimator.calibrate(other.held_out_margin_, changed[600:])
    assert estimator.calibration_ == other.calibration_
    assert np.array_equal(before, estimator.decision_function(X))


def test_two_rows_are_enough_to_learn_something_defined():
    estimator = clone(QUICK).fit([[0.0], [1.0]], [0, 1])
    assert np.isfinite(estimator.predict_proba([[0.5], [np.nan]])).all()


@pytest.mark.parametrize(
    "parameters",
    [{"n_bags": 1}, {"n_estimators": 0}, {"harm_cap_quantile": 0.0}, {"tweedie_power": 2.0}],
)
def test_parameters_that_cannot_be_are_named(parameters):
    with pytest.raises(RiskModelError, match=next(iter(parameters))):
        clone(QUICK).set_params(**parameters).fit([[0.0], [1.0]], [0, 1])


def test_in_a_pipeline_and_a_grid_search():
    X, y, *_ = world(n=400)
    pipeline = make_pipeline(StandardScaler(), clone(QUICK))
    search = GridSearchCV(
        pipeline, {"repeatharmestimator__num_leaves": [3, 7]}, scoring="roc_auc", cv=2
    )
    weight = np.ones(400)
    search.fit(X, y, repeatharmestimator__sample_weight=weight)
    assert search.best_score_ > 0.6


def test_feature_names_with_signs_are_no_obstacle():
    X, y, *_ = world(n=300)
    signs = X.set_axis(['a "b"', "[c]", "d:é"], axis=1)
    plain = clone(QUICK).fit(X, y).decision_function(X)
    assert np.array_equal(clone(QUICK).fit(signs, y).decision_function(signs), plain)
