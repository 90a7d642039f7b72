"""``riskmodel demo``: the whole way once, on a synthetic world, through the same doors as users."""

from __future__ import annotations

import webbrowser
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from riskmodel.audit.fairness_audit import audit_fairness
from riskmodel.audit.policies.verdicts import PASS
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.cli.audit import REPORT, show_verdicts, write_audit
from riskmodel.cli.backtest import show_backtest
from riskmodel.cli.demo_world import Places, check_free, write_world
from riskmodel.cli.screens import Steps, note, number, remark, say, show_table, with_interval
from riskmodel.cli.tables import write_csv
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import groups_of, histories_of, snapshots_of
from riskmodel.cli.waivers import write_waiver
from riskmodel.histories.events import EventHistories
from riskmodel.model.bundle import save_bundle
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.training import train
from riskmodel.registry.mlflow_registry import promote, register
from riskmodel.scoring.ranking import rank
from riskmodel.scoring.reasons import reasons
from riskmodel.scoring.scores import score
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots

NAME = "repeat-harm"
USE = "prioritise"
K = 100
WAIVER_DAYS = 30
CROSSED = ("sex", "ethnicity")


def run_demo(*, people: int, folder: Path, seed: int, open_report: bool) -> None:
    """Make a world, learn from it, test, list, audit, register; tell what lies where."""
    places = Places(folder)
    check_free(places)
    say("A synthetic world: no real person is in it.")
    with Steps(5) as steps:
        histories, test, model = _learn(steps, places, people, seed)
        with steps.step("Testing on dates that training did not see"):
            evaluation = model.evaluate(test)
    show_backtest(evaluation)
    with Steps(2) as steps:
        top, why = _list(steps, places, histories, model)
    _show_top(top, why)
    with Steps(3) as steps:
        audit = _audit(steps, places, histories, test, model)
        waiver = _waiver(places, model, audit)
        with steps.step("Writing the report"):
            write_audit(audit, model, places.audit, waivers=[waiver] if waiver else [])
        version = _register(steps, places, model, audit)
    show_verdicts(audit)
    promote(NAME, version, waiver=waiver, tracking_uri=places.store)
    _tell(places, version, histories.data_end)
    if open_report:
        webbrowser.open((places.audit / REPORT).resolve().as_uri())


def _learn(
    steps: Steps, places: Places, people: int, seed: int
) -> tuple[EventHistories, Snapshots, RiskModel]:
    with steps.step(f"Making the histories of {people:,} people"):
        write_world(places, people, seed)
    file = TaskFile.read(places.task)
    with steps.step("Reading and checking the tables"):
        histories = histories_of(file)
    with steps.step("Building snapshots: who was known for what, and what came after"):
        snapshots = snapshots_of(file, histories)
    early, late = split_at(snapshots, file.require("train")["test_from"])
    with steps.step(f"Training on {len(early):,} rows"):
        model = train(early, name=NAME, permitted_uses=(USE,), seed=seed)
        save_bundle(model, places.bundle)
    return histories, late, model


def _list(
    steps: Steps, places: Places, histories: EventHistories, model: RiskModel
) -> tuple[pd.DataFrame, pd.DataFrame]:
    with steps.step(f"Scoring and ranking everyone as of {histories.data_end:%Y-%m-%d}"):
        scores = score(histories, model, as_of=histories.data_end, use=USE)
        write_csv(rank(scores), places.folder / "scores.csv")
        top = rank(scores, K)
    with steps.step(f"Finding the reasons for the first {K}, and the records behind them"):
        why = reasons(histories, model, top)
        write_csv(why, places.folder / "reasons.csv")
    return top, why


def _show_top(top: pd.DataFrame, why: pd.DataFrame) -> None:
    first = why.sort_values("order").groupby("person_id")["sentence"].agg(lambda part: part.iloc[0])
    rows = [
        [
            str(row.rank),
            str(row.person_id),
            with_interval(row.probability, row.low, row.high, 2),
            number(row.expected_harm, 0),
            number(row.evidence_share, 2),
            str(first.get(row.person_id, "-")),
        ]
        for row in top.head(10).itertuples()
    ]
    header = ("rank", "person", "probability", "harm", "alleged", "first reason")
    show_table("The first ten of the list", header, rows)
    remark(
        "Probability of a serious offence in two years, with its interval; expected harm in days; "
        "share of last year's harm that is allegation only. Estimates for putting attention in "
        "order: no findings about a person."
    )


def _audit(
    steps: Steps, places: Places, histories: EventHistories, test: Snapshots, model: RiskModel
) -> FairnessAudit:
    with steps.step("Auditing: who is listed, who is left unprotected"):
        return audit_fairness(
            model, test, histories, groups_of(places.groups), k=K, intersections=[CROSSED]
        )


def _register(steps: Steps, places: Places, model: RiskModel, audit: FairnessAudit) -> str:
    with steps.step("Registering the version"):
        return register(model, NAME, audit=audit, tracking_uri=places.store)


def _waiver(places: Places, model: RiskModel, audit: FairnessAudit) -> Waiver | None:
    """Sign for what the gates ask, where one is closed, and say so."""
    behind = model.why_not_ahead
    if audit.verdict == PASS and not behind:
        return None
    today = date.today()
    waiver = Waiver(
        name="riskmodel demo",
        role="demonstration, not an owner",
        reason="A synthetic world: nobody is affected",
        signed=today,
        expires=today + timedelta(days=WAIVER_DAYS),
        model_digest=model.digest,
    )
    write_waiver(waiver, places.folder / "waiver.toml")
    note(
        f"the audit's verdict is {audit.verdict!r}, and against its baselines the model is "
        f"{'; '.join(behind) or 'ahead'}, so this version is promoted only by the "
        f"signed waiver in {places.folder / 'waiver.toml'}, which ends {waiver.expires}"
    )
    return waiver


def _tell(places: Places, version: str, as_of: pd.Timestamp) -> None:
    say()
    say(f"report:   {places.audit / REPORT}")
    say(f"bundle:   {places.bundle}")
    say(f"registry: {places.store}")
    say(f"          models:/{NAME}@champion is version {version}")
    say()
    say("Next:")
    say(f"  riskmodel verify {places.bundle}")
    say(f"  riskmodel train --task {places.task} --out bundle")
    say(
        f"  riskmodel score {places.bundle} --histories {places.task} \\\n"
        f"    --as-of {as_of:%Y-%m-%d} --use {USE} --out scores.csv"
    )
    say(f"  mlflow ui --backend-store-uri {places.store}")
