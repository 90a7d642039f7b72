"""The command line: ``riskmodel demo | train | score | explain | audit | report | ...``.

Each command imports what it needs when it runs, so that ``--help`` is there at once.
"""

from __future__ import annotations

import sys

from riskmodel.cli.app import app
from riskmodel.cli.exits import guarded
from riskmodel.cli.screens import warnings_as_notes


def main() -> None:
    """Run the command line and leave with its exit code.

    ``0`` done, ``1`` what was given cannot be used, ``2`` typed wrongly, ``3`` a gate said no.
    """
    with warnings_as_notes():
        sys.exit(guarded(lambda: app(prog_name="riskmodel", standalone_mode=True)))
