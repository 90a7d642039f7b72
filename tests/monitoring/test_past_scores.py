"""The list of a date is the one that was stored; who has no estimate is on none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.monitoring.past_scores import estimated, past_scores
from riskmodel.snapshots.table import Snapshots


def scores_of(margins, as_of="2020-01-01", **columns):
    margin = np.asarray(margins, dtype=float)
    people = [f"p{i}" for i in range(len(margin))]
    table = {"person_id": people, "as_of": as_of, "margin": margin,
             "probability": 1 / (1 + np.exp(-margin))}  # fmt: skip
    return pd.DataFrame(table | columns)


def snapshots_of(scores, y):
    return Snapshots.from_table(
        pd.DataFrame({"x": np.zeros(len(scores))}), y,
        person_id=scores["person_id"], as_of=pd.to_datetime(scores["as_of"]),
    )  # fmt: skip


@given(st.lists(st.one_of(st.none(), st.floats(-3, 3)), min_size=1, max_size=20),
       st.integers(1, 25))  # fmt: skip
def test_the_list_holds_the_k_highest_of_those_with_an_estimate(margins, k):
    scores = scores_of([np.nan if m is None else m for m in margins])
    rows = past_scores(scores, snapshots_of(scores, [0.0] * len(scores)), k=k)
    scored = [m for m in margins if m is not None]
    assert len(rows) == len(margins) and len(estimated(rows)) == len(scored)
    assert rows["listed"].sum() == min(k, len(scored))
    margin = rows["person_id"].map(scores.set_index("person_id")["margin"])
    assert sorted(margin[rows["listed"]], reverse=True) == sorted(scored, reverse=True)[:k]


def test_stored_ranks_are_the_list_as_it_was():
    """Lots were drawn, or expected harm decided: the rank says who was listed."""
    scores = scores_of([3, 2, 1, 0], rank=pd.array([4, 1, 2, 3], "Int64"))
    rows = past_scores(scores, snapshots_of(scores, [1, 0, 0, 0]), k=2)
    assert rows.loc[rows["listed"], "person_id"].tolist() == ["p1", "p2"]


def test_several_tables_are_one_and_dates_stay_apart():
    first, second = scores_of([1, 2]), scores_of([2, 1], as_of="2021-01-01")
    both = pd.concat([first, second], ignore_index=True)
    rows = past_scores([second, first], snapshots_of(both, [1, 0, np.nan, 0]), k=1)
    assert rows["listed"].tolist() == [False, True, True, False]
    assert rows["y"].isna().tolist() == [False, False, True, False]
    assert rows["as_of"].is_monotonic_increasing


def test_mistakes_are_named_without_values():
    scores = scores_of([1, 2, 3])
    table = snapshots_of(scores, [0, 1, 0])
    with pytest.raises(SchemaError, match="at least one"):
        past_scores([], table, k=1)
    with pytest.raises(SchemaError, match="margin"):
        past_scores(scores.drop(columns="margin"), table, k=1)
    wrong = pd.concat([scores.assign(digest="a"), scores.assign(digest="b")]).assign(rank=1)
    with pytest.raises(SchemaError) as raised:
        past_scores(wrong, table, k=2)
    said = str(raised.value)
    assert "repeat a person" in said and "several models" in said and "scores.rank" in said
    assert "p0" not in said
    with pytest.raises(SchemaError, match="k: a whole number"):
        past_scores(scores, table, k=0)
