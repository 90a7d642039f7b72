"""Observed against estimated: for everyone, and group by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskmodel.report.charts import INK, SERIES, inline_svg, per_cent, short

PANELS_IN_A_ROW = 3
MOST_PANELS = 9
"""More groups than these are read from their table."""


def calibration_curve(table: pd.DataFrame, *, name: str, title: str, description: str) -> str:
    """Draw observed shares, with intervals, against estimates; the diagonal is agreement.

    Parameters
    ----------
    table : DataFrame
        predicted, observed, low, high; from `riskmodel.statistics.calibration.calibration_table`.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.
    """

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        _draw_curve(axis, table, _top(table))
        axis.set(xlabel="Estimated", ylabel="Observed")

    return inline_svg(draw, (5.2, 4.2), name=name, title=title, description=description)


def calibration_by_group(table: pd.DataFrame, *, name: str, title: str, description: str) -> str:
    """Draw a small curve per group, all on the same scale.

    Parameters
    ----------
    table : DataFrame
        group, predicted, observed, low, high; at most `MOST_PANELS` groups.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.
    """
    groups = list(table.groupby("group", sort=False))
    columns = min(PANELS_IN_A_ROW, len(groups))
    lines = -(-len(groups) // columns)
    top = _top(table)

    def draw(figure: Any) -> None:
        axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        for axis, (group, rows) in zip(axes.flat, groups, strict=False):
            _draw_curve(axis, rows, top, ticks=2)
            axis.set_title(short(str(group), 24))
        for axis in axes.flat[len(groups) :]:
            axis.set_axis_off()
        figure.supxlabel("Estimated", fontsize=12)
        figure.supylabel("Observed", fontsize=12)

    size = (0.7 + 2.5 * columns, 0.6 + 2.1 * lines)
    return inline_svg(draw, size, name=name, title=title, description=description)


def _top(table: pd.DataFrame) -> float:
    ends = table[["predicted", "high"]].to_numpy(dtype=float)
    return float(np.nanmax(ends, initial=0.05)) * 1.06


def _draw_curve(axis: Any, table: pd.DataFrame, top: float, ticks: int = 4) -> None:
    seen = table.dropna(subset=["observed"])
    x, y = (seen[end].to_numpy(dtype=float) for end in ("predicted", "observed"))
    low, high = (seen[end].to_numpy(dtype=float) for end in ("low", "high"))
    axis.plot([0, top], [0, top], color=INK, linewidth=1, linestyle=(0, (4, 4)), alpha=0.5)
    axis.vlines(x, low, high, color=SERIES[0], linewidth=3, alpha=0.45)
    axis.plot(x, y, "o", color=SERIES[0], markersize=7, markeredgewidth=0)
    axis.set(xlim=(0, top), ylim=(0, top))
    axis.grid(visible=True, axis="both")
    for which in ("x", "y"):
        per_cent(axis, which, ticks=ticks)
