"""Columns by name, numbers only, and no message that shows a value."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.errors import ModelMismatchError, RiskModelError
from riskmodel.model.columns import finite, float_table, in_fit_order, is_float_frame


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


def test_only_frames_of_floats_skip_the_long_way():
    frame = pd.DataFrame({"a": np.ones(2), "b": np.ones(2, dtype="float32")})
    assert is_float_frame(frame)
    assert not is_float_frame(frame.astype({"a": "int64"}))
    assert not is_float_frame(frame.astype({"a": "Float64"}))
    assert not is_float_frame(frame.iloc[:0])
    assert not is_float_frame(frame.to_numpy())


def test_a_table_of_numbers_is_single_precision_only_where_every_column_is():
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": [2, 3]})
    assert float_table(frame.astype("float32")).dtype == np.float32
    assert float_table(frame).dtype == np.float64
    nullable = float_table(frame.astype({"b": "Int64"}).assign(b=pd.array([None, 1], "Int64")))
    assert np.isnan(nullable[0, 1]) and nullable[1, 1] == 1
    with pytest.raises(ModelMismatchError, match="no numbers in b") as raised:
        float_table(frame.assign(b=["marker", "x"]))
    assert "marker" not in str(raised.value)
    with pytest.raises(RiskModelError, match="infinite"):
        float_table(frame.assign(a=[np.inf, 1.0]))
