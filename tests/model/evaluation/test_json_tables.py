"""What goes to JSON comes back as it was."""

import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.model.evaluation.json_tables import DATE, from_records, to_records

KINDS = {"as_of": DATE, "name": "str", "count": "int64", "value": "float64", "k": "Int64"}
rows = st.lists(
    st.fixed_dictionaries(
        {
            "as_of": st.one_of(
                st.none(), st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2050-01-01"))
            ),
            "name": st.text(),
            "count": st.integers(-(2**40), 2**40),
            "value": st.one_of(st.just(float("nan")), st.floats(allow_nan=False, width=64)),
            "k": st.one_of(st.none(), st.integers(0, 1000)),
        }
    ),
    max_size=6,
)


@given(rows)
def test_tables_come_back_bit_for_bit(drawn):
    table = pd.DataFrame(drawn, columns=list(KINDS)).astype(KINDS)
    finite = table[~np.isinf(table["value"])].reset_index(drop=True)
    text = json.dumps(to_records(finite), allow_nan=False)
    pd.testing.assert_frame_equal(from_records(json.loads(text), KINDS), finite, check_exact=True)


def test_columns_that_were_not_written_are_missing():
    table = from_records([{"count": 3}], {"count": "int64", "value": "float64"})
    assert table["count"].tolist() == [3]
    assert table["value"].isna().all()
