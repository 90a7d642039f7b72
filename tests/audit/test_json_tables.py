"""Any table of an audit goes to JSON and back as it was."""

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.json_tables import table_of_json, table_to_json

COLUMNS = {
    "float64": st.floats(),
    "int64": st.integers(-(2**53), 2**53),
    "bool": st.booleans(),
    "str": st.one_of(st.none(), st.text(st.characters(codec="utf-8"))),
    "Int64": st.one_of(st.none(), st.integers(-(2**53), 2**53)),
    "boolean": st.one_of(st.none(), st.booleans()),
    "datetime64[us]": st.one_of(st.none(), st.datetimes(pd.Timestamp("1900").to_pydatetime())),
}


@given(st.data(), st.sampled_from(sorted(COLUMNS)), st.integers(0, 6))
def test_there_and_back(data, dtype, n):
    values = data.draw(st.lists(COLUMNS[dtype], min_size=n, max_size=n))
    table = pd.DataFrame({"column": pd.Series(values, dtype=object).astype(dtype)})
    text = json.dumps(table_to_json(table), allow_nan=False)
    pd.testing.assert_frame_equal(table_of_json(json.loads(text)), table)


def test_a_table_with_no_rows_keeps_its_columns():
    empty = pd.DataFrame({"n": pd.Series([], dtype="int64"), "x": pd.Series([], dtype="str")})
    again = table_of_json(table_to_json(empty))
    assert again.dtypes.equals(empty.dtypes) and len(again) == 0
    assert len(table_of_json(table_to_json(pd.DataFrame(index=pd.RangeIndex(3))))) == 3
    assert np.isinf(table_of_json(table_to_json(pd.DataFrame({"x": [np.inf]})))["x"].iloc[0])
