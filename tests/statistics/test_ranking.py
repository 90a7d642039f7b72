"""Ranks are a permutation that knows nothing of the order of rows, and ties are open about it."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import SchemaError
from riskmodel.statistics.ranking import descending_order, rank_descending, seeded_order, top_k

VALUES = st.lists(st.sampled_from([0.0, 0.5, 1.0, -2.0, np.inf, -np.inf]), min_size=1, max_size=30)
SEEDS = st.integers(-(2**40), 2**70)


def people(n):
    return np.array([f"p{i}" for i in range(n)], dtype=object)


@given(VALUES, SEEDS)
def test_ranks_are_a_permutation_within_best_and_worst(values, seed):
    ranks = rank_descending(values, people(len(values)), seed)
    assert sorted(ranks.rank) == list(range(1, len(values) + 1))
    assert (ranks.best <= ranks.rank).all()
    assert (ranks.rank <= ranks.worst).all()


@given(VALUES)
def test_best_and_worst_count_who_is_above_and_level(values):
    ranks = rank_descending(values, people(len(values)))
    numbers = np.array(values)
    assert ranks.best.tolist() == [1 + (numbers > value).sum() for value in numbers]
    assert ranks.worst.tolist() == [(numbers >= value).sum() for value in numbers]


@given(VALUES, SEEDS, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_rows(values, seed, random):
    order = list(range(len(values)))
    random.shuffle(order)
    numbers, ids = np.array(values), people(len(values))
    shuffled = rank_descending(numbers[order], ids[order], seed)
    for found, direct in zip(shuffled, rank_descending(numbers, ids, seed), strict=True):
        assert (found == direct[order]).all()


@given(st.lists(st.sampled_from([0.0, 1.0, np.nan]), max_size=20), st.integers(0, 25))
def test_top_k_never_lists_what_has_no_value(values, k):
    mask = top_k(values, people(len(values)), k)
    missing = np.isnan(np.array(values, dtype=float))
    assert not mask[missing].any()
    assert mask.sum() == min(k, (~missing).sum())


def test_missing_values_have_no_rank():
    ranks = rank_descending([np.nan, 1.0], ["a", "b"])
    assert [column.tolist() for column in ranks] == [[0, 1], [0, 1], [0, 1]]


def test_the_order_of_ties_is_even_over_seeds():
    ids = people(4)
    first = [ids[top_k(np.zeros(4), ids, 1, seed)][0] for seed in range(400)]
    counts = pd.Series(first).value_counts()
    assert len(counts) == 4
    assert counts.between(60, 140).all()  # 100 expected, standard deviation 9


def test_keys_are_those_that_were_published_with_earlier_lists():
    # BLAKE2b-64, key "7", of UTF-8: these must never change, lists in use are ordered by them
    keys = seeded_order(["a", "é"], seed=7)
    assert keys.dtype == np.uint64
    assert [int(key) for key in keys] == [14180409142595438385, 3417152572856121877]


def test_another_process_with_another_hash_seed_agrees():
    code = (
        "from riskmodel.statistics.ranking import seeded_order;"
        "print(*map(int, seeded_order(['x', 'y'], 3)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "123"},
    )  # fmt: skip
    assert found.stdout.split() == [str(int(key)) for key in seeded_order(["x", "y"], 3)]


def test_pandas_and_numpy_strings_have_the_same_keys():
    names = ["b", "a", "c"]
    expected = seeded_order(names, 1).tolist()
    for ids in (np.array(names), pd.Series(names), np.array(names, dtype=object)):
        assert seeded_order(ids, 1).tolist() == expected


def test_descending_order_puts_missing_values_last():
    assert descending_order([np.nan, 1.0, 2.0], [0, 0, 0]).tolist() == [2, 1, 0]


@pytest.mark.parametrize("k", [-1, 1.5])
def test_k_must_be_a_whole_number(k):
    with pytest.raises(SchemaError, match="k: "):
        top_k([1.0], ["a"], k)


def test_one_value_per_id():
    with pytest.raises(SchemaError, match="one value per id"):
        rank_descending([1.0, 2.0], ["a"])


def test_nobody_is_ranked_without_error():
    assert [len(column) for column in rank_descending([], [])] == [0, 0, 0]
