"""The plain logistic baseline is the stand-in of every bundle, under the common interface."""

import numpy as np

from riskmodel.model.baselines.logistic import PlainLogistic
from riskmodel.model.logistic_baseline import LogisticBaseline


def test_it_is_the_stand_in_that_bundles_carry(table):
    fitted = PlainLogistic().fit(table)
    same = LogisticBaseline.fit(table.X, table.y, table.weight)
    assert np.allclose(fitted.predict_margin(table), same.decision_function(table.X))
    assert np.allclose(fitted.predict_proba(table), same.predict_proba(table.X)[:, 1])


def test_the_penalty_is_its_setting(table):
    held_back = PlainLogistic(l2=1e6).fit(table)
    assert held_back.logistic.l2 == 1e6
    assert np.ptp(held_back.predict_proba(table)) < 0.01
