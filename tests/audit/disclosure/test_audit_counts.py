"""Every figure of an audit stands in one ledger, under one name, with what it adds up to."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure.audit_counts import ledger_of, people_key
from riskmodel.audit.disclosure.group_counts import key_of
from riskmodel.audit.disclosure.measures import KINDS, RATE
from riskmodel.audit.disclosure.other_counts import everyone, is_count, summary_key
from tests.audit.disclosure.ledgers import guarded, sums_of


@pytest.fixture(scope="module")
def ledger(audited):
    return ledger_of(audited)


def test_no_count_of_a_real_audit_stands_with_two_values(ledger):
    assert not ledger.contradicted


@pytest.mark.parametrize("name", KINDS)
def test_every_count_behind_a_rate_is_entered_as_it_is(audited, ledger, name):
    kind, table = KINDS[name], audited.measured[name]
    rates = [metric for metric, one in kind.measures.items() if one.kind == RATE]
    rows = table[table["metric"].isin(rates)].to_dict("records")
    assert rows
    for row in rows:
        within = tuple(str(row[column]) for column in kind.within)
        for column, part in (("numerator", "top"), ("denominator", "bottom")):
            quantity = getattr(kind.measures[row["metric"]], part)
            key = key_of(kind.root, row["characteristic"], row["group"], quantity, within)
            assert ledger.value(key) == row[column], key


def test_every_table_of_counts_adds_up_to_another(ledger):
    joined = {(whole[0], part[0]) for whole, parts in sums_of(ledger) for part in parts}
    tables = ("band", "tenth", "bin", "label", "matched")
    assert {("list", name) for name in tables} | {("victims", "coverage")} <= joined
    roots = {key[0] for key in ledger.ids}
    assert {kind.root for kind in KINDS.values()} <= roots
    assert {"evidence", "follow-up", "missing", "proxy", "summary"} <= roots


def test_every_count_of_page_one_is_entered(audited, ledger):
    counts = {name: value for name, value in audited.summary.items() if is_count(name, value)}
    assert len(counts) > 10
    assert {name: ledger.value(summary_key(name)) for name in counts} == counts


def test_page_one_is_held_against_the_tables(audited):
    other = audited.summary | {"later_serious": audited.summary["later_serious"] + 1}
    found = ledger_of(replace(audited, summary=other))
    assert everyone("outcome") in found.contradicted


def test_the_order_of_rows_says_nothing(audited, ledger):
    rng = np.random.default_rng(1)
    tables = {
        name: audited.measured[name].sample(frac=1, random_state=rng)
        for name in (*KINDS, "group_calibration", "evidence", "matched_gaps", "proxy_models")
    }
    found = ledger_of(audited.with_tables(**tables))
    assert {key: found.value(key) for key in found.ids} == {
        key: ledger.value(key) for key in ledger.ids
    }
    assert guarded(found) == guarded(ledger)
    assert sums_of(found) == sums_of(ledger)


def pool(**people):
    """The rows of each group of one date, nobody of whom is listed twice."""
    return pd.DataFrame(
        [
            {"characteristic": "sex", "group": group, "metric": "selection_rate", "value": 0.5,
             "numerator": n / 2, "denominator": n, "withheld": False, "people": n, "low": 0.4,
             "high": 0.6}
            for group, n in people.items()
        ]
    )  # fmt: skip


def test_people_matched_are_some_of_the_people_of_their_group(audited):
    matched = pd.DataFrame({
        "characteristic": ["sex"], "group": "f", "reference": "m", "metric": "precision",
        "people": 40, "matched_people": 37,
    })  # fmt: skip
    empty = replace(audited, measured={}, summary={})
    found = ledger_of(empty.with_tables(listed=pool(f=40, m=60), matched_gaps=matched))
    whole, part, others = (
        people_key("matched", matched.iloc[0].to_dict(), name)
        for name in ("people", "matched_people", "others")
    )
    assert guarded(found) == {others}
    assert (whole, frozenset({part, others})) in sums_of(found)
    assert (key_of("list", "sex", "f", "people"), frozenset({whole})) in sums_of(found)


def test_people_told_apart_are_all_people_scored(audited):
    models = pd.DataFrame({"characteristic": "sex", "group": ["f", "m"], "n": [38, 60]})
    empty = replace(audited, measured={}, summary={"people_scored": 98})
    found = ledger_of(empty.with_tables(proxy_models=models))
    parts = frozenset(people_key("proxy", row, "n") for row in models.to_dict("records"))
    assert (("proxy", "", "", "n"), parts) in sums_of(found)
    assert (summary_key("people_scored"), frozenset({("proxy", "", "", "n")})) in sums_of(found)


def test_offences_of_people_scored_are_those_later_offences_that_the_list_counts(audited):
    suspects = pd.DataFrame(
        [
            {"characteristic": "sex", "group": "f", "metric": "outside_cohort", "value": 0.3,
             "numerator": 30, "denominator": 100, "withheld": False, "people": 40}
        ]
    )  # fmt: skip
    listed = pd.DataFrame(
        [
            {"characteristic": "sex", "group": "f", "metric": "share_of_later_offences",
             "value": 1.0, "numerator": 70, "denominator": 70, "withheld": False, "people": 40}
        ]
    )  # fmt: skip
    of_scored = key_of("suspects", "sex", "f", "offences_scored")
    of_list = key_of("list", "sex", "f", "offences")
    empty = replace(audited, measured={}, summary={})
    for count, same in ((70, True), (69, False)):
        tables = {"suspects": suspects, "listed": listed.assign(numerator=count)}
        sums = sums_of(ledger_of(empty.with_tables(**tables)))
        assert ((of_scored, frozenset({of_list})) in sums) is same
