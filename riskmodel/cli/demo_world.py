"""The demo's world: where its things lie, its tables, and the task file that asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from riskmodel.cli.tables import write_csv
from riskmodel.errors import RiskModelError
from riskmodel.files import atomic_write_text, check_replaceable
from riskmodel.histories.synthetic import make_histories

HORIZON_DAYS = 730
TASK = """\
# What `riskmodel demo` asked; try:  riskmodel train --task {folder}/riskmodel.toml --out bundle

[histories]
folder = "tables"
data_start = {start}
data_end = {end}

[cohort]                      # who is ranked: everyone named in a report of the last year
lookback_days = 365

[outcome]                     # what is estimated: at least one serious offence in two years
horizon_days = {horizon}

[offences]                    # harm in days, by a published edition
edition = "ashby-2017"

[train]                       # a snapshot every six months; those from test_from on are the test
first = {first}
last = {last}
every = "6MS"
test_from = {test_from}
known_at = {end}
late_allowance_days = 0       # labels lack what is reported later; more days wait for it longer
seed = {seed}
"""


@dataclass(frozen=True)
class Places:
    """Where the demo puts things."""

    folder: Path

    @property
    def task(self) -> Path:
        """The task file."""
        return self.folder / "riskmodel.toml"

    @property
    def tables(self) -> Path:
        """The histories, as CSV files."""
        return self.folder / "tables"

    @property
    def groups(self) -> Path:
        """The protected characteristics, apart from the histories."""
        return self.folder / "groups.csv"

    @property
    def bundle(self) -> Path:
        """The model."""
        return self.folder / "bundle"

    @property
    def audit(self) -> Path:
        """The audit and its report."""
        return self.folder / "audit"

    @property
    def store(self) -> str:
        """Address of the MLflow store."""
        return f"sqlite:///{(self.folder / 'mlflow.db').resolve()}"


def check_free(places: Places) -> None:
    """Raise unless the folder is new, empty or an older demo's: nobody's tables are written over.

    Raises
    ------
    RiskModelError
        The folder holds other files.
    """
    check_replaceable(places.folder, places.task.name)
    mark = TASK.partition(";")[0]
    if places.task.is_file() and not places.task.read_text(encoding="utf-8").startswith(mark):
        raise RiskModelError(
            f"{places.task} was not written by the demo, so nothing was written there. "
            "Name a new or an empty folder with --out."
        )


def write_world(places: Places, people: int, seed: int) -> None:
    """Make a synthetic world and write it as a user would have it: tables, groups, task file."""
    world = make_histories(n_people=people, seed=seed)
    last = world.end - pd.Timedelta(days=HORIZON_DAYS)
    text = TASK.format(
        folder=places.folder,
        start=f"{world.start:%Y-%m-%d}",
        end=f"{world.end:%Y-%m-%d}",
        first=f"{world.start + pd.DateOffset(years=1):%Y-%m-%d}",
        test_from=f"{last - pd.DateOffset(years=1):%Y-%m-%d}",
        last=f"{last:%Y-%m-%d}",
        horizon=HORIZON_DAYS,
        seed=seed,
    )
    atomic_write_text(places.task, text)  # first: it marks the folder as a demo's
    for name, table in world.tables.items():
        write_csv(table, places.groups if name == "groups" else places.tables / f"{name}.csv")
