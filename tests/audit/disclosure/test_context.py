"""A count is printed in fives, or as the difference of two that are, or not at all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.disclosure.measures import WORKED
from tests.audit.disclosure.ledgers import context_with


def of_f(quantity):
    return ("list", "sex", "f", quantity)


def test_a_count_is_printed_in_fives_unless_withheld_or_unknown():
    found = context_with({of_f("people"): 98, of_f("listed"): 41}, withheld=[of_f("listed")])
    assert found.printed(of_f("people")) == 100
    assert np.isnan(found.printed(of_f("listed")))
    assert np.isnan(found.printed(of_f("observed")))
    printed = found.print_all([of_f("people"), of_f("listed")])
    np.testing.assert_array_equal(printed, [100.0, np.nan])
    assert found.print_all([]).shape == (0,)


@given(parts=st.tuples(st.integers(8, 200), st.integers(8, 200)))
def test_what_is_left_of_two_printed_counts_is_their_difference_and_never_small(parts):
    for (root, name), (whole, part) in WORKED.items():
        key = (root, "sex", "f")
        counts = {(*key, whole): sum(parts), (*key, part): parts[0], (*key, name): parts[1]}
        # a part may itself be the difference of two others
        found = context_with(counts)
        if (root, whole) in WORKED or (root, part) in WORKED:
            continue
        printed = found.printed((*key, name))
        assert printed >= 10
        assert printed in {10, found.printed((*key, whole)) - found.printed((*key, part))}


def test_a_difference_is_withheld_with_either_side_and_nobody_is_nobody():
    counts = {of_f("observed"): 60, of_f("outcome"): 20, of_f("clear"): 40}
    assert context_with(counts).printed(of_f("clear")) == 40
    for side in ("observed", "outcome"):
        assert np.isnan(context_with(counts, withheld=[of_f(side)]).printed(of_f("clear")))
    nobody = {of_f("observed"): 22, of_f("outcome"): 22, of_f("clear"): 0}
    assert context_with(nobody).printed(of_f("clear")) == 0


def test_what_must_not_be_worked_out_is_guarded_though_no_table_shows_it():
    found = context_with({of_f("people"): 100, of_f("listed"): 97})
    found.ledger.rest(of_f("people"), of_f("listed"), of_f("not_listed"))
    assert found.is_guarded(of_f("not_listed"))
    assert not found.is_guarded(of_f("listed"))
    assert not found.is_guarded(of_f("no such count"))
