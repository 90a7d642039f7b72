"""What can be typed to hold a model to account: audit, report, alternatives, monitoring.

The work is in the modules beside this one.
"""
# ruff: noqa: PLC0415  (a command imports what it needs when it runs: --help needs none of it)

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import Bundle, Store, TaskPath, day

app = typer.Typer()


@app.command()
def audit(
    *,
    bundle: Bundle,
    task: TaskPath,
    groups: Annotated[Path, typer.Option(help="CSV: person_id and protected characteristics.")],
    as_of: Annotated[
        list[datetime],
        typer.Option(parser=day, metavar="YYYY-MM-DD", help="A date audited; may be repeated."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the audit and its report.")],
    k: Annotated[int, typer.Option(min=1, help="Length of the list that is audited.")] = 100,
    policy: Annotated[
        Path | None, typer.Option(help="TOML file of a policy; else the default of the use.")
    ] = None,
    intersect: Annotated[
        list[str] | None,
        typer.Option(help="Characteristics to cross, as sex,ethnicity; may be repeated."),
    ] = None,
    backtest: Annotated[
        Path | None,
        typer.Option(help="Folder of a back-test: audit its estimates, made out of time."),
    ] = None,
) -> None:
    """Measure who is listed and who is left unprotected, by group; write the fairness report.

    The dates must lie so far back that their outcomes are known, and after what
    the model learnt from; or give the back-test of its recipe, whose estimates
    were made out of time. Exit code 3 when the verdict fails.

    For example:

      riskmodel audit bundle --task riskmodel.toml --groups groups.csv
        --as-of 2010-01-01 --intersect sex,ethnicity --out audit
    """
    from riskmodel.cli.audit import run_audit

    run_audit(
        bundle=bundle,
        task_path=task,
        groups_path=groups,
        as_of=as_of,
        k=k,
        policy_path=policy,
        intersections=[tuple(names.split(",")) for names in intersect or ()],
        backtest=backtest,
        out=out,
    )


@app.command()
def report(
    audit: Annotated[Path, typer.Argument(help="The audit.json of an audit.")],
    out: Annotated[Path, typer.Option(help="HTML file to write; its tables go beside it.")],
    internal: Annotated[
        bool, typer.Option("--internal", help="With exact counts; not to be published.")
    ] = False,
    over_time: Annotated[
        Path | None, typer.Option(help="The over_time.json that monitor wrote.")
    ] = None,
    alternatives: Annotated[
        Path | None, typer.Option(help="The alternatives.json that alternatives wrote.")
    ] = None,
    waiver: Annotated[
        list[Path] | None, typer.Option(help="TOML file of a waiver in force; may be repeated.")
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="The audit.json behind an earlier release; may be repeated."),
    ] = None,
) -> None:
    """Write the fairness report of an audit again, with small counts withheld.

    With what monitoring and the search for alternatives found, the waivers in
    force, and earlier audits: their trend is drawn, and nothing is let out that
    would give away a small count by subtraction from an earlier release.

    For example:

      riskmodel report audit/audit.json --out fairness.html --earlier audit-2023/audit.json
    """
    from riskmodel.cli.audit import run_report

    run_report(
        audit_path=audit,
        out=out,
        internal=internal,
        over_time=over_time,
        alternatives=alternatives,
        waivers=waiver or (),
        earlier=earlier or (),
    )


@app.command()
def alternatives(
    *,
    bundle: Bundle,
    task: TaskPath,
    groups: Annotated[Path, typer.Option(help="CSV: person_id and protected characteristics.")],
    as_of: Annotated[
        list[datetime],
        typer.Option(parser=day, metavar="YYYY-MM-DD", help="A date to compare on; may repeat."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the comparison.")],
    k: Annotated[int | None, typer.Option(min=1, help="Length of the list, in people.")] = None,
    share: Annotated[
        str | None, typer.Option(help="Or as a share of each date's cohort; 5% unless given.")
    ] = None,
    metric: Annotated[
        str, typer.Option(help="Whose gap: precision, recall, false_positive_rate ...")
    ] = "precision",
    models: Annotated[int, typer.Option(min=1, help="At most so many beside the chosen.")] = 10,
    search: Annotated[
        int, typer.Option(min=0, help="Trials of a search to take them from; 0 is none.")
    ] = 0,
    comparators: Annotated[
        bool, typer.Option("--comparators", help="Fairlearn's beside them: they read groups.")
    ] = False,
) -> None:
    """Look for models that list as precisely, with smaller gaps between groups.

    All learn from what was known before the first date given, without anybody's
    group, and are compared on the dates given. With two dates or more, what the
    earlier ones would pick is measured on the later ones. Nothing is chosen.

    For example:

      riskmodel alternatives bundle --task riskmodel.toml --groups groups.csv
        --as-of 2009-01-01 --as-of 2010-01-01 --out alternatives
    """
    from riskmodel.cli.alternatives import list_length, run_alternatives

    run_alternatives(
        bundle=bundle,
        task_path=task,
        groups_path=groups,
        as_of=as_of,
        length=list_length(k, share),
        metric=metric,
        n_models=models,
        trials=search,
        comparators=comparators,
        out=out,
    )


@app.command()
def monitor(
    *,
    bundle: Bundle,
    task: TaskPath,
    scores: Annotated[
        list[Path] | None, typer.Option(help="Table from riskmodel score; may be repeated.")
    ] = None,
    log: Annotated[
        str | None, typer.Option(help="File or address of a score log that holds tables of scores.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="File of the log's key; else RISKMODEL_LOG_KEY.")
    ] = None,
    groups: Annotated[
        Path | None, typer.Option(help="CSV: person_id and protected characteristics.")
    ] = None,
    overrides: Annotated[
        Path | None, typer.Option(help="CSV: person_id, as_of, direction (added or removed).")
    ] = None,
    random_log: Annotated[
        Path | None, typer.Option(help="CSV of an order drawn by lot near the cut.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="TOML file of a policy; else the default of the use.")
    ] = None,
    k: Annotated[int, typer.Option(min=1, help="Length of the list.")] = 100,
    out: Annotated[Path, typer.Option(help="Folder for over_time.json and its tables.")],
    store: Store = None,
) -> None:
    """Hold stored scores against later outcomes, and the policy's thresholds against both.

    Drift, calibration, precision and gaps by period; who entered and left the
    list, was worked, was removed, was overridden. Exact counts: keep it inside.
    Exit code 3 when a threshold was crossed, and not by chance alone: each alert
    names what follows.

    For example:

      riskmodel monitor bundle --task riskmodel.toml --scores january.csv
        --scores february.csv --groups groups.csv --out over_time
    """
    from riskmodel.cli.monitor import run_monitor

    run_monitor(
        bundle=bundle,
        task_path=task,
        scores=scores or (),
        log=log,
        key_file=key_file,
        groups_path=groups,
        overrides_path=overrides,
        random_log=random_log,
        policy_path=policy,
        k=k,
        out=out,
        store=store,
    )
