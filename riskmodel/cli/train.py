"""``riskmodel train``: from a task file to a bundle, tested on dates that it did not see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskmodel.cli.screens import Steps, note, say
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import histories_of, task_of
from riskmodel.files import check_replaceable
from riskmodel.model.bundle import save_bundle
from riskmodel.model.manifest import MANIFEST_NAME
from riskmodel.model.training import train
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.windows import every

_HANDED_ON = ("name", "permitted_uses", "expires", "seed")


def run_train(*, task_path: Path, out: Path) -> None:
    """Build snapshots, train on the early ones, test on the late ones, save the bundle."""
    check_replaceable(out, MANIFEST_NAME)
    file = TaskFile.read(task_path)
    settings = file.require("train")
    task = task_of(file)
    dates = every(settings.get("every", "6MS"), settings["first"], settings["last"])
    cut = settings.get("test_from", settings["last"])
    with Steps(5) as steps:
        with steps.step("Reading the tables"):
            histories = histories_of(file)
        with steps.step(f"Building snapshots on {len(dates)} dates"):
            snapshots = build_snapshots(
                histories,
                task,
                as_of=dates,
                known_at=settings["known_at"],
                late_allowance_days=settings.get("late_allowance_days"),
            )
        early, late = split_at(snapshots, cut)
        with steps.step(f"Training on {len(early):,} rows"):
            model = train(early, **_training_options(settings))
        with steps.step(f"Testing on {len(late):,} rows from {cut:%Y-%m-%d} on"):
            evaluation = model.evaluate(late)
        with steps.step("Saving the bundle"):
            digest = save_bundle(model, out)
    say(str(evaluation))
    say()
    say(f"bundle: {out}")
    say(f"digest: {digest}")
    if "test_from" not in settings:
        note(f"[train] test_from is not given: the test is on the last date, {cut:%Y-%m-%d}")


def _training_options(settings: dict[str, Any]) -> dict[str, Any]:
    options = {key: settings[key] for key in _HANDED_ON if key in settings}
    if "permitted_uses" in options:
        options["permitted_uses"] = tuple(options["permitted_uses"])
    return options
