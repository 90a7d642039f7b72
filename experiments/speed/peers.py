"""The peers that count over windows, each in an environment of its own, on what both can express.

timeseriesflattener and triage's Collate know one time a record and no change of evidence; they
count, sum and take the largest by window and category. So every event is recorded when it happens,
none is updated, the columns are those counts, sums and maxima; the library is timed on the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from cluster import MISSING, find_binaries
from columns import WINDOWS
from turns import Method
from words import EVIDENCE, GROUPS, LONG_WINDOWS

from riskmodel.snapshots.features import Feature

RECIPES = {
    "timeseriesflattener": ["timeseriesflattener==2.5.2", "attrs", "pyarrow"],
    "triage": ["triage==6.0.0", "pyarrow<17", "setuptools<81"],
}
MODULES = {"timeseriesflattener": "with_timeseriesflattener", "triage": "with_collate"}
NAMES = {"timeseriesflattener": "timeseriesflattener", "triage": "triage Collate on PostgreSQL"}


def peer_columns() -> list[dict[str, Any]]:
    """Return the 117 columns that all of them can express."""
    found = [Feature(m, days) for m in ("count", "harm_sum", "harm_max") for days in WINDOWS]
    for measure in ("count", "harm_sum"):
        found += [Feature(measure, days, group=g) for days in LONG_WINDOWS for g in GROUPS]
    found += [Feature("count", days, evidence=e) for days in LONG_WINDOWS for e in EVIDENCE[:-1]]
    return [{"name": feature.name, **feature.to_dict()} for feature in found]


def peer_methods(options: argparse.Namespace) -> list[Method]:
    """Make the environments where they are missing, and return the methods, ours first."""
    methods = [Method("riskmodel, same columns", "with_riskmodel")]
    home = options.environments or Path(tempfile.gettempdir()) / "riskmodel-speed-environments"
    for name, recipe in RECIPES.items():
        if name == "triage" and find_binaries() is None:
            print(f"{NAMES[name]} is left out: {MISSING}", file=sys.stderr)
            continue
        python = make_environment(home / name, recipe)
        methods.append(Method(NAMES[name], MODULES[name], python=str(python)))
    return methods


def make_environment(folder: Path, recipe: list[str]) -> Path:
    """Make a virtual environment and install into it, unless it is there; return its Python."""
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        print(f"installing {', '.join(recipe)}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-qq", *recipe]
        subprocess.run(command, check=True)
        complete.touch()
    return python
