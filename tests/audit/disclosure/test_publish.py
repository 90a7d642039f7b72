"""What is published: no count of 1 to 7, the others in fives, rates of those alone."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskmodel.audit.disclosure import published
from riskmodel.audit.disclosure.context import Context
from riskmodel.audit.disclosure.ledger import Ledger
from riskmodel.audit.disclosure.publish import hold_back, overlap
from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.result import FairnessAudit

COUNTS = {
    "listed": ["denominator"],
    "victims": ["denominator"],
    "suspects": ["denominator"],
    "reporting": ["denominator"],
    "bands": ["denominator"],
    "label_groups": ["denominator"],
    "calibration": ["n", "positives"],
    "coverage": ["offences", "victims"],
    "data_quality": ["n", "missing"],
    "evidence": ["records_listed", "records_scored"],
    "label": ["listed_later", "scored_later", "listed_observed", "scored_observed"],
    "stability": ["kept"],
    "matched_gaps": ["people", "matched_people"],
    "proxy_models": ["n"],
}


def summary_of(**counts):
    audit = FairnessAudit(
        model_digest="0" * 64, model={}, policy=Policy.default(), verdicts=(), measured={},
        summary={"k": 33, "n_dates": 2, **counts},
    )  # fmt: skip
    return published(audit).summary


def test_page_one_is_rounded_and_what_was_asked_for_is_not():
    found = summary_of(entries_listed=98, people_scored=101, at=["x"], aside={"events": 6, "of": 9})
    assert found == {"k": 33, "n_dates": 2, "entries_listed": 100, "people_scored": 100,
                     "at": ["x"], "aside": {"events": None, "of": 10}}  # fmt: skip


def test_what_is_no_count_of_people_stays_as_it_is():
    found = summary_of(dates_learnt_from=3, late_allowance_days=7, known_at=None)
    assert found == {"k": 33, "n_dates": 2, "dates_learnt_from": 3, "late_allowance_days": 7,
                     "known_at": None}  # fmt: skip


def test_a_part_of_the_list_is_withheld_with_what_it_leaves():
    """Of 66 places, 63 with recent harm are 3 without: the length of the list is known."""
    assert summary_of(entries_listed=66, listed_with_recent_harm=63)[
        "listed_with_recent_harm"
    ] is None  # fmt: skip


def test_no_small_count_is_left_in_any_table_of_a_real_audit(audited, shown):
    for name, columns in COUNTS.items():
        table = shown.tables()[name]
        assert len(table), name
        for column in columns:
            counts = table[column].dropna()
            assert ((counts == 0) | (counts >= 10)).all(), (name, column)
            assert (counts % 5 == 0).all(), (name, column)
    for name in ("listed", "victims", "bands", "suspects", "reporting", "label_groups"):
        hits = shown.measured[name]["numerator"].dropna()
        assert ((hits == 0) | (hits >= 10)).all(), name


def test_no_exact_rate_is_left_in_a_real_audit(shown):
    rows = shown.listed[shown.listed["metric"].isin(["precision", "recall", "selection_rate"])]
    rows = rows.dropna(subset=["value"])
    assert len(rows)
    np.testing.assert_allclose(rows["value"], rows["numerator"] / rows["denominator"])
    json.dumps(shown.to_dict(), allow_nan=False)


def test_an_audit_without_tables_has_nothing_to_withhold():
    assert summary_of() == {"k": 33, "n_dates": 2}


def test_verdicts_are_not_changed_by_what_is_withheld(audited, shown):
    said = [(one.criterion, one.characteristic, one.verdict) for one in audited.verdicts]
    assert [(one.criterion, one.characteristic, one.verdict) for one in shown.verdicts] == said


def test_no_published_interval_is_narrower_or_makes_a_finding(audited, shown):
    key = ["characteristic", "metric", "group", "reference"]
    exact = audited.gaps.set_index(key)
    for row in shown.gaps.dropna(subset=["difference"]).to_dict("records"):
        before = exact.loc[tuple(row[name] for name in key)]
        width = before["difference_high"] - before["difference_low"]
        assert row["difference_high"] - row["difference_low"] >= width - 1e-6
        if before["difference_low"] <= 0 <= before["difference_high"]:
            assert row["difference_low"] <= 0 <= row["difference_high"]


def test_an_earlier_release_of_the_same_audit_changes_nothing(audited, shown):
    again = published(audited, earlier=[audited])
    for name, table in shown.measured.items():
        pd.testing.assert_frame_equal(table, again.measured[name])


def test_a_few_people_more_are_withheld_where_an_earlier_release_would_tell(reader):
    rng = np.random.default_rng(3)
    people = pd.DataFrame({
        "y": (rng.random(300) < 0.3) * 1.0, "listed": rng.random(300) < 0.3,
        "sex": rng.choice(["f", "m"], 300),
    })  # fmt: skip
    fewer = people.drop(index=people.index[people["sex"] == "f"][:4]).reset_index(drop=True)
    old, new = (reader.world_of(table, k=10_000) for table in (fewer, people))
    alone = published(new).listed.set_index(["metric", "group"])
    beside = published(new, earlier=[old]).listed.set_index(["metric", "group"])
    assert not np.isnan(alone.loc[("share_of_pool", "f"), "numerator"])
    assert np.isnan(beside.loc[("share_of_pool", "f"), "numerator"])
    assert not np.isnan(beside.loc[("selection_rate", "m"), "numerator"])
    apart = replace(old, summary=old.summary | {"as_of": ["2010-01-01"]})
    other_dates = published(new, earlier=[apart]).listed.set_index(["metric", "group"])
    assert not np.isnan(other_dates.loc[("share_of_pool", "f"), "numerator"])


def test_what_was_withheld_before_is_withheld_again(reader):
    rng = np.random.default_rng(4)
    people = pd.DataFrame({
        "y": (rng.random(200) < 0.3) * 1.0, "listed": rng.random(200) < 0.3,
        "sex": ["f"] * 5 + ["m"] * 195,
    })  # fmt: skip
    more = people.assign(sex=["f"] * 40 + ["m"] * 160)
    old, new = (reader.world_of(table, k=10_000) for table in (people, more))
    found = published(new, earlier=[old]).listed.set_index(["metric", "group"])
    assert np.isnan(found.loc[("share_of_pool", "f"), "numerator"])


def count_in(values, **flags):
    ledger = Ledger()
    for name, value in values.items():
        ledger.count((name,), value, **flags)
    return ledger


@pytest.mark.parametrize(
    ("then", "now", "held", "settled", "need"),
    [
        (40, 40, False, True, None),
        (40, 43, False, False, (36.0, 43.0)),  # three people more
        (40, 60, False, False, None),
        (5, 30, True, False, None),  # withheld then
    ],
)
def test_a_count_is_held_against_what_was_shown_of_it_before(
    audited, then, now, held, settled, need
):
    before = count_in({"a": then})
    earlier = Context(audited, before, frozenset([("a",)] if then < 8 else []))
    ledger = count_in({"a": now, "new": 50})
    hold_back(ledger, audited, earlier)
    assert (ledger.held, ledger.settled) == ([held, False], [settled, False])
    assert ledger.need == [need, None]


def test_what_everyone_knows_and_what_nobody_is_shown_are_held_against_nothing(audited):
    earlier = Context(audited, count_in({"a": 40}), frozenset())
    for flags in ({"known": True}, {"shown": False}):
        ledger = count_in({"a": 43}, **flags)
        hold_back(ledger, audited, earlier)
        assert ledger.need == [None]


def test_releases_without_a_common_date_tell_nothing_of_each_other(audited):
    apart = replace(audited, summary=audited.summary | {"as_of": ["1999-01-01"]})
    assert overlap(audited, audited)
    assert not overlap(audited, apart)
    ledger = count_in({"a": 43})
    hold_back(ledger, audited, Context(apart, count_in({"a": 40}), frozenset()))
    assert ledger.need == [None]
