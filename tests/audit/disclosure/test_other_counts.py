"""Page one and the tables beside the rates: the same count has one name, and sums are entered."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure.group_counts import key_of
from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.disclosure.other_counts import (
    OF_THE_LIST,
    SUMMARY_KEYS,
    bin_key,
    enter_bins,
    enter_coverage,
    enter_evidence,
    enter_follow_up,
    enter_label,
    enter_missing,
    enter_summary,
    enter_tenths,
    everyone,
    follow_up_keys,
    is_count,
    summary_key,
)
from riskmodel.schema import NOT_RECORDED
from tests.audit.disclosure.ledgers import guarded, sums_of


def entered(enter, *tables, before=()):
    ledger = Ledger()
    for key, value in dict(before).items():
        ledger.count(key, value)
    enter(ledger, *tables)
    return ledger


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("entries_listed", 98, True), ("new_count", 3, True), ("k", 100, False),
        ("dates_learnt_from", 3, False), ("gate_share", 0.05, False), ("known_at", None, False),
        ("estimates_given", True, False), ("as_of", ["2020-01-01"], False),
    ],
)  # fmt: skip
def test_a_whole_number_of_page_one_is_a_count_unless_it_was_asked_for(name, value, count):
    assert is_count(name, value) is count


def test_page_one_and_the_tables_share_their_counts():
    assert len(set(SUMMARY_KEYS.values())) == len(SUMMARY_KEYS)
    ledger = entered(enter_summary, {"observed": 95, "set_aside": {"observed": 3}})
    assert ledger.value(everyone("observed")) == 95
    assert ledger.value(summary_key("observed", ("set_aside",))) == 3
    assert guarded(ledger) == {summary_key("observed", ("set_aside",))}


@pytest.mark.parametrize(("listed", "known"), [(200, True), (198, False)])
def test_a_list_as_long_as_was_asked_is_known_to_the_unit(listed, known):
    ledger = entered(enter_summary, {"k": 100, "n_dates": 2, "entries_listed": listed})
    assert ledger.known[ledger.ids[everyone("listed")]] is known


@pytest.mark.parametrize("name", OF_THE_LIST)
def test_all_of_the_list_but_a_few_is_a_few(name):
    ledger = entered(enter_summary, {"entries_listed": 66, name: 63})
    assert guarded(ledger) == {("summary", "listed but not", name)}


def test_on_one_date_a_place_is_a_person_and_on_two_it_need_not_be():
    counts = {"entries_scored": 90, "people_scored": 90, "entries_listed": 40, "people_listed": 40}
    same = {(everyone("people"), frozenset({summary_key("people_scored")})),
            (everyone("listed"), frozenset({summary_key("people_listed")}))}  # fmt: skip
    assert same <= sums_of(entered(enter_summary, {"n_dates": 1, **counts}))
    assert not same & sums_of(entered(enter_summary, {"n_dates": 2, **counts}))
    again = entered(enter_summary, {"n_dates": 2, **counts, "people_listed": 36})
    assert not guarded(again)  # places of the same people count nobody


def test_each_later_offence_has_one_standing():
    parts = {"offences_listed": 20, "offences_scored_not_listed": 30, "offences_outside_cohort": 40,
             "offences_no_suspect": 10}  # fmt: skip
    names = ("offences_listed", "offences_scored", "offences_outside", "offences_unnamed")
    ledger = entered(enter_summary, {"offences_later": 100, **parts})
    keys = frozenset(everyone(name, "victims") for name in names)
    assert (everyone("offences", "victims"), keys) in sums_of(ledger)


def test_tenths_add_up_to_those_whose_outcome_is_known():
    table = pd.DataFrame({"n": [50, 48], "positives": [9, 44]})
    ledger = entered(
        enter_tenths, table, before={everyone("observed"): 98, everyone("outcome"): 53}
    )
    assert guarded(ledger) == {("tenth", "1", "rest")}
    for whole, name in (("observed", "n"), ("outcome", "positives")):
        parts = frozenset(("tenth", place, name) for place in "01")
        assert (everyone(whole), parts) in sums_of(ledger)


def test_bins_add_up_to_their_group_and_groups_to_a_bin_whose_size_is_known():
    table = pd.DataFrame({
        "characteristic": "sex", "group": ["f", "f", "m", "m"], "bin": [0, 1, 0, 1],
        "n": [40, 20, 60, 80], "positives": [9, 3, 12, 20], "observed": [0.2, np.nan, 0.2, 0.25],
    })  # fmt: skip
    ledger = entered(enter_bins, table, before={
        key_of("list", "sex", "f", "observed"): 60, key_of("list", "sex", "m", "outcome"): 32,
    })  # fmt: skip
    sums, rows = sums_of(ledger), table.to_dict("records")
    n, hits = ([(*bin_key(row), name) for row in rows] for name in ("n", "positives"))
    assert (key_of("list", "sex", "f", "observed"), frozenset(n[:2])) in sums
    assert (key_of("list", "sex", "m", "outcome"), frozenset(hits[2:])) in sums
    for place in (0, 1):
        of_all = key_of("bin", "", "", "n", (str(place),))
        assert (of_all, frozenset(n[place::2])) in sums
        assert ledger.known[ledger.ids[of_all]]
        assert not ledger.known[ledger.ids[key_of("bin", "", "", "positives", (str(place),))]]
    # 20 entries without a rate are of few people
    assert guarded(ledger) == {n[1], hits[1]}


def test_offences_of_all_dates_add_up_and_a_victim_has_one_or_more():
    standings = ("on the list", "scored", "outside", "no suspect")
    table = pd.DataFrame(
        [
            {"as_of": date, "standing": standing, "offences": 20 + i, "victims": 18 + i}
            for date in ("2019-01-01", "2020-01-01") for i, standing in enumerate(standings)
        ]
    )  # fmt: skip
    before = {
        everyone("offences_listed", "victims"): 40, everyone("offences_unnamed", "victims"): 46,
        everyone("victims_listed", "victims"): 36,
    }  # fmt: skip
    ledger = entered(enter_coverage, table, before=before)
    for whole, standing, name in (
        ("offences_listed", "on the list", "offences"),
        ("victims_listed", "on the list", "victims"),
        ("offences_unnamed", "no suspect", "offences"),
    ):
        parts = frozenset(("coverage", date, standing, name) for date in table["as_of"].unique())
        assert (everyone(whole, "victims"), parts) in sums_of(ledger)
    assert not guarded(ledger)  # two more offences than victims are no two people


def test_not_recorded_is_a_group_and_all_but_a_few_recorded_are_a_few():
    table = pd.DataFrame({
        "table": ["people listed", "elsewhere"], "characteristic": "sex", "n": [100, 90],
        "missing": [96, 20],
    })  # fmt: skip
    ledger = entered(enter_missing, table)
    assert ledger.value(key_of("list", "sex", NOT_RECORDED, "listed")) == 96
    assert ledger.value(everyone("listed")) == 100
    assert guarded(ledger) == {("missing", "people listed", "sex")}
    assert key_of("list", "sex", NOT_RECORDED, "people") not in ledger.ids


def test_records_of_those_listed_are_among_those_of_all():
    table = pd.DataFrame(
        {"evidence": ["arrest", "charge"], "records_listed": [20, 30], "records_scored": [24, 30]}
    )
    assert guarded(entered(enter_evidence, table)) == {("evidence", "arrest", "not listed")}


def test_each_reading_is_within_the_one_before_and_the_first_is_the_outcome():
    table = pd.DataFrame({
        "label": ["declared", "charged", "convicted"], "listed_observed": 60,
        "listed_later": [30, 26, 10], "scored_observed": 200, "scored_later": [60, 50, 20],
    })  # fmt: skip
    by_group = pd.DataFrame({"characteristic": ["sex"], "group": ["f"], "reading": ["declared"]})
    of_f = {key_of("label", "sex", "f", "outcome", (name,)): count
            for name, count in zip(table["label"], (30, 24, 9), strict=True)}  # fmt: skip
    before = {everyone("outcome"): 60, everyone("observed"): 200, **of_f}
    ledger = entered(enter_label, table, by_group, before=before)
    first, second, third = (everyone("outcome", "label", (name,)) for name in table["label"])
    sums = sums_of(ledger)
    assert (everyone("outcome"), frozenset({first})) in sums
    assert (first, frozenset({second, ("between", *first, *second)})) in sums
    assert (second, frozenset({third, ("between", *second, *third)})) in sums
    seen = [everyone("observed", "label", (name,)) for name in table["label"]]
    assert (seen[0], frozenset({seen[1]})) in sums  # everybody, whatever the reading
    lists = [everyone("listed_outcome", "label", (name,)) for name in table["label"]]
    women = list(of_f)
    assert guarded(ledger) == {("between", *lists[0], *lists[1]), ("between", *women[0], *women[1])}


def test_readings_by_group_alone_are_nested_too():
    by_group = pd.DataFrame(
        {"characteristic": "sex", "group": "f", "reading": ["declared", "charged"]}
    )
    keys = [key_of("label", "sex", "f", "outcome", (name,)) for name in by_group["reading"]]
    before = dict(zip(keys, (30, 25), strict=True))
    ledger = entered(enter_label, pd.DataFrame({"label": []}), by_group, before=before)
    assert guarded(ledger) == {("between", *keys[0], *keys[1])}


def test_what_ended_follow_up_of_those_listed_is_among_that_of_all():
    table = pd.DataFrame({
        "what": ["outcome observed", "outcome not observed: end of data", "competing event: left",
                 "mean days at risk"],
        "listed": [90.0, 10.0, 20.0, 3.5], "scored": [475.0, 25.0, 22.0, 5.5],
    })  # fmt: skip
    before = {everyone("listed"): 100, everyone("people"): 500}
    ledger = entered(enter_follow_up, table, before=before)
    assert follow_up_keys("outcome observed") == (everyone("listed_observed"), everyone("observed"))
    assert guarded(ledger) == {("follow-up", "competing event: left", "not listed")}
    sums = sums_of(ledger)
    assert (everyone("people"), frozenset({everyone("observed"), everyone("not_observed")})) in sums
    assert ledger.value(everyone("others_not_observed")) == 15
    assert not [key for key in ledger.ids if "mean days at risk" in key]
