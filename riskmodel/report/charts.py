"""Charts as inline SVG: the one file that draws.

The same figures give the same bytes. Ink is ``currentColor`` and series are the page's custom
properties ``--series-1`` to ``--series-4``, so one drawing is read in light and in dark. Text
stays text. Each drawing carries a title and a description for screen readers.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

INK, FAINT = "#0a0b0c", "#0a0b0d"
SERIES = ("#0a0c01", "#0a0c02", "#0a0c03", "#0a0c04")
_SHARE_SERIES = (SERIES[3], SERIES[0], SERIES[2], SERIES[1])  # the pool is the quiet one
_PAINTS = {
    INK: "currentColor",
    FAINT: "var(--rule)",
    **{code: f"var(--series-{i})" for i, code in enumerate(SERIES, start=1)},
}
_STYLE: dict[str, Any] = {
    "svg.hashsalt": "riskmodel",
    "svg.fonttype": "none",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
_PER_CENT = FuncFormatter(lambda share, _: f"{100 * share:.0f}%")
_ROW_INCHES = 0.36
_LONGEST_LABEL = 34


def dot_interval(
    panels: dict[str, pd.DataFrame], *, name: str, title: str, description: str
) -> str:
    """Draw one dot and interval per group, a panel per rate, groups on one shared axis.

    Parameters
    ----------
    panels : dict of str to DataFrame
        Panel title -> rows with group, value, low, high; NaN values leave their line empty.
    name : str
        Letters and digits: makes the ids of this drawing its own.
    title, description : str
        For screen readers.

    Returns
    -------
    str
        One ``<svg>`` element.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["a"], "value": [0.2], "low": [0.1], "high": [0.4]})
    >>> svg = dot_interval({"recall": rows}, name="r", title="Recall", description="By group")
    >>> svg.startswith("<svg") and "<title" in svg
    True
    """
    groups = list(next(iter(panels.values()))["group"])

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for i, (axis, (heading, rows)) in enumerate(zip(axes, panels.items(), strict=True)):
            _draw_dots(axis, rows, SERIES[i % len(SERIES)])
            axis.set_title(heading)
        _name_rows(axes[0], groups)

    width = 2.6 + 2.3 * len(panels)
    return _svg(draw, (width, _height(len(groups))), name=name, title=title, text=description)


def _draw_dots(axis: Any, rows: pd.DataFrame, colour: str) -> None:
    y = np.arange(len(rows))
    value, low, high = (rows[end].to_numpy(dtype=float) for end in ("value", "low", "high"))
    seen = ~np.isnan(value)
    axis.hlines(y[seen], low[seen], high[seen], color=colour, linewidth=3, alpha=0.45)
    axis.plot(value[seen], y[seen], "o", color=colour, markersize=7, markeredgewidth=0)
    axis.set_xlim(0, max(0.05, float(np.nanmax(high[seen], initial=0.05)) * 1.08))
    _per_cent_axis(axis)


def _per_cent_axis(axis: Any) -> None:
    axis.xaxis.set_major_formatter(_PER_CENT)
    axis.xaxis.set_major_locator(MaxNLocator(4))


def _name_rows(axis: Any, groups: Sequence[str]) -> None:
    labels = [_short(group) for group in groups]
    axis.set_yticks(np.arange(len(groups)), labels)
    axis.set_ylim(len(groups) - 0.5, -0.5)


def _short(label: str) -> str:
    text = str(label).replace("$", r"\$")  # a dollar would start mathematics
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _height(rows: int) -> float:
    return 0.9 + _ROW_INCHES * max(rows, 2)


def share_bars(
    rows: pd.DataFrame, *, parts: Sequence[str], name: str, title: str, description: str
) -> str:
    """Draw bars side by side: each group's share of the pool, of the list and of later harm.

    Parameters
    ----------
    rows : DataFrame
        group, and one column of shares per part.
    parts : sequence of str
        Columns of `rows`, in order; at most 4.
    name, title, description : str
        As in `dot_interval`.
    """
    thickness = 0.8 / len(parts)

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        y = np.arange(len(rows))
        for i, part in enumerate(parts):
            place = y + (i - (len(parts) - 1) / 2) * thickness
            width = rows[part].fillna(0.0).to_numpy(dtype=float)
            colour = _SHARE_SERIES[i]
            axis.barh(place, width, height=thickness * 0.86, color=colour, label=part)
        _name_rows(axis, list(rows["group"]))
        _per_cent_axis(axis)
        figure.legend(loc="outside upper left", ncols=len(parts), handlelength=1, fontsize=11)

    height = 1.0 + 0.24 * len(parts) * max(len(rows), 2)
    return _svg(draw, (7.2, height), name=name, title=title, text=description)


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
        As in `dot_interval`.
    """

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        shares = rows[list(parts)].to_numpy(dtype=float)
        shares = np.where(np.isnan(shares).any(axis=1, keepdims=True), 0.0, shares)
        left = np.cumsum(shares, axis=1) - shares
        for i, part in enumerate(parts):
            axis.barh(
                np.arange(len(rows)), shares[:, i], left=left[:, i], height=0.66,
                color=SERIES[i], label=part,
            )  # fmt: skip
        _name_rows(axis, list(rows["group"]))
        axis.set_xlim(0, 1)
        _per_cent_axis(axis)
        figure.legend(loc="outside upper left", ncols=2, handlelength=1, fontsize=11)

    return _svg(draw, (7.2, 0.5 + _height(len(rows))), name=name, title=title, text=description)


def calibration_curve(table: pd.DataFrame, *, name: str, title: str, description: str) -> str:
    """Draw observed shares, with intervals, against estimates; the diagonal is agreement.

    Parameters
    ----------
    table : DataFrame
        predicted, observed, low, high; from `riskmodel.statistics.calibration.calibration_table`.
    name, title, description : str
        As in `dot_interval`.
    """

    def draw(figure: Figure) -> None:
        axis = figure.subplots()
        seen = table.dropna(subset=["observed"])
        x, y = (seen[end].to_numpy(dtype=float) for end in ("predicted", "observed"))
        low, high = (seen[end].to_numpy(dtype=float) for end in ("low", "high"))
        top = float(max(np.max(x, initial=0.05), np.max(high, initial=0.05))) * 1.06
        axis.plot([0, top], [0, top], color=INK, linewidth=1, linestyle=(0, (4, 4)), alpha=0.5)
        axis.vlines(x, low, high, color=SERIES[0], linewidth=3, alpha=0.45)
        axis.plot(x, y, "o", color=SERIES[0], markersize=7, markeredgewidth=0)
        axis.set(xlim=(0, top), ylim=(0, top), xlabel="Estimated", ylabel="Observed")
        axis.grid(visible=True, axis="both")
        axis.yaxis.set_major_formatter(_PER_CENT)
        axis.yaxis.set_major_locator(MaxNLocator(4))
        _per_cent_axis(axis)

    return _svg(draw, (5.2, 4.2), name=name, title=title, text=description)


def _svg(
    draw: Callable[[Figure], None],
    size: tuple[float, float],
    *,
    name: str,
    title: str,
    text: str,
) -> str:
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size)
        figure.patch.set_alpha(0)
        FigureCanvasSVG(figure)
        draw(figure)
        for axis in figure.axes:
            axis.patch.set_alpha(0)
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return _inline(buffer.getvalue(), size, name=name, title=title, text=text)


def _inline(drawing: str, size: tuple[float, float], *, name: str, title: str, text: str) -> str:
    """Return the drawing as an element that can stand in a page beside others."""
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", drawing, flags=re.DOTALL)
    inner = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", inner, flags=re.DOTALL)
    inner = re.sub(r'\bid="', f'id="{name}-', inner)
    inner = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", inner)
    inner = re.sub(r"font-family: [^;\"]*", "font-family: inherit", inner)
    inner = re.sub(r"font: (?:(\d{3}) )?([\d.]+)px [^;\"]*", _font, inner)
    for code, paint in _PAINTS.items():
        inner = inner.replace(code, paint)
    width, height = (72 * side for side in size)
    return (
        f'<svg class="drawing" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" style="--natural:{width:.0f}px">'
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(text)}</desc>{inner.strip()}</svg>'
    )


def _font(match: re.Match[str]) -> str:
    weight = f"font-weight: {match[1]}; " if match[1] else ""
    return f"{weight}font-size: {match[2]}px; font-family: inherit"
