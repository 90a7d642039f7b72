"""Rows of a bundle's offence table, checked without pandas: no more leniently than a table's."""

import copy
import math
import pickle

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.offence_rows import COLUMNS, plain_rows
from riskmodel.histories.offences import OffenceTable

ROW = {"offence": "a", "harm": 3.0, "group": "other", "serious": False}
AWKWARD = (
    *("", " ", "a", "a\x00", "\ud800", "é", "4", 4, 4.0, -1, -0.0, 0, 2**53, 2**53 + 1, 1e300),
    *(math.nan, math.inf, None, True, False, "yes", "many", [], {}),
)


def of_table(rows):
    """Return what the checks of tables make of the rows; None where they refuse."""
    try:
        table = OffenceTable(pd.DataFrame(rows, columns=list(COLUMNS)), "e", "s")
    except (SchemaError, TypeError, ValueError):  # pandas itself refuses some lists and texts
        return None
    return table.rows


def same(one, two):
    return repr(one) == repr(two)  # a harm that is not known is NaN


@given(
    st.lists(
        st.fixed_dictionaries({name: st.sampled_from((ROW[name], *AWKWARD)) for name in COLUMNS}),
        max_size=3,
    )
)
def test_nothing_passes_that_the_checks_of_tables_refuse_or_read_otherwise(rows):
    found = plain_rows(rows)
    assert found is None or same(found, of_table(rows))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "offence": st.text("abc é", min_size=1, max_size=4).filter(str.strip),
                "harm": st.none() | st.floats(0, 1e9),
                "group": st.sampled_from(("violence", "theft")),
                "serious": st.booleans(),
            }
        ),
        unique_by=lambda row: row["offence"],
    )
)
def test_what_a_bundle_holds_is_read_without_a_table_and_is_the_same_table(rows):
    assert same(plain_rows(rows), of_table(rows))
    table = OffenceTable(pd.DataFrame(rows, columns=list(COLUMNS)), "e", "s")
    again = OffenceTable.from_dict(table.to_dict())
    assert again == table
    pd.testing.assert_frame_equal(again.frame, table.frame)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"harm": -1}, "offences.harm: less than 0, in 1 row"),
        ({"harm": math.inf}, "offences.harm: not a finite number, in 1 row"),
        ({"harm": "many"}, "offences.harm: not a number, in 1 row"),
        ({"offence": None}, "offences.offence: missing, in 1 row"),
        ({"serious": "maybe"}, "offences.serious: not true or false, in 1 row"),
    ],
)
def test_a_bundle_with_a_mistake_is_refused_in_the_words_of_tables(wrong, rule):
    content = {"edition": "e", "source": "s", "offences": [{**ROW, **wrong}]}
    with pytest.raises(SchemaError) as caught:
        OffenceTable.from_dict(content)
    assert caught.value.problems == [rule]


def test_the_frame_is_the_callers_own():
    table = OffenceTable.from_dict({"edition": "e", "source": "s", "offences": [ROW]})
    frame = table.frame
    frame.loc[0, "harm"] = 8.0
    assert table.frame["harm"].tolist() == [3.0]
    assert table.lookup(["a"])[0].tolist() == [3.0]


def test_a_table_can_be_copied_and_sent_to_another_process():
    table = OffenceTable.cambridge()
    for again in (copy.deepcopy(table), pickle.loads(pickle.dumps(table))):
        assert again == table
        assert again.lookup(["19C"])[0].tolist() == [1825.0]
