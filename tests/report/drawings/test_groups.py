"""Groups side by side: what is drawn reads back as the figures; what is missing is not drawn."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.drawings.groups import dot_interval, share_dots, stacked_bars
from tests.report.drawings.read_svg import panels

SAID = {"name": "d", "title": "Title", "description": "Said"}
FIRST, SECOND, THIRD, LAST = (f"var(--series-{i})" for i in (1, 2, 3, 4))
SHARES = pd.DataFrame({"group": ["a", "b", "c"], "x": [0.6, 0.25, np.nan], "y": [0.4, 0.75, 0.5]})


def test_dots_and_intervals_read_back_as_the_rates_each_panel_on_its_own_scale(rates):
    small = rates.assign(**{name: rates[name] / 10 for name in ("value", "low", "high")})
    drawn = panels(dot_interval({"Recall": rates, "Precision": small}, **SAID))
    for panel, table, paint in zip(drawn, (rates, small), (FIRST, SECOND), strict=True):
        known = table.dropna()
        marks = panel.marks(paint)
        assert panel.values(marks[:, 0]) == pytest.approx(known["value"].to_numpy(), abs=1e-4)
        ends = np.array([panel.values(line[:, 0]) for line in panel.lines(paint)])
        assert ends == pytest.approx(known[["low", "high"]].to_numpy(), abs=1e-4)
        assert (np.diff(marks[:, 1]) > 0).all()  # the first group is on top


def test_every_group_has_its_line_also_one_without_a_figure(rates):
    (panel,) = panels(dot_interval({"Recall": rates}, **SAID))
    assert panel.labels("y") == ["a", "b", "c"]
    assert len(panel.marks(FIRST)) == len(panel.lines(FIRST)) == 2


def test_shares_read_back_and_a_missing_one_has_no_mark():
    (panel,) = panels(share_dots(SHARES, parts=["x", "y"], **SAID))
    read = {paint: panel.values(panel.marks(paint)[:, 0]) for paint in (FIRST, LAST)}
    assert read[LAST] == pytest.approx([0.6, 0.25], abs=1e-4)
    assert read[FIRST] == pytest.approx([0.4, 0.75, 0.5], abs=1e-4)


def test_no_two_shares_differ_by_colour_alone():
    parts = ["x", "y", "z", "w"]
    svg = share_dots(SHARES.assign(z=0.1, w=0.2), parts=parts, **SAID)
    (panel,) = panels(svg)
    shapes = {one.get("href") for one in panel.group.iter("use") if "series" in one.get("style")}
    assert len(shapes) == len(parts)


def test_the_parts_of_a_bar_lie_end_to_end_and_add_up_to_the_whole():
    (panel,) = panels(stacked_bars(SHARES, parts=["x", "y"], **SAID))
    first, second = (
        np.array([panel.values(bar[:, 0])[[0, 1]] for bar in panel.lines(f"fill: {paint}")])
        for paint in (FIRST, SECOND)
    )
    assert first[:2] == pytest.approx(np.array([[0, 0.6], [0, 0.25]]), abs=1e-4)
    assert second[:2] == pytest.approx(np.array([[0.6, 1], [0.25, 1]]), abs=1e-4)


def test_a_group_with_a_missing_part_has_no_bar():
    (panel,) = panels(stacked_bars(SHARES, parts=["x", "y"], **SAID))
    for paint in (FIRST, SECOND):
        assert np.ptp(panel.lines(f"fill: {paint}")[2][:, 0]) == 0


def test_nothing_measured_still_draws_and_marks_nothing(rates):
    empty = rates.assign(value=np.nan, low=np.nan, high=np.nan)
    nobody = SHARES.assign(x=np.nan, y=np.nan)
    drawn = {
        FIRST: dot_interval({"Recall": empty}, **SAID),
        LAST: share_dots(nobody, parts=["x", "y"], **SAID),
    }
    for paint, svg in drawn.items():
        (panel,) = panels(svg)
        assert panel.labels("y") == ["a", "b", "c"]
        assert len(panel.marks(paint)) == 0
