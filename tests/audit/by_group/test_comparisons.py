"""Who is compared with whom, and an error that counts a person once."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.by_group.comparisons import (
    clustered_error,
    comparisons,
    mean_gap_error,
    person_codes,
)
from riskmodel.audit.by_group.rates import EVERYONE, Settings
from riskmodel.schema import NOT_RECORDED
from riskmodel.statistics.bootstrap import person_weights

COLUMNS = pd.DataFrame({"sex": ["f", "m", "m", NOT_RECORDED, NOT_RECORDED, NOT_RECORDED]})


def pairs(**settings):
    return [(one.group, one.reference) for one in comparisons(COLUMNS, Settings(**settings))]


def test_the_largest_recorded_group_is_the_reference():
    assert pairs() == [("f", "m"), (NOT_RECORDED, "m")]


def test_a_reference_can_be_named():
    assert pairs(reference_groups={"sex": "f"}) == [("m", "f"), (NOT_RECORDED, "f")]


def test_a_reference_that_nobody_belongs_to_is_not_taken():
    assert pairs(reference_groups={"sex": "x"}) == pairs()


def test_everyone_can_be_the_reference():
    found = list(comparisons(COLUMNS, Settings(reference="overall")))
    assert [one.group for one in found] == ["f", "m", NOT_RECORDED]
    assert all(one.reference == EVERYONE and one.base.all() for one in found)


def test_a_characteristic_that_is_never_recorded_is_not_compared():
    assert not list(comparisons(pd.DataFrame({"sex": [NOT_RECORDED] * 3}), Settings()))


def test_the_error_is_the_spread_under_resampling_of_people():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(400), 3)
    level = rng.normal(size=400)[person]  # rows of one person are alike
    values = level + rng.normal(0, 0.3, 1200)
    sex = pd.DataFrame({"sex": np.where(person < 120, "f", "m")})
    one = next(comparisons(sex, Settings()))
    error = mean_gap_error(values, one, person_codes(person))
    weights = np.concatenate(list(person_weights(person, 800)))
    means = [(weights * mask) @ values / (weights * mask).sum(1) for mask in (one.rows, one.base)]
    assert error == pytest.approx(np.std(means[0] - means[1]), rel=0.1)
    assert error > 1.5 * mean_gap_error(values, one, np.arange(1200))


def test_nothing_has_no_error():
    assert clustered_error(np.zeros(3), np.arange(3)) == 0.0
