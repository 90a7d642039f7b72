"""A new process that answers once: what `scoring.py` starts, for us and for the others.

python scoring_answer.py riskmodel BUNDLE REQUEST.json
python scoring_answer.py "lightgbm Booster" MODEL ROW.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

HEAVY = ("pandas", "pyarrow", "pandera", "scipy", "sklearn", "lightgbm", "mlflow")


def answer_ours(saved: str, asked: str) -> float:
    """Load a bundle and return the margin of one person."""
    import riskmodel as rm  # noqa: PLC0415 - the import is timed

    request = json.loads(Path(asked).read_text())
    return rm.score_person(model=rm.load(saved), **request)["margin"]


def answer_theirs(name: str, saved: str, asked: str) -> float:
    """Load a peer's model and return its prediction for one row of features."""
    import pandas as pd  # noqa: PLC0415
    from scoring_peers import load_peer  # noqa: PLC0415

    row = pd.DataFrame([json.loads(Path(asked).read_text())]).astype("float32")
    return float(load_peer(name, Path(saved))(row)[0])


if __name__ == "__main__":
    began = time.perf_counter()
    name, saved, asked = sys.argv[1:]
    ours = name == "riskmodel"
    said = answer_ours(saved, asked) if ours else answer_theirs(name, saved, asked)
    took = time.perf_counter() - began
    heavy = [module for module in HEAVY if module in sys.modules]
    print(json.dumps({"answer": said, "seconds_inside": took, "imported": heavy}))
