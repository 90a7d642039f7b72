"""What snapshots hand to the estimator's fit."""

from dataclasses import replace

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.estimator import RepeatHarmEstimator
from riskmodel.model.learning import default_estimator, harm_is_known, learn
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.task import Task

WORLD = make_histories(200, seed=3)
ROWS = build_snapshots(
    WORLD.histories, Task(offences=WORLD.offences), as_of=["2018", "2019"], late_allowance_days=0
).learnable
FEW = {"n_estimators": 8, "n_bags": 2, "n_jobs": 1}


def test_a_blend_gets_the_targets_that_the_rows_hold():
    blend = {"any": 1.0, "count": 1.0, "harm": 1.0, "rank": 1.0}
    from_rows = learn(RepeatHarmEstimator(blend=blend, **FEW), ROWS)
    by_hand = RepeatHarmEstimator(blend=blend, **FEW).fit(
        ROWS.X,
        ROWS.y,
        harm=ROWS.harm,
        count=ROWS.serious_count,
        date=ROWS.as_of,
        person=ROWS.person_id,
        calibration_folds=[],
    )
    assert np.array_equal(from_rows.decision_function(ROWS.X), by_hand.decision_function(ROWS.X))


def test_directions_of_features_left_out_are_left_out():
    settings = default_estimator(ROWS).set_params(**FEW)
    columns = [name for name in ROWS.X.columns if not name.startswith("harm")]
    model = learn(settings, ROWS, columns=columns)
    assert not any(name.startswith("harm") for name in model.monotone)
    assert "harm_sum_1y" in settings.monotone  # the settings given are as they were


def test_expected_harm_is_learnt_only_where_asked_for_and_known():
    settings = RepeatHarmEstimator(**FEW)
    assert learn(settings, ROWS).harm_trees_ is None
    assert learn(settings, ROWS, expected_harm=True).harm_trees_ is not None
    unknown = replace(ROWS, harm=ROWS.harm.mask(ROWS.harm.index == 0))
    assert not harm_is_known(unknown)
    assert learn(settings, unknown, expected_harm=True).harm_trees_ is None
    with pytest.raises(RiskModelError, match="harm, which is not known in 1 rows"):
        learn(RepeatHarmEstimator(blend={"harm": 1.0}, **FEW), unknown)
