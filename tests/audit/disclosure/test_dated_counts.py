"""Of a model over time: what one row says of another is entered, and so is an audit beside it."""

import pandas as pd
import pytest

from riskmodel.audit.disclosure.dated_counts import (
    enter_beside,
    key,
    ledger_over_time,
    with_harmed,
)
from riskmodel.audit.over_time import OverTime
from tests.audit.disclosure.ledgers import guarded, sums_of

DATES = ["2020-01-01", "2021-01-01", "2022-01-01"]


def ledger_of(**tables):
    return ledger_over_time(OverTime(tables=tables, model_digest="0" * 64, k=100))


def periods(**columns):
    counts = {"n": 1000, "n_observed": 980, "observed": 90, "k": 100, "listed_observed": 90,
              "listed_outcome": 30}  # fmt: skip
    return pd.DataFrame({"as_of": DATES[:2], **counts, **columns})


@pytest.mark.parametrize(
    ("columns", "between"),
    [
        ({"n": 983}, "not n_observed"),
        ({"observed": 975}, "not observed"),
        ({"listed_observed": 97}, "not listed_observed"),
        ({"listed_outcome": 87, "observed": 200}, "not listed_outcome"),
        ({"observed": 33}, "missed"),
    ],
)
def test_all_but_a_few_of_a_date_are_a_few(columns, between):
    assert not guarded(ledger_of(periods=periods()))
    table = periods(**columns)
    assert guarded(ledger_of(periods=table)) == {
        key("periods", row, between) for row in table.to_dict("records")
    }


def changes():
    return pd.DataFrame({
        "as_of": DATES, "k": 100, "entered": [40, 4, 30], "left": [38, 4, 30],
        "stayed": [60, 96, 70], "left_without_estimate": pd.array([12, None, 28], dtype="Int64"),
    })  # fmt: skip


def test_who_entered_and_stayed_are_the_list_and_who_left_and_stayed_the_one_before():
    ledger, rows = ledger_of(changes=changes()), changes().to_dict("records")
    sums = sums_of(ledger)
    for row in rows:
        entered, left, stayed, this, before = (
            key("changes", row, name) for name in ("entered", "left", "stayed", "k", "before")
        )
        assert (this, frozenset({entered, stayed})) in sums
        assert (before, frozenset({left, stayed})) in sums
        assert ledger.known[ledger.ids[this]]
        assert ledger.known[ledger.ids[before]]
    last, this = key("changes", rows[1], "k"), key("changes", rows[2], "before")
    assert (this, frozenset({last})) in sums


def test_who_left_with_an_estimate_is_what_is_left_of_who_left():
    rows = changes().to_dict("records")
    few = {key("changes", rows[1], name) for name in ("entered", "left")}
    few.add(key("changes", rows[2], "not left_without_estimate"))
    assert guarded(ledger_of(changes=changes())) == few


def test_removals_are_of_people_some_of_whom_left():
    table = pd.DataFrame({"as_of": DATES[:1], "reason": ["died"], "people": [20], "left": [18]})
    (row,) = table.to_dict("records")
    assert guarded(ledger_of(removals=table)) == {key("removals", row, "not left")}


def test_worked_and_not_worked_add_up_to_all():
    table = pd.DataFrame({
        "who": ["all", "worked", "not worked"], "people": [90, 5, 85], "listed": [100, 30, 70],
        "listed_observed": [90, 28, 62], "observed": [40, 20, 20],
    })  # fmt: skip
    ledger = ledger_of(actions=table)
    for name in ("listed", "listed_observed", "observed"):
        parts = frozenset(("actions", who, name) for who in ("worked", "not worked"))
        assert (("actions", "all", name), parts) in sums_of(ledger)
    # thirty places of five people are a count of five
    assert ("actions", "worked", "listed") in guarded(ledger)
    assert ("actions", "not worked", "listed") not in guarded(ledger)
    assert ("actions", "worked", "listed not listed_observed") in guarded(ledger)


def test_the_rate_of_those_overridden_says_how_many_went_on():
    table = pd.DataFrame({
        "direction": ["removed", "added", "overridden"], "n": [40, 30, 70], "people": [40, 30, 70],
        "observed": [40, 30, 70], "outcome_rate": [3 / 40, 10 / 30, 13 / 70],
    })  # fmt: skip
    assert with_harmed(table)["harmed"].tolist() == [3, 10, 13]
    ledger = ledger_of(overrides=table)
    assert guarded(ledger) == {("overrides", "removed", "harmed")}
    parts = frozenset(("overrides", way, "harmed") for way in ("removed", "added"))
    assert (("overrides", "overridden", "harmed"), parts) in sums_of(ledger)
    plain = table.drop(columns="direction")
    assert with_harmed(plain) is plain


def test_beside_an_audit_of_the_same_dates_the_sum_of_dates_is_printed():
    table = periods(listed_outcome=[30, 12])
    summary = {"as_of": DATES[:2], "listed_later_serious": 40, "observed": 2000}
    ledger = ledger_of(periods=table)
    enter_beside(ledger, table, summary)
    whole = ("periods", "all dates", "listed_outcome")
    parts = frozenset(key("periods", row, "listed_outcome") for row in table.to_dict("records"))
    assert (whole, parts) in sums_of(ledger)
    assert ledger.settled[ledger.ids[whole]]
    # 1960 followed are printed 1960: this audit counts others
    assert ("periods", "all dates", "n_observed") not in ledger.ids


@pytest.mark.parametrize("dates", [DATES[:1], DATES, []])
def test_beside_an_audit_of_other_dates_nothing_is_added(dates):
    ledger = ledger_of(periods=periods())
    before = sums_of(ledger)
    enter_beside(ledger, periods(), {"as_of": dates, "listed_later_serious": 60})
    assert sums_of(ledger) == before
