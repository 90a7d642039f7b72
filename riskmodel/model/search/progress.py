"""How far a search has come: a bar on a terminal, or a caller's own words."""
# ruff: noqa: PLC0415  (most callers want no bar, and what draws it is not loaded)

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, str], None]


@contextmanager
def shown_progress(progress: bool | Tell, total: int | None) -> Iterator[Tell]:
    """Yield what to call with the number of trials made and a few words on the best.

    Parameters
    ----------
    progress : bool or callable
        True shows a bar on a terminal, and nothing elsewhere.
    total : int or None
        Trials asked for, if a number was.
    """
    if callable(progress):
        yield progress
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not (progress and console.is_terminal),
    )
    task = bar.add_task("Searching settings", total=total)

    def tell(made: int, words: str) -> None:
        bar.update(task, completed=made, description=words)

    with bar:
        yield tell
