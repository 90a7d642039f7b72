"""The ledger holds each count once, and only sums that come out."""

import numpy as np

from riskmodel.audit.disclosure.ledger import Ledger


def test_small_counts_and_counts_of_few_people_are_protected():
    ledger = Ledger()
    ledger.count(("small",), 3)
    ledger.count(("nobody",), 0)
    ledger.count(("many",), 8)
    ledger.count(("of few",), 20, people=5)
    ledger.count(("slack",), 3, guarded=False)
    assert ledger.need == [(1.0, 7.0), None, None, (13.0, 20.0), None]


def test_what_is_between_is_protected_though_no_table_shows_it():
    ledger = Ledger()
    ledger.count(("all",), 100)
    ledger.count(("some",), 97)
    ledger.rest(("all",), ("some",), ("others",))
    assert ledger.value(("others",)) == 3
    assert not ledger.shown[ledger.ids["others",]]
    assert ledger.need[ledger.ids["others",]] == (1.0, 7.0)
    assert ledger.sums == [(0, (1, 2))]


def test_sums_that_do_not_come_out_or_lack_a_part_are_no_sums():
    ledger = Ledger()
    ledger.count(("all",), 100)
    ledger.count(("a",), 40)
    ledger.count(("b",), 41)
    ledger.add_up(("all",), [("a",), ("b",)])
    ledger.add_up(("all",), [("a",), ("unknown",)])
    ledger.rest(("a",), ("all",), ("less than none",))
    assert ledger.sums == []


def test_undefined_is_no_count():
    ledger = Ledger()
    ledger.count(("a",), np.nan)
    assert ledger.ids == {}
    assert np.isnan(ledger.value(("a",)))
