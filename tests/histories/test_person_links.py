import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.histories.person_links import is_any_known, read_links, representatives

PERSONS = np.array(["a", "b", "c", "d", "e"])


def splink(*rows):
    """As Splink's predictions come: more columns than are read, ids under its own names."""
    columns = ["match_weight", "match_probability", "unique_id_l", "unique_id_r", "match_key"]
    return pd.DataFrame([(0.0, p, left, right, "0") for left, right, p in rows], columns=columns)


def test_splinks_columns_and_ours_say_the_same():
    predictions = splink(("a", "b", 0.99), ("c", "d", 0.5))
    ours = predictions.rename(columns={"unique_id_l": "person_id_l", "unique_id_r": "person_id_r"})
    pairs = read_links(predictions)
    assert pairs.values.tolist() == [["a", "b", 0.99]]
    pd.testing.assert_frame_equal(read_links(ours), pairs)
    pd.testing.assert_frame_equal(read_links(pa.Table.from_pandas(ours)), pairs)


def test_a_pair_at_the_threshold_counts():
    predictions = splink(("a", "b", 0.9), ("c", "d", 0.8999))
    assert read_links(predictions, 0.9)["person_id_l"].tolist() == ["a"]


def test_whole_numbers_are_ids_and_pairs_without_a_probability_count():
    pairs = read_links(pd.DataFrame({"person_id_l": [7, 8], "person_id_r": [9.0, 10.0]}))
    assert pairs.values.tolist() == [["7", "9", 1.0], ["8", "10", 1.0]]


def test_no_predictions_are_no_links():
    assert read_links(splink()).empty
    assert representatives(PERSONS, read_links(splink())).tolist() == [0, 1, 2, 3, 4]


def test_all_mistakes_are_told_at_once_and_no_id_is():
    rows = [("secret", "secret", 0.99), (None, "other", 1.5), ("x", 1.5, np.nan)]
    with pytest.raises(SchemaError) as told:
        read_links(splink(*rows), threshold=95)
    assert told.value.problems == [
        "links.unique_id_l: missing, or not text or a whole number, in 1 rows",
        "links.unique_id_r: missing, or not text or a whole number, in 1 rows",
        "links.unique_id_l: the same as unique_id_r, in 1 rows",
        "links.match_probability: not a number from 0 to 1, in 2 rows",
        "threshold: 95 given, 0 to 1 is allowed",
    ]
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("links", [pd.DataFrame({"unique_id_l": ["a"]}), None, [("a", "b")]])
def test_what_is_no_table_of_links_is_refused(links):
    with pytest.raises(SchemaError, match="links"):
        read_links(links)


def test_links_chain_also_through_ids_that_are_not_known():
    pairs = read_links(splink(("b", "x", 1.0), ("x", "d", 1.0), ("y", "z", 1.0)))
    assert representatives(PERSONS, pairs).tolist() == [0, 1, 2, 1, 4]
    assert is_any_known(PERSONS, pairs)
    assert not is_any_known(PERSONS, pairs[-1:])


@given(st.lists(st.tuples(st.sampled_from("abcdexy"), st.sampled_from("abcdexy"))), st.randoms())
def test_the_first_id_of_each_connected_set_stands_for_it(edges, random):
    edges = [(left, right) for left, right in edges if left != right]
    found = representatives(PERSONS, read_links(splink(*((*edge, 1.0) for edge in edges))))
    sets = {name: {name} for name in "abcdexy"}
    for left, right in edges:
        joined = sets[left] | sets[right]
        for name in joined:
            sets[name] = joined
    expected = [min(sets[name] & set(PERSONS.tolist())) for name in PERSONS.tolist()]
    assert PERSONS[found].tolist() == expected
    turned = [edge[::-1] for edge in edges]
    random.shuffle(turned)
    again = representatives(PERSONS, read_links(splink(*((*edge, 1.0) for edge in turned))))
    assert np.array_equal(found, again)
