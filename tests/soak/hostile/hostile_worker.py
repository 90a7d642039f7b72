"""Load folders named on standard input, one a line; say of each what became of it.

    hostile_worker.py <whole bundle>

"refused": ModelIntegrityError. "same score": it answers as the whole bundle does. "wrong": it does
not. "another model": nor does it where it was `forged`, and its digest says so. Any other error
goes through as it is. Memory is limited, and a folder that takes too long ends the process: both
are deaths to the one who asks.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.bundle import load_bundle
from riskmodel.model.manifest import read_verified

PATIENCE = 60  # seconds
MEMORY = 2 * 2**30  # bytes beyond what the process has when it starts


def answers(model, rows):
    """Return what a score is made of: the estimates, and the bands that they fall in."""
    found = [*model.scorer.estimates(rows), [lowest for _, lowest in model.thresholds.edges]]
    if model.fallback is not None:
        columns = len(model.fallback.feature_names)
        found.extend(model.fallback.estimates(np.abs(np.resize(rows, (len(rows), columns)))))
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in found])


def rows_for(model, n_rows=400):
    rng = np.random.default_rng(0)
    high = np.nan_to_num(model.reference["features"][:, -1]) + 2
    drawn = np.round(2 * high * rng.random((n_rows, len(high))))
    return np.where(rng.random(drawn.shape) < 0.1, np.nan, drawn).astype(np.float32)


def outcome(request, digest, names, rows, expected):
    try:
        if "public_key" in request:
            read_verified(request["folder"], public_key=request["public_key"])
        model = load_bundle(request["folder"], request.get("digest"))
    except ModelIntegrityError:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__} went through"
    if model.scorer.feature_names != names:
        return "refused"  # by score(), which names the columns that it lacks: no silent answer
    try:
        found = answers(model, rows)
    except Exception as error:
        return f"{type(error).__name__} when asked"
    if np.array_equal(found, expected, equal_nan=True):
        return "same score"
    return "another model" if "forged" in request and model.digest != digest else "wrong"


def limit_memory():
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))


def main(whole):
    answers_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries written in C print what they like
    model = load_bundle(whole)
    rows = rows_for(model)
    against = model.digest, model.scorer.feature_names, rows, answers(model, rows)
    limit_memory()
    for line in sys.stdin:
        signal.alarm(PATIENCE)
        answers_to.write(json.dumps(outcome(json.loads(line), *against)) + "\n")
        answers_to.flush()
        signal.alarm(0)


if __name__ == "__main__":
    main(sys.argv[1])
