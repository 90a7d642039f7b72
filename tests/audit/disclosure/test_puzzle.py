"""What a reader may think possible holds the truth, and every world found is one of those."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmodel.audit.disclosure import puzzle
from riskmodel.audit.disclosure.bounds import HIGH, LOW
from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.disclosure.puzzle import SLACK, Puzzle
from riskmodel.errors import RiskModelError

COUNTS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 300)), min_size=4, max_size=4)


def ledger_of(f, m, of_f, of_m):
    """Two groups of people, those of each who are listed, and the sums of all."""
    ledger = Ledger()
    for group, people, listed in (("f", f, of_f), ("m", m, of_m)):
        whole, part = (("list", "sex", group, name) for name in ("people", "listed"))
        ledger.count(whole, people)
        ledger.count(part, min(people, listed))
        ledger.rest(whole, part, (*whole[:-1], "not_listed"))
    for name in ("people", "listed"):
        ledger.total(("list", "", "", name), [("list", "sex", g, name) for g in "fm"], shown=True)
    return ledger


def key(group, quantity):
    return ("list", "sex", group, quantity)


@given(COUNTS)
def test_the_truth_is_possible_and_what_is_small_is_withheld(counts):
    ledger = ledger_of(*counts)
    found = Puzzle.of(ledger)
    low, high = found.own_bounds()
    assert (low <= found.value).all()
    assert (found.value <= high).all()
    np.testing.assert_allclose(found.matrix @ found.value, 0)
    small = (found.value >= 1) & (found.value <= 7)
    assert found.hidden[small].all()
    assert set(found.guarded) == set(np.flatnonzero(small))
    assert found.need[:, small].tolist() == [[1.0] * small.sum(), [7.0] * small.sum()]


@pytest.mark.parametrize(
    ("flags", "ends"),
    [
        ({}, (18, 22)),  # printed 20
        ({"shown": False}, (0, np.inf)),
        ({"worked": True}, (8, np.inf)),
        ({"known": True}, (21, 21)),
    ],
)
def test_what_a_reader_knows_of_a_count_by_itself(flags, ends):
    ledger = Ledger()
    ledger.count(("a",), 21, **flags)
    (low,), (high,) = Puzzle.of(ledger).own_bounds()
    assert (low, high) == ends


def test_what_everyone_knows_is_neither_hidden_nor_guarded_however_small():
    ledger = Ledger()
    ledger.count(("list",), 5)
    ledger.count(("list",), 5, known=True)  # as its own table says
    found = Puzzle.of(ledger)
    assert not found.hidden.any()
    assert not len(found.guarded)


def test_nobody_and_the_smallest_printed_are_known_as_such():
    ledger = Ledger()
    for name, value in (("nobody", 0), ("eight", 8)):
        ledger.count((name,), value)
    low, high = Puzzle.of(ledger).own_bounds()
    assert list(zip(low, high, strict=True)) == [(0, 0), (8, 12)]


@given(COUNTS)
@settings(max_examples=40, deadline=None)
def test_a_world_is_possible_and_goes_as_far_as_it_needs_or_can(counts):
    found = Puzzle.of(ledger_of(*counts))
    cells = found.guarded
    if not len(cells):
        return
    low, high = found.own_bounds()
    everything = np.arange(len(found.value))
    for end in (LOW, HIGH):
        world = found.world(cells[:1], np.array([end]), everything)
        assert (world.values >= low - SLACK).all()
        assert (world.values <= high + SLACK).all()
        np.testing.assert_allclose(found.matrix @ world.values, 0, atol=SLACK)
        # where it stops short, the bounds that stop it can be named
        stopped = found.not_reached(world.values[cells[:1]], cells[:1], end)
        assert not len(stopped) or len(world.leans_on)


def test_counts_that_are_not_free_stay_as_they_are():
    found = Puzzle.of(ledger_of(40, 60, 4, 20))
    cell = found.guarded[:1]
    free = np.flatnonzero(found.family == found.family[cell[0]])
    world = found.world(cell, np.array([HIGH]), free)
    fixed = np.setdiff1d(np.arange(len(found.value)), free)
    np.testing.assert_array_equal(world.values[fixed], found.value[fixed])
    assert world.values[cell[0]] == pytest.approx(6)  # 24 listed in all, and of m 18 or more


def test_how_far_is_far_enough():
    found = Puzzle.of(ledger_of(40, 60, 4, 20))
    cells = found.guarded
    assert len(cells) == 1
    for end, value, left in ((LOW, 1.0, 0), (LOW, 2.0, 1), (HIGH, 7.0, 0), (HIGH, 6.0, 1)):
        assert len(found.not_reached(np.array([value]), cells, end)) == left


def test_the_least_missed_goes_first_and_nobody_after_somebody():
    ledger = Ledger()
    parts = [("list", "sex x race", "f x a", "people"), ("list", "sex x race", "f x b", "people"),
             ("list", "sex", "f", "people"), ("list", "race", "a", "people"),
             ("list", "", "", "people")]  # fmt: skip
    for name, value in zip(parts, (30, 0, 20, 10, 60), strict=True):
        ledger.count(name, value, last=name[1] == "")
    ledger.count(("k",), 50, known=True)
    found = Puzzle.of(ledger)
    everything = np.arange(6)
    order = []
    while found.withhold_best(everything):
        order.append(next(i for i in np.flatnonzero(found.hidden) if i not in order))
    assert order == [0, 3, 2, 4, 1]  # what everyone knows cannot be withheld


def test_what_was_published_before_is_not_withheld_now_and_what_was_withheld_is():
    ledger = ledger_of(40, 60, 20, 30)
    ledger.settled[ledger.ids[key("f", "people")]] = True
    ledger.held[ledger.ids[key("m", "people")]] = True
    found = Puzzle.of(ledger)
    assert found.hidden[ledger.ids[key("m", "people")]]
    assert not found.withhold_best(np.array([ledger.ids[key("f", "people")]]))


def test_a_characteristic_moves_with_those_that_it_joins():
    ledger = Ledger()
    names = [("list", "sex", "f", "people"), ("list", "race", "a", "people"),
             ("list", "sex x race", "f x a", "people"), ("band", "sex", "f", "high", "people"),
             ("victims", "sex", "f", "offences")]  # fmt: skip
    for name in names:
        ledger.count(name, 20)
    found = {frozenset(int(i) for i in family) for family in Puzzle.of(ledger).families}
    # bands add up to the list; victims are other people
    assert found == {frozenset({0, 3}), frozenset({1}), frozenset({0, 1, 2, 3}), frozenset({4})}


def test_a_solver_that_gives_up_publishes_nothing(monkeypatch):
    gave_up = SimpleNamespace(x=None, message="time limit")
    monkeypatch.setattr(puzzle, "linprog", lambda *_, **__: gave_up)
    found = Puzzle.of(ledger_of(40, 60, 4, 20))
    with pytest.raises(RiskModelError, match="could not be checked"):
        found.world(found.guarded, np.array([LOW]), np.arange(len(found.value)))
