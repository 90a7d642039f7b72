"""The one door to the library that draws: figures as inline SVG.

The same figures give the same bytes. Ink is ``currentColor`` and series are the page's custom
properties ``--series-1`` to ``--series-4``, so one drawing is read in light and in dark. Text
stays text. Each drawing carries a title and a description for screen readers. The kinds of
drawings are in `riskmodel.report.drawings`; they are handed a figure and import nothing.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

INK, FAINT, PAPER = "#0a0b0c", "#0a0b0d", "#0a0b0e"
SERIES = ("#0a0c01", "#0a0c02", "#0a0c03", "#0a0c04")
"""Stand-ins, replaced by the page's own colours."""

Draw = Callable[[Any], None]
_PAINTS = {
    INK: "currentColor",
    FAINT: "var(--rule)",
    PAPER: "var(--paper)",
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
    "legend.fontsize": 11,
    "legend.handlelength": 1,
    "figure.constrained_layout.use": True,
}
_PER_CENT = FuncFormatter(lambda share, _: f"{100 * share:.0f}%")
_POINTS = FuncFormatter(lambda share, _: f"{100 * share:+.0f}".replace("-", "−"))
_LONGEST_LABEL = 34


def inline_svg(
    draw: Draw, size: tuple[float, float], *, name: str, title: str, description: str
) -> str:
    """Return what `draw` puts on a figure as one ``<svg>`` element.

    Parameters
    ----------
    draw : callable
        Gets the figure.
    size : tuple of float
        Width and height in inches, 72 of the page's pixels each.
    name : str
        Letters and digits: makes the ids of this drawing its own.
    title, description : str
        For screen readers.

    Examples
    --------
    >>> svg = inline_svg(lambda figure: None, (1, 1), name="n", title="Nothing", description="")
    >>> svg.startswith("<svg") and "<title" in svg
    True
    """
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size)
        figure.patch.set_alpha(0)
        FigureCanvasSVG(figure)
        draw(figure)
        for axis in figure.axes:
            axis.patch.set_alpha(0)
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return _inline(buffer.getvalue(), size, name=name, title=title, text=description)


def per_cent(axis: Any, which: str = "x", *, points: bool = False, ticks: int = 4) -> None:
    """Write an axis of shares as per cent, or as signed points where it holds differences."""
    scale = axis.xaxis if which == "x" else axis.yaxis
    scale.set_major_formatter(_POINTS if points else _PER_CENT)
    few_ticks(axis, which, ticks)


def few_ticks(axis: Any, which: str = "x", ticks: int = 4) -> None:
    """Leave no more than about `ticks` intervals on an axis."""
    (axis.xaxis if which == "x" else axis.yaxis).set_major_locator(MaxNLocator(ticks))


def name_rows(axis: Any, groups: Sequence[str]) -> None:
    """Name the rows of an axis, the first on top."""
    axis.set_yticks(np.arange(len(groups)), [short(group) for group in groups])
    axis.set_ylim(len(groups) - 0.5, -0.5)


def short(label: str, longest: int = _LONGEST_LABEL) -> str:
    r"""Return a name fit for a drawing.

    Examples
    --------
    >>> print(short("$x$"), short("a long name", 6))
    \$x\$ a lon…
    """
    text = str(label)
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return cut.replace("$", r"\$")  # a dollar would start mathematics


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
