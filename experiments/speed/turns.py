"""One process a method, asked in turns: the noise of the machine falls on all alike."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Method:
    """A name, the module with prepare, run and as_matrix, and options of its prepare."""

    name: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    python: str = sys.executable


@dataclass
class Timing:
    """What one method took, and what it found."""

    method: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    keys: np.ndarray
    matrix: np.ndarray
    checksum: str = ""

    def line(self) -> dict[str, Any]:
        """Return what is printed."""
        return {
            "method": self.method,
            "seconds": round(self.seconds, 4),
            "cpu_seconds": round(self.cpu_seconds, 4),
            "peak_mb": round(self.peak_mb),
            "rows_per_second": round(len(self.keys) / self.seconds),
            "checksum": self.checksum,
        }


class Worker:
    """A process that has read the tables, has run once to warm up, and waits to be asked."""

    def __init__(
        self, method: Method, folder: Path, columns: list[dict[str, Any]], dates: np.ndarray
    ) -> None:
        self.method = method
        self.saved = folder / f"{method.name}.npy"
        self.order = {
            "module": method.module,
            "folder": str(folder),
            "columns": columns,
            "dates": dates.astype("datetime64[us]").astype(np.int64).tolist(),
            "options": method.options,
            "saved": str(self.saved),
        }

    def __enter__(self) -> Worker:
        script = Path(__file__).with_name("worker.py")
        self.process = subprocess.Popen(
            [self.method.python, str(script), json.dumps(self.order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ask("ready")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()  # ends its loop
        self.process.wait()
        self.process.stdout.close()

    def ask(self, what: str) -> Any:
        """Send a command and return the answer.

        Raises
        ------
        SystemExit
            If the process ends instead: its own message stands on the error stream.
        """
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(f"{what}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the empty answer says so
        if not (answer := self.process.stdout.readline()):
            raise SystemExit(f"{self.method.name}: its process has ended; its message is above")
        return json.loads(answer)


def take_turns(workers: list[Worker], repeats: int) -> list[Timing]:
    """Ask each worker once, then each once more ...; medians are kept."""
    found = [[worker.ask("run") for worker in workers] for _ in range(repeats)]
    timings = []
    for worker, times in zip(workers, zip(*found, strict=True), strict=True):
        seconds, cpu = (statistics.median(values) for values in zip(*times, strict=True))
        peak_mb = worker.ask("save")
        keys = np.load(worker.saved.with_suffix(".keys.npy"))
        matrix = np.load(worker.saved, mmap_mode="r")
        timings.append(Timing(worker.method.name, seconds, cpu, peak_mb, keys, matrix))
    return timings
