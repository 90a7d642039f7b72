"""``riskmodel what-if`` and ``riskmodel compare``: pages for people who ask why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from riskmodel.cli.models import open_model
from riskmodel.cli.screens import Steps, say
from riskmodel.cli.tables import write_csv
from riskmodel.cli.task_parts import groups_of, read_histories
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_write_text
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.lists.compare import compare
from riskmodel.scoring.what_if.what_if import what_if

_TEXTS = ("person_id", "status", "band", "model", "version", "digest", "edition")


def run_what_if(
    *,
    bundle: str,
    histories: Path,
    as_of: datetime,
    use: str,
    person: str,
    without: Sequence[str],
    add: Path | None,
    groups_path: Path | None,
    out: Path | None,
) -> None:
    """Show one person's estimate without some incidents, or with more records."""
    with Steps(3) as steps:
        with steps.step("Loading and verifying the model"):
            model = open_model(bundle)
        with steps.step("Reading the tables"):
            tables = read_histories(histories)
            groups = None if groups_path is None else groups_of(groups_path)
            more = () if add is None else pd.read_csv(add, dtype="str")
        with steps.step("Estimating"):
            reply = what_if(
                tables, model, person, as_of=as_of, use=use, without=without, add=more,
                groups=groups,
            )  # fmt: skip
    say(str(reply))
    if out is not None:
        atomic_write_text(out, reply.model_dump_json(indent=2) + "\n")
        say(f"\nwhat if: {out}")


def run_compare(
    *,
    before: Path,
    after: Path,
    k: int | None,
    histories: Path | None,
    bundle: str | None,
    bundle_before: str | None,
    groups_path: Path | None,
    out: Path | None,
) -> None:
    """Show who entered the list and who left it, and why."""
    lists = [read_scores(path) for path in (before, after)]
    if (histories is None) != (bundle is None):
        raise RiskModelError("give --histories and --bundle both, or neither")
    if histories is None or bundle is None:
        found = compare(*lists, k=k)
    else:
        with Steps(3) as steps:
            with steps.step("Loading and verifying the models"):
                models = _models(bundle, bundle_before)
            with steps.step("Reading the tables"):
                tables = read_histories(histories)
                groups = None if groups_path is None else groups_of(groups_path)
            with steps.step("Taking the steps from one list to the other"):
                found = compare(*lists, k=k, histories=tables, models=models, groups=groups)
    say(str(found))
    if out is not None:
        write_csv(found.table, out)
        say(f"\nchanges: {out}")


def read_scores(path: Path) -> pd.DataFrame:
    """Read a table that ``riskmodel score`` wrote.

    Raises
    ------
    RiskModelError
        It is no such table.
    """
    texts = dict.fromkeys((*_TEXTS, "thresholds_version", "warnings"), "str")
    table = pd.read_csv(path, dtype=texts)
    if missing := [name for name in ("person_id", "as_of", "rank") if name not in table.columns]:
        raise RiskModelError(
            f"{path.name}: no columns {', '.join(missing)}; give a table from riskmodel score"
        )
    return table.assign(as_of=pd.to_datetime(table["as_of"]), rank=table["rank"].astype("Int64"))


def _models(bundle: str, bundle_before: str | None) -> RiskModel | tuple[RiskModel, RiskModel]:
    model = open_model(bundle)
    return model if bundle_before is None else (open_model(bundle_before), model)
