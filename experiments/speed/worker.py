"""The process of one method: reads the tables, warms up, then runs whenever it is asked.

Started by `turns.Worker`, in whichever environment the method needs; it takes commands as lines and
answers with a line of JSON each. What a library prints goes to the error stream.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np


def serve(order: dict[str, Any]) -> None:
    """Prepare what the order names and answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module = importlib.import_module(order["module"])
    dates = np.array(order["dates"], dtype="datetime64[us]")
    state = module.prepare(Path(order["folder"]), order["columns"], dates, **order["options"])
    found = module.run(state)  # compiles, reads in, warms up
    for line in sys.stdin:
        if line.strip() == "run":
            found = None
            gc.collect()
            wall, cpu = time.perf_counter(), cpu_seconds(module, state)
            found = module.run(state)
            answer: Any = [time.perf_counter() - wall, cpu_seconds(module, state) - cpu]
        elif line.strip() == "save":
            answer = peak_mb(module, state)
            save(module, state, found, Path(order["saved"]))
        else:
            answer = "ready"
        print(json.dumps(answer), file=answers, flush=True)
    if hasattr(module, "close"):
        module.close(state)


def cpu_seconds(module: Any, state: Any) -> float:
    """Return the user and system seconds so far of all threads, and of a server if any."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    elsewhere = (
        module.cpu_seconds_elsewhere(state) if hasattr(module, "cpu_seconds_elsewhere") else 0
    )
    return used.ru_utime + used.ru_stime + float(elsewhere)


def peak_mb(module: Any, state: Any) -> float:
    """Return the most memory that this process has held, and a server's if there is one.

    Not ru_maxrss, which starts at what the process had that started this one.
    """
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    elsewhere = module.peak_mb_elsewhere(state) if hasattr(module, "peak_mb_elsewhere") else 0
    return peak + float(elsewhere)


def save(module: Any, state: Any, found: Any, path: Path) -> None:
    """Save the keys and the matrix, both sorted by date and person."""
    keys, matrix = module.as_matrix(state, found)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    np.save(path.with_suffix(".keys.npy"), keys[order].astype(np.int64))
    np.save(path.with_suffix(".npy"), matrix[order].astype(np.float32, copy=False))


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
