"""Part 12: alerts with their named consequence, periods, drift, and the line of versions."""

from dataclasses import replace

import pytest

from riskmodel.report.parts.change import alerts, change, period_table


def absent(part):
    return [block.text for block in part.blocks if block.kind == "absent"]


def grids(part):
    return [block.table for block in part.blocks if block.kind == "grid"]


def test_an_alert_names_its_consequence_and_how_sure_it_is(over_time):
    (grid,) = alerts(over_time)
    measure, consequence, sentence, sure = grid.table.rows[0]
    assert (measure.text, measure.under) == ("Stability index", "count_1y")
    assert consequence.text == "Retrain"
    assert sentence.text.startswith("The stability index")
    assert sure.text == "Clear"


def test_what_may_be_chance_is_watched_and_has_no_consequence(over_time):
    alert = replace(over_time.alerts[0], certainty="may be chance")
    (grid,) = alerts(replace(over_time, alerts=(alert,)))
    assert grid.table.rows[0][1].text == "Watch"
    assert "fail" not in grid.table.rows[0][1].look


def test_an_alert_on_a_gap_is_said_to_be_one(over_time):
    alert = replace(over_time.alerts[0], measure="gap:recall", certainty="clear")
    (grid,) = alerts(replace(over_time, alerts=(alert,)))
    assert grid.table.rows[0][0].text == "Gap: recall"
    assert grid.table.rows[0][1].text == "Retrain"
    assert "fail" in grid.table.rows[0][1].look


def test_no_alert_is_said_to_be_none(over_time):
    (facts,) = alerts(replace(over_time, alerts=()))
    assert facts.rows[0][1] == "none"


def test_periods_stand_with_precision_and_its_interval(over_time):
    table = period_table(over_time.tables["periods"])
    assert [row[-1].text for row in table.rows] == ["30.0%", "20.0%"]
    assert table.rows[0][-1].under == "20% to 40%"
    assert table.rows[0][0].text == "2020-01-01"


def test_without_monitoring_or_versions_the_part_says_how_to_get_them(contents):
    bare = change(replace(contents, over_time=None, earlier=()))
    assert len(absent(bare)) == 2
    assert not grids(bare)


@pytest.mark.parametrize(
    "name", ["periods", "group_periods", "drift", "drift_estimates", "changes"]
)
def test_each_table_that_was_not_measured_is_said_to_be_missing(contents, name):
    found = contents.over_time
    bare = replace(found, tables=found.tables | {name: found.tables[name][:0]})
    assert len(absent(change(contents))) == 0
    assert len(absent(change(replace(contents, over_time=bare)))) == 1
