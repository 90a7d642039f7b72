"""What a name stands for is asked without falling back on anything."""

import shutil
import warnings
from pathlib import Path

import pytest

from riskmodel.errors import RiskModelError
from riskmodel.registry.load import load
from riskmodel.registry.mlflow_registry import promote, register
from riskmodel.registry.renewal import model_if_moved


def test_a_name_that_moves_gives_the_new_model(own_address, cache, model, passed, other):
    given = {"tracking_uri": own_address, "cache": cache}
    source = "models:/repeat-harm@champion"
    first = register(model, "repeat-harm", audit=passed, tracking_uri=own_address)
    promote("repeat-harm", first, tracking_uri=own_address)
    loaded = load(source, **given)
    assert model_if_moved(source, loaded, **given) is None
    successor, audit = other
    second = register(successor, "repeat-harm", audit=audit, tracking_uri=own_address)
    assert model_if_moved(source, loaded, **given) is None
    promote("repeat-harm", second, tracking_uri=own_address)
    moved = model_if_moved(source, loaded, **given)
    assert (moved.digest, moved.version) == (successor.digest, second)
    assert model_if_moved(source, moved, **given) is None
    shutil.rmtree(Path(own_address.removeprefix("sqlite:///")).parent)
    with warnings.catch_warnings(), pytest.raises(RiskModelError, match="refused"):
        warnings.simplefilter("error")
        model_if_moved(source, moved, **given)


def test_only_a_name_can_move(model):
    with pytest.raises(RiskModelError, match="models:/NAME@ALIAS"):
        model_if_moved("bundle", model)
