"""What can be typed to learn a model: demo, train, backtest.

The work is in the modules beside this one.
"""
# ruff: noqa: PLC0415  (a command imports what it needs when it runs: --help needs none of it)

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import TaskPath, day

app = typer.Typer()


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=500, help="People in the synthetic world.")] = 35_000,
    out: Annotated[Path, typer.Option(help="Folder for all that is made.")] = Path(
        "riskmodel-demo"
    ),
    seed: Annotated[int, typer.Option(help="Seed of the world and of the model.")] = 0,
    open_report: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the report in a browser at the end.")
    ] = False,
) -> None:
    """Show the whole way once, on a synthetic world: from tables to a registered model.

    Makes histories, takes snapshots, trains, tests against the rule in use,
    lists the top ten with reasons, audits, writes the fairness report,
    registers and promotes. Nothing leaves the folder.

    For example, small and quick:

      riskmodel demo --people 2000 --out riskmodel-demo
    """
    from riskmodel.cli.demo import run_demo

    run_demo(people=people, folder=out, seed=seed, open_report=open_report)


@app.command()
def train(
    task: TaskPath,
    out: Annotated[Path, typer.Option(help="Folder that becomes the bundle.")],
    search_minutes: Annotated[
        float, typer.Option(min=0, help="Time to search better settings on inner dates; 0 is none.")
    ] = 0,
) -> None:
    """Train a model and test it against the rule in use.

    The task file says where the tables are, who is ranked, what counts as the
    outcome, and which dates are held back. The test that it prints is of the
    very model in the bundle, on those dates.

    A search leaves those dates alone, and keeps the default settings unless
    others are better beyond noise. It goes on where it stopped when the
    command is run again: its trials lie beside the bundle.

    For example:

      riskmodel train --task riskmodel.toml --out bundle
    """
    from riskmodel.cli.train import run_train

    run_train(task_path=task, out=out, search_minutes=search_minutes)


@app.command()
def backtest(
    *,
    task: TaskPath,
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    every: Annotated[
        str | None, typer.Option(help="Test only every so often: 12MS is each twelfth month.")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="First date to test."),
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Few small trees and the plain rules: a first look.")
    ] = False,
) -> None:
    """Test the recipe date after date, each time on what was known by then.

    For each date of the task file that has closed outcome windows before it,
    a model and what it has to beat are learnt anew and judged on what
    followed. Dates that cannot be tested are named, with the reason.

    For example, once a year:

      riskmodel backtest --task riskmodel.toml --every 12MS --out backtest
    """
    from riskmodel.cli.backtest import run_backtest

    run_backtest(task_path=task, out=out, spacing=every, start=start, fast=fast)
