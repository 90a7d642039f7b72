"""Who entered and left, held against sets that anyone can form."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.scoring.lists.list_changes import list_changes


def ranked(people, digest="a" * 64):
    n = len(people)
    return pd.DataFrame(
        {
            "person_id": pd.Series(people, dtype="str"),
            "rank": pd.array(range(1, n + 1), dtype="Int64"),
            "margin": [float(n - i) for i in range(n)],
            "status": "scored",
            "digest": digest,
        }
    )


orders = st.permutations([f"p{i}" for i in range(8)])


@given(orders, orders, st.integers(1, 8), st.integers(1, 10))
def test_it_is_the_difference_of_two_sets(first, second, known, k):
    found = list_changes(ranked(first), ranked(second[:known]), k)
    was, is_now = set(first[:k]), set(second[:known][:k])
    by = {name: set(found.loc[found["change"] == name, "person_id"]) for name in found["change"]}
    assert by.get("entered", set()) == is_now - was
    assert by.get("left", set()) == was - is_now
    assert by.get("stayed", set()) == was & is_now
    assert len(found) == len(was | is_now)
    moved = found.dropna(subset=["rank_before", "rank_after"])
    assert (moved["rank_change"] == moved["rank_before"] - moved["rank_after"]).all()


def test_a_table_as_text():
    found = list_changes(ranked(["a", "b", "c"]), ranked(["c", "a", "d"]), k=2)
    shown = found[["person_id", "change", "rank_before", "rank_after", "margin_change"]]
    assert shown.to_string(index=False).splitlines() == [
        "person_id  change  rank_before  rank_after  margin_change",
        "        c entered            3           1            2.0",
        "        b    left            2        <NA>            NaN",
        "        a  stayed            1           2           -1.0",
    ]


def test_why_someone_has_no_estimate_any_more():
    after = ranked(["b", "a"])
    after.loc[1, ["rank", "margin"]] = [pd.NA, float("nan")]
    after.loc[1, "status"] = "in custody"
    found = list_changes(ranked(["a", "b"]), after, k=1).set_index("person_id")
    assert found.loc["a", "status_after"] == "in custody"
    assert pd.isna(found.loc["a", "rank_after"])


def test_margins_of_two_models_are_not_subtracted():
    found = list_changes(ranked(["a"]), ranked(["a"], digest="b" * 64), k=1)
    assert not found["same_model"].any()
    assert found["margin_change"].isna().all()
    assert found["margin_after"].notna().all()


def test_empty_tables_and_mistakes():
    assert list_changes(ranked([]), ranked([]), k=3).empty
    assert list_changes(ranked([]), ranked(["a"]), k=3)["change"].tolist() == ["entered"]
    with pytest.raises(SchemaError) as raised:
        list_changes(ranked(["a", "a"]), ranked(["b"]).drop(columns="rank"), k=0)
    message = str(raised.value)
    assert "repeat a person" in message and "rank()" in message and "whole number" in message


@given(orders, orders, st.integers(1, 8))
def test_without_k_the_cut_tables_are_the_lists(first, second, k):
    found = list_changes(ranked(first[:k]), ranked(second[:k]))
    columns = ["person_id", "change"]
    expected = list_changes(ranked(first[:k]), ranked(second[:k]), k)
    pd.testing.assert_frame_equal(found[columns], expected[columns])
