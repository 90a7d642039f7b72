"""Agreed directions: exactly the features that hold serious harm, and a margin that keeps them."""

import numpy as np

from riskmodel.histories.synthetic import make_histories
from riskmodel.model.directions import agreed_directions
from riskmodel.model.learning import default_estimator, learn
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.features import Feature
from riskmodel.snapshots.pairs import Ratio
from riskmodel.snapshots.task import Task

WORLD = make_histories(200, seed=3)


def test_only_harm_and_serious_records_have_a_direction():
    features = (
        Feature("harm_max"),
        Feature("decayed", serious=True),
        Feature("days_since_last", serious=True),
        Feature("incidents", 365, serious=False),
        Feature("count", 365),
        Feature("harm_sum", 365, evidence="acquitted"),
        Ratio(Feature("harm_sum", 365), Feature("harm_sum")),
    )
    found = agreed_directions(Task(offences=WORLD.offences, features=features))
    assert found == {
        "harm_max_ever": 1,
        features[1].name: 1,
        "days_since_last_serious": -1,
    }


def test_more_serious_harm_never_lowers_the_margin_of_the_default():
    rows = build_snapshots(
        WORLD.histories,
        Task(offences=WORLD.offences),
        as_of=["2018", "2019"],
        late_allowance_days=0,
    ).learnable
    settings = default_estimator(rows).set_params(n_estimators=15, n_bags=2, n_jobs=1)
    model = learn(settings, rows)
    margin = model.decision_function(rows.X)
    for name, way in agreed_directions(rows.task).items():
        moved = model.decision_function(rows.X.assign(**{name: rows.X[name] + way * 3}))
        known = rows.X[name].notna().to_numpy()
        assert (moved[known] >= margin[known] - 1e-12).all(), name
    assert np.isfinite(margin).all()
