"""Page one: the leading figures, what stands in force, and the caution before all else."""

from dataclasses import replace
from datetime import date

import pytest

from riskmodel.report.page_one import VERDICT_SENTENCES, caution, standing, tiles
from tests.report.made_up_audit import SUMMARY


def test_tiles_hold_shares_and_their_counts():
    found = {tile.what: (tile.figure, tile.under) for tile in tiles(SUMMARY)}
    assert found["of those listed had no later serious record"] == ("75%", "75 of 100")
    assert found["of later serious offences had no suspect named"] == ("25%", "125 of 500")


def test_a_withheld_count_is_said_to_be_and_gives_no_share():
    hidden = SUMMARY | {"listed_no_later_serious": None}
    tile = tiles(hidden)[1]
    assert (tile.figure, tile.under) == ("–", "withheld of 100")


def test_a_table_without_victims_says_nothing_of_them():
    plain = {name: value for name, value in SUMMARY.items() if not name.startswith("offences")}
    assert len(tiles(plain)) == 3


def test_each_verdict_but_a_pass_speaks_of_the_waiver_that_promotion_needs():
    assert [name for name, text in VERDICT_SENTENCES.items() if "waiver" in text] == [
        "fail",
        "insufficient evidence",
    ]


def test_a_waiver_in_force_stands_with_name_reason_and_expiry(contents):
    waived, alert = standing(contents)
    assert waived.kind == "Waiver in force"
    assert all(part in waived.text for part in ("A. Owner", "booked for May", "2026-03-01"))
    assert alert.kind == "Alert" and alert.text.endswith("Consequence: retrain.")


def test_an_alert_that_may_be_chance_is_counted_and_raises_nothing(contents):
    (alert,) = contents.over_time.alerts
    chance = replace(contents.over_time, alerts=(replace(alert, certainty="may be chance"),))
    *_, last = standing(replace(contents, over_time=chance))
    assert last.kind == "Watch" and last.text.startswith("1 more limit was crossed")
    assert "retrain" not in last.text


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 3, 1)])
def test_a_waiver_that_is_not_in_force_is_none(contents, day):
    bare = replace(contents, today=day, over_time=None)
    assert [one.text for one in standing(bare)] == ["none noted in this report."]


def test_dates_that_the_model_learnt_from_are_a_caution(audit):
    assert "flatter" in caution(audit.summary | {"dates_learnt_from": 3})
    assert caution(audit.summary | {"dates_learnt_from": 0}) == ""
