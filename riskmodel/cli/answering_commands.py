"""What can be typed to ask a model: score, explain, what-if, compare, serve.

The work is in the modules beside this one.
"""
# ruff: noqa: PLC0415  (a command imports what it needs when it runs: --help needs none of it)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import AsOf, Bundle, Groups, Histories, PublicKey, Store, Use

app = typer.Typer()


@app.command()
def score(
    *,
    bundle: Bundle,
    histories: Histories,
    as_of: AsOf,
    use: Use,
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    k: Annotated[
        int | None, typer.Option(min=1, help="List only the top k; all, when not given.")
    ] = None,
    groups: Groups = None,
) -> None:
    """Score and rank everyone as of a date; one row a person.

    People who cannot be scored stay in the table, with the reason in the
    column status.

    For example:

      riskmodel score bundle --histories tables --as-of 2012-01-01
        --use prioritise --out scores.csv
    """
    from riskmodel.cli.score import run_score

    run_score(
        bundle=bundle, histories=histories, as_of=as_of, use=use, groups_path=groups, out=out, k=k
    )


@app.command()
def explain(
    *,
    bundle: Bundle,
    histories: Histories,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    use: Use = "prioritise",
    top: Annotated[int, typer.Option(min=1, help="How many people of the ranking.")] = 100,
    reasons: Annotated[int, typer.Option(min=1, help="Reasons for each person.")] = 5,
    groups: Groups = None,
) -> None:
    """Write the reasons behind the top scores, with the records that each rests on.

    For example:

      riskmodel explain bundle --histories tables --as-of 2012-01-01
        --top 100 --out reasons.csv
    """
    from riskmodel.cli.score import run_explain

    run_explain(
        bundle=bundle,
        histories=histories,
        as_of=as_of,
        use=use,
        groups_path=groups,
        top=top,
        each=reasons,
        out=out,
    )


@app.command("what-if")
def what_if(
    *,
    bundle: Bundle,
    histories: Histories,
    as_of: AsOf,
    use: Use,
    person: Annotated[str, typer.Option(help="Id of the person.")],
    without: Annotated[
        list[str] | None,
        typer.Option(help="Id of a record, or of an incident, to leave out; may be repeated."),
    ] = None,
    add: Annotated[
        Path | None, typer.Option(help="CSV of records to add, with the columns of events.")
    ] = None,
    groups: Groups = None,
    out: Annotated[Path | None, typer.Option(help="JSON file to write as well.")] = None,
) -> None:
    """Show one person's estimate without a contested record, then and now.

    A record goes with its whole incident, of whomever. The model is not
    trained again.

    For example:

      riskmodel what-if bundle --histories tables --as-of 2012-01-01
        --use prioritise --person P000007 --without E00000042
    """
    from riskmodel.cli.what_if import run_what_if

    run_what_if(
        bundle=bundle,
        histories=histories,
        as_of=as_of,
        use=use,
        person=person,
        without=without or (),
        add=add,
        groups_path=groups,
        out=out,
    )


@app.command()
def compare(
    *,
    before: Annotated[Path, typer.Argument(help="CSV from riskmodel score, the earlier list.")],
    after: Annotated[Path, typer.Argument(help="CSV from riskmodel score, the later list.")],
    k: Annotated[
        int | None, typer.Option(min=1, help="Length of both lists, of whole rankings.")
    ] = None,
    histories: Annotated[
        Path | None, typer.Option(help="Tables, as for score; for the reasons.")
    ] = None,
    bundle: Annotated[
        str | None, typer.Option(help="The model of both lists, or of the later one.")
    ] = None,
    bundle_before: Annotated[
        str | None, typer.Option(help="The model of the earlier list, if another.")
    ] = None,
    groups: Groups = None,
    out: Annotated[Path | None, typer.Option(help="CSV file to write as well.")] = None,
) -> None:
    """Show who entered the list and who left it, and why.

    With the tables and the model, each change is put down to time passing,
    new records, evidence updates, another model or another harm edition.

    For example:

      riskmodel compare january.csv february.csv --histories tables --bundle bundle
    """
    from riskmodel.cli.what_if import run_compare

    run_compare(
        before=before,
        after=after,
        k=k,
        histories=histories,
        bundle=bundle,
        bundle_before=bundle_before,
        groups_path=groups,
        out=out,
    )


@app.command()
def serve(
    *,
    bundle: Bundle,
    host: Annotated[str, typer.Option(help="Where to listen; only this machine by default.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
    log: Annotated[
        str | None,
        typer.Option(help="File or database address of a score log; its key: RISKMODEL_LOG_KEY."),
    ] = None,
    reload_seconds: Annotated[
        float, typer.Option(min=1, help="How often to ask whether the alias has moved.")
    ] = 60,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Say so for a host that others can reach.")
    ] = False,
    open_docs: Annotated[
        bool, typer.Option("--open-docs", help="Describe the routes to others without a key too.")
    ] = False,
    public_key: PublicKey = None,
    store: Store = None,
) -> None:
    """Answer over HTTP, until interrupted: scores, reasons, what-if.

    The key that callers send as X-API-Key is RISKMODEL_API_KEY of the
    environment; without it one is made and shown once. The routes are
    described at /v1/docs.

    With --log each answer is written to the log before it is given, and none
    is given that cannot be written. A name in the registry is followed when
    its alias moves; while the registry is gone the last verified model goes
    on serving.

    For example:

      riskmodel serve models:/repeat-harm@champion --log scores.jsonl
    """
    from riskmodel.cli.serve import run_serve

    run_serve(
        bundle=bundle,
        host=host,
        port=port,
        log=log,
        reload_seconds=reload_seconds,
        allow_remote=allow_remote,
        open_docs=open_docs,
        public_key=public_key,
        store=store,
    )
