"""A whole force: everyone scored, ranked, and told five reasons, from the tables in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scoring_clock as clock
from scoring_peers import load_peer
from scoring_world import AS_OF, Asked

import riskmodel as rm

STEPS = ("score", "rank", "reasons")
SHAP = "the SHAP values within reasons, alone"
ALONE = ": prediction alone, from ready features"


def score_a_force(
    model: rm.RiskModel,
    saved: dict[str, Path],
    asked: Asked,
    n_repeats: int,
    about: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """Yield the times of score, rank and reasons; and what peers take to predict alone."""
    steps: dict[str, clock.Times] = {}
    peers = {f"{name}{ALONE}": load_peer(name, path) for name, path in saved.items()}
    wanted = {"as_of": AS_OF, "use": "prioritise", "people": asked.people}
    for _ in range(n_repeats + 1):  # the first, with arrays and kernels to be made, stands apart
        scores = timed(steps, "score", rm.score, asked.histories, model, **wanted)
        ranked = timed(steps, "rank", rm.rank, scores)
        told = timed(steps, "reasons", rm.reasons, asked.histories, model, ranked)
        timed(steps, SHAP, model.scorer.contributions, asked.X.to_numpy())
        for name, predict in peers.items():
            timed(steps, name, predict, asked.X)
    assert told["person_id"].nunique() == len(ranked) == len(asked.people)
    wall, cpu = (
        np.sum([getattr(steps[name], unit) for name in STEPS], axis=0) for unit in ("wall", "cpu")
    )
    steps = {", ".join(STEPS): clock.Times(list(wall), list(cpu)), **steps}
    for name, taken in steps.items():
        yield {
            "job": "whole force",
            **about,
            "people": len(asked.people),
            "step": name,
            "seconds": clock.rounded(float(np.median(taken.wall[1:]))),
            "cpu_seconds": clock.rounded(float(np.median(taken.cpu[1:]))),
            "first_seconds": clock.rounded(float(taken.wall[0])),
        }


def timed(
    steps: dict[str, clock.Times], name: str, run: Callable[..., Any], *given: Any, **named: Any
) -> Any:
    """Run a step, note its times, and return what it made."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = run(*given, **named)
    taken = steps.setdefault(name, clock.Times())
    taken.wall.append(time.perf_counter() - wall)
    taken.cpu.append(time.process_time() - cpu)
    return made
