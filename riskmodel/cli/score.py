"""``riskmodel score`` and ``riskmodel explain``: tables of scores, and of the reasons for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from riskmodel.cli.models import open_model
from riskmodel.cli.screens import Steps, say
from riskmodel.cli.tables import write_csv
from riskmodel.cli.task_parts import groups_of, read_histories
from riskmodel.histories.events import EventHistories
from riskmodel.model.risk_model import RiskModel
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.reasons import reasons
from riskmodel.scoring.scores import score


def run_score(
    *,
    bundle: str,
    histories: Path,
    as_of: datetime,
    use: str,
    groups_path: Path | None,
    out: Path,
    k: int | None,
) -> None:
    """Score and rank everyone known to the histories; write one row a person."""
    with Steps(4) as steps:
        model, tables = _open(steps, bundle, histories)
        with steps.step("Scoring"):
            groups = _groups(groups_path)
            ranked = rank(score(tables, model, as_of=as_of, use=use, groups=groups), k)
        with steps.step("Writing the table"):
            write_csv(ranked, out)
    counts = ranked["status"].value_counts()
    say(", ".join(f"{count:,} {status}" for status, count in counts.items()))
    say(f"scores: {out}")


def run_explain(
    *,
    bundle: str,
    histories: Path,
    as_of: datetime,
    use: str,
    groups_path: Path | None,
    top: int,
    each: int,
    out: Path,
) -> None:
    """Write the reasons behind the first `top` people of the ranking."""
    with Steps(5) as steps:
        model, tables = _open(steps, bundle, histories)
        with steps.step("Scoring"):
            groups = _groups(groups_path)
            ranked = rank(score(tables, model, as_of=as_of, use=use, groups=groups), top)
        with steps.step(f"Finding the reasons for {len(ranked):,} people"):
            table = reasons(tables, model, ranked, top=each, groups=groups)
        with steps.step("Writing the table"):
            write_csv(table, out)
    say(f"{len(table):,} reasons for {table['person_id'].nunique():,} people")
    say(f"reasons: {out}")


def _open(steps: Steps, bundle: str, histories: Path) -> tuple[RiskModel, EventHistories]:
    with steps.step("Loading and verifying the model"):
        model = open_model(bundle)
    with steps.step("Reading the tables"):
        tables = read_histories(histories)
    return model, tables


def _groups(path: Path | None) -> pd.DataFrame | None:
    return None if path is None else groups_of(path)
