"""What is refused before learning or scoring, and that no message shows a value."""

import numpy as np
import pytest

from riskmodel.errors import RiskModelError
from riskmodel.model.inputs import (
    checked_amounts,
    checked_folds,
    encoded,
    person_codes,
)


def test_two_classes_with_weight_are_needed():
    classes, target = encoded(np.array(["no", "yes", "no"]), np.ones(3))
    assert list(classes) == ["no", "yes"]
    assert list(target) == [0.0, 1.0, 0.0]
    with pytest.raises(RiskModelError, match="one class among its 1 rows"):
        encoded(np.array([0, 1, 1]), np.array([1.0, 0.0, 0.0]))
    with pytest.raises(RiskModelError, match="Only binary"):
        encoded(np.array([0, 1, 2]), np.ones(3))


def test_person_is_there_for_every_row():
    assert list(person_codes(["b", "a", "b"], 3)) == [1, 0, 1]
    assert list(person_codes(None, 2)) == [0, 1]
    for person in (["a"], ["a", None, "b"]):
        with pytest.raises(RiskModelError, match="3 rows"):
            person_codes(person, 3)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        ([1.0], "2 rows"),
        ([1.0, np.nan], "in 1 rows"),
        ([-1.0, np.inf], "in 2 rows"),
        ([0.0, 0.0], "nothing to learn"),
    ],
)
def test_harm_that_cannot_be_is_refused(harm, message):
    with pytest.raises(RiskModelError, match=message):
        checked_amounts({"harm": harm}, np.ones(2))


def test_folds_lose_rows_without_weight():
    y, weight = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 1.0])
    ((train, held_out),) = checked_folds([([2, 1, 0], [3])], y, weight)
    assert (list(train), list(held_out)) == ([0, 1], [3])


@pytest.mark.parametrize(
    ("fold", "message"),
    [
        (([0, 1], [4]), "outside"),
        (([-1, 1], [2]), "outside"),
        (([0, 1], [1, 2]), "learns from"),
        (([0, 2], [1]), "both classes"),
        (([0, 1], []), "both classes"),
    ],
)
def test_folds_that_cannot_be_are_refused(fold, message):
    with pytest.raises(RiskModelError, match=message):
        checked_folds([fold], np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4))


def test_harm_in_rows_without_weight_alone_is_none_to_learn_from():
    with pytest.raises(RiskModelError, match="every row with weight"):
        checked_amounts({"harm": [5.0, 0.0]}, np.array([0.0, 1.0]))
