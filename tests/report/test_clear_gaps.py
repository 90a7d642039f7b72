"""A gap is clear where the interval that counts leaves out zero; the widest of those is named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.report.clear_gaps import allowed_for, interval_of, measured, widest_clear
from tests.report.made_up_audit import gaps_of

TOGETHER = ["simultaneous_low", "simultaneous_high"]
half = st.floats(0.001, 0.5)


@st.composite
def gaps(draw):
    """Gaps with an interval each, some with a wider one for all comparisons at once."""
    rows = []
    for i in range(draw(st.integers(1, 8))):
        gap, alone, more = draw(st.floats(-1, 1)), draw(half), draw(st.one_of(st.none(), half))
        wide = np.nan if more is None else alone + more
        rows.append([i, gap, gap - alone, gap + alone, gap - wide, gap + wide])
    ends = ["difference", "difference_low", "difference_high", *TOGETHER]
    return pd.DataFrame(rows, columns=["group", *ends])


def spans_zero(row):
    low, high = interval_of(row)
    return low <= 0 <= high


@given(gaps())
def test_no_clear_gap_is_wider_and_none_is_named_that_spans_zero(table):
    clear = table[~table.apply(spans_zero, axis=1)]
    found = widest_clear(table)
    assert (found is None) == clear.empty
    if found is not None:
        assert not spans_zero(found)
        assert abs(found["difference"]) == clear["difference"].abs().max()


@given(gaps())
def test_allowing_for_all_comparisons_never_makes_a_gap_clear(table):
    if widest_clear(table.drop(columns=TOGETHER)) is None:
        assert widest_clear(table) is None


def test_only_what_was_measured_of_the_metric_is_compared():
    groups = ("Female", "Other", "Fewer", "Not recorded")
    table = gaps_of("sex", groups, ("precision", "recall"))
    table.loc[table["group"] == "Other", "difference"] = np.nan  # withheld, though measured
    table.loc[table["group"] == "Fewer", "status"] = "insufficient evidence"
    found = measured(table, "precision")
    assert found[["group", "metric"]].to_numpy().tolist() == [["Female", "precision"]]
    assert measured(table[:0], "precision").empty


@pytest.mark.parametrize(
    ("change", "allowed"),
    [({}, True), (dict.fromkeys(TOGETHER, np.nan), False)],
)
def test_intervals_allow_for_all_comparisons_where_any_was_measured_so(change, allowed):
    table = gaps_of("sex", ("Female", "Not recorded"), ("precision",)).assign(**change)
    assert allowed_for(table) == allowed
    assert not allowed_for(table.drop(columns=TOGETHER))
