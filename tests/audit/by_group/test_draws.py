"""One set of resamples for all groups; cells of people who are alike move as the people do."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.by_group.draws import People, amounts_of, draw_sums

CODES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=30)


@given(CODES)
def test_people_who_are_alike_are_one_unit(pairs):
    one, other = (np.array(code) for code in zip(*pairs, strict=True))
    people = People.alike([one, other])
    assert people.size.sum() == len(pairs)
    assert len(people.size) == len(set(pairs))
    assert (pd.Series(one * 2 + other).groupby(people.unit).nunique() == 1).all()


def test_the_order_of_people_changes_no_draw():
    rng = np.random.default_rng(0)
    who, code = rng.integers(0, 40, 100), np.zeros(100, dtype=np.int64)
    order = rng.permutation(100)
    values = {"x": who / 7.0, "n": np.ones(100)}
    first = draw_sums({"a": amounts_of(values, code, People.one_by_one(who))},
                      People.one_by_one(who), 20, 0)  # fmt: skip
    shuffled = {name: each[order] for name, each in values.items()}
    people = People.one_by_one(who[order])
    second = draw_sums({"a": amounts_of(shuffled, code, people)}, people, 20, 0)
    np.testing.assert_allclose(first["a"], second["a"])


@pytest.mark.parametrize("alike", [True, False])
def test_all_tables_are_drawn_together(alike):
    rng = np.random.default_rng(1)
    n = 500
    codes = {"sex": rng.integers(0, 2, n), "age": rng.integers(0, 5, n)}
    hit = rng.integers(0, 2, n)
    people = People.alike([*codes.values(), hit]) if alike else People.one_by_one(np.arange(n))
    quantities = {"people": np.ones(n), "hits": hit.astype(float)}
    tables = {name: amounts_of(quantities, code, people) for name, code in codes.items()}
    drawn = draw_sums(tables, people, 50, 3)
    np.testing.assert_allclose(drawn["sex"].sum(axis=1), drawn["age"].sum(axis=1))
    np.testing.assert_allclose(drawn["sex"].sum(axis=1)[:, 0], n)
    for name, code in codes.items():
        np.testing.assert_allclose(tables[name].totals()[:, 1], np.bincount(code, weights=hit))


def test_amounts_are_per_person_of_a_unit_and_know_how_many_there_are():
    people = People.alike([np.array([0, 0, 0, 1])])
    table = amounts_of({"x": np.array([2.0, 2.0, 2.0, 5.0])}, np.array([0, 0, 0, 1]), people)
    assert table.behind()["x"].tolist() == [2.0, 5.0]
    assert table.totals().tolist() == [[6.0], [5.0]]


def test_a_person_of_two_groups_moves_both():
    people = People.one_by_one([7, 7, 8, 8])
    table = amounts_of({"n": np.ones(4)}, np.array([0, 1, 0, 1]), people)
    drawn = draw_sums({"band": table}, people, 30, 0)["band"]
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 1])
