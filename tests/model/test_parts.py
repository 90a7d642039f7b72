"""Parts of a margin: one scale, contributions that add up, lots that hold one date."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.parts import PARTS, blended, blended_contributions, mean_and_variance
from riskmodel.scoring.contributions import contributions

ALL = dict.fromkeys(PARTS, 1.0)


def table(seed=0, n=500):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.poisson(1.5, size=(n, 3)), columns=["a", "b", "c"], dtype=float)
    X = X.mask(rng.random((n, 3)) < 0.1)
    count = rng.poisson(0.2 + 0.3 * X["a"].fillna(1.0))
    return X, (count > 0).astype(int), count


def fitted(blend, seed=0, **settings):
    X, y, count = table(seed)
    chosen = {"n_estimators": 15, "n_bags": 2, "n_jobs": 1} | settings
    estimator = RepeatHarmEstimator(blend=blend, **chosen)
    dates = np.repeat(["2010-01-01", "2011-01-01"], len(X) // 2)
    return X, estimator.fit(X, y, harm=10.0 * count, count=count, date=dates)


@given(st.sets(st.sampled_from(PARTS), min_size=1), st.integers(0, 3))
@settings(deadline=None, max_examples=12)
def test_contributions_add_up_to_the_margin_of_any_blend(names, seed):
    X, model = fitted(dict.fromkeys(sorted(names), 1.0), seed)
    values, base = contributions(model.scorer_, X)
    assert np.abs(base + values.sum(axis=1) - model.decision_function(X)).max() < 1e-9


def test_a_part_alone_is_left_as_it_was_learnt():
    X, model = fitted({"any": 3.0})
    raw = [booster.predict(X.to_numpy(), raw_score=True) for booster in model.boosters_]
    assert np.array_equal(model.decision_function(X), (raw[0] + raw[1]) / 2)


def test_a_blend_is_the_weighted_mean_of_standardised_scores():
    X, model = fitted({"any": 1.0, "logistic": 3.0})
    rows = X.to_numpy()
    first, second = (part.raw(rows, 1).mean(axis=0) for part in model.parts_.values())
    standard = [(score - score.mean()) / score.std() for score in (first, second)]
    expected = first.mean() + first.std() * (standard[0] + 3 * standard[1]) / 4
    assert np.allclose(model.decision_function(X), expected, atol=1e-10)


def test_weights_have_no_unit():
    X, once = fitted({"any": 1.0, "count": 2.0})
    _, tenfold = fitted({"any": 10.0, "count": 20.0})
    assert np.allclose(once.decision_function(X), tenfold.decision_function(X), atol=1e-12)


@pytest.mark.parametrize("name", PARTS)
def test_each_part_puts_the_planted_cause_in_order(name):
    X, model = fitted({name: 1.0}, n_estimators=40)
    few, many = (model.decision_function(X.assign(a=a)).mean() for a in (0.0, 5.0))
    assert many > few


def test_a_score_that_never_varies_adds_nothing():
    X, model = fitted({"any": 1.0, "logistic": 1.0}, logistic_l2=1e12)
    first, second = model.parts_.values()
    assert second.slope * np.ptp(second.raw(X.to_numpy(), 1).mean(axis=0)) <= 10 * np.ptp(
        first.raw(X.to_numpy(), 1).mean(axis=0)
    )
    assert np.isfinite(model.decision_function(X)).all()


def test_blended_is_the_sum_of_its_parts():
    X, model = fitted(ALL)
    rows = X.to_numpy()
    total = sum(part.slope * part.raw(rows, 1) + part.shift for part in model.parts_.values())
    assert np.allclose(blended(model.parts_, rows, 1), total)
    assert blended_contributions(model.parts_, rows, 1).shape == (len(X), 4)


@pytest.mark.parametrize("name", PARTS)
def test_only_ratios_of_row_weights_matter(name):
    X, y, count = table()
    weight = np.random.default_rng(1).random(len(y)) + 0.1
    one, hundredth = (
        RepeatHarmEstimator(blend={name: 1.0}, n_estimators=10, n_bags=2, n_jobs=1)
        .fit(X, y, scale * weight, harm=10.0 * count, count=count)
        .decision_function(X)
        for scale in (1.0, 0.01)
    )
    assert np.allclose(one, hundredth, atol=1e-8)


@pytest.mark.parametrize("name", ["count", "harm"])
def test_what_one_person_alone_has_is_not_learnt(name):
    X, y, _ = table()
    amount = np.arange(len(y)) == 0
    model = RepeatHarmEstimator(blend={name: 1.0}, n_estimators=5, n_jobs=1)
    with pytest.raises(RiskModelError, match=f"{name}, which is 0 for everyone in a half"):
        model.fit(X, y, **{name: amount.astype(float)})


@pytest.mark.parametrize("n_bags", [2, 5, 11])
def test_a_row_has_the_same_bits_alone_and_in_a_table(n_bags):
    scores = np.random.default_rng(0).normal(size=(n_bags, 400))
    mean, variance = mean_and_variance(scores)
    assert np.allclose(mean, scores.mean(axis=0))
    assert np.allclose(variance, scores.var(axis=0, ddof=1))
    for row in range(20):
        alone = mean_and_variance(scores[:, [row]])
        assert (alone[0][0], alone[1][0]) == (mean[row], variance[row])
