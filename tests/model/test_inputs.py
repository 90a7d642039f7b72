"""What is refused before learning or scoring, and that no message shows a value."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.model.inputs import (
    checked_amounts,
    checked_folds,
    encoded,
    finite,
    in_fit_order,
    is_float_frame,
    person_codes,
)


def test_infinite_values_are_counted_by_row_and_named_by_column():
    table = np.array([[np.inf, 1.0, -np.inf], [np.nan, 2.0, 3.0], [0.0, 1.0, np.inf]])
    with pytest.raises(RiskModelError, match=r"inf.* in 2 rows of a, c"):
        finite(table, ["a", "b", "c"])
    with pytest.raises(RiskModelError, match="column 0, column 2"):
        finite(table, None)
    assert finite(table[1:2], ["a", "b", "c"]) is not None


def test_columns_are_put_in_order_by_name():
    frame = pd.DataFrame({"b": [1], "a": [2]})
    assert list(in_fit_order(frame, ["a", "b"]).columns) == ["a", "b"]
    assert in_fit_order(frame, ["b", "a"]) is frame
    assert in_fit_order(frame, None) is frame


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        (["a", "c"], ["- b", "- c"]),
        (["a"], ["- b"]),
        (["a", "b", "c"], ["- c"]),
        (["a", "b", "b"], ["more than once:\n- b"]),
    ],
)
def test_columns_that_do_not_fit_are_named(columns, named):
    frame = pd.DataFrame([[987654.0] * len(columns)], columns=columns)
    with pytest.raises(ModelMismatchError) as caught:
        in_fit_order(frame, ["a", "b"])
    assert all(name in str(caught.value) for name in named)
    assert "987654" not in str(caught.value)


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


def test_only_frames_of_floats_skip_the_long_way():
    frame = pd.DataFrame({"a": np.ones(2), "b": np.ones(2, dtype="float32")})
    assert is_float_frame(frame)
    assert not is_float_frame(frame.astype({"a": "int64"}))
    assert not is_float_frame(frame.astype({"a": "Float64"}))
    assert not is_float_frame(frame.iloc[:0])
    assert not is_float_frame(frame.to_numpy())


def test_harm_in_rows_without_weight_alone_is_none_to_learn_from():
    with pytest.raises(RiskModelError, match="every row with weight"):
        checked_amounts({"harm": [5.0, 0.0]}, np.array([0.0, 1.0]))
