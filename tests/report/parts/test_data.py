"""Parts 4 and 5: readings of the records side by side, and how uneven recording must be to tell."""

from dataclasses import replace

import numpy as np

from riskmodel.report.parts.data import label, recording_table


def grids(part):
    found = [block.table for block in part.blocks if block.kind == "grid"]
    folds = [block for block in part.blocks if block.kind == "fold"]
    return found + [inner.table for fold in folds for inner in fold.folded]


def test_each_group_stands_once_under_each_reading(contents):
    (table,) = (t for t in grids(label(contents)) if t.headings[0] == "Sex")
    heads = [(row[0].text, row[0].under) for row in table.rows]
    assert len(heads) == len(set(heads)) == 6
    assert ("Female", "charge or later") in heads


def test_how_uneven_recording_would_have_to_be_is_a_number_that_sorts(contents):
    nearest, every = (t for t in grids(label(contents)) if "Turns at" in t.headings)
    place = nearest.headings.index("Turns at")
    (cell,) = (row[place] for row in nearest.rows)  # 1.4 is nearer to 1 than 3 is
    assert (cell.text, cell.under, cell.value) == ("1.40 times", "recorded more often", 1.4)
    assert [row[place].value for row in every.rows] == [3.0, 1.4]


def test_a_factor_that_may_not_be_shown_is_no_number(contents):
    hidden = contents.audit.recording.assign(factor=np.nan, note="withheld")
    shown = hidden.drop(columns=["assumption", "overturns"])  # as it may be published
    table = recording_table(shown, "")
    assert (table.rows[0][-1].text, table.rows[0][-1].under) == ("–", "withheld")


def test_without_histories_and_sensitivity_both_are_said_to_be_missing(contents):
    names = ("evidence", "label", "label_groups", "recording")
    nothing = {name: contents.audit.measured[name][:0] for name in names}
    part = label(replace(contents, audit=contents.audit.with_tables(**nothing)))
    assert sum(block.kind == "absent" for block in part.blocks) == 2
