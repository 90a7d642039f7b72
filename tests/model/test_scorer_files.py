"""A scorer as text: whatever it is made of, it comes back to the bit."""

import json

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.calibration.logistic import LogisticCalibration
from riskmodel.model.calibration.reading import CALIBRATIONS
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.parts import PARTS
from riskmodel.model.scorer_files import PARAMETERS, read_scorer, scorer_files
from riskmodel.model.settings import storable_params

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.poisson(1.5, size=(400, 3)), columns=["a", "b", "c"], dtype="float32")
X = X.mask(rng.random(X.shape) < 0.1)
COUNT = rng.poisson(0.2 + 0.3 * X["a"].fillna(1.0))
FEW = {"n_estimators": 8, "n_bags": 2, "n_jobs": 1}


def there_and_back(estimator):
    files = scorer_files(estimator.scorer_, storable_params(estimator))
    content = {
        name.removesuffix(".json"): json.loads(text)
        for name, text in files.items()
        if name.endswith(".json")
    }
    trees = {name: text.decode() for name, text in files.items() if name.endswith(".txt")}
    settings = content.pop("estimator")
    read = read_scorer(settings, content.pop("calibration"), trees, content)
    assert not trees
    assert not content
    return RepeatHarmEstimator.from_scorer(read, settings["params"])


@pytest.mark.parametrize("blend", [None, dict.fromkeys(PARTS, 1.0), {"rank": 1.0, "count": 2.0}])
def test_every_blend_comes_back_to_the_bit(blend):
    estimator = RepeatHarmEstimator(blend=blend, monotone=None, **FEW)
    estimator.fit(X, COUNT > 0, harm=COUNT * 10.0, count=COUNT)
    estimator.classes_ = np.array([0.0, 1.0])
    again = there_and_back(estimator)
    assert list(again.parts_) == list(estimator.parts_)
    pd.testing.assert_frame_equal(again.estimates(X), estimator.estimates(X), check_exact=True)
    assert again.get_params() | {"n_jobs": 1} == estimator.get_params()


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_every_calibration_comes_back_to_the_bit(calibration):
    estimator = RepeatHarmEstimator(calibration=calibration, **FEW)
    estimator.fit(X, (COUNT > 0).astype(float))
    again = there_and_back(estimator)
    assert np.array_equal(again.predict_proba(X), estimator.predict_proba(X))
    assert np.array_equal(again.predict_interval(X), estimator.predict_interval(X))


def test_a_bundle_from_before_parts_had_names_is_read():
    estimator = RepeatHarmEstimator(**FEW).fit(X, (COUNT > 0).astype(float))
    files = scorer_files(estimator.scorer_, storable_params(estimator))
    settings = json.loads(files["estimator.json"])
    del settings["parts"]
    settings["n_boosters"] = 2
    trees = {name: text.decode() for name, text in files.items() if name.endswith(".txt")}
    read = read_scorer(settings, json.loads(files["calibration.json"]), trees, {})
    assert np.array_equal(read.margin(X.to_numpy())[0], estimator.decision_function(X))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../any"},
        {"name": "unknown"},
        {"name": ["any"]},
        {"name": "count"},  # twice
        {"bags": -1},
        {"bags": 0},
        {"bags": 1},
        {"bags": 3},  # another number than the other part
        {"bags": 10**9},
        {"bags": 2.0},
        {"bags": True},
    ],
)
def test_parts_that_cannot_be_are_refused_before_a_file_is_asked_for(change):
    part = {"name": "any", "bags": 2, "slope": 1.0, "shift": 0.0}
    settings = {
        "params": {},
        "feature_names": ["a"],
        "margin_variance": 0.0,
        "parts": [part | change, part | {"name": "count"}],
        "harm": None,
    }
    curve = LogisticCalibration(0.0, 1.0, ((0.0, 0.0), (0.0, 0.0)), 10, 10).to_dict()
    with pytest.raises(ModelIntegrityError, match="must be made of some of any"):
        read_scorer(settings, curve, {}, {})
    with pytest.raises(ModelIntegrityError, match="must be made of some of any"):
        read_scorer(settings | {"parts": []}, curve, {}, {})


def test_the_parameters_known_are_the_estimators():
    assert set(RepeatHarmEstimator().get_params()) - {"n_jobs"} == PARAMETERS
