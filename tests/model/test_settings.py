"""What an estimator's parameters may be, and what they become."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.errors import RiskModelError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.settings import growth_of, storable_params

X = pd.DataFrame({"a": np.arange(200.0) % 7, "b": np.arange(200.0) % 5})
Y = (X["a"] > 4).astype(int)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"blend": {}}, None),
        ({"blend": {"votes": 1.0}}, "blend takes weights"),
        ({"blend": {"any": 0.0}}, "blend takes weights"),
        ({"blend": {"any": np.inf, "count": 1.0}}, "blend takes weights"),
        ({"blend": {"any": 1.0, "count": 1.0}}, "count=..."),
        ({"blend": {"harm": 1.0}}, "harm=..."),
        ({"monotone": {"a": 2}}, "takes 1 or -1"),
        ({"monotone": {"z": 1}}, "names no feature of X: z"),
        ({"monotone": {"a": 1}, "blend": {"logistic": 1.0}}, "no meaning for a logistic part"),
        ({"calibration": "magic"}, "calibration must be one of logistic"),
        ({"logistic_l2": 0.0}, "logistic_l2 must be above 0"),
    ],
)
def test_parameters_that_cannot_be_are_refused(wrong, message):
    estimator = RepeatHarmEstimator(n_estimators=2, n_bags=2, n_jobs=1, **wrong)
    if message is None:  # an empty blend is as good as none
        assert estimator.fit(X, Y).parts_.keys() == {"any"}
        return
    with pytest.raises(RiskModelError, match=message):
        estimator.fit(X, Y)


def test_directions_follow_the_features_whatever_their_order():
    estimator = RepeatHarmEstimator(monotone={"b": -1}, n_estimators=2, n_bags=2, n_jobs=1)
    growth = growth_of(estimator.fit(X, Y))
    assert growth.params["monotone_constraints"] == [0, -1]


@given(st.integers(0, 50))
@settings(deadline=None, max_examples=8)
def test_a_direction_is_kept_against_the_data(seed):
    rng = np.random.default_rng(seed)
    noise = pd.DataFrame({"harm": rng.poisson(2, 300), "other": rng.normal(size=300)})
    falling = rng.random(300) < 0.9 - 0.15 * noise["harm"].clip(0, 5)
    model = RepeatHarmEstimator(monotone={"harm": 1}, n_estimators=20, n_bags=2, n_jobs=1)
    model.fit(noise, falling.astype(int))
    grid = [model.decision_function(noise.assign(harm=h)) for h in range(8)]
    assert (np.diff(grid, axis=0) >= -1e-12).all()


def test_what_can_not_be_stored_is_refused_with_all_its_reasons():
    few = {"n_estimators": 2, "n_bags": 2, "n_jobs": 1}
    words = RepeatHarmEstimator(**few).fit(X, np.where(Y == 1, "yes", "no"))
    with pytest.raises(SchemaError, match="labels 0 and 1"):
        storable_params(words)
    drawn = RepeatHarmEstimator(random_state=np.random.RandomState(0), **few)
    with pytest.raises(SchemaError) as raised:
        storable_params(drawn.fit(X.to_numpy(), Y))
    assert len(raised.value.problems) == 2
    assert "n_jobs" not in storable_params(RepeatHarmEstimator(**few).fit(X, Y))
