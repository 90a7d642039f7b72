"""The penalty is what it says, and is chosen on people who were not learnt from."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import SchemaError
from riskmodel.model.baselines.elastic_net import PENALTIES, ElasticNet, Penalty
from riskmodel.model.baselines.rows import learning_rows
from riskmodel.model.logistic_baseline import LogisticBaseline
from riskmodel.snapshots.table import Snapshots

COEFFICIENTS = np.array([1.0, -0.5, *[0.0] * 18])


def planted(n=6_000, seed=0, coefficients=COEFFICIENTS):
    """Outcomes whose log-odds are linear in the signed logs of two of twenty columns."""
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, len(coefficients)))
    X = pd.DataFrame(np.sign(Z) * np.expm1(np.abs(Z))).add_prefix("x")
    y = rng.random(n) < 1 / (1 + np.exp(1 - Z @ coefficients))
    return Snapshots.from_table(X, y, person_id=rng.integers(0, n // 3, n))


def test_planted_coefficients_come_back_and_the_others_stay_out():
    table = planted()
    fitted = Penalty(0.015, l1_share=0.9).fit(learning_rows(table))
    found = np.array(fitted.coefficient) / fitted.scale
    assert np.abs(found - COEFFICIENTS).max() < 0.15
    assert (found[2:] == 0).sum() >= 15
    assert (found[:2] != 0).all()


@pytest.mark.parametrize("penalty", [*PENALTIES, Penalty(0.02, l1_share=0.3)])
def test_the_fit_is_the_minimum_of_what_it_says(penalty):
    """No small step of any coefficient lowers the mean loss plus the penalty."""
    rows = learning_rows(planted(800))
    fitted = penalty.fit(rows)
    Z = rows.X.to_numpy(dtype=np.float64)
    Z = (np.sign(Z) * np.log1p(np.abs(Z)) - fitted.center) / fitted.scale

    def loss(coefficient):
        odds = Z @ coefficient + fitted.intercept
        l1, l2 = np.abs(coefficient).sum(), (coefficient**2).sum() / 2
        share = penalty.l1_share
        return np.mean(np.logaddexp(0, odds) - rows.y * odds) + penalty.strength * (
            share * l1 + (1 - share) * l2
        )

    best = np.array(fitted.coefficient)
    for column in range(len(best)):
        for step in (-0.05, 0.05):
            aside = best.copy()
            aside[column] += step
            assert loss(aside) > loss(best)


def test_a_penalty_does_not_depend_on_how_often_the_rows_are_there():
    table = planted(500)
    twice = Snapshots.from_table(
        pd.concat([table.X] * 2, ignore_index=True), np.tile(table.y, 2),
        person_id=np.tile(table.person_id, 2),
    )  # fmt: skip
    for penalty in (Penalty(0.05), Penalty(0.01, l1_share=0.5)):
        one, two = (penalty.fit(learning_rows(rows)) for rows in (table, twice))
        assert np.allclose(one.coefficient, two.coefficient, atol=0.01)


def test_noise_asks_for_more_penalty_than_signal():
    noise = planted(1_500, coefficients=np.zeros(60))
    signal = planted(1_500, coefficients=np.full(60, 0.5))
    one, two = (ElasticNet().fit(table).penalty for table in (noise, signal))
    assert PENALTIES.index(one) < PENALTIES.index(two)


def test_what_is_chosen_estimates_new_people_no_worse_than_the_plain_fit():
    train, test = planted(400, coefficients=np.r_[1.0, [0.0] * 59]), planted(
        4_000, seed=1, coefficients=np.r_[1.0, [0.0] * 59]
    )  # fmt: skip
    plain = LogisticBaseline.fit(train.X, train.y).decision_function(test.X)
    chosen = ElasticNet().fit(train).predict_margin(test)
    plain_loss, loss = (np.mean(np.logaddexp(0, odds) - test.y * odds) for odds in (plain, chosen))
    assert loss < plain_loss


def test_too_few_people_to_choose_on_get_the_strongest():
    table = Snapshots.from_table(pd.DataFrame({"x": [1, 2, 3]}), [0, 1, 0], person_id=[0, 0, 0])
    assert ElasticNet().fit(table).penalty == PENALTIES[0]


def test_a_single_penalty_is_taken():
    only = Penalty(0.3)
    assert ElasticNet(penalties=(only,)).fit(planted(300)).penalty == only


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(SchemaError, match="2 problems"):
        Penalty(0.0, l1_share=1.0)
    with pytest.raises(SchemaError, match="none given"):
        ElasticNet(penalties=())
