"""Of any system of sums, what is withheld stays open from 1 to 7, in whole numbers as well."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.disclosure.suppression import withheld_counts


def two_way(table, *, exact_total=False):
    """The ledger of a table with both margins and a total."""
    ledger = Ledger()
    rows, columns = table.shape
    for r, c in itertools.product(range(rows), range(columns)):
        ledger.count(("cell", f"r{r}", f"c{c}"), table[r, c])
    for r in range(rows):
        ledger.total(("cell", f"r{r}", ""), [("cell", f"r{r}", f"c{c}") for c in range(columns)],
                     shown=True)  # fmt: skip
    for c in range(columns):
        ledger.total(("cell", "", f"c{c}"), [("cell", f"r{r}", f"c{c}") for r in range(rows)],
                     shown=True)  # fmt: skip
    ledger.total(("cell", "", ""), [("cell", f"r{r}", "") for r in range(rows)], shown=True)
    ledger.total(("cell", "", ""), [("cell", "", f"c{c}") for c in range(columns)])
    if exact_total:
        ledger.count(("cell", "", ""), table.sum(), known=True)
    return ledger


def attack(ledger, withheld, key):
    """The least and the most that a count can be, in whole numbers, to who knows the sums."""
    n = len(ledger.values)
    low, high = np.zeros(n), np.full(n, np.inf)
    for other, i in ledger.ids.items():
        value = ledger.values[i]
        printed = np.floor(value / 5 + 0.5) * 5
        if ledger.known[i] or (other not in withheld and value == 0):
            low[i] = high[i] = value
        elif other not in withheld and ledger.shown[i]:
            low[i], high[i] = max(8, printed - 2), printed + 2
    sums = np.zeros((len(ledger.sums), n))
    for row, (whole, parts) in enumerate(ledger.sums):
        sums[row, whole] = -1
        sums[row, list(parts)] = 1
    aim = np.zeros(n)
    aim[ledger.ids[key]] = 1
    found = []
    for sign in (1, -1):
        rows = LinearConstraint(sums, 0, 0)
        answer = milp(sign * aim, constraints=rows, bounds=Bounds(low, high),
                      integrality=np.ones(n))  # fmt: skip
        found.append(sign * answer.fun if answer.x is not None else np.inf)
    return found


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_no_small_count_of_a_two_way_table_can_be_worked_out(data):
    shape = data.draw(st.tuples(st.integers(2, 4), st.integers(2, 4)))
    counts = st.one_of(st.integers(0, 12), st.integers(0, 300))
    cells = data.draw(st.lists(counts, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    ledger = two_way(np.array(cells, dtype=float).reshape(shape))
    withheld = withheld_counts(ledger)
    for key, i in ledger.ids.items():
        if 1 <= ledger.values[i] <= 7:
            assert key in withheld
            low, high = attack(ledger, withheld, key)
            assert low <= 1 + 1e-6 <= 7 - 1e-6 <= high, (key, low, high)


@pytest.mark.parametrize("seed", range(6))
def test_nor_where_everyone_knows_the_total(seed):
    table = np.random.default_rng(seed).integers(0, 60, (3, 3)).astype(float)
    table[0, 0] = 3
    ledger = two_way(table, exact_total=True)
    withheld = withheld_counts(ledger)
    assert ("cell", "", "") not in withheld
    low, high = attack(ledger, withheld, ("cell", "r0", "c0"))
    assert low <= 1 + 1e-6 <= 7 - 1e-6 <= high


def test_the_test_itself_finds_what_one_pass_gives_away():
    ledger = two_way(np.array([[2.0, 20.0], [20.0, 20.0]]))
    low, high = attack(ledger, {("cell", "r0", "c0")}, ("cell", "r0", "c0"))
    assert (low > 1) or (high < 7)


def test_nothing_is_withheld_where_nothing_is_small():
    assert withheld_counts(two_way(np.array([[20.0, 0.0], [35.0, 40.0]]))) == frozenset()


def test_a_total_is_the_last_to_go():
    ledger = Ledger()
    for name, value in {"a": 4, "b": 38, "c": 60}.items():
        ledger.count((name,), value)
    ledger.total(("all",), [("a",), ("b",), ("c",)], shown=True)
    ledger.values[ledger.ids["all",]] = 102.0
    assert ("all",) not in withheld_counts(ledger)
    assert ("a",) in withheld_counts(ledger)


def test_what_everyone_knows_is_no_secret_and_stops_nothing():
    """A list of five people says five: nothing can hide the group that all of them are in."""
    ledger = Ledger()
    ledger.count(("list",), 5, known=True)
    ledger.count(("men",), 5)
    ledger.count(("women",), 0)
    ledger.add_up(("list",), [("men",), ("women",)])
    assert ("men",) in withheld_counts(ledger)


def test_a_count_that_stands_with_two_values_is_withheld():
    ledger = Ledger()
    ledger.count(("a",), 20)
    ledger.count(("a",), 30)
    assert withheld_counts(ledger) == {("a",)}
