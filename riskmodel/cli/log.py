"""What can be typed after ``riskmodel log``; the work is in `riskmodel.cli.log_runs`."""
# ruff: noqa: PLC0415  (a command imports what it needs when it runs: --help needs none of it)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import Groups, Histories, Store

log_app = typer.Typer(rich_markup_mode="rich", no_args_is_help=True)

Log = Annotated[
    str,
    typer.Argument(
        metavar="LOG",
        help="File of the log, or sqlite:///... or postgresql+psycopg://... where it is a table.",
    ),
]


@log_app.callback()
def top() -> None:
    """Check the log of scores, and recompute what it says.

    Each entry carries the hash of the one before. Whether its end was cut off,
    or all of it written anew, shows against a head that was kept elsewhere.

    For example:

      riskmodel log verify scores.jsonl
    """


@log_app.command()
def verify(
    log: Log,
    head: Annotated[
        Path | None, typer.Option(help="JSON file of a head that was kept: it must be in there.")
    ] = None,
    write_head: Annotated[
        Path | None, typer.Option(help="JSON file for the head as it is now; keep it elsewhere.")
    ] = None,
) -> None:
    """Read every entry; say which was changed, removed, moved or added.

    Exit code 3 when one was. No key is needed.

    For example:

      riskmodel log verify scores.jsonl --head head.json --write-head head.json
    """
    from riskmodel.cli.log_runs import run_verify

    run_verify(address=log, head_path=head, write_head=write_head)


@log_app.command()
def recover(log: Log) -> None:
    """Move a line that a killed writer left unfinished to a file beside the log.

    Such a line was never confirmed to anyone. The next append does the same.

    For example:

      riskmodel log recover scores.jsonl
    """
    from riskmodel.cli.log_runs import run_recover

    run_recover(address=log)


@log_app.command()
def replay(
    *,
    log: Log,
    histories: Histories,
    models: Annotated[
        str,
        typer.Option(help="Folder with the bundles in it, or models:/NAME for all its versions."),
    ],
    out: Annotated[Path, typer.Option(help="CSV file to write: one row an entry.")],
    key_file: Annotated[
        Path | None, typer.Option(help="File of the log's key; else RISKMODEL_LOG_KEY.")
    ] = None,
    head: Annotated[
        Path | None, typer.Option(help="JSON file of a head that was kept: it must be in there.")
    ] = None,
    differences: Annotated[
        Path | None, typer.Option(help="CSV file to write: each score that differs, by person.")
    ] = None,
    groups: Groups = None,
    store: Store = None,
) -> None:
    """Recompute past scores from the stored models and the tables; report differences.

    What was recorded since changes no past score: a difference means that
    older records, or the model, were changed. Exit code 3 unless all that is
    in the tables came out the same.

    For example:

      riskmodel log replay scores.jsonl --histories tables --models bundles
        --key-file log.key --out replay.csv
    """
    from riskmodel.cli.log_runs import run_replay

    run_replay(
        address=log,
        histories=histories,
        models=models,
        out=out,
        key_file=key_file,
        head_path=head,
        differences=differences,
        groups_path=groups,
        store=store,
    )
