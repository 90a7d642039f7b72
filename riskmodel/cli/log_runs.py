"""``riskmodel log verify``, ``recover`` and ``replay``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from riskmodel.cli.exits import GateClosed
from riskmodel.cli.models import REGISTRY, open_model
from riskmodel.cli.screens import Steps, number, say, show_table
from riskmodel.cli.tables import write_csv
from riskmodel.cli.task_parts import groups_of, read_histories
from riskmodel.scoring.log.chain import START, Head, head_of
from riskmodel.scoring.log.entry import entry_of
from riskmodel.scoring.log.key import read_key
from riskmodel.scoring.log.models import ByDigest, bundles_in
from riskmodel.scoring.log.replay import SAME, Replay, replay
from riskmodel.scoring.log.score_log import ScoreLog

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20
"""Entries that the screen lists; the file has all."""


def run_verify(*, address: str, head_path: Path | None, write_head: Path | None) -> None:
    """Check the chain, and the head that was kept; say where the log stands."""
    noted = None if head_path is None else Head.read(head_path)
    log, first, last = ScoreLog(address), b"", b""
    with Steps(1) as steps, steps.step("Reading every entry"):
        for last in log.lines(noted):
            first = first or last
    at = head_of(last) if last else START
    rows = [["entries", f"{at.entries:,}"], ["head", at.digest]]
    if at.entries:
        rows += [["first", entry_of(first)["time"]], ["last", entry_of(last)["time"]]]
    if noted is not None:
        rows += [["goes on from", f"entry {noted.entries:,} of {head_path}"]]
    show_table(f"Intact: {log.shown}", ("part", "value"), rows)
    if write_head is not None:
        say(f"head: {at.save(write_head)}")


def run_recover(*, address: str) -> None:
    """Move an unfinished line aside, and say where it went."""
    aside = ScoreLog(address).recover()
    say("every line is whole" if aside is None else f"the unfinished line is now in {aside}")


def run_replay(
    *,
    address: str,
    histories: Path,
    models: str,
    out: Path,
    key_file: Path | None,
    head_path: Path | None,
    differences: Path | None,
    groups_path: Path | None,
    store: str | None,
) -> None:
    """Recompute, compare, write the table; a gate says no unless everything came out the same."""
    log = ScoreLog(address, key=read_key(key_file))
    noted = None if head_path is None else Head.read(head_path)
    with Steps(3) as steps:
        with steps.step("Reading the tables"):
            tables = read_histories(histories)
            groups = None if groups_path is None else groups_of(groups_path)
        with steps.step("Recomputing every entry"):
            stored = _stored(models, log, store)
            found = replay(log, tables, models=stored, groups=groups, head=noted)
        with steps.step("Writing the table"):
            write_csv(found.entries, out)
            if differences is not None:
                write_csv(found.differences, differences)
    _show(found)
    say(f"replay: {out}")
    if not found.reproduced:
        raise GateClosed


def _stored(models: str, log: ScoreLog, store: str | None) -> ByDigest:
    """Return what opens a model by its digest; of the registry by the version in the log too."""
    if not models.startswith(REGISTRY):
        return bundles_in(models)
    versions = {entry["digest"]: entry["version"] for entry in log.entries()}
    return lambda digest: open_model(f"{models}/{versions[digest]}", digest=digest, store=store)


def _show(found: Replay) -> None:
    entries = found.entries
    counts = entries["result"].value_counts()
    rows = [[str(result), f"{count:,}"] for result, count in counts.items()]
    show_table("Recomputed", ("result", "entries"), rows)
    noticed = entries[entries["result"] != SAME]
    if not noticed.empty:
        names = ("entry", "time", "result", "differ", "people", "largest", "reason")
        show_table(
            "Not the same", names, [_row(entry) for _, entry in noticed.head(SHOWN).iterrows()]
        )
    if len(noticed) > SHOWN:
        say(f"and {len(noticed) - SHOWN:,} more in the file")
    say(f"{int(entries['not_in_tables'].sum()):,} scores are of people not in these tables")


def _row(entry: pd.Series) -> list[str]:
    gap = entry["largest_difference"]
    return [
        f"{entry['entry']}",
        entry["time"][:19],
        entry["result"],
        number(entry["differ"], 0),
        number(entry["people"], 0),
        "-" if math.isnan(gap) else f"{gap:.2g}",
        entry["reason"],
    ]
