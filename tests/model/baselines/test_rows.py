"""Rows to learn from stand in one order, whatever order they came in, and people stay whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import ModelMismatchError, SchemaError
from riskmodel.model.baselines.rows import feature_values, learning_rows
from riskmodel.snapshots.table import Snapshots


def some_table(person, seed=0):
    """Each row has a value of its own; the first has the outcome."""
    n = len(person)
    dates = pd.Timestamp("2010-01-01") + pd.to_timedelta(
        np.random.default_rng(seed).permutation(n), unit="D"
    )
    X = pd.DataFrame({"number": np.arange(n)})
    return Snapshots.from_table(X, np.arange(n) == 0, person_id=person, as_of=dates)


people = st.lists(st.integers(0, 6), min_size=2, max_size=40)


@given(people, st.randoms(use_true_random=False))
def test_the_order_given_is_forgotten(person, random):
    table = some_table(person)
    order = list(range(len(person)))
    random.shuffle(order)
    shuffled = Snapshots.from_table(
        table.X.iloc[order], table.y[order], person_id=table.person_id[order],
        as_of=table.as_of[order].reset_index(drop=True),
    )  # fmt: skip
    one, two = learning_rows(table), learning_rows(shuffled)
    pd.testing.assert_frame_equal(one.X, two.X)
    assert np.array_equal(one.y, two.y)
    assert np.array_equal(one.person, two.person)
    assert (one.as_of == two.as_of).all()


@given(people)
def test_rows_stand_by_person_then_date(person):
    rows = learning_rows(some_table(person))
    key = pd.DataFrame({"person": rows.person, "as_of": rows.as_of})
    assert key.equals(key.sort_values(["person", "as_of"], ignore_index=True))
    assert len(rows) == len(person)


@given(people, st.integers(1, 40), st.integers(0, 5))
def test_some_people_are_whole_people(person, most, seed):
    rows = learning_rows(some_table(person))
    some = rows.of_some_people(most, seed=seed)
    counts, whole = (pd.Series(part.person).value_counts() for part in (some, rows))
    assert (counts == whole[counts.index]).all()
    assert 0 < len(some) <= max(most, counts.iloc[0])
    assert len(counts) == 1 or len(some) <= most
    if len(rows) <= most:
        assert some is rows


def test_only_rows_with_a_label_and_a_weight_teach():
    table = Snapshots.from_table(
        pd.DataFrame({"x": [1, 2, 3, 4]}), [0, np.nan, 1, 1], weight=[1, 1, 2, 0]
    )
    rows = learning_rows(table)
    assert rows.X["x"].tolist() == [1, 3]
    assert rows.weight.tolist() == pytest.approx([2 / 3, 4 / 3])


@pytest.mark.parametrize("y", [[0, 0], [1, 1], [np.nan, 1], [np.nan, np.nan]])
def test_one_class_is_refused(y):
    with pytest.raises(SchemaError, match="one class only"):
        learning_rows(Snapshots.from_table(pd.DataFrame({"x": [1, 2]}), y))


def test_features_come_in_the_order_asked_for():
    table = Snapshots.from_table(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), [0, 1])
    assert feature_values(table, ("b", "a")).tolist() == [[3, 1], [4, 2]]
    with pytest.raises(ModelMismatchError, match=r"lacks 2 columns .* c, d"):
        feature_values(table, ("c", "a", "d"))
