"""Keep the HTTP service busy and compare every answer with the library's own.

    python tests/soak/http_load.py [rounds]      1000 rounds are a minute

Serves a model of a synthetic world in a process of its own, with a score log. A few callers ask
for one person or ten, with reasons or without. Prints one line of JSON: requests, errors, wrong
answers, requests a second, milliseconds that an answer took, by kind. Exit code 1 on any error, on
any answer that is not the library's, and where the log does not hold each answer once.
"""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from riskmodel.errors import NotScorableError
from riskmodel.histories.synthetic import make_histories
from riskmodel.model.bundle import load_bundle, save_bundle
from riskmodel.model.training import train
from riskmodel.scoring.log.score_log import ScoreLog
from riskmodel.scoring.person.score_person import score_person
from riskmodel.snapshots.build import build_snapshots
from riskmodel.snapshots.default_features import default_features
from riskmodel.snapshots.task import Task

SECONDS_A_ROUND = 0.06
CALLERS = 4
PEOPLE = 200
AS_OF = "2023-01-01"
KEY = "a key of the soak, long enough"
LOG_KEY = "a log key of the soak, long enough"
KINDS = {
    "score 1": ("/v1/score", 1),
    "explain 1": ("/v1/explain", 1),
    "score 10": ("/v1/score", 10),
}


def saved_model(world, folder):
    task = Task(offences=world.offences, features=default_features())
    dates = ["2019", "2020", "2021"]
    rows = build_snapshots(
        world.histories, task, as_of=dates, known_at=AS_OF, late_allowance_days=0
    )
    save_bundle(train(rows, n_replicates=10), folder)
    return load_bundle(folder)


class Cases:
    """People of the world with all that bears on them, and what the library says of them."""

    def __init__(self, world, model):
        self.model = model
        histories = world.histories
        events = histories.events[histories.events["recorded_time"] < AS_OF]
        events = events.drop(columns="person_code")
        self.start = histories.data_start.isoformat()
        self.events = plain(events)
        self.updates = by(plain(histories.updates), "source_id")
        self.people = {row["person_id"]: row for row in plain(histories.people.reset_index())}
        self.own = by(self.events, "person_id")
        self.incidents = by(self.events, "incident_id")
        recent = [row["person_id"] for row in self.events if row["event_time"] >= "2022"]
        self.ids = sorted({person for person in recent if person})[:PEOPLE]
        self.expected = {
            (person, reasons): self.direct(person, reasons)
            for person in self.ids
            for reasons in (0, 5)
        }

    def tables(self, ids):
        own = [row for person in ids for row in self.own[person]]
        shared = [row for one in own for row in self.incidents.get(one["incident_id"], ())]
        events = list({row["source_id"]: row for row in [*own, *shared]}.values())
        updates = [update for row in events for update in self.updates.get(row["source_id"], ())]
        return {"events": events, "updates": updates, "people": [self.people[i] for i in ids]}

    def direct(self, person, reasons):
        tables = self.tables([person])
        about = {name: value for name, value in tables["people"][0].items() if name != "person_id"}
        try:
            reply = score_person(
                tables["events"], self.model, as_of=AS_OF, use="prioritise", person_id=person,
                person=about, updates=tables["updates"], data_start=self.start, reasons=reasons,
            )  # fmt: skip
        except NotScorableError as error:
            return error.status
        return json.loads(reply.model_dump_json())

    def is_right(self, row, reasons):
        expected = self.expected[row["person_id"], reasons]
        return row["status"] == expected if isinstance(expected, str) else row == expected


def plain(frame):
    return json.loads(frame.to_json(orient="records", date_format="iso", date_unit="us"))


def by(rows, name):
    groups = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


class Caller(threading.Thread):
    """Asks one question after another on one connection, until told to end."""

    def __init__(self, port, cases, seed, ends):
        super().__init__()
        self.port, self.cases, self.ends = port, cases, ends
        self.random = random.Random(seed)
        self.times, self.counts = defaultdict(list), Counter()

    def run(self):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while time.monotonic() < self.ends:
            kind = self.random.choice(list(KINDS))
            try:
                self.ask(line, kind)
            except Exception as error:
                self.counts[type(error).__name__] += 1
                line.close()
        line.close()

    def ask(self, line, kind):
        path, size = KINDS[kind]
        ids = self.random.sample(self.cases.ids, size)
        request = {"as_of": AS_OF, "use": "prioritise", "person_ids": ids,
                   "data_start": self.cases.start, **self.cases.tables(ids)}  # fmt: skip
        body = json.dumps(request)
        started = time.perf_counter()
        line.request("POST", path, body, {"X-API-Key": KEY, "Content-Type": "application/json"})
        answer = line.getresponse()
        text = answer.read()
        self.times[kind].append(1000 * (time.perf_counter() - started))
        if answer.status != 200:
            self.counts[f"status {answer.status}"] += 1
            return
        rows = json.loads(text)["scores"]
        reasons = 5 if path == "/v1/explain" else 0
        right = [row["person_id"] for row in rows] == ids
        right = right and all(self.cases.is_right(row, reasons) for row in rows)
        self.counts["right" if right else "wrong"] += 1


def serving(bundle, log, port):
    command = [sys.executable, "-m", "riskmodel", "serve", bundle, "--port", port, "--log", log]
    keys = {"RISKMODEL_API_KEY": KEY, "RISKMODEL_LOG_KEY": LOG_KEY, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | keys,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if "RISKMODEL_DEBUG" not in os.environ else None,
    )


def free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def await_ready(port, service):
    for _ in range(600):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/readyz")
            if line.getresponse().status == 200:
                return
        except OSError:
            pass
        if service.poll() is not None:
            raise SystemExit("the service ended before it began")
        time.sleep(0.1)
    raise SystemExit("the service never became ready")


def main(rounds: int) -> None:
    seconds = rounds * SECONDS_A_ROUND
    with tempfile.TemporaryDirectory() as folder:
        bundle, log, port = Path(folder, "bundle"), Path(folder, "scores.jsonl"), free_port()
        world = make_histories(n_people=2_000, seed=0)
        cases = Cases(world, saved_model(world, bundle))
        service = serving(bundle, log, port)
        try:
            await_ready(port, service)
            ends = time.monotonic() + seconds
            callers = [Caller(port, cases, seed, ends) for seed in range(CALLERS)]
            for caller in callers:
                caller.start()
            for caller in callers:
                caller.join()
        finally:
            service.terminate()
            service.wait(60)
        counts = sum((caller.counts for caller in callers), Counter())
        logged = ScoreLog(log, key=LOG_KEY.encode()).verify().entries if log.exists() else 0
    sys.stdout.write(json.dumps(told(callers, counts, logged, seconds)) + "\n")
    if set(counts) != {"right"} or logged != counts["right"]:
        raise SystemExit("some answers were wrong, missing, or not logged once")


def told(callers, counts, logged, seconds):
    times = {kind: np.concatenate([caller.times[kind] for caller in callers]) for kind in KINDS}
    everything = np.concatenate(list(times.values()))
    wrong_ways = {way: count for way, count in counts.items() if way not in ("right", "wrong")}
    return {
        "requests": len(everything),
        "errors": wrong_ways,
        "wrong": counts["wrong"],
        "logged": logged,
        "a_second": round(len(everything) / seconds, 1),
        "ms": {kind: quantiles(values) for kind, values in {"all": everything, **times}.items()},
    }


def quantiles(values):
    levels = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(float(np.quantile(values, level)), 2) for name, level in levels.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
