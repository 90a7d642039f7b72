"""What people made of the list: counted, with outcomes, and nothing about who decided."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.monitoring.overrides import check_overrides, override_table
from riskmodel.statistics.cells import wilson

AS_OF = pd.Timestamp("2012-01-01")


def rows_of(listed, y):
    n = len(listed)
    return pd.DataFrame(
        {"person_id": [f"p{i}" for i in range(n)], "as_of": AS_OF, "listed": listed, "y": y}
    )


def said(*pairs):
    return pd.DataFrame(pairs, columns=["person_id", "direction"]).assign(as_of="2012-01-01")


def test_by_hand():
    rows = rows_of([True] * 4 + [False] * 3, [1, 1, 0, np.nan, 1, 0, 0])
    given_overrides = said(("p2", "removed"), ("p3", "removed"), ("p4", "Added "))
    found = override_table(rows, given_overrides).set_index("direction")
    assert found["n"].to_dict() == {"kept": 2, "removed": 2, "added": 1, "overridden": 3}
    assert found["share"].to_dict() == pytest.approx(
        {"kept": 0.4, "removed": 0.4, "added": 0.2, "overridden": 0.6}
    )
    assert found["observed"].tolist() == [2, 1, 1, 2]
    assert found["outcome_rate"].tolist() == [1.0, 0.0, 1.0, 0.5]
    low, high = wilson(3, 5)
    assert found.loc["overridden", ["share_low", "share_high"]].tolist() == [low, high]


def test_what_goes_against_no_list_is_not_counted():
    rows = rows_of([True, False], [1.0, 0.0])
    strays = said(("p0", "added"), ("p1", "removed"), ("p9", "removed"))
    found = override_table(rows, strays)
    assert found.set_index("direction")["n"].tolist() == [1, 0, 0, 0]
    assert found.attrs["without_list"] == 3


def test_who_decided_and_why_is_not_kept():
    table = said(("p0", "removed")).assign(officer="PC 1", reason="knows the family")
    assert list(check_overrides(table).columns) == ["person_id", "as_of", "direction"]


decisions = st.tuples(
    st.booleans(), st.sampled_from(["", "added", "removed"]), st.sampled_from([0.0, 1.0, np.nan])
)


@given(st.lists(decisions, min_size=1, max_size=30))
def test_kept_and_overridden_are_all_decisions(people):
    rows = rows_of([listed for listed, _, _ in people], [y for _, _, y in people])
    pairs = [(f"p{i}", direction) for i, (_, direction, _) in enumerate(people) if direction]
    found = override_table(rows, said(*pairs)).set_index("direction")
    added = sum(direction == "added" and not listed for listed, direction, _ in people)
    decisions = rows["listed"].sum() + added
    assert found.loc["kept", "n"] + found.loc["overridden", "n"] == decisions
    assert found.loc["removed", "n"] + found.loc["added", "n"] == found.loc["overridden", "n"]
    assert found.loc["added", "n"] == added
    if decisions:
        assert found.loc["kept", "share"] + found.loc["overridden", "share"] == pytest.approx(1)
        assert (found["share_low"] <= found["share"] + 1e-9).all()


def test_mistakes_are_named_without_values():
    with pytest.raises(SchemaError, match="direction"):
        check_overrides(said(("p0", "removed")).drop(columns="direction"))
    wrong = pd.concat([said(("p0", "kept")), said(("p0", "removed")).assign(as_of="soon")])
    with pytest.raises(SchemaError) as raised:
        check_overrides(pd.concat([wrong, said(("p1", "added"), ("p1", "added"))]))
    text = str(raised.value)
    assert "direction: neither" in text and "no date in 1" in text and "twice" in text
    assert "p0" not in text and "soon" not in text
