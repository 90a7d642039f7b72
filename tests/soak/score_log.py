"""Kill -9 several writers of one score log, again and again: what was acknowledged must be there.

For a file, for sqlite, and for PostgreSQL where RISKMODEL_TEST_POSTGRESQL is its address. An entry
is acknowledged once `append` has returned its head, which the writer then tells through a pipe; it
must afterwards stand in the log under that number with that digest, in an unbroken chain.
Prints one line of JSON a store. Usage: python tests/soak/score_log.py [kills [store ...]]
"""
# ruff: noqa: T201  (a proof prints its result)

import json
import os
import random
import select
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import sqlalchemy as sa

from riskmodel.errors import ModelIntegrityError, RiskModelWarning
from riskmodel.scoring.log.chain import head_of
from riskmodel.scoring.log.score_log import ScoreLog

WRITERS = 2
ROUNDS_OF_A_LOG = 20  # then a new one: reading all of it after each kill would take ever longer
LONGEST_WAIT = 0.1  # seconds: several appends long
SAID = {"use": "prioritise", "who": "soak"}
ABOUT = {"model": "m", "version": "1", "digest": "ab" * 32, "as_of": "2024-01-01"}
ANSWER = {"margin": -1.5, "probability": 0.18, "status": "scored"}
SCHEMA = "riskmodel_soak"


def replies(n: int) -> list[dict[str, object]]:
    return [{"person_id": f"P{number}", **ANSWER, **ABOUT} for number in range(n)]


def write_for_ever(log: ScoreLog, tell: int) -> None:
    sizes, choice = [replies(n) for n in (1, 50, 20_000)], random.Random(os.getpid())
    while True:
        head = log.append(choice.choice(sizes), **SAID)
        os.write(tell, f"{head.entries} {head.digest}\n".encode())


def kill_writers(log: ScoreLog, waits: random.Random) -> dict[int, str]:
    """Start writers, kill each at a moment of its own; return what they were told by number."""
    told, tell = os.pipe()
    writers = []
    for _ in range(WRITERS):
        writers.append(os.fork())
        if not writers[-1]:
            write_for_ever(log, tell)
    os.close(tell)
    if waits.random() < 0.8:  # the others are killed while they start
        select.select([told], [], [], 30)
    for writer in writers:
        time.sleep(waits.uniform(0, LONGEST_WAIT))
        os.kill(writer, signal.SIGKILL)
    for writer in writers:
        os.waitpid(writer, 0)
    with os.fdopen(told) as lines:
        pairs = [line.split() for line in lines]
    heads = {int(number): digest for number, digest in pairs}
    assert len(heads) == len(pairs), "two entries were given one number"
    return heads


def run(addresses, kills: int) -> dict[str, object]:
    """Kill writers of one log after another, and count."""
    waits, began = random.Random(0), time.monotonic()
    count = dict.fromkeys(("kills", "acknowledged", "written", "lost", "torn", "broken"), 0)
    rounds = -(-kills // WRITERS)
    for number in range(rounds):
        if number % ROUNDS_OF_A_LOG == 0:
            log, confirmed = ScoreLog(next(addresses), key=b"a key of this proof"), {}
            log.append(replies(1), **SAID)
        confirmed |= kill_writers(log, waits)
        count["kills"] += WRITERS
        count["torn"] += log.recover() is not None
        try:
            found = [head_of(line).digest for line in log.lines()]
        except ModelIntegrityError as error:
            print(f"round {number}: {error}", file=sys.stderr)
            count["broken"] += 1
            found = []
        count["lost"] += sum(found[n - 1 : n] != [digest] for n, digest in confirmed.items())
        if number % ROUNDS_OF_A_LOG == ROUNDS_OF_A_LOG - 1 or number == rounds - 1:
            count["acknowledged"] += len(confirmed)
            count["written"] += len(found)
    return count | {"seconds": round(time.monotonic() - began, 1)}


def append_times(log: ScoreLog, n: int = 1_000) -> dict[str, float]:
    """Time single appends of one person's answer by one writer."""
    one, times = replies(1), []
    for _ in range(n + 10):
        began = time.perf_counter()
        log.append(one, **SAID)
        times.append(1_000 * (time.perf_counter() - began))
    times = sorted(times[10:])
    return {
        "append_p50_ms": round(times[n // 2], 2),
        "append_p99_ms": round(times[n * 99 // 100], 2),
    }


def files(folder: Path, pattern: str):
    number = 0
    while True:
        yield pattern.format(folder / f"scores-{number}")
        number += 1


def schemas(address: str):
    """Yield one schema, emptied each time: a log of its own for PostgreSQL."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    url = sa.make_url(address).update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    while True:
        with engine.connect() as server:
            server.execute(sa.text(f"drop schema if exists {SCHEMA} cascade"))
            server.execute(sa.text(f"create schema {SCHEMA}"))
        engine.dispose()
        yield url.render_as_string(hide_password=False)


def main(kills: int, *only: str) -> int:
    warnings.simplefilter("ignore", RiskModelWarning)  # of torn lines: they are counted
    server, failed = os.environ.get("RISKMODEL_TEST_POSTGRESQL", ""), False
    with tempfile.TemporaryDirectory() as place:
        stores = {
            "file": files(Path(place), "{}.jsonl"),
            "sqlite": files(Path(place), "sqlite:///{}.db"),
        }
        stores |= {"postgresql": schemas(server)} if server else {}
        for name, addresses in stores.items():
            if only and name not in only:
                continue
            speed = append_times(ScoreLog(next(addresses), key=b"a key of this proof"))
            found = run(addresses, kills)
            print(json.dumps({"store": name, **found, **speed}), flush=True)
            failed = failed or found["lost"] > 0 or found["broken"] > 0
        if not server and not only:
            print(
                json.dumps(
                    {"store": "postgresql", "absent": "RISKMODEL_TEST_POSTGRESQL is not set"}
                )
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000, *sys.argv[2:]))
