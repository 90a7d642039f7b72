"""Part 9: bounds are no intervals, days are days, and what is missing is said."""

from dataclasses import replace

import pytest

from riskmodel.report.parts.victims import victims


def blocks_after(part, heading):
    titles = [getattr(block, "text", None) for block in part.blocks]
    return part.blocks[titles.index(heading) + 1 :]


def test_a_gap_stands_beside_its_bounds_and_what_is_not_recorded(contents):
    found = blocks_after(victims(contents), "Victims whose characteristic is not recorded")
    row = found[1].folded[0].table.rows[0]
    assert [cell.text for cell in row[2:]] == ["−10 pts", "−40 to +30", "26.0%"]


def test_days_until_recorded_are_days_and_shares_are_shares(contents):
    found = blocks_after(victims(contents), "Who reports, and what becomes of it")
    table = next(block.folded[0].table for block in found if block.kind == "fold")
    row = dict(zip(table.headings, table.rows[0], strict=True))
    assert row["Recorded late"].text == "20.0%"
    assert "%" not in row["Days until recorded, half"].text
    assert "of 100" not in row["Days until recorded, half"].under


@pytest.mark.parametrize("name", ["victim_bounds", "reporting"])
def test_what_was_not_measured_is_said(contents, name):
    audit = contents.audit.with_tables(**{name: contents.audit.measured[name][:0]})
    part = victims(replace(contents, audit=audit))
    assert sum(block.kind == "absent" for block in part.blocks) == 1


def test_without_histories_the_part_has_no_figures(contents):
    nothing = {name: contents.audit.measured[name][:0] for name in ("victims", "coverage")}
    part = victims(replace(contents, audit=contents.audit.with_tables(**nothing)))
    assert [block.kind for block in part.blocks] == ["absent"]
