"""Time the same 150 columns with this library, pandas, Polars and DuckDB, side by side.

::

    python experiments/speed/snapshots.py [--people N] [--events N] [--snapshots N] [--peers]

Prints one JSON line a method: method, seconds, cpu_seconds, peak_mb, rows_per_second, checksum.
Every cell is compared; the script fails and names the column where two methods differ.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from agreement import check_equal, checksum
from coded import write_coded
from columns import columns_as_json
from data import CHUNK_PEOPLE, as_of_dates, as_tables, draw_chunks
from peers import peer_columns, peer_methods
from turns import Method, Timing, Worker, take_turns
from with_riskmodel import PARTS

METHODS = (
    Method("riskmodel", "with_riskmodel"),
    Method("riskmodel, arrays built anew", "with_riskmodel", {"part": PARTS[1]}),
    Method("riskmodel, outcomes and totals too", "with_riskmodel", {"part": PARTS[2]}),
    Method("pandas", "with_pandas"),
    Method("pandas, tuned by hand", "with_pandas", {"tuned": True}),
    Method("polars", "with_polars"),
    Method("polars, tuned by hand", "with_polars", {"tuned": True}),
    Method("duckdb", "with_duckdb"),
    Method("duckdb, tuned by hand", "with_duckdb", {"tuned": True}),
)
BY_DEFINITION = Method("by definition", "by_definition")


def main(arguments: list[str] | None = None) -> None:
    """Time the methods and print a line for each."""
    options = parse(arguments)
    methods = [
        method
        for method in (*METHODS, *([BY_DEFINITION] if options.by_definition else []))
        if not options.only or method.name in options.only
    ]
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), options.people, options.events, options.seed)
        show(compare(methods, Path(folder), columns_as_json(), options))
    if options.peers:
        with tempfile.TemporaryDirectory() as folder:
            size = options.peer_people, options.peer_events
            write_tables(Path(folder), *size, options.seed, late=False, updates=False)
            show(compare(peer_methods(options), Path(folder), peer_columns(), options))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=int, default=35_000)
    parser.add_argument("--events", type=int, default=250_000)
    parser.add_argument("--snapshots", type=int, default=24, help="monthly dates, at most 24")
    parser.add_argument("--repeats", type=int, default=5, help="the median is shown")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help="names of methods")
    parser.add_argument("--by-definition", action="store_true", help="a slow loop too; tiny data")
    parser.add_argument("--peers", action="store_true", help="timeseriesflattener and Collate too")
    parser.add_argument("--peer-people", type=int, default=20_000)
    parser.add_argument("--peer-events", type=int, default=143_000)
    parser.add_argument("--environments", type=Path, help="where the peers' are made, and kept")
    return parser.parse_args(arguments)


def write_tables(
    folder: Path, people: int, events: int, seed: int, *, late: bool = True, updates: bool = True
) -> None:
    """Write the library's tables, and the same coded for the others."""
    chunks = list(draw_chunks(people, events, seed=seed, late=late, updates=updates))
    if len(chunks) > 1:
        raise SystemExit(f"--people: {people:,} given, at most {CHUNK_PEOPLE:,}; larger: scale.py")
    write_coded(folder, chunks)
    for name, table in zip(("events", "updates"), as_tables(chunks[0]), strict=True):
        pq.write_table(table, folder / f"{name}.parquet")


def compare(
    methods: list[Method],
    folder: Path,
    columns: list[dict[str, Any]],
    options: argparse.Namespace,
) -> list[Timing]:
    """Time the methods in turns, then hold every cell of each against the first's."""
    dates = as_of_dates(options.snapshots).to_numpy()
    with ExitStack() as stack:
        workers = [
            stack.enter_context(Worker(method, folder, columns, dates)) for method in methods
        ]
        timings = take_turns(workers, options.repeats)
    names = [column["name"] for column in columns]
    for timing in timings:
        check_equal(timings[0], timing, names)
        timing.checksum = checksum(timing.matrix, columns)
    return timings


def show(timings: list[Timing]) -> None:
    """Print a JSON line each; on the error stream, CPU seconds as multiples of the first."""
    for timing in timings:
        print(json.dumps(timing.line()), flush=True)
    for line in ratios(timings):
        print(line, file=sys.stderr)


def ratios(timings: list[Timing]) -> Iterator[str]:
    """Return the lines of a table: each method's seconds in those of the first."""
    first = timings[0]
    for timing in timings:
        cpu, wall = timing.cpu_seconds / first.cpu_seconds, timing.seconds / first.seconds
        yield f"| {timing.method} | {timing.cpu_seconds:.2f} | {cpu:.1f} | {wall:.1f} |"


if __name__ == "__main__":
    main()
