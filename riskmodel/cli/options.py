"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def day(text: str) -> datetime:
    """Read a day of the calendar, such as 2024-01-31."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no day of the calendar written as 2024-01-31."
        ) from None


Bundle = Annotated[str, typer.Argument(help="A bundle folder, or models:/NAME@ALIAS.")]
Histories = Annotated[
    Path,
    typer.Option(help="Folder of CSV tables (events.csv ...), or a task file that names them."),
]
AsOf = Annotated[
    datetime,
    typer.Option(parser=day, metavar="YYYY-MM-DD", help="The date; records from before it count."),
]
TaskPath = Annotated[Path, typer.Option(help="The task file (riskmodel.toml).")]
Groups = Annotated[
    Path | None,
    typer.Option(help="CSV of groups; only where a rule restricts who is ranked by one."),
]
Use = Annotated[str, typer.Option(help="What for; the model says which uses it permits.")]
Store = Annotated[
    str | None,
    typer.Option(
        help="Address of the MLflow store; else MLFLOW_TRACKING_URI, else mlflow.db here."
    ),
]
PublicKey = Annotated[
    Path | None,
    typer.Option(help="PEM file of a public key: the bundle must be signed with its other half."),
]
