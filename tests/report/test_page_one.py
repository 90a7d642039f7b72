"""Page one: the right numbers in plain sentences, and gaps on both sides."""

import numpy as np

from riskmodel.audit.disclosure import published
from riskmodel.report.page_one import VERDICT_SENTENCES, gap_sentences, summary_sentences, tiles

SUMMARY = {
    "k": 100, "n_dates": 1, "as_of": ["2020-01-01"], "horizon_days": 730, "entries_listed": 100,
    "people_listed": 100, "people_scored": 5000, "listed_observed": 100,
    "listed_no_later_serious": 75, "later_serious": 400, "later_serious_not_listed": 375,
    "offences_later": 500, "offences_listed": 40, "offences_no_suspect": 125,
}  # fmt: skip


def test_tiles_hold_shares_and_their_counts():
    found = {tile.what: (tile.figure, tile.under) for tile in tiles(SUMMARY)}
    assert found["of those listed had no later serious record"] == ("75%", "75 of 100")
    assert found["of later serious offences had no suspect named"] == ("25%", "125 of 500")


def test_a_withheld_count_is_said_to_be_and_gives_no_share():
    hidden = SUMMARY | {"listed_no_later_serious": None}
    tile = tiles(hidden)[1]
    assert (tile.figure, tile.under) == ("–", "withheld of 100")
    assert "a withheld number had no later" in summary_sentences(hidden, internal=False)[1]


def test_published_counts_are_about_and_internal_ones_are_not():
    assert "about 75 had" in summary_sentences(SUMMARY, internal=False)[1]
    assert "about" not in " ".join(summary_sentences(SUMMARY, internal=True))


def test_a_table_without_victims_says_nothing_of_them():
    plain = {name: value for name, value in SUMMARY.items() if not name.startswith("offences")}
    assert len(tiles(plain)) == 3
    assert len(summary_sentences(plain, internal=False)) == 3


def test_the_clearest_gap_is_named_and_no_clear_gap_is_said(audit):
    row = (audit.gaps["metric"] == "precision") & audit.gaps["difference"].notna()
    blurred = audit.gaps.assign(
        difference_low=np.where(row, -0.2, np.nan), difference_high=np.where(row, 0.2, np.nan)
    )
    assert "no group differs clearly" in gap_sentences(audit.with_tables(gaps=blurred))[0]
    sharp = blurred.copy()
    first = sharp.index[row][0]
    sharp.loc[first, ["difference", "difference_low", "difference_high"]] = [-0.3, -0.4, -0.2]
    sentence = gap_sentences(audit.with_tables(gaps=sharp))[0]
    assert "−30 pts (−40 to −20)" in sentence
    assert sharp.loc[first, "group"] in sentence


def test_an_audit_of_dates_that_the_model_learnt_from_says_so_first(audit):
    assert audit.summary["dates_learnt_from"] == 3
    assert "flatter" in summary_sentences(audit.summary, internal=True)[0]
    clean = audit.summary | {"dates_learnt_from": 0}
    assert not any("flatter" in line for line in summary_sentences(clean, internal=True))
    shown = published(audit).summary  # 3 dates are no count of people: the warning is not withheld
    assert "3 of 3 dates" in summary_sentences(shown, internal=False)[0]


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


def test_each_verdict_but_a_pass_speaks_of_the_waiver_that_promotion_needs():
    assert [name for name, text in VERDICT_SENTENCES.items() if "waiver" in text] == [
        "fail",
        "insufficient evidence",
    ]
