"""What the terminal shows: steps with their seconds, notes, tables.

Results go to standard output; steps, notes and errors go to standard error, so that output can
be piped.
"""

from __future__ import annotations

import math
import re
import textwrap
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from riskmodel.errors import RiskModelWarning

if TYPE_CHECKING:
    import pandas as pd

WRAPPED = 30
"""Fewest letters to a line of a wrapped column."""
READABLE = 100
"""Most letters to a line of prose, however wide the terminal."""
UNLIMITED = 10_000
_NUMERIC = re.compile(r"[-+]?[\d,.]*( \[.*\])?")


def out() -> Console:
    """Return the console of results (made at each call: tests and pipes swap the stream)."""
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Return the console of steps, notes and errors."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Print one line of the result, as it stands."""
    out().print(escape(text))


def remark(text: str) -> None:
    """Print a paragraph of the result, its lines broken between words to fit the terminal."""
    width = min(out().width, READABLE)
    say(textwrap.fill(_one_line(text), width, break_long_words=False, break_on_hyphens=False))


def note(text: str) -> None:
    """Print a remark that is no error."""
    err().print(f"[yellow]note:[/yellow] {escape(_one_line(text))}")


def fail(text: str) -> None:
    """Print an error: what was given, what is allowed, what to do."""
    err().print(f"[bold red]error:[/bold red] {escape(text)}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


@contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Show each warning once as a one-line note, without the path that raised it."""
    shown: set[str] = set()

    def show(message: Warning | str, *_: object, **__: object) -> None:
        text = _one_line(str(message))
        if text not in shown:
            shown.add(text)
            note(text)

    with warnings.catch_warnings():
        warnings.filterwarnings("always", category=RiskModelWarning)
        warnings.showwarning = show
        yield


class Steps:
    """A progress bar over named steps; each leaves a line with its seconds.

    Examples
    --------
    >>> steps = Steps(1)
    >>> with steps, steps.step("Counting"):
    ...     total = sum(range(10))
    >>> steps.done
    1
    """

    def __init__(self, total: int) -> None:
        self.done = 0
        self._console = err()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[done]} of {task.total:.0f}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, done=0)

    def __enter__(self) -> Steps:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show `name` while the block runs, then the seconds that it took."""
        self._bar.update(self._task, description=escape(name))
        started = time.perf_counter()
        yield
        seconds = time.perf_counter() - started
        self.done += 1
        self._bar.update(self._task, completed=self.done, done=self.done)
        self._console.print(f"  {escape(name)}: [dim]{seconds:.1f} s[/dim]")

    def part(self, done: float, total: float, name: str) -> None:
        """Show how far the step that runs has come: `done` of its `total` parts, `name` next."""
        self._bar.update(self._task, completed=self.done + done / total, description=escape(name))


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of texts: nothing is cut; only a last column of text is wrapped."""
    table = Table(
        title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    for place, column in enumerate(columns):
        numeric = all(_NUMERIC.fullmatch(row[place]) for row in rows)
        longest = max([len(column), *(len(row[place]) for row in rows)])
        wraps = place == len(columns) - 1 and not numeric
        table.add_column(
            escape(column),
            justify="right" if numeric else "left",
            min_width=min(longest, WRAPPED) if wraps else longest,
        )
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console = out()
    unlimited = console.options.update(width=UNLIMITED)
    console.width = max(console.width, Measurement.get(console, unlimited, table).minimum)
    console.print(table)


def number(value: object, digits: int = 3) -> str:
    """Return a number for reading; what is undefined is a dash, never 0.

    Examples
    --------
    >>> number(0.12345), number(float("nan")), number(1234567.0, 0)
    ('0.123', '-', '1,234,567')
    """
    try:
        as_float = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "-"
    return "-" if math.isnan(as_float) else f"{as_float:,.{digits}f}"


def with_interval(value: object, low: object, high: object, digits: int = 3) -> str:
    """Return ``value [low, high]`` for reading.

    Examples
    --------
    >>> with_interval(0.5, 0.4, 0.6, 1)
    '0.5 [0.4, 0.6]'
    """
    if number(low, digits) == number(high, digits) == "-":
        return number(value, digits)
    return f"{number(value, digits)} [{number(low, digits)}, {number(high, digits)}]"


def rows_of(frame: pd.DataFrame) -> list[list[str]]:
    """Return the cells of a frame as texts, row by row; missing is a dash."""
    filled = frame.astype("object").where(frame.notna(), "-")
    return [[str(cell) for cell in row] for row in filled.itertuples(index=False)]
