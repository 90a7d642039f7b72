"""Choices beside each other: how much a smaller gap costs, and how versions follow each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskmodel.audit.alternatives.candidates import COMPARATOR
from riskmodel.report.charts import FAINT, INK, SERIES, inline_svg, per_cent, short

_LONGEST_VERSION = 14


def frontier(table: pd.DataFrame, *, name: str, title: str, description: str) -> str:
    """Draw alternatives by gap and precision, with intervals; the chosen one is ringed.

    Parameters
    ----------
    table : DataFrame
        ``frontier`` of `riskmodel.audit.alternatives.Alternatives`; rows without a gap are left
        out.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.
    """
    rows = table.dropna(subset=["gap", "precision"])

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        line = rows[rows["on_frontier"].astype(bool)].sort_values("gap")
        axis.plot(line["gap"], line["precision"], color=FAINT, linewidth=2, zorder=1)
        compared = rows["kind"] == COMPARATOR
        _draw_choices(axis, rows[~compared], "o", SERIES[0], "could be chosen")
        _draw_choices(axis, rows[compared], "D", SERIES[2], "only to compare")
        ring = rows[rows["chosen"].astype(bool)]
        axis.plot(
            ring["gap"], ring["precision"], "o", color=INK, markersize=15, fillstyle="none",
            markeredgewidth=1.6, linestyle="none", label="chosen",
        )  # fmt: skip
        axis.grid(visible=True, axis="both")
        axis.set(xlabel="Widest gap between groups", ylabel="Precision")
        axis.set_xlim(0)
        per_cent(axis, "x")
        per_cent(axis, "y")
        figure.legend(loc="outside upper left", ncols=3)

    return inline_svg(draw, (6.6, 4.6), name=name, title=title, description=description)


def _draw_choices(axis: Any, rows: pd.DataFrame, mark: str, colour: str, label: str) -> None:
    if rows.empty:
        return
    x, y = (rows[end].to_numpy(dtype=float) for end in ("gap", "precision"))
    sides = [(rows[f"{what}_{end}"].to_numpy(dtype=float)) for what in ("gap", "precision")
             for end in ("low", "high")]  # fmt: skip
    axis.hlines(y, sides[0], sides[1], color=colour, linewidth=2, alpha=0.3)
    axis.vlines(x, sides[2], sides[3], color=colour, linewidth=2, alpha=0.3)
    axis.plot(x, y, mark, color=colour, markersize=7, linestyle="none", label=label)


def trend(
    panels: dict[str, pd.DataFrame], *, name: str, title: str, description: str, signed: bool
) -> str:
    """Draw figures that follow each other, an interval each, a panel below the other.

    Parameters
    ----------
    panels : dict of str to DataFrame
        Panel title -> rows in order, with label, value, low, high; and tolerance (NaN where there
        is none), drawn as dashed lines on both sides of zero.
    name, title, description : str
        As in `riskmodel.report.charts.inline_svg`.
    signed : bool
        Whether the values are differences, in points, rather than shares.
    """
    labels = [short(label, _LONGEST_VERSION) for label in next(iter(panels.values()))["label"]]

    def draw(figure: Any) -> None:
        axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axis, (heading, rows) in zip(axes, panels.items(), strict=True):
            _draw_trend(axis, rows, signed=signed)
            axis.set_title(short(heading, 60))
        axes[-1].set_xticks(np.arange(len(labels)), labels)
        axes[-1].set_xlim(-0.5, len(labels) - 0.5)

    size = (max(5.2, 1.6 + 0.75 * len(labels)), 0.4 + 1.9 * len(panels))
    return inline_svg(draw, size, name=name, title=title, description=description)


def _draw_trend(axis: Any, rows: pd.DataFrame, *, signed: bool) -> None:
    x = np.arange(len(rows))
    value, low, high = (rows[end].to_numpy(dtype=float) for end in ("value", "low", "high"))
    axis.plot(x, value, color=SERIES[0], linewidth=1.2, alpha=0.6)
    axis.vlines(x, low, high, color=SERIES[0], linewidth=3, alpha=0.45)
    axis.plot(x, value, "o", color=SERIES[0], markersize=7, markeredgewidth=0)
    axis.grid(visible=False, axis="x")
    axis.grid(visible=True, axis="y")
    if signed:
        axis.axhline(0, color=INK, linewidth=1, alpha=0.5)
        for edge in _edges(rows):
            axis.axhline(edge, color=SERIES[2], linewidth=1.4, linestyle=(0, (4, 3)))
    else:
        axis.set_ylim(0, max(0.05, float(np.nanmax(high, initial=0.05)) * 1.1))
    per_cent(axis, "y", points=signed, ticks=3)


def _edges(rows: pd.DataFrame) -> list[float]:
    found = rows["tolerance"].dropna() if "tolerance" in rows else pd.Series(dtype=float)
    return [] if found.empty else [-float(found.iloc[-1]), float(found.iloc[-1])]
