"""The command line: all commands, in the order in which they are needed."""

from __future__ import annotations

import typer

from riskmodel.cli import (
    answering_commands,
    auditing_commands,
    learning_commands,
    registry_commands,
)
from riskmodel.cli.log import log_app

app = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (learning_commands, answering_commands, auditing_commands, registry_commands):
    app.add_typer(part.app)
app.add_typer(log_app, name="log")


@app.callback()
def top() -> None:
    """Estimate, from dated histories, who is associated with serious harm still to come.

    Every score is an estimate for putting limited attention in order.
    It is not a finding about a person and never a decision.

    Start with:  riskmodel demo
    """
