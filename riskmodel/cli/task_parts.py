"""From a task file to histories, a task and snapshots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from riskmodel.cli.task_file import EVER, TABLES, TaskFile
from riskmodel.errors import RiskModelError
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable, Unmapped
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.outcome import Outcome
from riskmodel.snapshots.pairs import feature_from_dict
from riskmodel.snapshots.table import Snapshots
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.windows import every

DEFAULT_EDITION = "ashby-2017"


def read_histories(source: str | Path) -> EventHistories:
    """Read tables from a folder, or as a task file's ``[histories]`` says.

    A folder may hold a ``riskmodel.toml`` of its own, whose ``[histories]`` section then says
    how its tables are to be read.
    """
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(2, "No such file or folder", str(source))
    if path.is_dir():
        inside = path / "riskmodel.toml"
        return histories_of(TaskFile.read(inside) if inside.is_file() else TaskFile(inside, {}))
    if path.suffix != ".toml":
        raise RiskModelError(
            f"{path.name} given as histories: name a folder of tables, or a task file (.toml)"
        )
    return histories_of(TaskFile.read(path))


def histories_of(file: TaskFile) -> EventHistories:
    """Read the tables that ``[histories]`` names: CSV or Parquet files, or a database."""
    options = dict(file.section("histories"))
    named = {table: options.pop(table) for table in TABLES if table in options}
    folder = options.pop("folder", None if named else ".")
    if "url" in options:
        return EventHistories.from_sql(options.pop("url"), queries=named, **options)
    place = None if folder is None else file.resolve(folder)
    paths = {table: file.resolve(name) for table, name in named.items()}
    read = EventHistories.from_parquet if _is_parquet(place, paths) else EventHistories.from_csv
    return read(place, paths=paths, **options)


def _is_parquet(folder: Path | None, paths: dict[str, Path]) -> bool:
    events = paths.get("events")
    if events is None and folder is not None:
        events = folder / "events.parquet"
    return events is not None and events.suffix == ".parquet" and events.is_file()


def groups_of(path: str | Path) -> pd.DataFrame:
    """Read the groups table: person_id, and one column per protected characteristic, as text."""
    groups = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    if "person_id" not in groups.columns:
        raise RiskModelError(
            f"{Path(path).name}: no column person_id. The groups table has person_id and one "
            "column per protected characteristic"
        )
    return groups


def task_of(file: TaskFile) -> Task:
    """Return the task that ``[cohort]``, ``[outcome]``, ``[offences]``, ``[features]`` declare."""
    features = _plain(file.section("features"))
    evidence = features.pop("evidence", None)
    own = [feature_from_dict(content) for content in features.pop("also", ())]
    task = Task(
        cohort=Cohort(**_plain(file.section("cohort"))),
        outcome=Outcome(**_plain(file.section("outcome"))),
        offences=_offences_of(file),
        features=(*default_features(**features), *own),
        unmapped=_unmapped_of(file),
    )
    return replace(task, feature_evidence=evidence) if evidence else task


def dates_of(file: TaskFile) -> pd.DatetimeIndex:
    """Return the dates that ``[train]`` names."""
    settings = file.require("train")
    return every(settings.get("every", "6MS"), settings["first"], settings["last"])


def snapshots_of(file: TaskFile, histories: EventHistories) -> Snapshots:
    """Build the snapshots that ``[train]`` names, of what the task file asks."""
    settings = file.require("train")
    return build_snapshots(
        histories,
        task_of(file),
        as_of=dates_of(file),
        known_at=settings["known_at"],
        late_allowance_days=settings.get("late_allowance_days"),
    )


def _offences_of(file: TaskFile) -> OffenceTable:
    section = file.section("offences")
    edition = section.get("edition", DEFAULT_EDITION)
    if "csv" in section:
        source = section.get("source", section["csv"])
        return OffenceTable.from_csv(file.resolve(section["csv"]), edition=edition, source=source)
    serious = {"serious_at": section["serious_at"]} if "serious_at" in section else {}
    return OffenceTable.cambridge(edition, **serious)


def _unmapped_of(file: TaskFile) -> Unmapped | None:
    given = file.section("offences").get("unmapped")
    return Unmapped(**given) if given is not None else None


def _plain(section: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in section.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_plain_value(part) for part in value)
    return None if value == EVER else value
