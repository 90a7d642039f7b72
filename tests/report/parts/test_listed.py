"""Part 8: places against later harm in words, gaps with what the data could have shown."""

from dataclasses import replace

import numpy as np

from riskmodel.report.parts.listed import ALL_WITHHELD, listed, redrawn_table


def folds(part):
    return [block for block in part.blocks if block.kind == "fold"]


def test_the_list_that_verdicts_read_is_said_to_be_another_one(contents):
    notes = [block.text for block in listed(contents).blocks if block.kind == "note"]
    assert any("top 5% of each date" in text for text in notes)
    labels = [fold.label for fold in folds(listed(contents))]
    assert "The longer list by sex, against “Male”" in labels


def test_an_interval_with_the_list_drawn_anew_stands_beside_the_other(measured):
    row = redrawn_table(measured.redrawn, "sex").rows[0]
    assert [cell.text for cell in row[2:]] == ["20.0%", "10% to 40%", "5% to 50%"]


def test_a_characteristic_of_which_all_is_withheld_has_no_empty_drawing(contents):
    nothing = contents.audit.listed.assign(value=np.nan, withheld=True)
    part = listed(replace(contents, audit=contents.audit.with_tables(listed=nothing)))
    assert [block.text for block in folds(part)[0].shown] == [ALL_WITHHELD]


def test_a_group_without_figures_is_counted_and_not_drawn(contents):
    table = contents.audit.listed.copy()
    table.loc[table["group"] == "Not recorded", "value"] = np.nan
    part = listed(replace(contents, audit=contents.audit.with_tables(listed=table)))
    drawings = [block for block in folds(part)[0].shown if block.kind == "drawing"]
    assert all("1 group is withheld or undefined" in one.caption for one in drawings)
    assert not any("Not recorded" in one.svg for one in drawings)


def test_whose_later_harm_is_covered_stands_beside_whose_places(contents):
    labels = [t.headings for fold in folds(listed(contents)) for t in
              (block.table for block in fold.folded)]  # fmt: skip
    assert any("Share of offences covered" in headings for headings in labels)
