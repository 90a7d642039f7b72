"""The six short statements: who, what followed, both sides, and what is not known."""

from dataclasses import replace

import numpy as np

from riskmodel.report.statements import missed_harm, not_known, promised, statements, weaker_grounds


def test_six_short_statements_answer_the_six_questions(contents):
    found = statements(contents)
    assert len(found) == 6
    assert all(0 < len(one.text.split()) <= 60 for one in found)
    followed = found[1].text
    clear = contents.audit.summary["listed_no_later_serious"]
    assert f"{clear} had no later serious record within 2 years" in followed
    assert "about" not in followed
    assert "about" in statements(replace(contents, internal=False))[1].text


def test_a_withheld_number_is_said_to_be_one(contents):
    summary = contents.audit.summary | {"listed_no_later_serious": None}
    hidden = replace(contents, internal=False, audit=replace(contents.audit, summary=summary))
    assert "a withheld number had no later" in statements(hidden)[1].text


def test_who_is_listed_on_weaker_grounds_is_named_whichever_way_the_gap_points(measured):
    assert weaker_grounds(measured).startswith("sex “Female”: fewer of its people listed went on")
    signs = {name: -measured.gaps[name] for name in measured.gaps if name.startswith("difference")}
    turned = measured.gaps.assign(**signs)
    turned[["difference_low", "difference_high"]] = turned[["difference_high", "difference_low"]]
    ends = {"simultaneous_low": 0.01, "simultaneous_high": 0.15}
    audit = measured.with_tables(gaps=turned.assign(**ends))
    assert weaker_grounds(audit).startswith("sex “Male”: fewer of its people listed went on")


def test_a_gap_that_is_clear_only_on_its_own_is_not_called_clear(measured):
    wide = measured.gaps.assign(simultaneous_low=-0.2, simultaneous_high=0.02)
    text = weaker_grounds(measured.with_tables(gaps=wide))
    assert text.startswith("No group clearly")
    assert "Gaps below about 7 pts would usually not have shown" in text


def test_no_comparison_is_not_said_to_show_no_difference(measured):
    text = weaker_grounds(measured.with_tables(gaps=measured.gaps[:0]))
    assert text.startswith("Nobody can tell")
    without = measured.with_tables(victim_gaps=measured.victim_gaps[:0])
    assert missed_harm(without).startswith("No groups of victims could be compared.")


def test_few_places_beside_much_later_harm_stand_on_page_one(measured):
    assert "“Female” holds 2 of 100 places (2%) and accounts for 12%" in missed_harm(measured)


def test_what_is_not_known_counts_the_comparisons_that_could_not_be_made(audit):
    left_out = sum(verdict.not_compared for verdict in audit.verdicts)
    made = sum(verdict.compared for verdict in audit.verdicts)
    some = f"{left_out} of {made + left_out}" if left_out else f"All {made}"
    said = some if made else "Not one of"
    assert not_known(audit).startswith(said)
    assert "nobody reported" in not_known(audit)


def test_the_promise_its_reason_and_the_choice_stand_on_page_one(audit):
    text = promised(audit)
    assert "Precision: within 10 points" in text
    assert audit.policy.why.split(".")[0] in text
    assert "cannot all hold" in text


def test_undefined_figures_never_show_through(measured):
    bare = measured.with_tables(
        listed=measured.listed.assign(value=np.nan), data_quality=measured.data_quality[:0]
    )
    assert "nan" not in f"{missed_harm(bare)}{not_known(bare)}"
