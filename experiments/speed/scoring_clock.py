"""Methods asked in turns, call by call: the noise of the machine falls on all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Method = Callable[[int], Any]


@dataclass
class Times:
    """Seconds of each call: on the clock, and of all processors."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def line(self) -> dict[str, float]:
        """Return what is printed: milliseconds on the clock, processor seconds of one call."""
        return {
            "calls": len(self.wall),
            "p50_ms": rounded(1e3 * float(np.median(self.wall))),
            "p99_ms": rounded(1e3 * float(np.quantile(self.wall, 0.99))),
            "cpu_seconds": rounded(float(np.mean(self.cpu))),
        }


def in_turns(methods: Mapping[str, Method], n_calls: int, *, warm: int) -> dict[str, Times]:
    """Ask every method for 0, 1, ... in turns, after `warm` calls that are not counted."""
    times = {name: Times() for name in methods}
    for call in range(-warm, n_calls):
        for name, method in methods.items():
            wall, cpu = time.perf_counter(), time.process_time()
            method(call % n_calls)
            if call >= 0:
                times[name].wall.append(time.perf_counter() - wall)
                times[name].cpu.append(time.process_time() - cpu)
    return times


def lines(times: Mapping[str, Times], about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one line a method; the first is ours, the others say how much more they take."""
    made = [{**about, "method": name, **taken.line()} for name, taken in times.items()]
    for line in made[1:]:
        for unit in ("p50_ms", "cpu_seconds"):
            line[f"x_{unit}"] = rounded(line[unit] / made[0][unit], 3)
    return made


def rounded(value: float, digits: int = 4) -> float:
    """Return a number with so many digits that count."""
    return float(f"{value:.{digits}g}")
