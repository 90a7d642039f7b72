import copy
import json

import numpy as np
import pytest

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.fallback_files import fallback_from_dict, fallback_to_dict


@pytest.fixture
def content(world_model):
    return copy.deepcopy(fallback_to_dict(world_model.fallback))


def test_json_keeps_every_bit(world_model, world_snapshots, content):
    stored = world_model.fallback
    read = fallback_from_dict(json.loads(json.dumps(content)), stored.calibration)
    table = world_snapshots.rules[list(stored.feature_names)].to_numpy(dtype=np.float64)
    for before, after in zip(stored.estimates(table), read.estimates(table), strict=True):
        assert before.tobytes() == after.tobytes()
    assert fallback_to_dict(read) == content


def test_the_curve_of_the_full_model_is_not_stored_twice(content):
    assert set(content) == {"features", "curves", "slope", "shift", "margin_variance"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("features", []),
        ("features", "harm_1y"),
        ("features", ["harm_1y", "harm_1y"]),
        ("features", ["harm_1y", 3]),
        ("features", ["harm_1y", "nothing_1y"]),
        ("curves", []),
        ("curves", [3, 4]),
        ("curves", {}),
        ("slope", 0.0),
        ("slope", -1.0),
        ("slope", "1"),
        ("slope", True),
        ("slope", float("inf")),
        ("shift", float("nan")),
        ("shift", None),
        ("margin_variance", -0.1),
    ],
)
def test_what_cannot_be_is_refused(world_model, content, name, value):
    content[name] = value
    with pytest.raises(ModelIntegrityError, match="fallback"):
        fallback_from_dict(content, world_model.scorer.calibration)


def test_curves_of_other_columns_or_one_alone_are_refused(world_model, content):
    calibration = world_model.scorer.calibration
    swapped = {**content, "features": content["features"][::-1]}
    with pytest.raises(ModelIntegrityError, match="in their order"):
        fallback_from_dict(swapped, calibration)
    with pytest.raises(ModelIntegrityError, match="two curves"):
        fallback_from_dict({**content, "curves": content["curves"][:1]}, calibration)


@pytest.mark.parametrize("other", [None, [], "fallback", {}])
def test_content_of_another_shape_is_refused(world_model, other):
    with pytest.raises(ModelIntegrityError, match="entries"):
        fallback_from_dict(other, world_model.scorer.calibration)


def test_age_is_refused_though_the_rules_have_it(world_model, content):
    first = content["features"][0]
    content["features"][0] = "age"
    for curve in content["curves"]:
        curve["features"][0] = "age"
        curve["flagged"] = [name for name in curve["flagged"] if name != first]
    with pytest.raises(ModelIntegrityError, match="must be some of"):
        fallback_from_dict(content, world_model.scorer.calibration)


def test_an_entry_too_many_is_refused(world_model, content):
    with pytest.raises(ModelIntegrityError, match="entries"):
        fallback_from_dict({**content, "more": 1}, world_model.scorer.calibration)


def test_only_a_fallback_can_be_stored(world_model):
    with pytest.raises(TypeError, match="logistic part"):
        fallback_to_dict(world_model.scorer)
