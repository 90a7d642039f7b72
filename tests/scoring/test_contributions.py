import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.model import scorer as module
from riskmodel.scoring.contributions import contributions
from riskmodel.snapshots.build import features_at


@pytest.fixture(scope="module")
def X(trained):
    return features_at(trained.histories, trained.task, "2022-01-01").X.head(150)


def test_they_add_up_to_the_margin(trained, X):
    values, base = contributions(trained.model.scorer, X)
    assert values.shape == X.shape
    margin = trained.model.predict_margin(X)
    np.testing.assert_allclose(base + values.sum(axis=1), margin, rtol=0, atol=1e-9)


def test_columns_in_another_order_give_the_same_bits(trained, X):
    values, base = contributions(trained.model.scorer, X)
    other, same = contributions(trained.model.scorer, X[X.columns[::-1]])
    assert base == same
    np.testing.assert_array_equal(values, other)


def test_a_feature_that_no_tree_reads_adds_nothing(trained, X):
    used = sum(booster.feature_importance() for booster in trained.model.estimator.boosters_)
    values, _ = contributions(trained.model.scorer, X)
    assert (used == 0).any()
    assert not values[:, used == 0].any()


def test_rows_alone_in_pieces_and_together_have_the_same_bits(trained, X, monkeypatch):
    scorer = trained.model.scorer
    whole, _ = contributions(scorer, X)
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 7)
    pieces, _ = contributions(scorer, X)
    np.testing.assert_array_equal(whole, pieces)
    np.testing.assert_array_equal(contributions(scorer, X.iloc[[3]])[0][0], whole[3])


def test_no_rows_have_a_base_all_the_same(trained, X):
    values, base = contributions(trained.model.scorer, X.head(0))
    assert values.shape == (0, X.shape[1])
    assert base == contributions(trained.model.scorer, X)[1]


def test_other_columns_are_refused(trained, X):
    with pytest.raises(ModelMismatchError, match="count_1y"):
        contributions(trained.model.scorer, X.drop(columns="count_1y"))
    with pytest.raises(RiskModelError, match="infinite"):
        contributions(trained.model.scorer, X.assign(count_1y=np.float32(np.inf)))


@pytest.mark.filterwarnings(
    "ignore:LightGBM binary classifier:UserWarning"
)  # it says list, wrongly
def test_they_are_what_shap_gives(trained, X):
    from riskmodel.scoring.explanations import shap

    values, base = contributions(trained.model.scorer, X.head(20))
    table = X.head(20).to_numpy(dtype=float)
    explainers = [shap.TreeExplainer(booster) for booster in trained.model.estimator.boosters_]
    theirs = np.mean([explainer.shap_values(table) for explainer in explainers], axis=0)
    np.testing.assert_allclose(values, theirs, atol=1e-12)
    assert base == pytest.approx(np.mean([explainer.expected_value for explainer in explainers]))


def test_the_frame_is_not_changed(trained, X):
    before = X.copy()
    contributions(trained.model.scorer, X)
    pd.testing.assert_frame_equal(X, before)
