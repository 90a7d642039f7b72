"""New processes: import, load a bundle, answer for one person."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scoring_clock as clock
from scoring_world import AS_OF, Asked, Trained

import riskmodel as rm

OURS = {"riskmodel": 0, "riskmodel, 5 reasons": 5}


def start_anew(
    trained: Trained,
    saved: dict[str, Path],
    asked: Asked,
    folder: Path,
    n_starts: int,
    about: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """Yield what a new process takes until it has answered once, for us and for the peers."""
    (request,) = asked.requests(1)
    request |= {"as_of": AS_OF, "use": "prioritise"}
    expected = rm.score_person(model=trained.model, **request)["margin"]
    (folder / "row.json").write_text(asked.X.iloc[0].astype(float).to_json())
    commands = {}
    for name, reasons in OURS.items():
        path = folder / f"request_{reasons}.json"
        path.write_text(json.dumps(request | {"reasons": reasons}, default=as_text))
        commands[name] = ("riskmodel", trained.bundle, path)
    commands |= {name: (name, path, folder / "row.json") for name, path in saved.items()}
    times = {name: clock.Times() for name in commands}
    imported = {}
    for start in range(-1 if n_starts > 1 else 0, n_starts):  # the first fills the disk's cache
        for name, command in commands.items():
            answer, wall, cpu = run(command)
            imported[name] = answer["imported"]
            assert name not in OURS or answer["answer"] == expected
            if start >= 0:
                times[name].wall.append(wall)
                times[name].cpu.append(cpu)
    for line in clock.lines(times, {"job": "new process to first answer", **about}):
        yield {**line, "imported": imported[line["method"]]}


def as_text(moment: Any) -> str:
    """Return a date as JSON holds it."""
    return str(moment.isoformat())


def run(command: tuple[Any, ...]) -> tuple[dict[str, Any], float, float]:
    """Start a process; return what it says, and its seconds on the clock and of processors."""
    script = Path(__file__).with_name("scoring_answer.py")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(script), *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout.splitlines()[-1]), wall, cpu
