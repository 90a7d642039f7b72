"""Spoilt texts by the hundred in processes of their own: refused, or scored as they say."""

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[2] / "soak" / "trees_text.py"


def test_no_spoilt_text_kills_the_process():
    done = subprocess.run(
        [sys.executable, SOAK, "300"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-5_000:]
    assert "none killed" in done.stdout
