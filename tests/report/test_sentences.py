"""Whole sentences of the records: the right numbers in plain words, and gaps on both sides."""

import numpy as np

from riskmodel.report.sentences import gap_sentences, summary_sentences
from tests.report.made_up_audit import SUMMARY


def test_published_counts_are_about_and_internal_ones_are_not():
    assert "about 75 had" in summary_sentences(SUMMARY, internal=False)[1]
    assert "about" not in " ".join(summary_sentences(SUMMARY, internal=True))


def with_ends(gaps, row, ends):
    """Gaps of which only those of `row` have an interval, alone and for all comparisons."""
    names = ["difference_low", "difference_high", "simultaneous_low", "simultaneous_high"]
    found = gaps.copy()
    found[names] = np.nan
    found.loc[row, names] = [*ends, *ends]
    return found


def test_the_clearest_gap_is_named_and_no_clear_gap_is_said(audit):
    row = (audit.gaps["metric"] == "precision") & audit.gaps["difference"].notna()
    blurred = with_ends(audit.gaps, row, (-0.2, 0.2))
    assert "no group differs clearly" in gap_sentences(audit.with_tables(gaps=blurred))[0]
    first = audit.gaps.index[row][0]
    sharp = with_ends(audit.gaps, [first], (-0.4, -0.2))
    sharp.loc[first, "difference"] = -0.3
    sentence = gap_sentences(audit.with_tables(gaps=sharp))[0]
    assert "−30 pts (−40 to −20)" in sentence
    assert sharp.loc[first, "group"] in sentence


def test_a_gap_that_only_its_own_interval_calls_clear_is_said_to_be_perhaps_chance(measured):
    alone = measured.gaps.drop(columns=["simultaneous_low", "simultaneous_high"])
    two = alone.assign(group=alone["group"].replace("Not recorded", "Other"))
    shown = ["status", "difference", "difference_low", "difference_high"]
    two.loc[two["group"] == "Other", shown] = ["measured", -0.01, -0.1, 0.1]
    assert "by chance alone" in gap_sentences(measured.with_tables(gaps=two))[0]
    assert "all allowed for" in gap_sentences(measured)[0]


def test_an_audit_of_dates_that_the_model_learnt_from_says_so_first(audit, shown):
    assert audit.summary["dates_learnt_from"] == 3
    assert "flatter" in summary_sentences(audit.summary, internal=True)[0]
    clean = audit.summary | {"dates_learnt_from": 0}
    assert not any("flatter" in line for line in summary_sentences(clean, internal=True))
    summary = shown.audit.summary  # 3 dates are no count of people: the warning is not withheld
    assert "3 of 3 dates" in summary_sentences(summary, internal=False)[0]


def test_no_comparison_is_not_said_to_show_no_difference(audit):
    without = audit.with_tables(victim_gaps=audit.victim_gaps[:0])
    sentence = gap_sentences(without)[1]
    assert sentence.startswith("Among victims, no groups could be compared")


def test_an_offence_is_said_to_count_once_a_date_where_there_are_several():
    several = summary_sentences(SUMMARY | {"n_dates": 2}, internal=False)
    assert "counts once on each" in several[-1]
    assert not any(
        "counts once on each" in line for line in summary_sentences(SUMMARY, internal=True)
    )


def test_a_withheld_count_is_said_in_words():
    hidden = SUMMARY | {"listed_no_later_serious": None}
    assert "a withheld number had no later" in summary_sentences(hidden, internal=False)[1]


def test_a_table_without_victims_says_nothing_of_them():
    plain = {name: value for name, value in SUMMARY.items() if not name.startswith("offences")}
    assert len(summary_sentences(plain, internal=False)) == 3
