"""Part 13: nothing is said to be absent that is withheld, or measured that was not."""

from dataclasses import replace

import pytest

from riskmodel.report.parts.use import use

WORKED = "Places held by someone worked because of a list"


def facts(part):
    return {
        name: text for block in part.blocks if block.kind == "facts" for name, text in block.rows
    }


def grids(part):
    return {block.table.headings[0]: block.table for block in part.blocks if block.kind == "grid"}


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        ({}, "no log of actions was given"),
        ({"listed_worked": None}, "withheld"),
        ({"listed_worked": 0}, "0"),
        ({"listed_worked": 25}, "25"),
    ],
)
def test_a_withheld_count_of_people_worked_is_not_taken_for_a_missing_log(contents, summary, text):
    audit = replace(contents.audit, summary=contents.audit.summary | summary)
    assert facts(use(replace(contents, audit=audit)))[WORKED] == text


def test_each_log_has_its_table(contents):
    found = grids(use(contents))
    firsts = {"Listed on so many dates", "List of", "People listed", "Decision", "By lot"}
    assert set(found) == firsts


def test_the_difference_of_the_arms_is_in_points_and_the_arms_are_in_per_cent(contents):
    rows = grids(use(contents))["By lot"].rows
    assert [row[-1].text for row in rows] == ["20.0%", "25.0%", "−5 pts"]


def test_without_monitoring_the_part_says_how_to_get_it(contents):
    part = use(replace(contents, over_time=None))
    (absent,) = (block.text for block in part.blocks if block.kind == "absent")
    assert "riskmodel monitor" in absent
    assert not grids(part)


def test_a_log_that_was_not_kept_is_said_to_be_missing(contents):
    tables = contents.over_time.tables | {"overrides": contents.over_time.tables["overrides"][:0]}
    part = use(replace(contents, over_time=replace(contents.over_time, tables=tables)))
    assert "Decision" not in grids(part)
    assert any("nothing was logged" in b.text for b in part.blocks if b.kind == "absent")
