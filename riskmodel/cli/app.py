"""What can be typed: names, options, help. The work is in the modules beside this one."""
# ruff: noqa: PLC0415  (a command imports what it needs when it runs: --help needs none of it)

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import AsOf, Bundle, Groups, Histories, Store, TaskPath, Use, day

app = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def top() -> None:
    """Estimate, from dated histories, who is associated with serious harm still to come.

    Every score is an estimate for putting limited attention in order.
    It is not a finding about a person and never a decision.

    Start with:  riskmodel demo
    """


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


@app.command()
def audit(
    *,
    bundle: Bundle,
    task: TaskPath,
    groups: Annotated[Path, typer.Option(help="CSV: person_id and protected characteristics.")],
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="Folder for the audit and its report.")],
    k: Annotated[int, typer.Option(min=1, help="Length of the list that is audited.")] = 100,
    policy: Annotated[
        Path | None, typer.Option(help="TOML file of a policy; else the default of the use.")
    ] = None,
) -> None:
    """Measure who is listed and who is left unprotected, by group; write the fairness report.

    The date must lie so far back that its outcomes are known.
    Exit code 3 when the verdict fails.

    For example:

      riskmodel audit bundle --task riskmodel.toml --groups groups.csv
        --as-of 2010-01-01 --out audit
    """
    from riskmodel.cli.audit import run_audit

    run_audit(
        bundle=bundle,
        task_path=task,
        groups_path=groups,
        as_of=as_of,
        k=k,
        policy_path=policy,
        out=out,
    )


@app.command()
def report(
    audit: Annotated[Path, typer.Argument(help="The audit.json of an audit.")],
    out: Annotated[Path, typer.Option(help="HTML file to write; its tables go beside it.")],
    internal: Annotated[
        bool, typer.Option("--internal", help="With exact counts; not to be published.")
    ] = False,
) -> None:
    """Write the fairness report of an audit again, with small counts withheld.

    For example:

      riskmodel report audit/audit.json --out fairness.html
    """
    from riskmodel.cli.audit import run_report

    run_report(audit_path=audit, out=out, internal=internal)


@app.command()
def register(
    bundle: Annotated[Path, typer.Argument(help="A bundle folder.")],
    name: Annotated[str, typer.Argument(help="Name of the model in the registry.")],
    audit: Annotated[Path, typer.Option(help="The audit.json of an audit of this very bundle.")],
    store: Store = None,
) -> None:
    """Put a bundle into the registry as a new version; needs an audit of this very bundle.

    For example:

      riskmodel register bundle repeat-harm --audit audit/audit.json
    """
    from riskmodel.cli.registry import run_register

    run_register(bundle=bundle, name=name, audit_path=audit, store=store)


@app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Name of the model in the registry.")],
    version: Annotated[str, typer.Argument(help="The version that register printed.")],
    alias: Annotated[str, typer.Option(help="The alias that points to it.")] = "champion",
    waiver: Annotated[
        Path | None,
        typer.Option(help="TOML file of a signed waiver, if it needs one."),
    ] = None,
    store: Store = None,
) -> None:
    """Point an alias at a version that passes both gates, or by a signed waiver.

    The gates: the stored audit passed; and the back-test in the bundle shows
    the model ahead of the rule in use, and behind no other baseline.

    For example:

      riskmodel promote repeat-harm 1 --waiver waiver.toml
    """
    from riskmodel.cli.registry import run_promote

    run_promote(name=name, version=version, alias=alias, waiver_path=waiver, store=store)


@app.command()
def verify(
    bundle: Bundle,
    digest: Annotated[str | None, typer.Option(help="The digest that it must have.")] = None,
    store: Store = None,
) -> None:
    """Check every file of a bundle against its manifest, and the model against its own test.

    For example:

      riskmodel verify models:/repeat-harm@champion
    """
    from riskmodel.cli.registry import run_verify

    run_verify(bundle=bundle, digest=digest, store=store)


@app.command()
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Clear away what was left half done.")] = False,
    store: Store = None,
) -> None:
    """Look for what an interrupted registration left behind.

    For example:

      riskmodel doctor --fix
    """
    from riskmodel.cli.registry import run_doctor

    run_doctor(fix=fix, store=store)


@app.command()
def serve(
    bundle: Bundle,
    host: Annotated[str, typer.Option(help="Where to listen; only this machine by default.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Say so for a host that others can reach.")
    ] = False,
) -> None:
    """Answer for single people over HTTP, until interrupted.

    The key that callers send as X-API-Key is RISKMODEL_API_KEY of the
    environment; without it one is made and shown once.

    For example:

      riskmodel serve models:/repeat-harm@champion --port 8000
    """
    from riskmodel.serve.server import serve as serve_until_interrupted

    serve_until_interrupted(bundle, host=host, port=port, allow_remote=allow_remote)
