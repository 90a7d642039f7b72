"""The trees are those that LightGBM's own defaults give."""

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier

from riskmodel.model.baselines.default_trees import DefaultTrees
from riskmodel.model.baselines.rows import learning_rows
from riskmodel.snapshots.table import Snapshots


def test_they_are_the_librarys_own(table):
    fitted = DefaultTrees().fit(table, seed=5)
    rows = learning_rows(table)
    own = LGBMClassifier(random_state=5, n_jobs=1, verbosity=-1)
    own.fit(rows.X.to_numpy(), rows.y, sample_weight=rows.weight)
    expected = own.booster_.predict(table.X.to_numpy())
    assert np.allclose(fitted.predict_proba(table), expected, rtol=1e-12)
    assert fitted.booster.num_trees() == own.get_params()["n_estimators"]


def test_a_missing_value_is_read_as_missing():
    rng = np.random.default_rng(0)
    x = np.where(rng.random(500) < 0.5, np.nan, rng.normal(size=500))
    table = Snapshots.from_table(pd.DataFrame({"x": x}), np.isnan(x))
    said = DefaultTrees().fit(table).predict_proba(table)
    assert said[np.isnan(x)].min() > 0.9
    assert said[~np.isnan(x)].max() < 0.1


def test_any_name_will_do_for_a_column():
    table = Snapshots.from_table(pd.DataFrame({'a [b]: "c", ü': np.arange(50)}), np.arange(50) > 9)
    assert np.isfinite(DefaultTrees().fit(table).predict_margin(table)).all()
