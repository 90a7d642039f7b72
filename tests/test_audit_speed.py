"""The benchmark of the audit runs on tiny data, and its rates are fairlearn's."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TINY = ("--rows", "3000", "--groups", "4", "--replicates", "20", "--people", "800",
        "--repeats", "1")  # fmt: skip


def test_it_says_what_each_method_takes_and_that_the_rates_are_the_same():
    done = subprocess.run(
        [sys.executable, str(ROOT / "experiments" / "speed" / "audit.py"), *TINY],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ours, points, scaled, several = map(json.loads, done.stdout.splitlines())
    assert ours["farthest_from_metric_frame"] < 1e-9
    assert scaled["cpu_seconds"] >= points["cpu_seconds"]
    assert (ours["rows"], several["rows"]) == (3000, 9600)
