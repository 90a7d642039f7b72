"""``riskmodel train``: from a task file to a bundle, tested on dates that it did not see."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from riskmodel.cli.screens import Steps, note, say
from riskmodel.cli.task_file import TaskFile
from riskmodel.cli.task_parts import dates_of, histories_of, snapshots_of
from riskmodel.files import check_replaceable
from riskmodel.model.bundle import save_bundle
from riskmodel.model.manifest import MANIFEST_NAME
from riskmodel.model.search.result import SearchResult
from riskmodel.model.search.search import search
from riskmodel.model.training import train
from riskmodel.snapshots.splits import split_at
from riskmodel.snapshots.table import Snapshots

_HANDED_ON = ("name", "permitted_uses", "expires", "seed")


def run_train(*, task_path: Path, out: Path, search_minutes: float = 0) -> None:
    """Build snapshots, train on the early ones, test on the late ones, save the bundle."""
    check_replaceable(out, MANIFEST_NAME)
    file = TaskFile.read(task_path)
    settings = file.require("train")
    cut = settings.get("test_from", settings["last"])
    options, found = _training_options(settings), None
    with Steps(6 if search_minutes else 5) as steps:
        with steps.step("Reading the tables"):
            histories = histories_of(file)
        with steps.step(f"Building snapshots on {len(dates_of(file))} dates"):
            snapshots = snapshots_of(file, histories)
        early, late = split_at(snapshots, cut)
        if search_minutes:
            with steps.step(f"Searching settings for {search_minutes:g} minutes"):
                file_of_trials = out.with_name(f"{out.name}.search.sqlite")
                found = _search(early, steps, 60 * search_minutes, file_of_trials, options)
            options["search"] = found
        with steps.step(f"Training on {len(early):,} rows"):
            model = train(early, **options)
        with steps.step(f"Testing on {len(late):,} rows from {cut:%Y-%m-%d} on"):
            evaluation = model.evaluate(late)
        with steps.step("Saving the bundle"):
            digest = save_bundle(model, out)
    if found is not None:
        say(f"{found}\n")
    say(str(evaluation))
    say()
    say(f"bundle: {out}")
    say(f"digest: {digest}")
    if "test_from" not in settings:
        note(f"[train] test_from is not given: the test is on the last date, {cut:%Y-%m-%d}")


def _search(
    early: Snapshots, steps: Steps, seconds: float, storage: Path, options: dict[str, Any]
) -> SearchResult:
    started = time.perf_counter()

    def told(made: int, words: str) -> None:
        past = min(time.perf_counter() - started, seconds)
        steps.part(past, seconds, f"{words}, {made} trials")

    seed = options.get("seed", 0)
    return search(early, n_trials=None, timeout=seconds, storage=storage, seed=seed, progress=told)


def _training_options(settings: dict[str, Any]) -> dict[str, Any]:
    options = {key: settings[key] for key in _HANDED_ON if key in settings}
    if "permitted_uses" in options:
        options["permitted_uses"] = tuple(options["permitted_uses"])
    return options
