"""Observed against estimated: points read back, and agreement lies on the diagonal."""

import numpy as np
import pandas as pd
import pytest

from riskmodel.report.drawings.curves import calibration_by_group, calibration_curve
from tests.report.drawings.read_svg import panels

SAID = {"name": "d", "title": "Title", "description": "Said"}
POINTS = "var(--series-1)"
CURVE = pd.DataFrame(
    {
        "predicted": [0.1, 0.2, 0.4, 0.5],
        "observed": [0.1, 0.3, 0.25, np.nan],
        "low": [0.05, 0.2, 0.15, np.nan],
        "high": [0.2, 0.45, 0.3, np.nan],
    }
)


def test_points_and_intervals_read_back_and_an_undefined_one_is_left_out():
    (panel,) = panels(calibration_curve(CURVE, **SAID))
    seen, marks = CURVE.dropna(), panel.marks(POINTS)
    for which, place, column in (("x", 0, "predicted"), ("y", 1, "observed")):
        read = panel.values(marks[:, place], which)
        assert read == pytest.approx(seen[column].to_numpy(), abs=1e-4)
    ends = np.array([panel.values(line[:, 1], "y") for line in panel.lines(POINTS)])
    assert ends == pytest.approx(seen[["low", "high"]].to_numpy(), abs=1e-4)


def test_the_diagonal_is_agreement():
    (panel,) = panels(calibration_curve(CURVE, **SAID))
    (diagonal,) = panel.lines("stroke-dasharray")
    ends = [panel.values(diagonal[:, i], which) for i, which in enumerate("xy")]
    assert ends[0] == pytest.approx(ends[1], abs=1e-4)
    (start, end), marks = diagonal, panel.marks(POINTS)
    (dx, dy), offsets = end - start, marks - start
    across = dx * offsets[:, 1] - dy * offsets[:, 0]  # 0 on the line, less than 0 above it
    assert across[0] == pytest.approx(0, abs=0.1)
    assert across[1] < 0 < across[2]


def test_all_groups_stand_on_one_scale_and_the_last_line_is_left_blank():
    groups = ["a", "b", "c", "d"]
    curves = pd.concat([CURVE.assign(group=group) for group in groups[:3]])
    higher = CURVE.assign(group="d", observed=CURVE["observed"] * 3, high=CURVE["high"] * 3)
    drawn = panels(calibration_by_group(pd.concat([curves, higher]), **SAID))
    with_points = [panel for panel in drawn if len(panel.marks(POINTS))]
    assert len(with_points) == len(groups)
    heights = [panel.lines("stroke-dasharray")[0][0, 1] - panel.marks(POINTS)[:, 1]
               for panel in with_points]  # fmt: skip
    assert heights[1] == pytest.approx(heights[0], abs=0.01)
    assert heights[3] == pytest.approx(3 * heights[0], abs=0.01)


def test_nothing_measured_still_draws_and_marks_nothing():
    (panel,) = panels(calibration_curve(CURVE.iloc[:0], **SAID))
    assert len(panel.marks(POINTS)) == 0
