"""Groups side by side: rates with intervals, shares of the list, and what parts add up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.report.charts import FAINT, PAPER, SERIES, inline_svg, name_rows, per_cent

_ROW_INCHES = 0.36
_MARKS = (("|", SERIES[3]), ("o", SERIES[0]), ("D", SERIES[2]), ("s", SERIES[1]))
"""Shape and colour of a share: the pool is a quiet line, and no two differ by colour alone."""


def dot_interval(
    panels: dict[str, pd.DataFrame], *, name: str, title: str, description: str
) -> str:
    """Draw one dot and interval per group, a panel per rate, groups on one shared axis.

    Parameters
    ----------
    panels : dict of str to DataFrame
        Panel title -> rows with group, value, low, high; NaN values leave their line empty.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["a"], "value": [0.2], "low": [0.1], "high": [0.4]})
    >>> svg = dot_interval({"recall": rows}, name="r", title="Recall", description="By group")
    >>> svg.startswith("<svg") and "<title" in svg
    True
    """
    groups = list(next(iter(panels.values()))["group"])

    def draw(figure: Any) -> None:
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for i, (axis, (heading, rows)) in enumerate(zip(axes, panels.items(), strict=True)):
            _draw_dots(axis, rows, SERIES[i % len(SERIES)])
            axis.set_title(heading)
        name_rows(axes[0], groups)

    size = (2.6 + 2.3 * len(panels), _height(len(groups)))
    return inline_svg(draw, size, name=name, title=title, description=description)


def _draw_dots(axis: Any, rows: pd.DataFrame, colour: str) -> None:
    y = np.arange(len(rows))
    value, low, high = (rows[end].to_numpy(dtype=float) for end in ("value", "low", "high"))
    seen = ~np.isnan(value)
    axis.hlines(y[seen], low[seen], high[seen], color=colour, linewidth=3, alpha=0.45)
    axis.plot(value[seen], y[seen], "o", color=colour, markersize=7, markeredgewidth=0)
    axis.set_xlim(0, max(0.05, float(np.nanmax(high[seen], initial=0.05)) * 1.08))
    per_cent(axis)


def _height(rows: int) -> float:
    return 0.9 + _ROW_INCHES * max(rows, 2)


def share_dots(
    rows: pd.DataFrame, *, parts: Sequence[str], name: str, title: str, description: str
) -> str:
    """Draw each group's share of the pool, of the list and of later harm as marks on one line.

    Parameters
    ----------
    rows : DataFrame
        group, and one column of shares per part; a missing share has no mark.
    parts : sequence of str
        Columns of `rows`, in order; at most 4.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.
    """
    shares = rows[list(parts)].to_numpy(dtype=float)

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        y = np.arange(len(rows))
        some = ~np.isnan(shares).all(axis=1)
        ends = (np.nanmin(shares[some], axis=1), np.nanmax(shares[some], axis=1))
        axis.hlines(y[some], *ends, color=FAINT, linewidth=2)
        for (mark, colour), part, values in zip(_MARKS, parts, shares.T, strict=False):
            thick = {"markeredgewidth": 3, "markersize": 13} if mark == "|" else {"markersize": 8}
            axis.plot(values, y, mark, color=colour, label=part, linestyle="none", **thick)
        name_rows(axis, list(rows["group"]))
        axis.set_xlim(0, max(0.05, float(np.nanmax(shares[some], initial=0.05)) * 1.06))
        per_cent(axis)
        figure.legend(loc="outside upper left", ncols=min(len(parts), 2))

    size = (7.2, 0.55 + _height(len(rows)))
    return inline_svg(draw, size, name=name, title=title, description=description)


def stacked_bars(
    rows: pd.DataFrame, *, parts: Sequence[str], name: str, title: str, description: str
) -> str:
    """Draw one bar per group, divided into parts that add up to all of it.

    Parameters
    ----------
    rows : DataFrame
        group, and one column of shares per part; a group with a missing part has no bar.
    parts : sequence of str
        At most 4.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.
    """

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        shares = rows[list(parts)].to_numpy(dtype=float)
        shares = np.where(np.isnan(shares).any(axis=1, keepdims=True), 0.0, shares)
        left = np.cumsum(shares, axis=1) - shares
        for i, part in enumerate(parts):
            axis.barh(
                np.arange(len(rows)), shares[:, i], left=left[:, i], height=0.66,
                color=SERIES[i], label=part, edgecolor=PAPER, linewidth=1.5,
            )  # fmt: skip
        name_rows(axis, list(rows["group"]))
        axis.set_xlim(0, 1)
        per_cent(axis)
        figure.legend(loc="outside upper left", ncols=2)

    size = (7.2, 0.5 + _height(len(rows)))
    return inline_svg(draw, size, name=name, title=title, description=description)
