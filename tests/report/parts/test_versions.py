"""Versions beside each other: in order, the same promise in each, and none where none was made."""

from dataclasses import replace

import numpy as np

from riskmodel.report.parts.versions import MOST_PANELS, version_table, versions


def verdict_of(audit, gap):
    first = replace(
        audit.verdicts[0], characteristic="sex", group="Female", reference="Male", gap=gap,
        low=gap - 0.05, high=gap + 0.05,
    )  # fmt: skip
    return replace(audit, verdicts=(first,))


def test_versions_stand_in_order_with_the_widest_gap_of_each(contents):
    line = [
        verdict_of(one, gap) for one, gap in ((*contents.earlier, -0.2), (contents.audit, -0.1))
    ]
    table = version_table(line)
    assert [row[0].text for row in table.rows] == ["1", "2"]
    assert [row[-1].text for row in table.rows] == ["−20 pts", "−10 pts"]
    shown = replace(contents, audit=line[1], earlier=(line[0],))
    kinds = [block.kind for block in versions(shown)]
    assert kinds == ["drawing", "drawing", "grid"]


def test_a_promise_that_only_this_version_made_has_a_dash_before(contents):
    this = verdict_of(contents.audit, -0.1)
    before = replace(contents.earlier[0], verdicts=())
    table = version_table([before, this])
    assert [row[-1].text for row in table.rows] == ["–", "−10 pts"]
    assert np.isnan(verdict_of(contents.audit, np.nan).verdicts[0].gap)


def test_precision_and_verdict_of_each_version_stand_in_its_row(contents):
    audit = contents.audit
    cells = version_table([replace(audit, accuracy=None), audit])
    line = audit.accuracy.row("precision", "model", audit.summary["k"])
    place = cells.headings.index("Precision")
    assert [row[place].value for row in cells.rows] == [None, line["value"]]
    assert all(row[1].look == f"badge {audit.verdict.split()[0]}" for row in cells.rows)


def test_a_ratio_is_tabled_and_not_drawn_among_points(contents):
    line = [verdict_of(contents.audit, gap) for gap in (0.7, 0.8)]
    ratios = [replace(one, verdicts=(replace(one.verdicts[0], scale="ratio"),)) for one in line]
    assert [row[-1].text for row in version_table(ratios).rows] == ["× 0.70", "× 0.80"]
    shown = replace(contents, audit=ratios[1], earlier=(ratios[0],))
    assert [block.kind for block in versions(shown)] == ["drawing", "grid"]


def test_many_promises_are_all_tabled_and_a_few_drawn(contents):
    (one,) = verdict_of(contents.audit, -0.1).verdicts
    many = tuple(replace(one, characteristic=f"kind {i}") for i in range(MOST_PANELS + 2))
    audit = replace(contents.audit, verdicts=many)
    _, gaps, grid = versions(replace(contents, audit=audit, earlier=(audit,)))
    assert sum(f"kind {i}" in gaps.svg for i in range(len(many))) == MOST_PANELS
    assert len(grid.table.headings) == 3 + len(many)


def test_without_an_earlier_version_it_is_said_that_none_was_given(contents):
    (absent,) = versions(replace(contents, earlier=()))
    assert absent.kind == "absent" and "Not measured in this run" in absent.text
