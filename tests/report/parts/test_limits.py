"""Part 14: waivers stand with name, reason and expiry; notes are sentences."""

from dataclasses import replace
from datetime import date

from riskmodel.report.parts.limits import INTERNAL, limits


def said(part):
    return [line for block in part.blocks if block.kind == "points" for line in block.lines]


def grids(part):
    return [block.table for block in part.blocks if block.kind == "grid"]


def test_a_waiver_stands_with_its_name_reason_and_expiry(contents, waiver):
    (table,) = grids(limits(contents))
    row = [cell.text for cell in table.rows[0]]
    assert row == ["A. Owner", waiver.reason, "2026-01-01", "2026-03-01", "in force"]
    assert table.rows[0][0].under == waiver.role


def test_a_waiver_that_has_expired_is_said_not_to_be_in_force(contents):
    (table,) = grids(limits(replace(contents, today=date(2026, 3, 1))))
    assert table.rows[0][-1].text == "not in force"


def test_no_waiver_is_said_to_be_none(contents):
    (facts,) = (b for b in limits(replace(contents, waivers=())).blocks if b.kind == "facts")
    assert facts.rows == [("Waivers in force", "none was given to this report")]


def test_exact_counts_are_said_to_be_and_notes_become_sentences(contents):
    noted = replace(contents.audit, notes=("a column is left out",))
    inside, outside = (
        said(limits(replace(contents, audit=noted, internal=internal)))
        for internal in (True, False)
    )
    assert INTERNAL in inside and INTERNAL not in outside
    assert any("withheld" in text for text in outside)
    assert "A column is left out." in inside
