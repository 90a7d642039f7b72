"""What snapshots of very many people cost: seconds, processor seconds, memory at the peak.

Generated histories are written first, by another process, and not timed. Each job then runs in a
process of its own that does nothing else, so that its peak is the job's. One JSON object a line::

    python experiments/speed/scale.py --job stream
    python experiments/speed/scale.py --job parquet --people 10_000_000 --snapshots 1
    python experiments/speed/scale.py --job memory --people 1_000_000

Jobs: ``stream`` (Parquet in, chunks out, each looked at and dropped), ``parquet`` (Parquet in,
Parquet out), ``memory`` (histories in memory, passed over in slices; building them is not timed),
``unsorted`` (as parquet, events shuffled first).
"""

from __future__ import annotations

import argparse
import inspect
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from columns import declare_columns
from data import as_of_dates, offence_table, write_parquet

from riskmodel.histories import shared_records
from riskmodel.histories.events import EventHistories
from riskmodel.histories.offences import OffenceTable
from riskmodel.histories.parquet_files import TableFiles
from riskmodel.histories.update_files import Updates
from riskmodel.snapshots import stream_chunks, to_parquet
from riskmodel.snapshots.cohort import Cohort
from riskmodel.snapshots.stream import Filler, stream_snapshots
from riskmodel.snapshots.stream_chunks import FileChunks
from riskmodel.snapshots.task import Task
from riskmodel.snapshots.to_parquet import snapshots_to_parquet

JOBS = ("stream", "parquet", "memory", "unsorted")
DATA_START, DATA_END = "2012-01-01", "2030-01-01"


def main() -> None:
    """Read the arguments; generate data and start the job, or be the job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", choices=JOBS, default="stream")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--events-a-person", type=int, default=10)
    parser.add_argument("--snapshots", type=int, default=24)
    parser.add_argument("--chunk-people", type=int)
    parser.add_argument("--whole-numbers", action="store_true", help="ids as int64, not text")
    parser.add_argument("--folder", type=Path, help="data of an earlier run, or where to keep it")
    parser.add_argument("--shares", action="store_true", help="say what each step takes")
    parser.add_argument("--only", choices=("generate", "job"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.only == "generate":
        generate(wanted)
    elif wanted.only == "job":
        print(json.dumps(measure(wanted)))
    elif wanted.folder:
        run(wanted.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder))


def run(folder: Path) -> None:
    """Generate data where there are none, and do the job, each in a process of its own."""
    given = sys.argv[1:]
    folder.mkdir(parents=True, exist_ok=True)
    steps = [] if (folder / "events.parquet").exists() else ["generate"]
    for step in [*steps, "job"]:
        command = [sys.executable, __file__, *given, "--only", step, "--folder", str(folder)]
        subprocess.run(command, check=True)


def generate(wanted: argparse.Namespace) -> None:
    """Write events.parquet and updates.parquet."""
    n = wanted.people * wanted.events_a_person
    path, _ = write_parquet(wanted.folder, wanted.people, n, strings=not wanted.whole_numbers)
    if wanted.job == "unsorted":
        shuffle(path)


def shuffle(path: Path) -> None:
    """Put the rows in another order, all in memory: not for the largest sizes."""
    table = pq.read_table(path)
    order = np.random.default_rng(0).permutation(table.num_rows)
    pq.write_table(table.take(order), path, compression="lz4")


def measure(wanted: argparse.Namespace) -> dict[str, Any]:
    """Do one job and return what it cost."""
    job = prepare(wanted)
    began, cpu_began = time.perf_counter(), time.process_time()
    shares = timed_steps() if wanted.shares else None
    rows = job()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    return {
        "job": wanted.job,
        "people": wanted.people,
        "events": wanted.people * wanted.events_a_person,
        "snapshots": wanted.snapshots,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        **({} if shares is None else {name: round(s, 2) for name, s in shares.seconds.items()}),
    }


class Shares:
    """Processor seconds of the steps of a job, taken by the thread that does each.

    A step within another counts for itself alone.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._within = threading.local()

    def time(self, place: Any, name: str, step: str) -> None:
        """Time every call of a function from here on."""
        function = getattr(place, name)
        is_generator = inspect.isgeneratorfunction(function)

        def timed(*args: Any, **options: Any) -> Any:
            if not is_generator:
                return self._timed(step, lambda: function(*args, **options))
            return self._each(step, function(*args, **options))

        setattr(place, name, timed)

    def _each(self, step: str, items: Any) -> Any:
        while True:
            try:
                item = self._timed(step, lambda: next(items))
            except StopIteration:
                return
            yield item

    def _timed(self, step: str, work: Any) -> Any:
        outer = getattr(self._within, "inner", 0.0)
        self._within.inner, began = 0.0, time.thread_time()
        try:
            return work()
        finally:
            spent = time.thread_time() - began
            own = spent - self._within.inner
            self.seconds[step] = self.seconds.get(step, 0.0) + own
            self._within.inner = outer + spent


def timed_steps() -> Shares:
    """Time the steps of streaming from here on."""
    shares = Shares()
    shares.time(TableFiles, "batches", "reading Parquet")
    shares.time(Updates, "read", "updates")
    shares.time(shared_records, "_distinct_keys", "finding what persons share")
    shares.time(shared_records, "_gather", "finding what persons share")
    shares.time(shared_records, "_linked", "finding what persons share")
    shares.time(stream_chunks, "sort_by_person", "sorting")
    shares.time(FileChunks, "prepare", "events into arrays")
    shares.time(Filler, "fill", "features")
    shares.time(to_parquet, "_as_table", "writing")
    shares.time(to_parquet._Groups, "_write", "writing")
    return shares


def prepare(wanted: argparse.Namespace) -> Any:
    """Compile and declare what the job needs; return the job."""
    offences = OffenceTable.from_frame(offence_table(), edition="generated", source="generated")
    task = Task(cohort=Cohort(lookback_days=None), offences=offences, features=declare_columns())
    options: dict[str, Any] = {
        "as_of": as_of_dates(wanted.snapshots), "chunk_people": wanted.chunk_people
    }  # fmt: skip
    span = {"data_start": DATA_START, "data_end": DATA_END}
    events, updates = wanted.folder / "events.parquet", wanted.folder / "updates.parquet"

    def stream(events: Any, **more: Any) -> int:
        return sum(len(chunk) for chunk in stream_snapshots(events, task, **options, **more))

    def write() -> int:
        out = wanted.folder / "snapshots.parquet"
        written = snapshots_to_parquet(events, task, out, updates=updates, **span, **options)
        out.unlink()
        return written.rows

    with tempfile.TemporaryDirectory() as small:  # compile, and leave the compiled code cached
        few, of_few = write_parquet(Path(small), 300, 3000, strings=not wanted.whole_numbers)
        stream(few, updates=of_few, **span)
    if wanted.job == "memory":
        histories = EventHistories.from_parquet(wanted.folder, **span)
        histories.arrays.partners  # noqa: B018 - worked out once, when first asked for
        return lambda: stream(histories)
    if wanted.job == "stream":
        return lambda: stream(events, updates=updates, **span)
    return write


if __name__ == "__main__":
    main()
