"""A search in one go, which others are compared with."""

import pytest

from riskmodel.model.search import study
from riskmodel.model.search.search import search
from tests.model.search.quick import FEW


@pytest.fixture(scope="module")
def few_at_random():
    """Three trials at random, so that seven are enough for some to be proposed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "RANDOM_TRIALS", 3)
        yield


@pytest.fixture(scope="module")
def straight(world_snapshots, few_at_random):
    """Seven trials in one go."""
    return search(world_snapshots, n_trials=7, **FEW)
