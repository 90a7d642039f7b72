"""What is tried: trials of a search, settings given, declared variations."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.alternatives.candidates import (
    Candidate,
    candidates_of,
    variations,
)
from riskmodel.errors import SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.search.result import Gain, SearchResult
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.task import Task

CHOSEN = RepeatHarmEstimator()


def searched():
    """Four trials: the chosen settings themselves, a good one, a poor one, one given up."""
    trials = pd.DataFrame(
        {
            "number": [0, 1, 2, 3],
            "num_leaves": [7, 15, 4, 30],
            "blend": [None, {"any": 1.0}, {"any": 1.0, "count": 2.0}, None],
            "n_estimators": [150, 80, 40, 150],
            "value": [0.2, 0.1, 0.3, np.nan],
            "hopeless": [False, False, False, True],
            "seconds": 1.0,
        }
    )
    settings = {"num_leaves": 7, "blend": None, "n_estimators": 150}
    return SearchResult(
        given=CHOSEN, best=settings, default=settings, gain=Gain(0, 0, 0), choose="best",
        trials=trials, objective="auc", dates=(), n_trials=4,
    )  # fmt: skip


def test_trials_come_best_first_without_the_chosen_and_those_given_up():
    found = candidates_of(searched(), CHOSEN, 10)
    assert [one.name for one in found] == ["trial 2", "trial 1"]
    assert found[0].settings == {
        "num_leaves": 4, "blend": {"any": 1.0, "count": 2.0}, "n_estimators": 40,
    }  # fmt: skip
    assert type(found[0].settings["num_leaves"]) is int
    assert found[0].estimator(CHOSEN).num_leaves == 4
    assert CHOSEN.num_leaves == 7
    assert len(candidates_of(searched(), CHOSEN, 1)) == 1


def test_settings_given_are_checked_all_at_once():
    wrong = [{"num_leafs": 3}, Candidate("chosen"), Candidate("twice"), Candidate("twice")]
    with pytest.raises(SchemaError) as error:
        candidates_of(wrong, CHOSEN, 10)
    assert len(error.value.problems) == 3
    assert "num_leafs" in str(error.value) and "num_leaves" in str(error.value)


@pytest.fixture(scope="module")
def rows(small_world):
    task = Task(offences=small_world.offences, features=default_features())
    return build_snapshots(
        small_world.histories, task, as_of=["2019-01-01"], late_allowance_days=0
    ).learnable


def test_variations_leave_out_whole_families_and_name_what_they_read(rows):
    found = {one.name: one for one in variations(CHOSEN, rows, n_models=30)}
    assert found["without age"].without == ("age",)
    assert all("co_accused" in name for name in found["without co-accused"].without)
    assert all(name.endswith("90d") for name in found["without the last 90 days"].without)
    assert not any(one.by_group for one in found.values())
    assert all(one.described.legal_note == "" for one in found.values())
    settings = CHOSEN.get_params()
    for one in found.values():
        assert set(one.without) < set(rows.X.columns)
        assert set(one.settings) <= set(settings)
        assert one.without or any(settings[name] != one.settings[name] for name in one.settings)


def test_the_strongest_proxies_are_those_that_tell_the_group():
    rng = np.random.default_rng(0)
    half = pd.DataFrame({"half": np.where(rng.random(500) < 0.5, "a", "b")})
    X = pd.DataFrame(rng.normal(size=(500, 10)), columns=[f"x{i}" for i in range(10)])
    X["x3"] += half["half"] == "a"
    X["x7"] -= 2.0 * (half["half"] == "a")
    found = variations(CHOSEN, SimpleNamespace(X=X, task=None), half, n_models=1)
    assert found[0].without == ("x3", "x7")
    assert found[0].by_group
    assert "groups of earlier dates" in found[0].described.legal_note.lower()


def test_a_candidate_goes_to_json_and_back():
    one = Candidate("c", {"blend": {"any": 1.0}, "num_leaves": 3}, ("a", "b"), "search")
    assert Candidate.from_dict(one.to_dict()) == one
