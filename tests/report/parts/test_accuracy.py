"""Parts 6 and 7: estimates by group, and curves where groups are large enough for one."""

from dataclasses import replace

import numpy as np

from riskmodel.report.parts.accuracy import accuracy, calibration, curve_table, estimate_tables


def folds(contents):
    return [block for block in calibration(contents).blocks if block.kind == "fold"]


def test_how_good_and_how_high_the_estimates_of_each_group_are(measured):
    good, high = estimate_tables(measured.listed, "sex")
    assert {"Calibration slope", "Brier score", "AUC"} < set(good.headings)
    assert {"Of those who went on", "Of those who did not"} < set(high.headings)
    assert not any("of 100" in cell.under for row in good.rows for cell in row[1:])


def test_each_group_has_its_curve_and_the_points_as_a_table(contents):
    (fold,) = folds(contents)
    (drawing,) = fold.shown
    assert drawing.svg.count("</title>") == 1
    assert "Female: 10% estimated, 12% observed" in drawing.svg
    assert len(curve_table(contents.audit.group_calibration, "sex").rows) == 6


def test_a_group_with_too_few_points_has_no_curve_and_is_counted(contents):
    table = contents.audit.group_calibration.copy()
    table.loc[table["group"] == "Not recorded", "observed"] = np.nan
    audit = contents.audit.with_tables(group_calibration=table)
    (fold,) = folds(replace(contents, audit=audit))
    assert "1 group is too small" in fold.shown[0].caption
    nobody = contents.audit.with_tables(group_calibration=table.assign(observed=np.nan))
    (bare,) = folds(replace(contents, audit=nobody))
    assert bare.shown[0].text.startswith("No group is large enough")


def test_without_accuracy_the_part_says_so(contents):
    part = accuracy(replace(contents, audit=replace(contents.audit, accuracy=None)))
    assert [block.kind for block in part.blocks] == ["absent"]
