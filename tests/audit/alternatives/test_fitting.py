"""Models beside the chosen one are fitted on the same rows, and nobody's group is at hand."""

import inspect

import numpy as np
import pytest

from riskmodel.audit.alternatives.candidates import Candidate
from riskmodel.audit.alternatives.fitting import same_model, scored, settings_of
from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import learn
from riskmodel.model.training import train
from riskmodel.snapshots.table import Snapshots

FEW = RepeatHarmEstimator(n_estimators=8, n_bags=2, n_jobs=1)


def test_fitting_and_scoring_are_given_no_groups():
    assert set(inspect.signature(scored).parameters) == {
        "models", "chosen", "learnt", "X", "progress",
    }  # fmt: skip


def test_a_candidate_reads_its_own_features_and_settings(planted_proxy):
    learnt, X = planted_proxy.train.learnable, planted_proxy.test.X
    told = []
    margins = scored(
        [Candidate("chosen"), Candidate("fewer", {"num_leaves": 3}, without=("stops",))],
        FEW, learnt, X, lambda *words: told.append(words),
    )  # fmt: skip
    assert told == [(0, 2, "chosen"), (1, 2, "fewer")]
    assert np.array_equal(margins["chosen"], learn(FEW, learnt).decision_function(X))
    changed = X.assign(stops=X["stops"] + 5)
    again = scored([Candidate("fewer", {"num_leaves": 3}, ("stops",))], FEW, learnt, changed)
    assert np.array_equal(margins["fewer"], again["fewer"])
    assert not np.array_equal(margins["chosen"], margins["fewer"])


@pytest.mark.parametrize(
    "without", [("sops",), ("records", "victims", "weather", "stops")], ids=["unknown", "all"]
)
def test_features_that_cannot_be_left_out_are_named(planted_proxy, without):
    with pytest.raises(SchemaError, match=r"no feature|no feature is left"):
        scored(
            [Candidate("c", without=without)], FEW, planted_proxy.train.learnable,
            planted_proxy.test.X,
        )  # fmt: skip


def test_a_model_learnt_from_other_rows_is_told(planted_proxy):
    learnt, test = planted_proxy.train.learnable, planted_proxy.test
    model = train(learnt, estimator=FEW, n_replicates=5)
    settings = settings_of(model, learnt)
    assert settings.get_params() == model.estimator.get_params()
    margin = learn(settings, learnt).decision_function(test.X)
    assert same_model(model, margin, test) == []
    half = learn(settings, learnt.subset(np.arange(len(learnt)) % 2 == 0))
    assert "learnt anew" in same_model(model, half.decision_function(test.X), test)[0]
    other = Snapshots.from_table(learnt.X.rename(columns={"stops": "halts"}), learnt.y)
    with pytest.raises(ModelMismatchError, match="other features"):
        settings_of(model, other)
