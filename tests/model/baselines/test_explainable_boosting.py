"""Each feature has a curve, missing values have a place of their own, people are held out whole."""

import sys

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.explainable_boosting import ExplainableBoosting, _bags
from riskmodel.model.baselines.rows import learning_rows
from riskmodel.snapshots.table import Snapshots
from riskmodel.statistics.discrimination import auc


def hill(n=4_000, seed=0):
    """An outcome that is likeliest in the middle of one feature, and where another is missing."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.uniform(-3, 3, n), "gap": rng.normal(size=n)})
    X.loc[rng.random(n) < 0.3, "gap"] = np.nan
    odds = 1 - X["x"] ** 2 + 2 * X["gap"].isna()
    y = rng.random(n) < 1 / (1 + np.exp(-odds))
    return Snapshots.from_table(X, y, person_id=rng.integers(0, n // 4, n)), odds


def test_a_planted_curve_comes_back():
    train, _ = hill()
    test, odds = hill(seed=1)
    margin = ExplainableBoosting(bags=2).fit(train).predict_margin(test)
    assert np.corrcoef(margin, odds)[0, 1] > 0.97
    assert auc(test.y, margin) > auc(test.y, odds) - 0.01


def test_features_add_up_without_interactions():
    train, _ = hill()
    fitted = ExplainableBoosting(bags=1).fit(train)
    at = pd.DataFrame({"x": [-2.0, -2.0, 0.5, 0.5], "gap": [np.nan, 1.0, np.nan, 1.0]})
    a, b, c, d = fitted.predict_margin(Snapshots.from_table(at, [0, 1, 0, 1]))
    assert a - b == pytest.approx(c - d)
    assert a - b == pytest.approx(2, abs=0.7)


def test_a_person_is_on_one_side_of_each_bag():
    rows = learning_rows(hill(400)[0])
    sides = pd.DataFrame(_bags(rows, 3, seed=0))
    assert (sides.groupby(rows.person).nunique() == 1).all(axis=None)
    assert ((sides == -1).mean().between(0.1, 0.2)).all()
    assert not sides[0].equals(sides[1])


def test_rows_of_a_single_person_can_be_learnt_from():
    table = Snapshots.from_table(
        pd.DataFrame({"x": np.arange(40)}), np.arange(40) > 19, person_id=["a"] * 40
    )
    low, high = ExplainableBoosting(bags=1).fit(table).predict_proba(table)[[0, 39]]
    assert low < high


def test_with_many_rows_some_people_are_learnt_from():
    train, _ = hill(1_000)
    some = learning_rows(train).of_some_people(300, seed=0)
    mask = train.X["x"].isin(some.X["x"])
    few, alone = ExplainableBoosting(bags=1, most_rows=300), ExplainableBoosting(bags=1)
    assert np.array_equal(
        few.fit(train).predict_margin(train), alone.fit(train.subset(mask)).predict_margin(train)
    )


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(SchemaError, match="3 problems"):
        ExplainableBoosting(bags=0, bins=2, most_rows=1)


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    with pytest.raises(ModuleNotFoundError, match="install interpret-core"):
        ExplainableBoosting().fit(hill(100)[0])
